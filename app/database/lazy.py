"""Properties that are computed once, from statements that may take long."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class lazy_property(Generic[Value]):  # noqa: N801 - a decorator, as functools.cached_property
    """A property that is computed once for each object.

    Before Python 3.12, `functools.cached_property` has one lock for all objects of a class: one
    slow statement would block every other request.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> Value:
        value = self._compute(instance)
        instance.__dict__[self._compute.__name__] = value  # found first from now on
        return value
