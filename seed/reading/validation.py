"""Values of a YAML file as records, or what is wrong with each."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from seed.reading.records import Record, in_words
from seed.reading.yaml_file import Location, YamlFile

AnyRecord = TypeVar("AnyRecord", bound=Record)


def parse(
    file: YamlFile, model: type[AnyRecord], value: Any, location: Location = ()
) -> AnyRecord | None:
    """Return a value of a file as a record, or None with its faults noted.

    Args:
        file: takes the faults.
        model: the record it should be.
        value: what was read.
        location: where the value stands in the file.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for found in error.errors():
            if (*location, *found["loc"]) in file.misread:
                continue  # said already
            message = in_words(dict(found))
            if found["type"] == "extra_forbidden":
                message = f"there is no such field here; there are {', '.join(_fields(model, found['loc']))}."
            file.add_fault((*location, *found["loc"]), message)
        return None


def parse_each(
    file: YamlFile, model: type[AnyRecord], values: Any, location: Location = ()
) -> dict[int, AnyRecord]:
    """Return the valid records of a list by position: one faulty record does not hide the faults of the others.

    Args:
        file: takes the faults.
        model: the record that each should be.
        values: what was read.
        location: where the list stands in the file.
    """
    if not isinstance(values, list):
        file.add_fault(location, "must be a list: each entry begins with “- id:”.")
        return {}
    try:
        return dict(enumerate(_list_of(model).validate_python(values)))
    except ValidationError:
        parsed = {
            position: parse(file, model, value, (*location, position))
            for position, value in enumerate(values)
        }
        return {position: record for position, record in parsed.items() if record is not None}


@cache
def _list_of(model: type[AnyRecord]) -> TypeAdapter[list[AnyRecord]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type]


def _fields(model: Any, location: Sequence[str | int]) -> list[str]:
    """Return the fields of the record, itself or one within it, that has a field too many at a location."""
    here = model
    for part in location[:-1]:
        if isinstance(part, str):
            here = here.model_fields[part].annotation
        while not isinstance(here, type) and get_args(here):
            here = next(option for option in get_args(here) if option is not type(None))
    return [field.alias or name for name, field in here.model_fields.items()]
