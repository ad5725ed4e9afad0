"""Which parts of a schema read a value: more than one does where unions branch, or where aliases lead to the same place."""

from collections.abc import Iterable, Iterator
from typing import Any

FIELDS = frozenset({"model-fields", "typed-dict", "dataclass-args", "named-tuple", "arguments"})
"""Kinds of schemas that have fields."""

ITEMS = frozenset({"list", "deque", "set", "frozenset", "generator"})
"""Kinds of schemas that have items, all alike."""

KEYED = frozenset({"dict", "frozendict", "ordered-dict", "counter"})
"""Kinds of schemas that have keys and values."""


def readers(schemas: Iterable[Any], definitions: dict[str, Any]) -> list[Any]:
    """Return these schemas and all those in them that read the same value: what wrappers wrap, and each branch of a union."""
    found: dict[int, Any] = {}
    waiting = list(schemas)
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, dict) and id(schema) not in found:
            found[id(schema)] = schema
            waiting += _inner(schema, definitions)
    return list(found.values())


def readers_below(schemas: Iterable[Any], key: str | int, taken: Any, definitions: dict[str, Any]) -> list[Any]:
    """Return all that read a part of a value, given all that read the value; the schema `taken` is left out.

    Where that cannot be told they may be too many, never too few.
    """
    parts = [part for schema in schemas for part in _parts(schema, key) if part is not taken]
    return readers(parts, definitions)


def fields_of(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a schema that has fields, by name."""
    fields = schema.get("fields", schema.get("arguments_schema"))
    yield from fields.items() if isinstance(fields, dict) else ((field["name"], field) for field in fields)


def alias_paths(field: Any) -> list[tuple[str | int, ...]]:
    """Return the ways in which an alias may name a field: Pydantic writes one, one path or several."""
    alias = field.get("validation_alias", field.get("alias"))
    if alias is None:
        return []
    if isinstance(alias, str):
        return [(alias,)]
    if alias and isinstance(alias[0], list):
        return [tuple(path) for path in alias]
    return [tuple(alias)]


def _inner(schema: Any, definitions: dict[str, Any]) -> list[Any]:
    match schema["type"]:
        case "definition-ref":
            return [definitions.get(schema["schema_ref"])]
        case "chain":
            return list(schema["steps"])
        case "union":
            return [choice for choice, _ in schema["choices"]]
        case "tagged-union":
            return list(schema["choices"].values())
    return [schema.get(name) for name in ("schema", "lax_schema", "json_schema", "arguments_schema")]


def _parts(schema: Any, key: str | int) -> list[Any]:
    kind = schema["type"]
    if kind in FIELDS:
        named = [
            field.get("schema")
            for position, (name, field) in enumerate(fields_of(schema))
            if key in (name, position) or any(path[0] == key for path in alias_paths(field))
        ]
        return [*named, schema.get("extras_schema")]
    if kind == "tuple":
        return list(schema["items_schema"])
    return [schema.get("items_schema"), schema.get("values_schema")]
