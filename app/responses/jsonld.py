"""Linked data (JSON-LD): items as W3C Web Annotations, SKOS concepts or schema.org things.

Each document contains its context, with the terms of the published contexts. So a client can
expand it without a network.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from app.query.collection import Resource
from app.responses.citations import REPORTS
from app.schemas import Meta, PageLinks

Document = Mapping[str, Any]
Node = dict[str, Any]

PAGE_CONTEXT: Node = {
    "as": "https://www.w3.org/ns/activitystreams#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": "@type",
    "items": {"@id": "as:items", "@container": "@list", "@type": "@id"},
    "next": {"@id": "as:next", "@type": "@id"},
    "prev": {"@id": "as:prev", "@type": "@id"},
    "total": {"@id": "as:totalItems", "@type": "xsd:nonNegativeInteger"},
}
"""The terms of a page of items of any kind."""

ANNOTATION_CONTEXT: Node = {
    **PAGE_CONTEXT,
    "oa": "http://www.w3.org/ns/oa#",
    "dcterms": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "Annotation": "oa:Annotation",
    "TextualBody": "oa:TextualBody",
    "SpecificResource": "oa:SpecificResource",
    "TextQuoteSelector": "oa:TextQuoteSelector",
    "TextPositionSelector": "oa:TextPositionSelector",
    "AnnotationPage": "as:OrderedCollectionPage",
    "AnnotationCollection": "as:OrderedCollection",
    "body": {"@id": "oa:hasBody", "@type": "@id"},
    "target": {"@id": "oa:hasTarget", "@type": "@id"},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "exact": "oa:exact",
    "prefix": "oa:prefix",
    "suffix": "oa:suffix",
    "start": {"@id": "oa:start", "@type": "xsd:nonNegativeInteger"},
    "end": {"@id": "oa:end", "@type": "xsd:nonNegativeInteger"},
    "motivation": {"@id": "oa:motivatedBy", "@type": "@vocab"},
    "purpose": {"@id": "oa:hasPurpose", "@type": "@vocab"},
    "assessing": "oa:assessing",
    "classifying": "oa:classifying",
    "describing": "oa:describing",
    "value": "rdf:value",
    "format": "dcterms:format",
    "language": "dcterms:language",
    "creator": {"@id": "dcterms:creator", "@type": "@id"},
    "created": {"@id": "dcterms:created", "@type": "xsd:date"},
    "name": "schema:name",
    "partOf": {"@id": "as:partOf", "@type": "@id"},
    "first": {"@id": "as:first", "@type": "@id"},
    "isPartOf": {"@id": "schema:isPartOf", "@type": "@id"},
    "url": {"@id": "schema:url", "@type": "@id"},
    "author": {"@id": "schema:author", "@type": "@id"},
    "audience": {"@id": "schema:audience", "@type": "@id"},
    "about": {"@id": "schema:about", "@type": "@id"},
    "spatialCoverage": {"@id": "schema:spatialCoverage", "@type": "@id"},
    "isBasedOn": {"@id": "schema:isBasedOn", "@type": "@id"},
    "beneficiary": {"@id": "schema:beneficiary", "@type": "@id"},
    "additionalType": "schema:additionalType",
    "keywords": "schema:keywords",
}
"""The terms of http://www.w3.org/ns/anno.jsonld that we use, and schema.org's for the rest."""

SKOS_CONTEXT: Node = {
    **PAGE_CONTEXT,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "Concept": "skos:Concept",
    "ConceptScheme": "skos:ConceptScheme",
    "prefLabel": {"@id": "skos:prefLabel", "@container": "@language"},
    "altLabel": {"@id": "skos:altLabel", "@container": "@language"},
    "definition": {"@id": "skos:definition", "@container": "@language"},
    "scopeNote": {"@id": "skos:scopeNote", "@container": "@language"},
    "broader": {"@id": "skos:broader", "@type": "@id"},
    "narrower": {"@id": "skos:narrower", "@type": "@id"},
    "inScheme": {"@id": "skos:inScheme", "@type": "@id"},
    "topConceptOf": {"@id": "skos:topConceptOf", "@type": "@id"},
}

