"""Errors: one shape for all of them, Problem Details for HTTP APIs (RFC 9457)."""

import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from rapidfuzz import fuzz, process
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.schemas import Problem as ProblemDocument
from app.schemas import ProblemItem

logger = logging.getLogger(__name__)

ALLOWED = "GET, HEAD, OPTIONS"
READ_ONLY = "Only GET, HEAD and OPTIONS exist: the API never writes."
MEDIA_TYPE = "application/problem+json"
LOGGED = "The server could not answer; the error has been logged."
QUERY_CANCELED = "57014"
"""PostgreSQL's code. Its driver is not imported for SQLite: that takes a tenth of a second."""
MAX_ECHO = 200
"""Characters of a client's words that an error repeats."""


class ProblemType(NamedTuple):
    status: int
    title: str
    meaning: str


TYPES: Mapping[str, ProblemType] = {
    "not-found": ProblemType(404, "Not found", "Nothing is at this address."),
    "method-not-allowed": ProblemType(
        405, "Method not allowed", "The API is read-only: GET, HEAD and OPTIONS."
    ),
    "not-acceptable": ProblemType(
        406, "Not acceptable", "The call has no format that the Accept header allows."
    ),
    "unknown-parameter": ProblemType(
        422, "Unknown parameter", "The call has no parameter of this name."
    ),
    "unknown-value": ProblemType(
        422, "Unknown value", "The parameter's vocabulary has no such entry."
    ),
    "invalid-value": ProblemType(422, "Invalid value", "The parameter does not take such a value."),
    "invalid-cursor": ProblemType(
        422,
        "Invalid cursor",
        "The cursor is damaged, or belongs to another query or data version: "
        "start again at the first page.",
    ),
    "request-refused": ProblemType(400, "Request refused", "The API cannot read the request."),
    "head-too-large": ProblemType(
        431, "Request head too large", "Request line and headers together are larger than 16 KiB."
    ),
    "internal-error": ProblemType(
        500, "Internal error", "The server made a mistake; it has been logged."
    ),
    "unavailable": ProblemType(
        503, "Unavailable", "The data cannot be read at the moment: try again later."
    ),
}


