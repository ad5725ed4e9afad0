"""Refuses numbers that are not finite, anywhere in a value."""

import cmath
import dataclasses
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from math import isfinite
from typing import Any

from pydantic import BaseModel
from pydantic_core import InitErrorDetails, PydanticKnownError, ValidationError

_LEAVES = frozenset({str, int, bool, type(None)})

_Place = tuple["_Place", Any] | None
"""The place of what holds a value, and its key, index or name there; None for the whole."""


def check_finite(value: Any) -> Any:
    """Return a value as it is.

    Raises:
        PydanticKnownError: If it is a number that is not finite.
        ValidationError: If there are such numbers in it, each with its place.
    """
    if type(value) in _LEAVES:
        return value
    found: list[tuple[_Place, Any]] = []
    _find(value, None, found, set())
    if not found:
        return value
    if found[0][0] is None:
        raise PydanticKnownError("finite_number")
    errors: list[InitErrorDetails] = [
        {"type": "finite_number", "loc": _location(place), "input": number} for place, number in found
    ]
    raise ValidationError.from_exception_data("", errors, input_type="json")


def _find(value: Any, place: _Place, found: list[tuple[_Place, Any]], seen: set[int]) -> None:
    """Add the numbers in a value that are not finite, with their places, in order."""
    kind = type(value)
    if kind is float:
        if not isfinite(value):
            found.append((place, value))
    elif kind is list:
        for index, item in enumerate(value):
            if type(item) not in _LEAVES:
                _find(item, (place, index), found, seen)
    elif kind is dict:
        for key, item in value.items():
            if type(item) not in _LEAVES:
                _find(item, (place, key), found, seen)
    elif isinstance(value, float | complex | Decimal):
        if not (value.is_finite() if isinstance(value, Decimal) else cmath.isfinite(value)):
            found.append((place, value))
    elif id(value) not in seen:
        seen.add(id(value))  # What is not made of JSON alone may know itself.
        for key, item in _items(value):
            _find(item, (place, key), found, seen)


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    """Return what a value holds, with the key, the index or the name of each."""
    if isinstance(value, BaseModel):
        return [*value.__dict__.items(), *(value.__pydantic_extra__ or {}).items()]
    if dataclasses.is_dataclass(value):
        return [(field.name, getattr(value, field.name, None)) for field in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        return list(value.items())
    return enumerate(value) if isinstance(value, list | tuple | AbstractSet) else ()


def _location(place: _Place) -> tuple[Any, ...]:
    keys: list[Any] = []
    while place is not None:
        place, key = place
        keys.append(key)
    return tuple(reversed(keys))