SCHEMA_CONTEXT: Node = {
    **PAGE_CONTEXT,
    "@vocab": "https://schema.org/",
    **{
        name: {"@type": "@id"}
        for name in (
            "url",
            "memberOf",
            "containedInPlace",
            "about",
            "contentLocation",
            "contentUrl",
        )
    },
}


def _without_empty(node: Node) -> Node:
    """Return a node without unknown or empty values: linked data has no word for "none"."""
    return {name: value for name, value in node.items() if value not in (None, [], {})}


class LinkedData:
    """Renders published documents as linked data.

    Args:
        base: the address of the API. All ids start with it.
    """

    def __init__(self, base: str) -> None:
        self.base = base

    def _id(self, path: str) -> str:
        return f"{self.base}{path}"

    def _all(self, collection: str, refs: Sequence[Document] | None) -> list[str]:
        return [self._id(f"/{collection}/{ref['id']}") for ref in refs or ()]

    def annotation(self, document: Document) -> Node:
        """Return a claim or a recommendation as a Web Annotation on the article's text."""
        quote, article = document["quote"], document["article"]
        recommends = "strength" in document
        statement = {
            "type": "TextualBody",
            "value": document["statement"],
            "format": "text/plain",
            "language": "en",
        }
        themes = [
            {"type": "SpecificResource", "source": theme, "purpose": "classifying"}
            for theme in self._all("themes", document["themes"])
        ]
        coded = [document[name] for name in ("strength", "action", "kind") if name in document]
        return _without_empty(
            {
                "id": self._id(document["links"]["self"]),
                "type": "Annotation",
                "motivation": "assessing" if recommends else "describing",
                "additionalType": "recommendation" if recommends else "claim",
                "created": document["coding"]["coded_on"],
                "creator": {"type": "schema:Organization", "name": document["coding"]["coder"]},
                "body": [{**statement, "purpose": "describing"}, *themes],
                "target": {
                    "type": "SpecificResource",
                    "source": self._id(f"/articles/{article['id']}/text?format=text"),
                    "selector": [
                        {
                            "type": "TextQuoteSelector",
                            **{part: quote[part] for part in ("exact", "prefix", "suffix")},
                        },
                        {
                            "type": "TextPositionSelector",
                            "start": quote["start"],
                            "end": quote["end"],
                        },
                    ],
                },
                "isPartOf": self._id(document["links"]["article"]),
                "url": quote["link"],
                "keywords": coded,
                "author": self._all("actors", document["sources"]),
                "about": self._all("actors", document.get("about")),
                "audience": self._all("actors", document.get("addressees")),
                "beneficiary": self._all("actors", document.get("beneficiaries")),
                "spatialCoverage": self._all("places", document["places"]),
                "isBasedOn": self._all("claims", document.get("based_on")),
            },
        )

    def theme(self, document: Document) -> Node:
        """Return a theme as a SKOS concept."""
        scheme = self._id("/themes")

        def both(name: str) -> Node:
            return _without_empty({"en": document[name], "fr": document[f"{name}_fr"]})

        return _without_empty(
            {
                "id": self._id(document["links"]["self"]),
                "type": "Concept",
                "prefLabel": both("label"),
                "altLabel": both("alt_labels"),
                "definition": both("definition"),
                "scopeNote": both("scope_note"),
                "broader": self._all(
                    "themes", [document["broader"]] if document["broader"] else None
                ),
                "narrower": self._all("themes", document["narrower"]),
                "inScheme": scheme,
                "topConceptOf": None if document["broader"] else scheme,
            },
        )

    def article(self, document: Document) -> Node:
        """Return an article as a schema.org `Article` or `Report`."""
        publisher = {
            "id": self._id(f"/actors/{document['publisher_id']}"),
            "type": "Organization",
            "name": document["publisher"],
        }
        authors = [self._agent(author) for author in document["authors"] or ()]
        return _without_empty(
            {
                "id": self._id(document["links"]["self"]),
                "type": "Report" if document["kind"] in REPORTS else "Article",
                "headline": document["title"],
                "name": document["title"],
                "genre": document["kind"],
                "inLanguage": document["language"],
                "datePublished": document["published"],
                "publisher": publisher,
                "author": authors,
                "url": document["url"],
                "copyrightNotice": document["rights"],
                "about": self._all("themes", document["themes"]),
                "contentLocation": self._all("places", document["places"]),
                "encoding": {
                    "type": "MediaObject",
                    "contentUrl": self._id(f"/articles/{document['id']}/text?format=text"),
                    "encodingFormat": "text/plain",
                },
            },
        )

    def _agent(self, document: Document) -> Node:
        person = document["kind"] == "person"
        return {
            "id": self._id(f"/actors/{document['id']}"),
            "type": "Person" if person else "Organization",
            "name": document["name"],
        }

    def actor(self, document: Document) -> Node:
        """Return an actor as a schema.org `Person` or `Organization`."""
        return _without_empty(
            {
                **self._agent(document),
                "additionalType": document["kind"],
                "alternateName": document["aliases"],
                "description": document["description"],
                "memberOf": self._all(
                    "actors", [document["part_of"]] if document["part_of"] else None
                ),
            },
        )

    def place(self, document: Document) -> Node:
        """Return a place as a schema.org `Place` or `Country`."""
        centre = {
            "type": "GeoCoordinates",
            "latitude": document["latitude"],
            "longitude": document["longitude"],
        }
        return _without_empty(
            {
                "id": self._id(document["links"]["self"]),
                "type": "Country" if document["kind"] == "country" else "Place",
                "name": [document["name"], document["name_fr"]]
                if document["name"] != document["name_fr"]
                else document["name"],
                "alternateName": document["aliases"],
                "identifier": document["iso"],
                "containedInPlace": self._all(
                    "places", [document["part_of"]] if document["part_of"] else None
                ),
                "geo": centre if document["latitude"] is not None else None,
            },
        )

    def dataset(self, document: Document, *, with_file: bool) -> Node:
        """Return the data set as a schema.org `Dataset`.

        Args:
            document: the published document.
            with_file: whether there is a SQLite file to download.
        """
        downloads = [
            ("/dataset/download", "application/zip"),
            ("/recommendations?format=csv", "text/csv"),
            ("/claims?format=csv", "text/csv"),
            *([("/dataset/sqlite", "application/vnd.sqlite3")] if with_file else []),
        ]
        return {
            "@context": SCHEMA_CONTEXT,
            "id": self._id("/dataset"),
            "type": "Dataset",
            "name": document["title"],
            "description": document["description"],
            "version": document["version"],
            "citation": document["citation"],
            "usageInfo": document["rights"]["annotations"],
            "copyrightNotice": document["rights"]["texts"],
            "url": self._id("/"),
            "distribution": [
                {"type": "DataDownload", "contentUrl": self._id(path), "encodingFormat": media_type}
                for path, media_type in downloads
            ],
        }

    def item(self, resource: Resource, document: Document) -> Node:
        """Return an item as a separate document."""
        return {"@context": resource.face.context, **resource.face.render(self, document)}

    def page(
        self, resource: Resource, documents: Sequence[Document], meta: Meta, links: PageLinks
    ) -> Node:
        """Return a page of a list."""
        face: Face = resource.face
        collection = {
            "id": self._id(f"/{resource.name}"),
            "type": "AnnotationCollection",
            "total": meta.total,
        }
        is_scheme = face.page_type == "ConceptScheme"
        is_annotations = face.page_type == "AnnotationPage"
        return {
            "@context": face.context,
            "id": collection["id"] if is_scheme else links.self,
            "type": face.page_type,
            **({"partOf": collection} if is_annotations else {"total": meta.total}),
            **_without_empty({"next": links.next, "prev": links.prev}),
            "items": [face.render(self, document) for document in documents],
        }


class Face(NamedTuple):
    """The linked data of a resource: its terms, the node of an item, and the type of a page."""

    context: Node
    render: Callable[[LinkedData, Document], Node]
    page_type: str


ANNOTATION = Face(ANNOTATION_CONTEXT, LinkedData.annotation, "AnnotationPage")
THEME = Face(SKOS_CONTEXT, LinkedData.theme, "ConceptScheme")
ARTICLE = Face(SCHEMA_CONTEXT, LinkedData.article, "as:OrderedCollectionPage")
ACTOR = Face(SCHEMA_CONTEXT, LinkedData.actor, "as:OrderedCollectionPage")
PLACE = Face(SCHEMA_CONTEXT, LinkedData.place, "as:OrderedCollectionPage")
