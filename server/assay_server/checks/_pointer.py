"""From an error's location, as Pydantic gives it, to the place in the payload."""

from typing import Any, NamedTuple

from pydantic_core import CoreSchema

from assay_server.contracts import Sensitivity, branch_of

_LONGEST = 1000
"""Characters of a pointer; a longer one is cut to the longest part that still names a place."""


class Place(NamedTuple):
    """A place in a payload."""

    pointer: str
    """JSON Pointer (RFC 6901); that of the sensitive field itself, for a place within one."""
    sensitive: bool
    """Whether the value there, or anything in it, is sensitive."""
    sees_others: bool
    """Whether a validator on the way there was given other fields too, so that what it says may quote them."""


class Locator:
    """Finds the places of errors by walking the schema that they come from.

    A location names more than places: which branch of a union it was, which tag. Only the schema tells one from the other.
    """

    def __init__(self, schema: CoreSchema, sensitivity: Sensitivity) -> None:
        self._schema = schema
        self._sensitivity = sensitivity

    def place(self, location: tuple[str | int, ...]) -> Place:
        """Return the place that an error's location means."""
        pointer = ""
        cut = False
        sees_others = False
        schema: Any = self._schema
        rest = location
        while True:
            if schema is not None:
                if self._is_sensitive(schema):
                    return Place(pointer, True, sees_others)
                sees_others = sees_others or _sees_others(schema)
                inner = self._inner(schema)
                if inner is not None:
                    schema = inner
                    continue
            if not rest:
                return Place(pointer, schema is not None and self._sensitivity.within(schema), sees_others)
            taken, step, schema = _step(schema, rest)
            rest = rest[taken:]
            if step:
                longer = pointer + step
                cut = cut or len(longer) > _LONGEST
                pointer = pointer if cut else longer

    def _is_sensitive(self, schema: Any) -> bool:
        if self._sensitivity.marked(schema):
            return True
        # The branches of a union see the same value: what is sensitive to one is so to all.
        return schema["type"] == "union" and any(self._sensitivity.marked(choice) for choice, _ in schema["choices"])

    def _inner(self, schema: Any) -> Any:
        """Return the schema that a wrapper wraps; None if it is none."""
        match schema["type"]:
            case "definition-ref":
                return self._sensitivity.definitions.get(schema["schema_ref"])
            case "chain":
                return schema["steps"][0]
            case "lax-or-strict":
                return schema["lax_schema"]
            case "json-or-python":
                return schema["json_schema"]
            case "call":
                return schema["arguments_schema"]
            case "model-fields" | "typed-dict" | "list" | "set" | "frozenset" | "generator" | "tuple" | "dict":
                return None
        return schema.get("schema")


def _sees_others(schema: Any) -> bool:
    function = schema.get("function")
    return isinstance(function, dict) and function.get("type") == "with-info"


def _step(schema: Any, rest: tuple[str | int, ...]) -> tuple[int, str, Any]:
    """Return how many parts of a location to take, what they add to the pointer, and the schema behind them."""
    first = rest[0]
    kind = schema["type"] if schema is not None else None
    if kind == "union":
        branch = branch_of(first)
        if branch is not None:
            return 1, "", schema["choices"][branch][0]
    elif kind == "tagged-union":
        return 1, "", _choice(schema["choices"], first)
    elif kind in {"model-fields", "typed-dict", "dataclass-args", "arguments"}:
        taken, field = _field(schema, rest)
        return taken, "".join(map(_segment, rest[:taken])), field
    elif kind in {"list", "set", "frozenset", "generator"}:
        return 1, _segment(first), schema.get("items_schema")
    elif kind == "tuple" and isinstance(first, int):
        items = schema["items_schema"]
        return 1, _segment(first), items[min(first, len(items) - 1)] if items else None
    elif kind == "dict":
        if rest[1:2] == ("[key]",):
            return 2, _segment(first), schema.get("keys_schema")
        return 1, _segment(first), schema.get("values_schema")
    return 1, "" if branch_of(first) is not None else _segment(first), None


def _choice(choices: dict[Any, Any], tag: str | int) -> Any:
    found = next((choice for key, choice in choices.items() if tag in (key, str(key), getattr(key, "value", key))), None)
    return choices.get(found) if isinstance(found, str) else found  # A tag may stand for another.


def _field(schema: Any, rest: tuple[str | int, ...]) -> tuple[int, Any]:
    """Return how many parts of a location name a field of a model, and the field's schema."""
    fields = schema.get("fields", schema.get("arguments_schema"))
    named = fields.items() if isinstance(fields, dict) else [(field["name"], field) for field in fields]
    for position, (name, field) in enumerate(named):
        alias = field.get("validation_alias", field.get("alias"))
        for path in _paths(alias):
            if rest[: len(path)] == path:
                return len(path), field.get("schema")
        if rest[0] == name or (schema["type"] == "arguments" and rest[0] == position):
            return 1, field.get("schema")
    return 1, schema.get("extras_schema")


def _paths(alias: Any) -> list[tuple[str | int, ...]]:
    """Return the ways in which an alias may name a field: Pydantic writes one, one path or several."""
    if alias is None:
        return []
    if isinstance(alias, str):
        return [(alias,)]
    if alias and isinstance(alias[0], list):
        return [tuple(path) for path in alias]
    return [tuple(alias)]


def _segment(part: str | int) -> str:
    return "/" + str(part).replace("~", "~0").replace("/", "~1")
