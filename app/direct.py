"""The short way: what an index answers in a few steps is answered on the event loop, before FastAPI is asked.

Most questions are of this kind: a page of a list under one filter, an item. Routing, reading parameters and changing threads would
cost many times what answering them does. Parameters are read by the same models, answers made by the same functions; whatever needs
more work, and whatever is wrong with a question, goes the usual way.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel
from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from app import answer
from app.collection import Collection
from app.db import Database, Reading
from app.query import is_repeatable


class Direct:
    """Answer at once what can be, and let the app answer the rest.

    Args:
        app: answers the rest.
        api: whose settings and data version answers are made from.
        lists: the query model of each collection's list.
    """

    def __init__(self, app: ASGIApp, api: FastAPI, lists: Mapping[str, tuple[Collection, type[BaseModel]]]) -> None:
        self.app = app
        self._api = api
        self._database: Database = api.state.database
        self._lists = lists
        self._several = {
            name: {field for field, about in model.model_fields.items() if is_repeatable(about.annotation)}
            for name, (_, model) in lists.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = self._answer(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        await (self.app if response is None else response)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        name, below, slug = scope["path"][1:].partition("/")
        if name not in self._lists or (below and not slug):
            return None
        reading = self._database.read_at_once()
        if reading is None:
            return None
        scope["app"] = self._api
        request = Request(scope)
        try:
            return self._item(request, reading, name, slug) if slug else self._list(request, reading, name)
        except Exception:  # noqa: BLE001 - the usual way says what is wrong
            return None

    def _list(self, request: Request, reading: Reading, name: str) -> Response | None:
        collection, model = self._lists[name]
        given = self._given(request.query_params, name, model)
        return None if given is None else answer.list_at_once(request, reading, collection, model.model_validate(given))

    def _given(self, parameters: QueryParams, name: str, model: type[BaseModel]) -> dict[str, Any] | None:
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

    def _item(self, request: Request, reading: Reading, name: str, slug: str) -> Response | None:
        if request.scope["query_string"]:
            return None
        return answer.item_at_once(request, reading, self._lists[name][0], slug)
