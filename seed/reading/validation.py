"""Turn the values of a YAML file into records, or explain what is wrong with each."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from seed.reading.records import CHANGE_ID_PATTERN, SLUG_PATTERN, Record
from seed.reading.yaml_file import Location, YamlFile

AnyRecord = TypeVar("AnyRecord", bound=Record)

EXPLANATIONS = {
    "missing": "is missing: add it (null if the fact is unknown, [] if there is none).",
    "value_error": "{error}",
    "enum": "must be one of {expected}.",
    "literal_error": "must be one of {expected}.",
    "string_type": "must be text: write it in quotes (found {input!r}).",
    "model_type": "must have fields, each a word and a colon.",
    "list_type": "must be a list: [one, two], or [] if there is none.",
    "bool_type": "must be true or false.",
    "too_long": "has {actual_length:,} entries: list at most {max_length}.",
    "too_short": "has too few entries: list at least {min_length}.",
    "string_too_long": "is too long: write at most {max_length:,} characters.",
}
"""What pydantic's types of errors mean to a curator, with the names of pydantic's context."""

PATTERNS = {
    SLUG_PATTERN: "an id: lower-case letters without accents, digits, hyphens, as in vocabulary/",
    r"^c[1-9][0-9]{0,4}$": "c and a number, such as c12",
    r"^r[1-9][0-9]{0,4}$": "r and a number, such as r12",
    CHANGE_ID_PATTERN: "an article, annotation or entry: a-brief, a-brief.c3 or actors/mali",
}


def parse(
    file: YamlFile, model: type[AnyRecord], value: Any, location: Location = ()
) -> AnyRecord | None:
    """Return a value of a file as a record; None if it is not valid.

    Args:
        file: gets the faults.
        model: the type of the record.
        value: what was read.
        location: of the value in the file.
    """
    try:
        return model.model_validate(value)
    except ValidationError as invalid:
        for error in invalid.errors():
            error_location = (*location, *error["loc"])
            if error_location not in file.misread:  # those have their fault already
                file.add_fault(error_location, _explain(error, model))
        return None


def parse_each(
    file: YamlFile, model: type[AnyRecord], values: Any, location: Location = ()
) -> dict[int, AnyRecord]:
    """Return the valid records of a list by position.

    Args:
        file: gets the faults of all the other records.
        model: the type of each record.
        values: what was read.
        location: of the list in the file.
    """
    if not isinstance(values, list):
        file.add_fault(location, "must be a list: begin each entry with “- id:”.")
        return {}
    try:
        return dict(enumerate(_list_adapter(model).validate_python(values)))
    except ValidationError:
        # pydantic gives no record of a list with an invalid one, so each is validated by itself.
        records = {
            position: parse(file, model, value, (*location, position))
            for position, value in enumerate(values)
        }
        return {position: record for position, record in records.items() if record is not None}


@cache
def _list_adapter(model: type[AnyRecord]) -> TypeAdapter[list[AnyRecord]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type]


def _explain(error: Mapping[str, Any], model: type[Record]) -> str:
    """Return an error of pydantic as a sentence that says what to do."""
    context = {"input": error["input"], **error.get("ctx", {})}
    if error["type"] == "extra_forbidden":
        names = ", ".join(_field_names(model, error["loc"]))
        return f"is not a field of this record: remove or rename it; the fields are {names}."
    if error["type"] == "string_pattern_mismatch":
        pattern = context["pattern"]
        return f"'{error['input']}' must be {PATTERNS.get(pattern, f'text like {pattern}')}."
    if error["type"] in EXPLANATIONS:
        return EXPLANATIONS[error["type"]].format_map(context)
    return f"{error['msg'][0].lower()}{error['msg'][1:]}."


def _field_names(model: Any, location: Sequence[str | int]) -> list[str]:
    """Return the fields of the record that contains a location, the model itself or one in it."""
    record = model
    for part in location[:-1]:
        if isinstance(part, str):
            record = record.model_fields[part].annotation
        while not isinstance(record, type) and get_args(record):
            record = next(option for option in get_args(record) if option is not type(None))
    return [field.alias or name for name, field in record.model_fields.items()]
