"""The application: routers, middleware, error shape, lifespan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio import create_task_group, to_thread
from fastapi import Depends, FastAPI
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app import problems
from app.caching import Delivery
from app.db import Database, NotReadyError, TooManyExportsError
from app.openapi import STATIC
from app.query import check_parameters
from app.routers import actors, articles, claims, dataset, places, recommendations, search, service, themes
from app.settings import Settings


class ReadingCors(CORSMiddleware):
    """CORS for reading from anywhere; a preflight for anything else is refused in the shape of every other error."""

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code == 200:
            return answer
        return problems.refused_preflight()


def create_server_app(settings: Settings) -> ASGIApp:
    """Build what a server runs: the application behind the cache, which answers before FastAPI is asked.

    Args:
        settings: where the data is, and how much is kept in memory.
    """
    app = create_app(settings)
    database: Database = app.state.database
    return Delivery(app, database.published, settings.cache_megabytes * 1_000_000)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application, without what ``create_server_app`` puts before it: HEAD, ETags, compression and the cache.

    Args:
        settings: taken from the environment when not given.
    """
    settings = settings or Settings()
    database = Database(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # As many threads as connections, so that no thread ever waits for a connection that another waiting thread holds.
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
    for module in (recommendations, claims, articles, actors, themes, places, search, dataset, service):
        app.include_router(module.router)
    app.mount("/docs/assets", StaticFiles(packages=[("fastapi_swagger", "resources")]), name="docs-assets")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app, NotReadyError, TooManyExportsError)
    app.add_middleware(problems.CatchErrors)
    app.add_middleware(
        ReadingCors,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=["ETag", "Link", "Retry-After", "Content-Disposition", "X-Total-Count", "X-Dataset-Version", "Cache-Status"],
    )
    return app
