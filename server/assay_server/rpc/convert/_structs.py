"""Structs to Python and back.

The two directions are inverse to each other for whatever a Struct holds exactly.
"""

from collections.abc import Mapping, Sequence
from math import copysign
from typing import Any

from google.protobuf import struct_pb2

# A double holds every whole number up to here, and not the one after it.
_WHOLE = 2**53
_WHOLE_FLOAT = float(_WHOLE)

# Each level of a Struct is three of protobuf's messages, and readers refuse more than a hundred.
_DEPTH = 30

# The least JSON text that an object's member and a list's item take, `"":0,` and `0,`, and what a container adds to its own.
_MEMBER_CHARACTERS = 5
_ITEM_CHARACTERS = 2
_CONTAINER_CHARACTERS = 1


class TooLargeError(Exception):
    """A Struct is longer, as JSON text, than a payload may be."""


class NotHoldableError(Exception):
    """A Struct cannot hold a value exactly."""


class StructReader:
    """Turns one Struct into a dict, giving up once it is certain that its JSON text would be too long.

    Whole numbers up to 2^53 become int, as JSON text would give them; -0.0, NaN and infinities stay floats.
    """

    __slots__ = ("_room",)

    def __init__(self, characters: int) -> None:
        self._room = characters

    def read(self, struct: struct_pb2.Struct) -> dict[str, Any]:
        """Return what `struct` holds.

        Raises:
            TooLargeError: If its JSON text would be longer than the characters allowed.
        """
        return self._members(struct.fields)

    def _members(self, fields: Mapping[str, struct_pb2.Value]) -> dict[str, Any]:
        self._room -= _CONTAINER_CHARACTERS + _MEMBER_CHARACTERS * len(fields)
        if self._room < 0:
            raise TooLargeError
        # A map's items() goes through Python for every pair; looking up each key does not.
        read = self._value
        return {key: read(fields[key]) for key in fields}

    def _items(self, items: Sequence[struct_pb2.Value]) -> list[Any]:
        self._room -= _CONTAINER_CHARACTERS + _ITEM_CHARACTERS * len(items)
        if self._room < 0:
            raise TooLargeError
        return list(map(self._value, items))

    def _value(self, value: struct_pb2.Value) -> Any:
        # Asking which field is set costs twice what reading one does, and most values are texts and numbers.
        if text := value.string_value:
            return text
        if number := value.number_value:
            return int(number) if -_WHOLE_FLOAT <= number <= _WHOLE_FLOAT and number.is_integer() else number
        kind = value.WhichOneof("kind")
        if kind == "list_value":
            return self._items(value.list_value.values)
        if kind == "struct_value":
            return self._members(value.struct_value.fields)
        if kind == "bool_value":
            return value.bool_value
        if kind == "number_value":
            return 0 if copysign(1.0, value.number_value) > 0 else -0.0
        return "" if kind == "string_value" else None


def write_struct(struct: struct_pb2.Struct, mapping: Mapping[str, Any], depth: int = 1) -> None:
    """Put into the empty `struct` what `mapping` holds.

    Raises:
        NotHoldableError: If a Struct cannot hold it exactly: an integer beyond 2^53, deeper nesting than readers take, or a
            type that JSON does not have. `struct` is then left half filled.
    """
    if depth > _DEPTH:
        raise NotHoldableError
    fields = struct.fields
    for key, value in mapping.items():
        if not isinstance(key, str):
            raise NotHoldableError
        _write_value(fields[encodable(key)], value, depth)


def _write_value(message: struct_pb2.Value, value: Any, depth: int) -> None:
    match value:
        case None:
            message.null_value = struct_pb2.NULL_VALUE
        case bool():
            message.bool_value = value
        case str():
            message.string_value = encodable(value)
        case int() if -_WHOLE <= value <= _WHOLE:
            message.number_value = value
        case float():
            message.number_value = value
        case Mapping():
            message.struct_value.SetInParent()
            write_struct(message.struct_value, value, depth + 1)
        case list() | tuple() if depth < _DEPTH:
            message.list_value.SetInParent()
            items = message.list_value.values
            for item in value:
                _write_value(items.add(), item, depth + 1)
        case _:
            raise NotHoldableError


def encodable(text: str) -> str:
    """Return `text` with "?" for what UTF-8 cannot encode: a Python text may hold half of a surrogate pair."""
    return text if text.isascii() else text.encode(errors="replace").decode()
