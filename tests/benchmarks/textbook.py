"""The same service as the FastAPI and SQLModel tutorials teach it.

Tables, relations, a session for each request, response models: what a competent developer writes
without special care for speed. One statement loads a relation for the whole page (selectinload),
filters are joins on indexed link tables, totals are counted, full text is FTS5. Nothing is cached.
"""

import os
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query
from sqlalchemy import column, table, text
from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, col, create_engine, func, select

# An immutable file needs no locks.
engine = create_engine(
    f"sqlite:///file:{os.environ['TEXTBOOK_DATABASE']}?mode=ro&immutable=1&uri=true",
    connect_args={"check_same_thread": False},
)


class ClaimTheme(SQLModel, table=True):
    __tablename__ = "claim_theme"
    claim_id: int = Field(foreign_key="claim.id", primary_key=True)
    theme_id: int = Field(foreign_key="theme.id", primary_key=True, index=True)


class ClaimPlace(SQLModel, table=True):
    __tablename__ = "claim_place"
    claim_id: int = Field(foreign_key="claim.id", primary_key=True)
    place_id: int = Field(foreign_key="place.id", primary_key=True, index=True)


class ClaimSource(SQLModel, table=True):
    __tablename__ = "claim_source"
    claim_id: int = Field(foreign_key="claim.id", primary_key=True)
    actor_id: int = Field(foreign_key="actor.id", primary_key=True, index=True)


class ClaimAbout(SQLModel, table=True):
    __tablename__ = "claim_about"
    claim_id: int = Field(foreign_key="claim.id", primary_key=True)
    actor_id: int = Field(foreign_key="actor.id", primary_key=True, index=True)


class RecommendationTheme(SQLModel, table=True):
    __tablename__ = "recommendation_theme"
    recommendation_id: int = Field(foreign_key="recommendation.id", primary_key=True)
    theme_id: int = Field(foreign_key="theme.id", primary_key=True, index=True)


class RecommendationPlace(SQLModel, table=True):
    __tablename__ = "recommendation_place"
    recommendation_id: int = Field(foreign_key="recommendation.id", primary_key=True)
    place_id: int = Field(foreign_key="place.id", primary_key=True, index=True)


class RecommendationSource(SQLModel, table=True):
    __tablename__ = "recommendation_source"
    recommendation_id: int = Field(foreign_key="recommendation.id", primary_key=True)
    actor_id: int = Field(foreign_key="actor.id", primary_key=True, index=True)


class RecommendationAddressee(SQLModel, table=True):
    __tablename__ = "recommendation_addressee"
    recommendation_id: int = Field(foreign_key="recommendation.id", primary_key=True)
    actor_id: int = Field(foreign_key="actor.id", primary_key=True, index=True)


class RecommendationBeneficiary(SQLModel, table=True):
    __tablename__ = "recommendation_beneficiary"
    recommendation_id: int = Field(foreign_key="recommendation.id", primary_key=True)
    actor_id: int = Field(foreign_key="actor.id", primary_key=True, index=True)


