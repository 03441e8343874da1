"""What we publish: every shape an answer can have, errors included.

Output schemas have no defaults, so a field that is there is always there (null where the fact is unknown), and the OpenAPI
document says so. A list and its detail page give the same shape.
"""

from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[str, Field(description="A public id: never changes meaning, never reused")]
Path = Annotated[str, Field(description="An address on this server, from its root")]


class ArticleKind(StrEnum):
    STORY = "story"
    PEACE_BRIEF = "peace-brief"
    POLICY_BRIEF = "policy-brief"
    REPORT = "report"
    FEATURE = "feature"
    ANALYSIS = "analysis"
    OPINION = "opinion"
    INTERVIEW = "interview"


class ActorKind(StrEnum):
    PERSON = "person"
    CIVIL_SOCIETY = "civil-society"
    RESEARCH = "research"
    MEDIA = "media"
    STATE = "state"
    STATE_INSTITUTION = "state-institution"
    INTERGOVERNMENTAL = "intergovernmental"
    ARMED_GROUP = "armed-group"
    COMMUNITY = "community"
    CUSTOMARY_AUTHORITY = "customary-authority"
    COLLECTIVE = "collective"


class PlaceKind(StrEnum):
    CONTINENT = "continent"
    REGION_OF_COUNTRIES = "region-of-countries"
    COUNTRY = "country"
    PART_OF_COUNTRY = "part-of-country"
    REGION = "region"
    DISTRICT = "district"
    CITY = "city"


class ClaimKind(StrEnum):
    FACTUAL = "factual"
    CAUSAL = "causal"
    EVALUATIVE = "evaluative"
    PREDICTIVE = "predictive"


class RelationType(StrEnum):
    """A relation as seen from the claim that lists it; `contradicts` is the same from both sides."""

    SUPPORTS = "supports"
    SUPPORTED_BY = "supported-by"
    CONTRADICTS = "contradicts"
    QUALIFIES = "qualifies"
    QUALIFIED_BY = "qualified-by"


class Strength(StrEnum):
    MUST = "must"
    SHOULD = "should"
    COULD = "could"


class Action(StrEnum):
    """How definite the step is, after the action categories of UPR Info."""

    SPECIFIC = "specific"
    GENERAL = "general"
    CONSIDERING = "considering"
    CONTINUING = "continuing"


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Shape(BaseModel):
    """The settings of every published shape."""

    model_config = ConfigDict(frozen=True, use_enum_values=True)


# --- small references: the id and what to show for it ---


class ArticleRef(Shape):
    id: Slug
    title: str
    publisher: str
    publisher_id: Slug
    published: str | None = Field(
        description="ISO 8601: a day, a month or a year, as far as it is confirmed"
    )


class ActorRef(Shape):
    id: Slug
    name: str
    kind: ActorKind
    pseudonym: bool = Field(description="The name protects a real person: show it as a pseudonym")


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
    statement: str


# --- parts of items ---


class Quote(Shape):
    """The exact words, with the selectors of the W3C Web Annotation Data Model."""

    exact: str = Field(
        description="The words of the source, character for character (TextQuoteSelector)"
    )
    prefix: str = Field(description="The words just before, within the article's body")
    suffix: str = Field(description="The words just after, within the article's body")
    start: int = Field(
        description="Offset of the first character in the body, in Unicode code points, from 0",
        ge=0,
    )
    end: int = Field(
        description="Offset just after the last character (TextPositionSelector)", ge=1
    )
    paragraph: int = Field(
        description="Number of the paragraph in `/articles/{id}/text`, from 1", ge=1
    )
    link: str | None = Field(
        description="The publisher's page, opened at the sentence (URL text fragment); null where no address is confirmed",
    )


class Coding(Shape):
    """How an annotation came about."""

    coder: str
    coded_on: str = Field(description="ISO 8601 date")
    confidence: Confidence


class Relation(Shape):
    type: RelationType
    claim: AnnotationRef
    note: str | None = Field(description="Why a reader of both would agree")


class ItemLinks(Shape):
    self: Path


class AnnotationLinks(ItemLinks):
    article: Path


class ArticleLinks(ItemLinks):
    text: Path
    claims: Path
    recommendations: Path
    actors: Path


class ThemeLinks(ItemLinks):
    claims: Path
    recommendations: Path


class PlaceLinks(ItemLinks):
    claims: Path
    recommendations: Path


class ActorLinks(ItemLinks):
    claims: Path = Field(description="What the actor asserts")
    recommendations: Path = Field(description="What the actor recommends")
    asked: Path = Field(description="What the actor is asked to do")
    articles: Path = Field(description="Where the actor has any role")


class ArticleCounts(Shape):
    claims: int
    recommendations: int
    actors: int = Field(description="Actors with any role in it, author and publisher included")
    paragraphs: int


class ActorCounts(Shape):
    claims: int = Field(description="Claims of which the actor is a source")
    about: int = Field(description="Claims that speak of the actor")
    recommendations: int = Field(description="Recommendations of which the actor is a source")
    addressee: int = Field(description="Recommendations that ask the actor to act")
    beneficiary: int = Field(description="Recommendations that are to help the actor")
    articles: int


