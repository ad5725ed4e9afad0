"""Unions whose trying out would never end.

Pydantic tries every branch of a union that has no discriminator. Where two branches that may be the same kind of JSON both
lead back to the union, a bad payload is tried in every combination: twice as many with each level, and a few hundred bytes
are enough for hours.
"""

from collections.abc import Iterator
from typing import Any

from pydantic_core import CoreSchema

from ._problems import DeclarationError

_OBJECTS = frozenset({"model", "model-fields", "typed-dict", "dataclass", "dataclass-args", "dict"})
_ARRAYS = frozenset({"list", "set", "frozenset", "tuple", "generator"})
_EITHER = frozenset({"call", "arguments"})
_OPAQUE = frozenset({"metadata", "serialization", "cls", "default", "expected", "function", "config", "computed_fields"})


def check_unions(schema: CoreSchema) -> None:
    """Look for unions of a model's core schema that a hostile payload could keep busy for ever.

    Raises:
        DeclarationError: If there is one; it names the field that leads there.
    """
    definitions = {part["ref"]: part for part in schema["definitions"]} if schema["type"] == "definitions" else {}
    for union in _within(schema, definitions):
        if union.get("type") != "union":
            continue
        kinds = [_kinds(choice, definitions) for choice in _choices(union) if _leads_to(choice, union, definitions)]
        if any(sum(kind in found for found in kinds) > 1 for kind in ("object", "array")):
            raise DeclarationError(
                "a union has several branches that contain it: a bad payload would be tried in every combination",
                'Give the union a discriminator, Annotated[A | B, Field(discriminator="kind")], or make it one model.',
                _field_above(schema, union, definitions),
            )


def _choices(union: Any) -> list[Any]:
    return [choice[0] if isinstance(choice, tuple) else choice for choice in union["choices"]]


def _leads_to(schema: Any, goal: Any, definitions: dict[str, Any]) -> bool:
    return any(part is goal for part in _within(schema, definitions))


def _within(schema: Any, definitions: dict[str, Any]) -> Iterator[Any]:
    """Yield a schema and all that it is made of, each once."""
    seen: set[int] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, list | tuple):
            waiting += part
        elif isinstance(part, dict):
            is_schema = isinstance(part.get("type"), str)
            if is_schema:
                yield part
            if part.get("type") == "definition-ref":
                waiting.append(definitions.get(part["schema_ref"]))
            waiting += [inner for name, inner in part.items() if not (is_schema and name in _OPAQUE)]


def _kinds(schema: Any, definitions: dict[str, Any]) -> frozenset[str]:
    """Return which kinds of JSON that can hold others a schema reads."""
    seen: set[int] = set()
    kinds: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, dict) or id(part) in seen:
            continue
        seen.add(id(part))
        kind = part["type"]
        if kind in _OBJECTS | _EITHER:
            kinds.add("object")
        if kind in _ARRAYS | _EITHER:
            kinds.add("array")
        if kind in _OBJECTS | _ARRAYS | _EITHER:
            continue
        if kind == "definition-ref":
            waiting.append(definitions.get(part["schema_ref"]))
        elif kind == "union":
            waiting += _choices(part)
        elif kind == "tagged-union":
            waiting += part["choices"].values()
        elif kind == "chain":
            waiting += part["steps"]
        else:
            waiting += [part.get(name) for name in ("schema", "json_schema", "lax_schema")]
    return frozenset(kinds)


def _field_above(schema: CoreSchema, goal: Any, definitions: dict[str, Any]) -> str:
    """Return the name of the model's own field that leads to a part of its schema."""
    part: Any = schema
    while part["type"] != "model-fields":
        part = part["schema"] if "schema" in part else definitions[part["schema_ref"]]
    return next((name for name, field in part["fields"].items() if _leads_to(field, goal, definitions)), "")