class RecommendationClaim(SQLModel, table=True):
    __tablename__ = "recommendation_claim"
    recommendation_id: int = Field(foreign_key="recommendation.id", primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", primary_key=True, index=True)


class ThemeBase(SQLModel):
    slug: str = Field(unique=True)
    label: str
    label_fr: str


class Theme(ThemeBase, table=True):
    id: int = Field(primary_key=True)
    parent_id: int | None = Field(foreign_key="theme.id", index=True)


class PlaceBase(SQLModel):
    slug: str = Field(unique=True)
    name: str
    iso: str | None


class Place(PlaceBase, table=True):
    id: int = Field(primary_key=True)
    parent_id: int | None = Field(foreign_key="place.id", index=True)


class ActorBase(SQLModel):
    slug: str = Field(unique=True)
    name: str
    kind: str
    pseudonym: bool


class Actor(ActorBase, table=True):
    id: int = Field(primary_key=True)


class ArticleBase(SQLModel):
    slug: str = Field(unique=True)
    title: str
    publisher: str | None
    published: str | None


class Article(ArticleBase, table=True):
    id: int = Field(primary_key=True)


class AnnotationBase(SQLModel):
    slug: str = Field(unique=True)
    statement: str
    quote: str
    start: int
    end: int
    paragraph: int
    link: str | None
    note: str | None


class ClaimBase(AnnotationBase):
    kind: str = Field(index=True)


class Claim(ClaimBase, table=True):
    id: int = Field(primary_key=True)
    article_id: int = Field(foreign_key="article.id", index=True)
    article: Article = Relationship()
    sources: list[Actor] = Relationship(link_model=ClaimSource)
    about: list[Actor] = Relationship(link_model=ClaimAbout)
    places: list[Place] = Relationship(link_model=ClaimPlace)
    themes: list[Theme] = Relationship(link_model=ClaimTheme)


class RecommendationBase(AnnotationBase):
    strength: str = Field(index=True)
    action: str
    explicit: bool


class Recommendation(RecommendationBase, table=True):
    id: int = Field(primary_key=True)
    article_id: int = Field(foreign_key="article.id", index=True)
    article: Article = Relationship()
    sources: list[Actor] = Relationship(link_model=RecommendationSource)
    addressees: list[Actor] = Relationship(link_model=RecommendationAddressee)
    beneficiaries: list[Actor] = Relationship(link_model=RecommendationBeneficiary)
    places: list[Place] = Relationship(link_model=RecommendationPlace)
    themes: list[Theme] = Relationship(link_model=RecommendationTheme)
    based_on: list[Claim] = Relationship(link_model=RecommendationClaim)


class ClaimReference(SQLModel):
    slug: str
    statement: str


class ClaimPublic(ClaimBase):
    article: ArticleBase
    sources: list[ActorBase]
    about: list[ActorBase]
    places: list[PlaceBase]
    themes: list[ThemeBase]


class RecommendationPublic(RecommendationBase):
    article: ArticleBase
    sources: list[ActorBase]
    addressees: list[ActorBase]
    beneficiaries: list[ActorBase]
    places: list[PlaceBase]
    themes: list[ThemeBase]
    based_on: list[ClaimReference]


class ClaimsPublic(SQLModel):
    items: list[ClaimPublic]
    total: int


class RecommendationsPublic(SQLModel):
    items: list[RecommendationPublic]
    total: int


class Count(SQLModel):
    slug: str
    count: int


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
Limit = Annotated[int, Query(ge=1, le=100)]
Offset = Annotated[int, Query(ge=0)]

CLAIM_RELATIONS = [
    selectinload(relation)
    for relation in (Claim.article, Claim.sources, Claim.about, Claim.places, Claim.themes)
]
RECOMMENDATION_RELATIONS = [
    selectinload(relation)
    for relation in (
        Recommendation.article,
        Recommendation.sources,
        Recommendation.addressees,
        Recommendation.beneficiaries,
        Recommendation.places,
        Recommendation.themes,
        Recommendation.based_on,
    )
]
FULL_TEXT = table("recommendation_fts", column("rowid"), column("rank"))

app = FastAPI()


class Filters(SQLModel):
    theme: str | None = None
    place: str | None = None
    addressee: str | None = None
    strength: str | None = None
    q: str | None = None


FiltersDep = Annotated[Filters, Depends()]


def filtered(statement: Any, filters: Filters) -> Any:
    """Add the filters; each is one equality in its link table, so no row appears twice."""
    if filters.theme:
        statement = statement.join(
            RecommendationTheme, RecommendationTheme.recommendation_id == Recommendation.id
        )
        statement = statement.where(
            RecommendationTheme.theme_id
            == select(Theme.id).where(Theme.slug == filters.theme).scalar_subquery()
        )
    if filters.place:
        statement = statement.join(
            RecommendationPlace, RecommendationPlace.recommendation_id == Recommendation.id
        )
        statement = statement.where(
            RecommendationPlace.place_id
            == select(Place.id).where(Place.slug == filters.place).scalar_subquery()
        )
    if filters.addressee:
        addressee = select(Actor.id).where(Actor.slug == filters.addressee).scalar_subquery()
        statement = statement.join(
            RecommendationAddressee, RecommendationAddressee.recommendation_id == Recommendation.id
        )
        statement = statement.where(RecommendationAddressee.actor_id == addressee)
    if filters.strength:
        statement = statement.where(Recommendation.strength == filters.strength)
    if filters.q:
        quoted = " ".join('"' + word.replace('"', '""') + '"' for word in filters.q.split())
        statement = statement.join(FULL_TEXT, FULL_TEXT.c.rowid == Recommendation.id)
        statement = statement.where(text("recommendation_fts MATCH :q").bindparams(q=quoted))
    return statement


@app.get("/recommendations", response_model=RecommendationsPublic)
def list_recommendations(
    session: SessionDep, filters: FiltersDep, offset: Offset = 0, limit: Limit = 20
) -> Any:
    order = FULL_TEXT.c.rank if filters.q else col(Recommendation.id)
    statement = (
        filtered(select(Recommendation), filters).order_by(order).offset(offset).limit(limit)
    )
    items = session.exec(statement.options(*RECOMMENDATION_RELATIONS)).all()
    total = session.exec(filtered(select(func.count(col(Recommendation.id))), filters)).one()
    return {"items": items, "total": total}


@app.get("/recommendations/themes", response_model=list[Count])
def count_themes(session: SessionDep, filters: FiltersDep) -> Any:
    counted = (
        select(RecommendationTheme.theme_id, func.count().label("count"))
        if filters == Filters()
        else filtered(
            select(RecommendationTheme.theme_id, func.count().label("count")).join(
                Recommendation, Recommendation.id == RecommendationTheme.recommendation_id
            ),
            filters,
        )
    )
    counts = counted.group_by(RecommendationTheme.theme_id).subquery()
    rows = session.exec(
        select(Theme.slug, counts.c.count)
        .join(counts, counts.c.theme_id == Theme.id)
        .order_by(counts.c.count.desc())
    )
    return [Count(slug=slug, count=count) for slug, count in rows]


@app.get("/recommendations/{slug}", response_model=RecommendationPublic)
def get_recommendation(session: SessionDep, slug: str) -> Any:
    item = session.exec(
        select(Recommendation).where(Recommendation.slug == slug).options(*RECOMMENDATION_RELATIONS)
    ).first()
    if item is None:
        raise HTTPException(status_code=404, detail="Recommendation not found")
    return item


@app.get("/claims", response_model=ClaimsPublic)
def list_claims(session: SessionDep, offset: Offset = 0, limit: Limit = 20) -> Any:
    statement = (
        select(Claim).order_by(Claim.id).offset(offset).limit(limit).options(*CLAIM_RELATIONS)
    )
    total = session.exec(select(func.count(col(Claim.id)))).one()
    return {"items": session.exec(statement).all(), "total": total}
