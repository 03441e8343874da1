"""The route class of all endpoints. FastAPI documents the endpoints, this class calls them.

FastAPI solves the dependencies of each request and runs plain functions in threads. That costs more
than most responses here. So this class passes only the request, path parameters and one query
model. An endpoint with any other parameter fails at start.
"""

from collections.abc import Callable, Coroutine, Mapping
from inspect import iscoroutinefunction
from typing import Any, NoReturn

from anyio.to_thread import run_sync
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from app.database.database import get_database
from app.query.parameters import check_parameters, is_repeatable

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ReadRoute(APIRoute):
    """A GET endpoint that takes a request, path parameters and a query model.

    A coroutine function runs on the event loop. So does another endpoint if an index leads to its
    response in a few steps (``is_indexed`` of the query model) and the data is an open file. All
    others run in a thread.
    """

    def get_route_handler(self) -> Handler:
        endpoint: Callable[..., Any] = self.endpoint
        name, model = self._query_model()
        repeatable = {
            field: is_repeatable(info.annotation)
            for field, info in (model.model_fields.items() if model else ())
        }
        request_name = self.dependant.request_param_name
        is_coroutine = iscoroutinefunction(endpoint)

        async def handle(request: Request) -> Response:
            check_parameters(repeatable, request.query_params)
            arguments: dict[str, Any] = dict(request.path_params)
            if request_name is not None:
                arguments[request_name] = request
            if model is not None:
                arguments[name] = _validate(model, repeatable, request)
            if is_coroutine:
                response: Response = await endpoint(**arguments)
                return response
            database = get_database(request)
            if _is_indexed(request, arguments.get(name)) and database.is_open:
                return endpoint(**arguments)  # type: ignore[no-any-return]
            # Queries share a limit of threads. `/ready` and pages must not wait for them.
            limiter = None if model is None else database.threads
            return await run_sync(lambda: endpoint(**arguments), limiter=limiter)

        return handle

    def _query_model(self) -> tuple[str, type[BaseModel] | None]:
        """Return name and type of the query model. Refuse parameters that are not passed."""
        dependant = self.dependant
        if dependant.header_params or dependant.cookie_params or dependant.body_params:
            self._refuse("header, cookie or body")
        if dependant.dependencies:
            self._refuse("dependency")
        if not dependant.query_params:
            return "", None
        parameter, *others = dependant.query_params
        model: Any = parameter.field_info.annotation
        if others or not (isinstance(model, type) and issubclass(model, BaseModel)):
            self._refuse("query parameters other than one query model")
        return parameter.name, model

    def _refuse(self, what: str) -> NoReturn:
        raise TypeError(f"{self.path}: a read endpoint takes no {what} (see read_route.py)")


def _validate(
    model: type[BaseModel], repeatable: Mapping[str, bool], request: Request
) -> BaseModel:
    given = request.query_params
    values = {key: given.getlist(key) if repeatable[key] else given[key] for key in given}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError(
            [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]
        ) from error


def _is_indexed(request: Request, query: Any) -> bool:
    """Return whether an index leads to the response and the response is JSON.

    Other formats may have the whole list.
    """
    if not getattr(query, "is_indexed", False):
        return False
    if query.format is not None:
        return bool(query.format == "json")
    accept = request.headers.get("accept", "*/*")
    return accept == "*/*" or accept.startswith("application/json")
