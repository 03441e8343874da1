"""What we publish: the schema of every response, errors included.

No field has a default. So a field is always present, null if the fact is unknown, and the OpenAPI
document says so. An item has the same schema in a list and on its own.
"""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[
    str, Field(description="A public id. It never changes its meaning and is never reused")
]
UrlPath = Annotated[str, Field(description="The path of a URL on this server")]


ArticleKind = Literal[
    "story",
    "peace-brief",
    "policy-brief",
    "report",
    "feature",
    "analysis",
    "opinion",
    "interview",
]
ActorKind = Literal[
    "person",
    "civil-society",
    "research",
    "media",
    "state",
    "state-institution",
    "intergovernmental",
    "armed-group",
    "community",
    "customary-authority",
    "collective",
]
PlaceKind = Literal[
    "continent",
    "region-of-countries",
    "country",
    "part-of-country",
    "region",
    "district",
    "city",
]
ClaimKind = Literal["factual", "causal", "evaluative", "predictive"]
RelationType = Literal["supports", "supported-by", "contradicts", "qualifies", "qualified-by"]
Strength = Literal["must", "should", "could"]
Action = Literal["specific", "general", "considering", "continuing"]
"""The categories of UPR Info, a database of recommendations to states."""
Confidence = Literal["high", "medium", "low"]
ItemKind = Literal["recommendation", "claim", "article", "actor", "theme", "place"]


class Shape(BaseModel):
    """The base of every published schema."""

    model_config = ConfigDict(frozen=True)


# --- references: an id and what to display for it ---


class ArticleRef(Shape):
    id: Slug
    title: str
    publisher: str
    publisher_id: Slug
    published: str | None = Field(
        description="ISO 8601: a day, a month or a year, as precise as confirmed"
    )


class ActorRef(Shape):
    id: Slug
    name: str
    kind: ActorKind
    pseudonym: bool = Field(
        description="The name protects a real person: display it as a pseudonym"
    )


class ThemeRef(Shape):
    id: Slug
    label: str
    label_fr: str


class PlaceRef(Shape):
    id: Slug
    name: str
    iso: str | None


class AnnotationRef(Shape):
    id: Slug
    statement: str = Field(
        description="One self-contained sentence that can be read without the article"
    )


# --- parts of items ---


class Quote(Shape):
    """The exact words of the source, with the selectors of the W3C Web Annotation Data Model."""

    exact: str = Field(description="The quoted words, character for character (TextQuoteSelector)")
    prefix: str = Field(description="The words just before the quote, in the article's body")
    suffix: str = Field(description="The words just after the quote, in the article's body")
    start: int = Field(
        description="Offset of the first character in the body, in Unicode code points, from 0",
        ge=0,
    )
    end: int = Field(
        description="Offset just after the last character (TextPositionSelector)", ge=1
    )
    paragraph: int = Field(
        description="The number of the paragraph in `/articles/{id}/text`, from 1", ge=1
    )
    link: str | None = Field(
        description="The publisher's page, scrolled to the sentence (URL text fragment); "
        "null if no address is confirmed",
    )


class Coding(Shape):
    """Who coded an annotation, when, and with what confidence."""

    coder: str
    coded_on: str = Field(description="ISO 8601 date")
    confidence: Confidence


class Relation(Shape):
    type: RelationType = Field(
        description="The relation as seen from the claim that lists it. `contradicts` is the same "
        "from both sides"
    )
    claim: AnnotationRef
    note: str | None = Field(description="Why the relation holds")


class ItemLinks(Shape):
    self: UrlPath


class AnnotationLinks(ItemLinks):
    article: UrlPath


class ArticleLinks(ItemLinks):
    text: UrlPath
    claims: UrlPath
    recommendations: UrlPath
    actors: UrlPath


class VocabularyLinks(ItemLinks):
    claims: UrlPath = Field(description="Claims on the theme, about the place or by the actor")
    recommendations: UrlPath = Field(
        description="Recommendations on the theme, about the place or by the actor"
    )


class ThemeLinks(VocabularyLinks):
    """The lists filtered by a theme."""


class PlaceLinks(VocabularyLinks):
    """The lists filtered by a place."""


