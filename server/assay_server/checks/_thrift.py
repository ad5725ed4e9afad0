"""Keeping what it costs to tell what is wrong with a payload in proportion.

Pydantic makes every error there is. One list item of three bytes makes twenty errors where it may be one of four models with
five fields each: 256 KiB of such items would take seconds, and a gigabyte.
"""

from collections.abc import Iterator
from typing import Any

from pydantic_core import CoreSchema

from ._readers import FIELDS, ITEMS, KEYED, fields_of

_MOST_ERRORS = 131_072
"""As many as 256 KiB of the shortest items make, if each makes one: about 0.1 s and 30 MB."""

_ITEM_BYTES = 2  # The least that an item of a list takes: `0,`.
_MEMBER_BYTES = 5  # The least that a member of an object takes: `"":0,`.

_LISTS = (ITEMS | {"tuple"}) - {"generator"}
_OPAQUE = frozenset({"metadata", "serialization", "cls", "default", "expected", "function", "config", "computed_fields"})


class Thrift:
    """Says of which payloads all that is wrong can be told.

    Args:
        schema: What reads the payloads.
        definitions: The schemas that it refers to, by `schema_ref`.
    """

    def __init__(self, schema: CoreSchema, definitions: dict[str, Any]) -> None:
        repeated = [(_errors(part, definitions) * times, size) for part, size, times in _repeated(schema)]
        self._errors = max((errors for errors, _ in repeated), default=0)
        rate = max((errors / size for errors, size in repeated), default=0.0)
        self.always_up_to = _MOST_ERRORS / rate if rate else float("inf")
        """A payload of so many bytes is not worth a closer look."""

    def affords(self, payload: bytes) -> bool:
        """Return whether a payload can be read to its end, however bad it is."""
        return len(payload) <= self.always_up_to or _values(payload) * self._errors <= _MOST_ERRORS


def failing_fast(schema: Any) -> Any:
    """Return a copy of a schema in which each collection ends with the first of its items that is bad."""
    if isinstance(schema, list):
        return [failing_fast(part) for part in schema]
    if isinstance(schema, tuple):
        return tuple(failing_fast(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    opaque = _OPAQUE if isinstance(kind, str) else ()  # A mapping of schemas may have any names.
    copy = {name: part if name in opaque else failing_fast(part) for name, part in schema.items()}
    if isinstance(kind, str) and kind in _LISTS | KEYED:
        copy["fail_fast"] = True
    return copy


def _values(payload: bytes) -> int:
    """Return how many values JSON text has, or a few more."""
    containers = payload.count(b"[") + payload.count(b"{")
    empty = payload.count(b"[]") + payload.count(b"{}")
    return 1 + payload.count(b",") + containers - empty


def _repeated(schema: Any, times: int = 1, *, often: bool = False) -> Iterator[tuple[Any, int, int]]:
    """Yield each part of a schema that reads any number of values.

    With it come the least bytes that each value takes, and how many branches of unions around it may tell its errors.
    """
    if isinstance(schema, list | tuple):
        for part in schema:
            yield from _repeated(part, times, often=often)
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if not isinstance(kind, str):  # A mapping of schemas.
        yield from _repeated(list(schema.values()), times, often=often)
        return
    if kind in _LISTS:
        yield schema.get("items_schema"), _ITEM_BYTES, times
    elif kind in KEYED:
        yield schema.get("keys_schema"), _MEMBER_BYTES, times
        yield schema.get("values_schema"), _MEMBER_BYTES, times
    elif often and kind in FIELDS:
        yield from ((field.get("schema"), _MEMBER_BYTES, times) for _, field in fields_of(schema))
    if kind == "union":
        shapes = [_shape(choice) for choice, _ in schema["choices"]]
        for shape, (choice, _) in zip(shapes, schema["choices"], strict=True):
            yield from _repeated(choice, times * shapes.count(shape), often=often)
        return
    often = often or kind in _LISTS | KEYED
    for name, part in schema.items():
        if name == "definitions":  # They may hold each other, and themselves.
            yield from _repeated(part, times, often=True)
        elif name not in _OPAQUE:
            yield from _repeated(part, times, often=often)


def _shape(schema: Any) -> str:
    """Return what a schema reads: a list, an object, or neither; what cannot be told is taken for an object."""
    while isinstance(schema, dict):
        kind = schema["type"]
        if kind in _LISTS:
            return "list"
        if kind in KEYED | FIELDS | {"definition-ref", "chain", "union", "tagged-union"}:
            return "object"
        schema = schema.get("schema", schema.get("json_schema", schema.get("lax_schema")))
    return "neither"


def _errors(schema: Any, definitions: dict[str, Any]) -> int:
    """Return how many errors the shortest bad value makes at worst."""
    if isinstance(schema, list | tuple):  # The items of a tuple.
        return max((_errors(part, definitions) for part in schema), default=0)
    if not isinstance(schema, dict):
        return 0
    kind = schema["type"]
    if kind == "union":
        return sum(_errors(choice, definitions) for choice, _ in schema["choices"])
    if kind == "tagged-union":
        return max(_errors(choice, definitions) for choice in schema["choices"].values())
    if kind == "definition-ref":
        return _errors(definitions.get(schema["schema_ref"]), definitions)
    if kind == "chain":
        return _errors(schema["steps"][0], definitions)
    if kind in FIELDS:
        required = [name for name, field in fields_of(schema) if field["schema"]["type"] != "default"]
        return max(1, len(required))
    inner = [schema.get(name) for name in ("schema", "lax_schema", "json_schema", "arguments_schema")]
    return max(1, *(_errors(part, definitions) for part in inner))
