"""The application: routers, middleware, error shape, lifespan."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from importlib.metadata import version

from anyio import create_task_group, to_thread
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database.database import Database, TooManyExportsError
from app.database.snapshot import NotReadyError
from app.http import problems
from app.http.cache import CacheMiddleware
from app.http.direct import Direct
from app.http.middleware import ConcurrencyLimit
from app.query.collection import Collection
from app.query.parameters import check_parameters
from app.responses.openapi import STATIC
from app.routers import (
    actors,
    articles,
    claims,
    dataset,
    places,
    recommendations,
    search,
    service,
    themes,
)
from app.settings import Settings

LISTS: Mapping[str, tuple[Collection, type[BaseModel]]] = {
    "recommendations": (recommendations.RECOMMENDATIONS, recommendations.RecommendationQuery),
    "claims": (claims.CLAIMS, claims.ClaimQuery),
    "articles": (articles.ARTICLES, articles.ArticleQuery),
    "actors": (actors.ACTORS, actors.ActorQuery),
    "themes": (themes.THEMES, themes.ThemeQuery),
    "places": (places.PLACES, places.PlaceQuery),
}
"""What is asked for at each collection's address."""

NO_HEADERS = Headers()


class PublicCors(CORSMiddleware):
    """CORS for reading from anywhere; a preflight for anything else is refused in the shape of every other error.

    Every answer says that anybody may read it, asked or not: so none depends on who asks, and one in a cache is right for all.
    """

    @cached_property
    def _always(self) -> list[tuple[bytes, bytes]]:
        return [
            (name.lower().encode(), value.encode()) for name, value in self.simple_headers.items()
        ]

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:  # noqa: ARG002 - see above
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *self._always]
        await send(message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "OPTIONS":
            await self.simple_response(scope, receive, send, request_headers=NO_HEADERS)
        else:
            await super().__call__(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code == 200:
            return answer
        return problems.preflight_refusal()


def create_server_app(settings: Settings) -> ASGIApp:
    """Build what a server runs: the application behind the cache and the short way, which answer before FastAPI is asked.

    Args:
        settings: where the data is, and how much is kept in memory.
    """
    api = create_app(settings)
    database: Database = api.state.database
    app = PublicCors(
        problems.ProblemMiddleware(ConcurrencyLimit(Direct(api, api, LISTS), settings.threads)),
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=[
            "ETag",
            "Link",
            "Retry-After",
            "Content-Disposition",
            "X-Total-Count",
            "X-Dataset-Version",
            "Cache-Status",
            "X-Request-ID",
        ],
    )
    return CacheMiddleware(app, database.published, settings.cache_megabytes * 1_000_000)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application, without what ``create_server_app`` puts before it: cache, HEAD, ETags, compression, CORS, short way.

    Args:
        settings: taken from the environment when not given.
    """
    settings = settings or Settings()
    database = Database(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # No more threads than the pool has connections, so that none waits for a connection that another waiting thread holds.
        to_thread.current_default_thread_limiter().total_tokens = settings.threads
        await database.look()
        async with create_task_group() as watching:
            watching.start_soon(database.watch)
            yield
            watching.cancel_scope.cancel()
        database.close()

    app = FastAPI(
        title="Policy briefs API",
        summary="What policy briefs on Mali and the Sahel claim and recommend, each down to the sentence",
        version=version("policy-briefs-api"),
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(check_parameters)],
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.database = database
    for module in (
        recommendations,
        claims,
        articles,
        actors,
        themes,
        places,
        search,
        dataset,
        service,
    ):
        app.include_router(module.router)
    app.mount(
        "/docs/assets", StaticFiles(packages=[("fastapi_swagger", "resources")]), name="docs-assets"
    )
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.register_handlers(app, NotReadyError, TooManyExportsError)
    app.add_middleware(problems.ProblemMiddleware)
    return app