class VocabularyCounts(Shape):
    """Items under this entry or anything narrower, each counted once: the totals of the lists that `links` name."""

    claims: int
    recommendations: int
    articles: int


# --- items ---


Highlight = Annotated[
    str | None,
    Field(
        description="With `q`: the first text that matches, as HTML: `<mark>` round the words, all else escaped; else null"
    ),
]
MatchedIn = Annotated[
    list[str] | None, Field(description="With `q`: the fields that match; else null")
]


class Article(Shape):
    id: Slug
    title: str
    publisher: str
    publisher_id: Slug = Field(description="The publisher as an actor")
    authors: list[ActorRef] | None = Field(description="Null where the text does not name them")
    published: str | None = Field(
        description="ISO 8601: a day, a month or a year, as far as it is confirmed"
    )
    kind: ArticleKind
    language: str = Field(description="BCP 47")
    url: str | None = Field(description="The publisher's page; null where it is not confirmed")
    rights: str = Field(description="Whose the text is")
    note: str | None = Field(
        description="What a reader must know of the text, such as that it is a summary"
    )
    themes: list[ThemeRef] = Field(description="Themes of the claims and recommendations in it")
    places: list[PlaceRef] = Field(description="Places of the claims and recommendations in it")
    counts: ArticleCounts
    links: ArticleLinks
    highlight: Highlight
    matched_in: MatchedIn


class Claim(Shape):
    """A statement that an argument rests on and that somebody could dispute or check."""

    id: Slug
    statement: str = Field(
        description="One self-contained sentence that can be read without the article"
    )
    quote: Quote
    kind: ClaimKind
    article: ArticleRef
    sources: list[ActorRef] = Field(description="Who asserts it")
    about: list[ActorRef] = Field(description="Whom it speaks of")
    places: list[PlaceRef]
    themes: list[ThemeRef]
    relations: list[Relation]
    basis_of: list[AnnotationRef] = Field(description="Recommendations that are based on it")
    coding: Coding
    note: str | None = Field(description="What the coder had to decide")
    links: AnnotationLinks
    highlight: Highlight
    matched_in: MatchedIn


class Recommendation(Shape):
    """A statement that somebody should or should not do something, or that a course of action is needed."""

    id: Slug
    statement: str = Field(
        description="One self-contained sentence that can be read without the article"
    )
    quote: Quote
    strength: Strength
    explicit: bool = Field(
        description="The sentence itself prescribes; false where the context clearly implies it"
    )
    action: Action
    article: ArticleRef
    sources: list[ActorRef] = Field(description="Who recommends it")
    addressees: list[ActorRef] = Field(description="Who is to act")
    beneficiaries: list[ActorRef] = Field(description="Whom it is to help")
    places: list[PlaceRef]
    themes: list[ThemeRef]
    based_on: list[AnnotationRef] = Field(
        description="The claims of the same article given as its reasons"
    )
    coding: Coding
    note: str | None = Field(description="What the coder had to decide")
    links: AnnotationLinks
    highlight: Highlight
    matched_in: MatchedIn


class Actor(Shape):
    id: Slug
    name: str
    kind: ActorKind
    pseudonym: bool = Field(description="The name protects a real person: show it as a pseudonym")
    part_of: ActorRef | None
    aliases: list[str]
    description: str | None = Field(description="One sentence, drawn from the texts alone")
    articles: list[ArticleRef] = Field(
        description="Where the actor has any role: the first hundred of `counts.articles`"
    )
    counts: ActorCounts
    links: ActorLinks
    highlight: Highlight
    matched_in: MatchedIn


class Theme(Shape):
    id: Slug
    label: str
    label_fr: str
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
    iso: str | None = Field(description="ISO 3166-1 alpha-2 or ISO 3166-2 code, where there is one")
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
    type: Annotated[str, Field(json_schema_extra={"enum": ["claim", "recommendation"]})]
    start: int = Field(description="Offset in the body, in Unicode code points")
    end: int


class Paragraph(Shape):
    number: int
    kind: Annotated[str, Field(json_schema_extra={"enum": ["standfirst", "heading", "body"]})]
    start: int = Field(description="Offset of the paragraph in the body, in Unicode code points")
    end: int
    text: str
    spans: list[Span]


class ArticleText(Shape):
    """The body as numbered paragraphs; joined by an empty line they are the text that offsets count in."""

    article: ArticleRef
    sha256: str = Field(
        description="Digest of the body's UTF-8 bytes, that is, of the `text/plain` answer"
    )
    length: int = Field(description="Length of the body in Unicode code points")
    paragraphs: list[Paragraph]


# --- lists ---

Item = TypeVar("Item")


class Meta(Shape):
    total: int = Field(description="How many items the filters match, on all pages together")
    dataset: str = Field(description="The version of the data this answer is from")
    applied: dict[str, list[str]] = Field(
        description="What each filter was taken to mean: every value it covered; `!` before those it excludes",
    )
    ranked: bool | None = Field(
        description="With `q`: whether the best come first; false where another order was asked for, or more match than are ranked",
    )
    facets_omitted: dict[str, int] = Field(
        description="How many further values a facet has, beyond the most frequent ones shown"
    )


