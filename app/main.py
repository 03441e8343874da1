"""The application: routers, middleware, lifespan."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from multiprocessing import parent_process

from anyio import create_task_group, to_thread
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from app.database.database import Database, TooManyExportsError
from app.database.snapshot import NotReadyError
from app.http import problems
from app.http.cache import CacheMiddleware
from app.http.middleware import ConcurrencyLimit, PublicCors, RequestContext
from app.http.security import SecurityHeaders
from app.responses.openapi import COMMON_RESPONSES, STATIC
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

ROUTER_MODULES = (
    recommendations,
    claims,
    articles,
    actors,
    themes,
    places,
    search,
    dataset,
    service,
)
EXPOSED_HEADERS = (
    "ETag",
    "Link",
    "Retry-After",
    "Content-Disposition",
    "X-Total-Count",
    "X-Dataset-Version",
    "Cache-Status",
    "X-Request-ID",
)
SWITCH_SECONDS = 0.0005
"""How long a thread runs before others may: Python's 5 ms is long for a read on the event loop."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application.

    Args:
        settings: taken from the environment if not given.
    """
    settings = settings or Settings()
    database = Database(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # No more threads than the pool has connections: none waits for another's.
        to_thread.current_default_thread_limiter().total_tokens = settings.threads
        sys.setswitchinterval(SWITCH_SECONDS)
        _stop_with_parent()
        await database.refresh_version()
        async with create_task_group() as tasks:
            tasks.start_soon(database.watch)
            yield
            tasks.cancel_scope.cancel()
        database.close()

    app = FastAPI(
        title="Policy briefs API",
        summary="What policy briefs on Mali and the Sahel claim and recommend, "
        "each down to the sentence",
        version=version("policy-briefs-api"),
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        middleware=[
            Middleware(RequestContext),
            Middleware(
                CacheMiddleware,
                version=database.version_key,
                max_bytes=settings.cache_megabytes * 1_000_000,
            ),
            Middleware(
                PublicCors,
                allow_origins=["*"],
                allow_methods=["GET", "HEAD", "OPTIONS"],
                allow_headers=["*"],
                expose_headers=EXPOSED_HEADERS,
            ),
            Middleware(SecurityHeaders),
            Middleware(problems.ProblemMiddleware),
            Middleware(ConcurrencyLimit, concurrency=settings.threads),
        ],
    )
    app.state.settings = settings
    app.state.database = database
    for module in ROUTER_MODULES:
        app.include_router(module.router, responses=COMMON_RESPONSES)
    app.mount(
        "/docs/assets",
        StaticFiles(packages=[("fastapi_swagger", "resources")]),
        name="docs-assets",
    )
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.register_handlers(app, NotReadyError, TooManyExportsError)
    return app


def _stop_with_parent() -> None:
    """Stop a worker when its supervisor ends, however: uvicorn's workers would serve on."""
    parent = parent_process()
    if parent is not None:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.remove_reader(parent.sentinel)
            signal.raise_signal(signal.SIGTERM)

        loop.add_reader(parent.sentinel, stop)


def __getattr__(name: str) -> FastAPI:
    """Return the application as ``app``, for `fastapi dev`; an import builds nothing."""
    if name == "app":
        return create_app()
    raise AttributeError(name)