class Problem(Exception):
    """An error to report to the client.

    Args:
        slug: a key of ``TYPES``.
        detail: a sentence on this case, without inner workings.
        errors: what is wrong with which parameter.
        headers: further headers of the response.
    """

    def __init__(
        self,
        slug: str,
        detail: str,
        errors: Iterable[ProblemItem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.slug, self.detail, self.errors, self.headers = (
            slug,
            detail,
            list(errors),
            dict(headers or {}),
        )


def nearest(value: str, names: Mapping[str, str], limit: int = 3, min_score: int = 60) -> list[str]:
    """Return the ids whose folded names are nearest to a folded value, best first.

    Args:
        value: a folded name.
        names: from folded name to id.
        limit: how many ids at most.
        min_score: how similar they must be, 0 to 100; more for short names.
    """
    found = process.extract(
        value, names.keys(), scorer=fuzz.ratio, limit=10, score_cutoff=min_score
    )
    # What is far less like it than the best match was hardly meant.
    near = [name for name, score, _ in found if score >= found[0][1] - 15]
    begun = [name for name in names if len(value) >= 3 and name.startswith(value)][:10]
    return list(dict.fromkeys(names[name] for name in (*near, *begun)))[:limit]


def suggestion(guesses: Sequence[str]) -> str:
    """Return guesses as a sentence at the end of a detail; nothing if there are none."""
    quoted = [f"'{guess}'" for guess in guesses]
    return f" Did you mean {' or '.join(quoted)}?" if quoted else ""


def sanitize(text: str) -> str:
    """Return a client's words as an error may repeat them: printable and bounded."""
    printable = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[: MAX_ECHO + 1]
    )
    return printable if len(printable) <= MAX_ECHO else printable[:MAX_ECHO] + "…"


def invalid_param(
    parameter: str,
    value: str | None,
    message: str,
    did_you_mean: Iterable[str] = (),
    valid: str | None = None,
) -> ProblemItem:
    """Return one entry of `errors`, with the client's words sanitized."""
    return ProblemItem(
        parameter=sanitize(parameter),
        value=None if value is None else sanitize(value),
        message=message,
        did_you_mean=list(did_you_mean),
        valid=valid,
    )


def invalid_value(  # noqa: PLR0913, PLR0917 - those of an entry of `errors`, and the type
    parameter: str,
    value: str | None,
    message: str,
    did_you_mean: Iterable[str] = (),
    valid: str | None = None,
    slug: str = "invalid-value",
) -> Problem:
    """Return the problem of one invalid value."""
    error = invalid_param(parameter, value, message, did_you_mean, valid)
    return Problem(slug, f"{parameter}: {message}", [error])


def problem_response(request: Request, problem: Problem) -> Response:
    """Render a problem as the response to a request."""
    query = request.scope.get("query_string", b"").decode("latin-1")
    return _rendered(problem, sanitize(request.scope["path"] + ("?" + query if query else "")))


def _rendered(problem: Problem, instance: str) -> Response:
    kind = TYPES[problem.slug]
    document = ProblemDocument(
        type=f"/problems/{problem.slug}",
        title=kind.title,
        status=kind.status,
        detail=problem.detail,
        instance=instance,
        errors=problem.errors,
    )
    return Response(
        document.model_dump_json(),
        kind.status,
        {"Cache-Control": "no-store", **problem.headers},
        MEDIA_TYPE,
    )


def _from_http(request: Request, error: HTTPException) -> Problem:
    if error.status_code == 405:
        return Problem("method-not-allowed", READ_ONLY, headers={"Allow": ALLOWED})
    if error.status_code == 404:
        paths = {
            route.path: route.path
            for route in request.app.routes
            if isinstance(route, APIRoute) and "{" not in route.path
        }
        guesses = nearest(sanitize(request.scope["path"]).rstrip("/"), paths, min_score=75)
        entry = invalid_param(
            "path", request.scope["path"], "nothing is at this address.", guesses, "/"
        )
        return Problem(
            "not-found",
            f"There is nothing at this address.{suggestion(guesses)} `/` lists what there is.",
            [entry],
        )
    return Problem("request-refused", "The request could not be read.")


def _from_validation(error: RequestValidationError) -> Problem:
    errors = []
    for fault in error.errors():
        parameter = str(fault["loc"][1]) if len(fault["loc"]) > 1 else str(fault["loc"][0])
        given = fault["input"] if isinstance(fault["input"], str) else None
        message, valid = _in_words(fault)
        errors.append(invalid_param(parameter, given, message, valid=valid))
    return Problem(
        "invalid-value",
        "; ".join(f"{entry.parameter}: {entry.message}" for entry in errors[:3]),
        errors,
    )


def _in_words(fault: Any) -> tuple[str, str | None]:
    """Return a message for pydantic's error, and what would be valid."""
    context = fault.get("ctx", {})
    match fault["type"]:
        case "literal_error" | "enum":
            valid = context["expected"].replace("'", "").replace(" or ", ", ")
            return f"must be one of {valid}.", valid
        case "value_error":
            return str(context["error"]), None
        case "missing":
            return "is missing: it must be given.", None
        case "string_too_long":
            return f"at most {context['max_length']} characters.", None
        case "too_long":
            return f"at most {context['max_length']} times.", None
    return "is not valid.", None


def refusal(slug: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Render the problem of a request that does not reach the application and its CORS headers."""
    cors = {"Access-Control-Allow-Origin": "*"}
    return _rendered(Problem(slug, detail, headers=cors | dict(headers or {})), "")


class ProblemMiddleware:
    """Answer an unforeseen error with a problem, inside the CORS layer: browsers can read it.

    Starlette's own handler stands outside every middleware: its response has no CORS headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, note_start)
        except Exception:
            logger.exception("unforeseen error at %s", sanitize(scope["path"]))
            if started:
                raise
            problem = Problem("internal-error", LOGGED)
            await problem_response(Request(scope), problem)(scope, receive, send)


def unavailable(detail: str = "The data cannot be read at the moment.", after: int = 5) -> Problem:
    """Return the problem for data that cannot be read now, but perhaps after some seconds."""
    return Problem("unavailable", detail, headers={"Retry-After": str(after)})


def statement_timeout(error: object) -> bool:
    """Return whether a database stopped a statement at its time limit."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return getattr(error, "sqlstate", None) == QUERY_CANCELED


def register_handlers(app: FastAPI, not_ready: type[Exception], busy: type[Exception]) -> None:
    """Answer every error of the application with a problem.

    Args:
        app: the application.
        not_ready: raised by reads while nothing that can be served is published.
        busy: raised when too many large responses are being streamed.
    """

    def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101 - Starlette types handlers too widely
        return problem_response(request, error)

    def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        if error.status_code == 405 and request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ALLOWED})
        return problem_response(request, _from_http(request, error))

    def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return problem_response(request, _from_validation(error))

    def on_database(request: Request, error: Exception) -> Response:
        cause = getattr(error, "orig", error)
        if statement_timeout(cause):
            logger.warning("a statement was stopped at its time limit")
            return problem_response(
                request,
                unavailable("The query takes too long: ask for less, or try again later."),
            )
        logger.error(
            "the data cannot be read: %s",
            cause if isinstance(error, not_ready) else type(cause).__name__,
        )
        return problem_response(request, unavailable())

    def on_value(request: Request, error: Exception) -> Response:
        logger.error(
            "the database refused a value: %s", type(getattr(error, "orig", error)).__name__
        )
        return problem_response(
            request, Problem("invalid-value", "The database cannot store such a value.")
        )

    def on_busy(request: Request, _: Exception) -> Response:
        return problem_response(
            request, unavailable("Too many large responses are being sent at once.")
        )

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(busy, on_busy)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(not_ready, on_database)
    app.add_exception_handler(DBAPIError, on_database)
    app.add_exception_handler(DataError, on_value)
    app.add_exception_handler(PoolTimeoutError, on_database)