class PageLinks(Shape):
    self: str
    next: str | None
    prev: str | None


class FacetValue(Shape):
    """A value that items found have, and how many of them."""

    value: str = Field(description="As a filter takes it")
    label: str
    count: int = Field(
        description="Items found with this value (or something narrower), each once: the total behind an adding `link`"
    )
    selected: bool = Field(description="Whether the query asks for the value already")
    link: str | None = Field(
        description="The list with the value added, or taken away where it is selected; null where neither can be"
    )


class Page(Shape, Generic[Item]):
    data: list[Item]
    meta: Meta
    links: PageLinks
    facets: dict[str, list[FacetValue]] = Field(
        description="By name, if `facets` asks for any; the most frequent values first"
    )


# --- counts ---


class StatsValue(Shape):
    """A value of a dimension: a row or a column of the table."""

    value: str = Field(description="As a filter takes it")
    label: str
    count: int = Field(description="Items with this value (or something narrower), each once")
    link: str | None = Field(
        description="The list of these items; null where the query is as full, or as long, as it may be"
    )


class StatsDimension(Shape):
    name: str
    values: list[StatsValue] = Field(
        description="Every value, also those without items; themes, places and years in their order"
    )
    without: int = Field(description="Items that have no value at all here")


class StatsCell(Shape):
    values: dict[str, str] = Field(description="The value of each dimension")
    count: int
    link: str | None = Field(
        description="The list of these items: its total is the count; null as above"
    )


class StatsMeta(Shape):
    total: int = Field(description="Items that the filters match, each once")
    dataset: str
    applied: dict[str, list[str]]
    counted: str = Field(description="How items with several values are counted")


class StatsLinks(Shape):
    self: str
    list: str = Field(description="The items that are counted")


class Stats(Shape):
    """Counts under the same filters as a list, zeros included: what the corpus does not say shows too."""

    data: list[StatsCell]
    dimensions: list[StatsDimension]
    meta: StatsMeta
    links: StatsLinks


# --- search over everything ---


class Hit(Shape):
    type: Annotated[
        str,
        Field(
            json_schema_extra={
                "enum": ["recommendation", "claim", "article", "actor", "theme", "place"]
            }
        ),
    ]
    id: Slug
    title: str = Field(description="A statement, a title, a name or a label")
    article: ArticleRef | None = Field(description="Of a claim or a recommendation")
    score: float | None = Field(
        description="Higher is better, comparable within one kind and answer; null where too many match to be ranked"
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
    quality: Path
    codebook: Path = Field(description="404 where the corpus has none")
    download: Path
    sqlite: Path = Field(description="404 where PostgreSQL serves the data")


class Dataset(Shape):
    title: str
    description: str
    edition: str
    version: str = Field(
        description="The edition and the beginning of the digest; in `meta.dataset` of every list"
    )
    digest: str = Field(
        description="SHA-256 of the canonical content: the same corpus gives the same digest anywhere"
    )
    counts: DatasetCounts
    rights: DatasetRights
    citation: str
    links: DatasetLinks


class QuoteCheck(Shape):
    """Every stored quote, its offsets and its digest compared with the stored text."""

    checked: int
    hold: int
    failing: list[Slug]


class ArticleQuality(Shape):
    article: ArticleRef
    claims: dict[ClaimKind, int]
    recommendations: dict[Strength, int]
    paragraphs: int = Field(description="Paragraphs of the body, headings left out")
    annotated_paragraphs: int
    annotated_share: float = Field(description="From 0 to 1")


class Quality(Shape):
    dataset: str
    quotes: QuoteCheck
    articles: list[ArticleQuality]
    articles_omitted: int = Field(description="How many more articles there are than are listed")
    confidence: dict[Confidence, int] = Field(
        description="How many claims and recommendations were coded how confidently"
    )
    low_confidence: list[AnnotationRef]
    low_confidence_omitted: int = Field(
        description="How many more were coded with little confidence than are listed"
    )
    themes_without_items: list[ThemeRef] = Field(
        description="Themes that neither they nor anything narrower is coded with"
    )
    actors_without_items: list[ActorRef] = Field(
        description="Actors without a role in any claim or recommendation"
    )


class Health(Shape):
    status: str


class Ready(Shape):
    status: str
    dataset: str
    schema_revision: str


class Index(Shape):
    title: str
    dataset: str
    links: dict[str, str]


# --- errors ---


class ProblemItem(Shape):
    """One thing that is wrong with the request."""

    parameter: str
    value: str | None
    message: str
    did_you_mean: list[str] = Field(description="The nearest valid values, best first")
    valid: str | None = Field(description="Where the valid values are listed, or what they are")


class ProblemKind(Shape):
    """What the `type` of a problem leads to."""

    type: str
    title: str
    status: int
    meaning: str


class Problem(Shape):
    """Problem Details for HTTP APIs (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[ProblemItem]
