"""The route class of every endpoint: FastAPI documents the endpoint, this class calls it.

FastAPI solves dependencies for each request and runs plain functions in threads, which costs more than the
answer to most questions here. A read endpoint takes at most the request, path parameters, the database
and one query model; this class passes just these. Anything else in a signature fails at start.
"""

from collections.abc import Callable, Coroutine
from inspect import iscoroutinefunction
from typing import Any, NoReturn, cast

from anyio.to_thread import run_sync
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from app.database.database import Database, get_database
from app.query.parameters import check_parameters, is_repeatable

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ReadRoute(APIRoute):
    """A GET endpoint that is called with its request, path parameters, database and query model.

    It runs on the event loop if it is a coroutine function, or if an index leads to the answer in a few
    steps (``is_indexed`` of the query model) and the data is an open file; otherwise in a thread.
    """

    def get_route_handler(self) -> Handler:
        endpoint: Callable[..., Response] = self.endpoint
        name, model = self._query_model()
        database_name = self._database_name()
        path_names = {parameter.name for parameter in self.dependant.path_params}
        request_name = self.dependant.request_param_name
        repeatable = {
            field: is_repeatable(info.annotation)
            for field, info in (model.model_fields.items() if model else ())
        }
        is_coroutine = iscoroutinefunction(endpoint)

        async def handle(request: Request) -> Response:
            check_parameters(repeatable, request.query_params)
            database: Database = request.app.state.database
            arguments: dict[str, Any] = {key: request.path_params[key] for key in path_names}
            query, indexed = None, False
            if model is not None:
                query = arguments[name] = _validate(model, repeatable, request)
                indexed = getattr(query, "is_indexed", False)
            if request_name is not None:
                arguments[request_name] = request
            if database_name is not None:
                arguments[database_name] = database
            if is_coroutine:
                response: Response = await cast("Any", endpoint(**arguments))
                return response
            if indexed and _prefers_json(request, query) and database.is_open:
                return endpoint(**arguments)
            # Questions share a limit; `/ready` and pages do not wait behind them.
            limiter = None if model is None else database.threads
            return await run_sync(lambda: endpoint(**arguments), limiter=limiter)

        return handle

    def _query_model(self) -> tuple[str, type[BaseModel] | None]:
        parameters = self.dependant.query_params
        if not parameters:
            return "", None
        model: Any = parameters[0].field_info.annotation
        if len(parameters) > 1 or not (isinstance(model, type) and issubclass(model, BaseModel)):
            self._refuse("query parameters beside one query model")
        return parameters[0].name, model

    def _database_name(self) -> str | None:
        """Return the name of the database parameter; fail where there is anything that is not passed."""
        dependant = self.dependant
        if dependant.header_params or dependant.cookie_params or dependant.body_params:
            self._refuse("a header, a cookie or a body")
        others = [each for each in dependant.dependencies if each.call is not get_database]
        if others or len(dependant.dependencies) > 1:
            self._refuse("a dependency other than the database")
        return dependant.dependencies[0].name if dependant.dependencies else None

    def _refuse(self, what: str) -> NoReturn:
        raise TypeError(f"{self.path}: a read endpoint takes no {what} (see read_route.py)")


def _validate(model: type[BaseModel], repeatable: dict[str, bool], request: Request) -> BaseModel:
    given: dict[str, Any] = {}
    for key, value in request.query_params.multi_items():
        if repeatable[key]:
            given.setdefault(key, []).append(value)
        else:
            given[key] = value
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError(
            [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]
        ) from error


def _prefers_json(request: Request, query: Any) -> bool:
    """Return whether the response is a page of JSON; other formats give everything at once."""
    if query.format is not None:
        return bool(query.format == "json")
    accept = request.headers.get("accept", "*/*")
    return accept == "*/*" or accept.startswith("application/json")