class ActorLinks(VocabularyLinks):
    asked: UrlPath = Field(description="Recommendations that ask the actor to act")
    articles: UrlPath = Field(description="Articles in which the actor has any role")


class ArticleCounts(Shape):
    claims: int
    recommendations: int
    actors: int = Field(description="Actors with any role in it, including author and publisher")
    paragraphs: int


class ActorCounts(Shape):
    claims: int = Field(description="Claims of which the actor is a source")
    about: int = Field(description="Claims about the actor")
    recommendations: int = Field(description="Recommendations of which the actor is a source")
    addressee: int = Field(description="Recommendations that ask the actor to act")
    beneficiary: int = Field(description="Recommendations that would help the actor")
    articles: int


class VocabularyCounts(Shape):
    """Items with this entry or anything narrower, each counted once: the totals of `links`."""

    claims: int
    recommendations: int
    articles: int


# --- items ---


Highlight = Annotated[
    str | None,
    Field(
        description="With `q`: the first matching text as HTML, with `<mark>` around the words "
        "and all else escaped; otherwise null"
    ),
]
MatchedIn = Annotated[
    list[str] | None, Field(description="With `q`: the fields that match; otherwise null")
]


class Reprint(Shape):
    publisher: str
    url: str
    published: str | None = Field(description="ISO 8601: a day, a month or a year")


class Article(Shape):
    id: Slug
    title: str
    publisher: str
    publisher_id: Slug = Field(description="The publisher as an actor")
    authors: list[ActorRef] | None = Field(description="Null if the text does not name them")
    published: str | None = Field(
        description="ISO 8601: a day, a month or a year, as precise as confirmed"
    )
    kind: ArticleKind
    language: str = Field(description="BCP 47")
    url: str | None = Field(description="The publisher's page; null if not confirmed")
    reprints: list[Reprint] = Field(description="Copies of the text from other publishers")
    rights: str | None = Field(
        description="Rights to the text, as its publisher states them; null where unknown. "
        "`/dataset` says what holds for all texts"
    )
    note: str | None = Field(
        description="What a reader must know about the text, such as that it is a summary"
    )
    themes: list[ThemeRef] = Field(description="Themes of the claims and recommendations in it")
    places: list[PlaceRef] = Field(description="Places of the claims and recommendations in it")
    counts: ArticleCounts
    links: ArticleLinks
    highlight: Highlight
    matched_in: MatchedIn


class Claim(AnnotationRef):
    """A statement that an argument rests on and that a reader could dispute or check."""

    quote: Quote
    kind: ClaimKind
    article: ArticleRef
    sources: list[ActorRef] = Field(description="Who makes the claim")
    about: list[ActorRef] = Field(description="Who the claim is about")
    places: list[PlaceRef]
    themes: list[ThemeRef]
    relations: list[Relation]
    basis_of: list[AnnotationRef] = Field(description="Recommendations based on it")
    coding: Coding
    note: str | None = Field(description="What the coder had to decide")
    links: AnnotationLinks
    highlight: Highlight
    matched_in: MatchedIn


class Recommendation(AnnotationRef):
    """A statement that an actor should or should not act, or that an action is needed."""

    quote: Quote
    strength: Strength
    explicit: bool = Field(
        description="True if the sentence itself recommends; false if only its context does"
    )
    action: Action = Field(
        description="How definite the recommended action is, after the categories of UPR Info"
    )
    article: ArticleRef
    sources: list[ActorRef] = Field(description="Who recommends it")
    addressees: list[ActorRef] = Field(description="Who should act")
    beneficiaries: list[ActorRef] = Field(description="Who should benefit")
    places: list[PlaceRef]
    themes: list[ThemeRef]
    based_on: list[AnnotationRef] = Field(
        description="Claims of the same article that are its reasons"
    )
    coding: Coding
    note: str | None = Field(description="What the coder had to decide")
    links: AnnotationLinks
    highlight: Highlight
    matched_in: MatchedIn


class Actor(ActorRef):
    part_of: ActorRef | None
    aliases: list[str]
    description: str | None = Field(description="One sentence, from the texts alone")
    articles: list[ArticleRef] = Field(
        description="Articles in which the actor has any role: the first 100 of `counts.articles`"
    )
    counts: ActorCounts
    links: ActorLinks
    highlight: Highlight
    matched_in: MatchedIn


