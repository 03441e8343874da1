"""The route class passes what a read endpoint may take, and refuses anything else at start."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Body, Cookie, Depends, Header, Response

from app.routers.read_route import ReadRoute


async def some_dependency() -> int:
    return 1


def takes_a_header(accept: Annotated[str, Header()]) -> Response:
    return Response(accept)


def takes_a_cookie(session: Annotated[str, Cookie()]) -> Response:
    return Response(session)


def takes_a_body(content: Annotated[dict[str, str], Body()]) -> Response:
    return Response(str(content))


def takes_a_dependency(number: Annotated[int, Depends(some_dependency)]) -> Response:
    return Response(str(number))


def takes_a_parameter(q: str = "") -> Response:
    return Response(q)


@pytest.mark.parametrize(
    ("endpoint", "what"),
    [
        (takes_a_header, "header"),
        (takes_a_cookie, "cookie"),
        (takes_a_body, "body"),
        (takes_a_dependency, "dependency"),
        (takes_a_parameter, "query parameters"),
    ],
)
def test_what_is_not_passed_fails_at_start(endpoint: object, what: str) -> None:
    router = APIRouter(route_class=ReadRoute)
    with pytest.raises(TypeError, match=f"/things: a read endpoint takes no .*{what}"):
        router.get("/things")(endpoint)  # type: ignore[type-var]


def test_dependencies_of_a_router_fail_too() -> None:
    router = APIRouter(route_class=ReadRoute, dependencies=[Depends(some_dependency)])
    with pytest.raises(TypeError, match="dependency"):
        router.get("/things")(lambda: Response("x"))
