"""The short way: lists and items are answered before FastAPI is asked.

Most questions are a page of a list under one filter, or an item: an index leads to them in a few steps, and FastAPI's routing and
reading of parameters would cost more than that. From a file these are answered on the event loop, since changing threads would cost
as much again; from PostgreSQL by one statement in a thread. Parameters are read by the same models, answers made by the same
functions as ever; whatever is wrong with a question goes the usual way.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel
from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from app.database.database import Database
from app.query.collection import Collection
from app.query.parameters import is_repeatable
from app.responses import responses as answer
from app.settings import Settings


class Direct:
    """Answer at once what can be, and let the app answer the rest.

    Args:
        app: answers the rest.
        api: whose settings and data version answers are made from.
        lists: the query model of each collection's list.
    """

    def __init__(
        self, app: ASGIApp, api: FastAPI, lists: Mapping[str, tuple[Collection, type[BaseModel]]]
    ) -> None:
        self.app = app
        self._api = api
        self._database: Database = api.state.database
        self._lists = lists
        settings: Settings = api.state.settings
        # What works through a file takes the processor all the time: more such threads than processors only stand in each
        # other's way. Threads that wait for PostgreSQL do not.
        at_once = (
            settings.threads
            if settings.sqlite_file is None
            else min(settings.threads, (os.cpu_count() or 1) + 2)
        )
        self._limiter = CapacityLimiter(at_once)
        self._several = {
            name: {
                field
                for field, about in model.model_fields.items()
                if is_repeatable(about.annotation)
            }
            for name, (_, model) in lists.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = (
            await self._answer(scope)
            if scope["type"] == "http" and scope["method"] == "GET"
            else None
        )
        await (self.app if response is None else response)(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        name, below, slug = scope["path"][1:].partition("/")
        if name not in self._lists or (below and not slug):
            return None
        scope["app"] = self._api
        request = Request(scope)
        try:
            return await (self._item(request, name, slug) if slug else self._list(request, name))
        except Exception:  # noqa: BLE001 - the usual way says what is wrong
            return None

    async def _list(self, request: Request, name: str) -> Response | None:
        collection, model = self._lists[name]
        given = self._given(request.query_params, name, model)
        if given is None:
            return None
        query: Any = model.model_validate(given)
        response = None if query.q else await self._list_at_once(request, collection, query)
        return response or await run_sync(
            answer.list_response, request, self._database, collection, query, limiter=self._limiter
        )

    async def _list_at_once(
        self, request: Request, collection: Collection, query: Any
    ) -> Response | None:
        snapshot = self._database.read_at_once()
        if snapshot is not None:
            return answer.list_at_once(request, snapshot, collection, query)
        return await run_sync(
            self._by_one_statement,
            answer.list_at_once,
            request,
            collection,
            query,
            limiter=self._limiter,
        )

    async def _item(self, request: Request, name: str, slug: str) -> Response | None:
        if request.scope["query_string"]:
            return None
        collection = self._lists[name][0]
        snapshot = self._database.read_at_once()
        if snapshot is None:
            return await run_sync(
                self._by_one_statement,
                answer.item_at_once,
                request,
                collection,
                slug,
                limiter=self._limiter,
            )
        return answer.item_at_once(request, snapshot, collection, slug)

    def _by_one_statement(
        self, respond: Callable[..., Response | None], request: Request, *asked: Any
    ) -> Response | None:
        with self._database.read_one_statement() as snapshot:
            return None if snapshot is None else respond(request, snapshot, *asked)

    def _given(
        self, parameters: QueryParams, name: str, model: type[BaseModel]
    ) -> dict[str, Any] | None:
        """Return the parameters as the model takes them; None if one is unknown, or given twice that is taken once."""
        several, found = self._several[name], dict[str, Any]()
        for parameter, value in parameters.multi_items():
            if parameter in several:
                found.setdefault(parameter, []).append(value)
            elif parameter in found or parameter not in model.model_fields:
                return None
            else:
                found[parameter] = value
        return found