class Theme(ThemeRef):
    definition: str
    definition_fr: str
    scope_note: str | None
    scope_note_fr: str | None
    alt_labels: list[str]
    alt_labels_fr: list[str]
    broader: ThemeRef | None
    narrower: list[ThemeRef]
    counts: VocabularyCounts
    links: ThemeLinks
    highlight: Highlight
    matched_in: MatchedIn


class Place(Shape):
    id: Slug
    name: str
    name_fr: str
    kind: PlaceKind
    iso: str | None = Field(description="ISO 3166-1 alpha-2 or ISO 3166-2 code, if any")
    aliases: list[str]
    part_of: PlaceRef | None
    parts: list[PlaceRef]
    latitude: float | None = Field(description="Degrees north of the place's centre, WGS 84")
    longitude: float | None = Field(description="Degrees east of the place's centre, WGS 84")
    counts: VocabularyCounts
    links: PlaceLinks
    highlight: Highlight
    matched_in: MatchedIn


class Span(Shape):
    id: Slug
    type: Literal["claim", "recommendation"]
    start: int = Field(description="Offset in the body, in Unicode code points")
    end: int


class Paragraph(Shape):
    number: int
    kind: Literal["standfirst", "heading", "body"]
    start: int = Field(description="Offset of the paragraph in the body, in Unicode code points")
    end: int
    text: str
    spans: list[Span]


class ArticleText(Shape):
    """The body as numbered paragraphs. Joined by an empty line they are the text of all offsets."""

    article: ArticleRef
    sha256: str = Field(
        description="SHA-256 of the body in UTF-8, which is the `text/plain` response"
    )
    length: int = Field(description="Length of the body in Unicode code points")
    paragraphs: list[Paragraph]


# --- lists ---

Item = TypeVar("Item")


class QueryMeta(Shape):
    """What a list and its statistics say about the query."""

    total: int = Field(description="The number of matching items, each counted once")
    dataset: str = Field(description="The data version of this response")
    applied: dict[str, list[str]] = Field(
        description="What each filter means: every value that it includes, and with `!` every "
        "value that it excludes",
    )


class Meta(QueryMeta):
    ranked: bool | None = Field(
        description="With `q`: whether the best matches come first. False with another `sort`, or "
        "if too many items match to be ranked; null without `q`",
    )
    facets_omitted: dict[str, int] = Field(
        description="How many values a facet leaves out, if any. It lists the most frequent ones"
    )


class PageLinks(Shape):
    self: str
    next: str | None
    prev: str | None


class CountedValue(Shape):
    value: str = Field(description="The value to use in the filter")
    label: str
    count: int = Field(
        description="Matching items with this value (or a narrower one), each counted once"
    )


class FacetValue(CountedValue):
    """A value of a filter, with the number of matching items that have it.

    `count` is the `total` of the list at `link` if that link adds the value.
    """

    selected: bool = Field(description="Whether the query has the value already")
    link: str | None = Field(
        description="The list with the value added, or removed if it is selected; null if the "
        "query has as many values as allowed"
    )


class Page(Shape, Generic[Item]):
    data: list[Item]
    meta: Meta
    links: PageLinks
    facets: dict[str, list[FacetValue]] = Field(
        description="By name, as requested in `facets`; the most frequent values first"
    )


# --- counts ---


class StatsValue(CountedValue):
    """A value of a dimension: a row or a column of the table."""

    link: str | None = Field(
        description="The list of these items; null if the query has as many values, or is as long, "
        "as allowed"
    )


class StatsDimension(Shape):
    name: str
    values: list[StatsValue] = Field(
        description="Every value, including those without items, in the order of the vocabulary. "
        "Actors without any item in the collection are left out"
    )
    without: int = Field(description="Items that have no value of this dimension")


class StatsCell(Shape):
    values: dict[str, str] = Field(description="The value of each dimension")
    count: int
    link: str | None = Field(
        description="The list of these items, whose `total` is the count; null as in `dimensions`"
    )


class StatsMeta(QueryMeta):
    counted: str = Field(description="How items with several values are counted")


