"""How clients ask: one file per resource, with dimensions, columns, search fields and endpoints."""

from collections.abc import Mapping

from app.query.collection import Collection
from app.routers.actors import ACTORS
from app.routers.articles import ARTICLES
from app.routers.claims import CLAIMS
from app.routers.places import PLACES
from app.routers.recommendations import RECOMMENDATIONS
from app.routers.themes import THEMES

COLLECTIONS: Mapping[str, Collection] = {
    collection.name: collection
    for collection in (RECOMMENDATIONS, CLAIMS, ARTICLES, ACTORS, THEMES, PLACES)
}
"""The collections by path: what the API lists, counts, searches and publishes."""

KINDS: Mapping[str, Collection] = {each.kind: each for each in COLLECTIONS.values()}
"""The collections by the name of their table, which is the type of a search hit."""