class StatsLinks(Shape):
    self: str
    list: str = Field(description="The list of the counted items")


class Stats(Shape):
    """Counts of the items that match the same filters as a list, including zeros."""

    data: list[StatsCell]
    dimensions: list[StatsDimension]
    meta: StatsMeta
    links: StatsLinks


# --- search over everything ---


class Hit(Shape):
    type: ItemKind
    id: Slug
    title: str = Field(description="A statement, a title, a name or a label")
    article: ArticleRef | None = Field(
        description="The article of a claim or recommendation; otherwise null"
    )
    score: float | None = Field(
        description="Higher is better; comparable within one kind of item and one response. Null "
        "if too many items match to be ranked"
    )
    highlight: Highlight
    matched_in: MatchedIn
    links: ItemLinks


# --- the data set and the service ---


class DatasetCounts(Shape):
    articles: int
    claims: int
    recommendations: int
    relations: int
    actors: int
    themes: int
    places: int


class DatasetRights(Shape):
    annotations: str
    texts: str


class DatasetLinks(ItemLinks):
    quality: UrlPath
    codebook: UrlPath = Field(description="404 if the corpus has none")
    download: UrlPath
    sqlite: UrlPath = Field(description="404 if the data is in PostgreSQL")


class Dataset(Shape):
    title: str
    description: str
    edition: str
    version: str = Field(
        description="The edition and the start of the digest, as in `meta.dataset` of every list"
    )
    digest: str = Field(
        description="SHA-256 of the canonical content: equal for equal corpora, everywhere"
    )
    counts: DatasetCounts
    rights: DatasetRights
    citation: str
    links: DatasetLinks


class QuoteCheck(Shape):
    """All stored quotes, their offsets and digests, compared with the stored texts."""

    checked: int
    hold: int
    failing: list[Slug]


class ArticleQuality(Shape):
    article: ArticleRef
    claims: dict[ClaimKind, int]
    recommendations: dict[Strength, int]
    paragraphs: int = Field(description="Paragraphs of the body without headings")
    annotated_paragraphs: int
    unannotated: list[int] = Field(
        description="Numbers of the paragraphs of the body, without headings, that no item quotes"
    )
    annotated_share: float = Field(description="From 0 to 1")


class AgreementMeasure(Shape):
    subject: str = Field(description="What the coders were compared on")
    measure: str
    value: float
    items: int = Field(description="The number of items that both coders marked")


class Agreement(Shape):
    """The agreement of two separate codings, before any decision between them."""

    note: str = Field(description="Who coded what, under which rules")
    articles: list[str] = Field(description="Ids of the articles that were coded twice")
    measures: list[AgreementMeasure]


class Quality(Shape):
    dataset: str
    quotes: QuoteCheck
    agreement: Agreement | None
    articles: list[ArticleQuality]
    articles_omitted: int = Field(description="The number of articles that are not listed")
    confidence: dict[Confidence, int] = Field(
        description="The number of claims and recommendations by the coder's confidence"
    )
    low_confidence: list[AnnotationRef]
    low_confidence_omitted: int = Field(
        description="The number of low-confidence annotations that are not listed"
    )
    themes_without_items: list[ThemeRef] = Field(
        description="Themes without any item, their narrower themes included"
    )
    actors_without_items: list[ActorRef] = Field(
        description="Actors without a role in any claim or recommendation"
    )


class Health(Shape):
    status: str


class Ready(Health):
    dataset: str
    schema_revision: str


class Index(Shape):
    title: str
    dataset: str
    links: dict[str, str]


# --- errors ---


class ProblemItem(Shape):
    """One error in the request."""

    parameter: str
    value: str | None
    message: str
    did_you_mean: list[str] = Field(description="Similar valid values, the best first")
    valid: str | None = Field(description="The valid values, or the path of their list")


class ProblemSummary(Shape):
    type: str
    title: str
    status: int


class ProblemKind(ProblemSummary):
    """The explanation of a type of problem."""

    meaning: str


class Problem(ProblemSummary):
    """Problem Details for HTTP APIs (RFC 9457)."""

    detail: str
    instance: str
    errors: list[ProblemItem]
