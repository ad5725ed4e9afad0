"""From an error's location, as Pydantic gives it, to the place in the payload."""

from typing import Any, NamedTuple

from pydantic_core import CoreSchema

from assay_server.contracts import Sensitivity, branch_of

from ._readers import FIELDS, ITEMS, KEYED, alias_paths, fields_of, readers, readers_below

_LONGEST = 1000
"""Characters of a pointer; a longer one is cut to the longest part that still names a place."""

_MOST_KEPT, _LONGEST_KEPT = 1024, 200
"""How many places are kept, and how long a location is of which they are: senders may make up any number."""


class Place(NamedTuple):
    """A place in a payload."""

    pointer: str
    """JSON Pointer (RFC 6901); that of the sensitive field itself, for a place within one."""
    sensitive: bool
    """Whether the value there, or anything in it, is sensitive."""
    sees_others: bool
    """Whether a validator on the way there was given other fields too, so that what it says may quote them."""
    validated: bool
    """Whether the value there goes through a validator function, which may have made up the error."""


class _Part(NamedTuple):
    """A part of a schema without its wrappers, and what those tell of the value that goes through them."""

    schema: Any
    hidden: bool
    sees_others: bool
    validated: bool
    is_text: bool
    """Whether the value is the text of a JSON text: one value, which no pointer leads into."""
    besides: list[Any]
    """What else reads the same value."""
    siblings: list[Any]
    """The schema itself, if it has fields of which several may read one value."""


class Locator:
    """Finds the places of errors by walking the schema that they come from.

    A location names more than places: which branch of a union it was, which tag. Only the schema tells one from the other.
    """

    def __init__(self, schema: CoreSchema, sensitivity: Sensitivity) -> None:
        self._sensitivity = sensitivity
        self._known: dict[int, _Part] = {}
        self._places: dict[tuple[str | int, ...], Place] = {}
        self._root = self._part(schema)

    def place(self, location: tuple[str | int, ...]) -> Place:
        """Return the place that an error's location means."""
        found = self._places.get(location)
        if found is None:
            found = self._find(location)
            if sum(len(str(part)) + 1 for part in location) <= _LONGEST_KEPT:
                if len(self._places) >= _MOST_KEPT:
                    self._places.clear()
                self._places[location] = found
        return found

    def _find(self, location: tuple[str | int, ...]) -> Place:
        pointer = ""
        part: _Part | None = self._root
        others: list[Any] = []  # Whatever else reads this value: branches not taken, fields with a path of their own.
        cut = sees_others = validated = False
        rest = location
        while True:
            if part is not None:
                validated = validated or part.validated
                sees_others = sees_others or part.sees_others
                cut = cut or part.is_text
                if part.besides:
                    others = others + part.besides
            if (part is not None and part.hidden) or (others and any(map(self._hides, others))):
                return Place(pointer, True, sees_others, validated)
            schema = part.schema if part is not None else None
            if not rest:
                sensitive = any(map(self._sensitivity.within, [schema, *others]))
                return Place(pointer, sensitive, sees_others, validated)
            taken, step, inner = _step(schema, rest)
            if step:
                validated = False
                siblings = part.siblings if part is not None else []
                if siblings or others:
                    others = readers_below([*siblings, *others], rest[0], inner, self._sensitivity.definitions)
                cut = cut or len(pointer) + len(step) > _LONGEST
                pointer = pointer if cut else pointer + step
            elif schema is not None and schema["type"] == "union":
                others = others + self._beside([choice for choice, _ in schema["choices"]], inner)
            part = self._part(inner) if inner is not None else None
            rest = rest[taken:]

    def _part(self, schema: Any) -> _Part:
        found = self._known.get(id(schema))
        if found is None:
            found = self._known[id(schema)] = self._unwrap(schema)
        return found

    def _unwrap(self, schema: Any) -> _Part:
        hidden = sees_others = validated = is_text = False
        besides: list[Any] = []
        outer, inner = schema, schema
        while inner is not None:
            outer = inner
            hidden = hidden or self._hides(outer)
            sees_others = sees_others or _sees_others(outer)
            validated = validated or "function" in outer
            inner = self._inner(outer)
            is_text = is_text or (inner is not None and outer["type"] == "json")
            if outer["type"] == "chain":
                besides += self._beside(outer["steps"], inner)
        siblings = [outer] if self._sensitivity.anywhere and outer["type"] in FIELDS and _share_keys(outer) else []
        return _Part(outer, hidden, sees_others, validated, is_text, besides, siblings)

    def _hides(self, schema: Any) -> bool:
        """Return whether the value that a schema reads is sensitive, or the keys of it are."""
        return self._sensitivity.marked(schema) or self._sensitivity.within(schema.get("keys_schema"))

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
        return schema.get("schema")

    def _beside(self, parts: list[Any], taken: Any) -> list[Any]:
        """Return all that reads the same value as the part that was taken."""
        if not self._sensitivity.anywhere:
            return []
        return readers([part for part in parts if part is not taken], self._sensitivity.definitions)


def _share_keys(schema: Any) -> bool:
    """Return whether several fields of a schema may read one value, or parts of it."""
    keys = [path[0] for name, field in fields_of(schema) for path in {(name,), *alias_paths(field)}]
    return len(set(keys)) < len(keys)


def _sees_others(schema: Any) -> bool:
    if schema["type"] == "chain":
        return any(map(_sees_others, schema["steps"]))
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
    elif kind in FIELDS:
        taken, field = _field(schema, rest)
        return taken, "".join(map(_segment, rest[:taken])), field
    elif kind in ITEMS:
        return 1, _segment(first), schema.get("items_schema")
    elif kind == "tuple" and isinstance(first, int):
        items = schema["items_schema"]
        return 1, _segment(first), items[min(first, len(items) - 1)] if items else None
    elif kind in KEYED:
        if rest[1:2] == ("[key]",) and all(branch_of(part) is not None for part in rest[2:]):
            return 2, _segment(first), schema.get("keys_schema")
        return 1, _segment(first), schema.get("values_schema")
    return 1, "" if branch_of(first) is not None else _segment(first), None


def _choice(choices: dict[Any, Any], tag: str | int) -> Any:
    found = next((choice for key, choice in choices.items() if tag in (key, str(key), getattr(key, "value", key))), None)
    return choices.get(found) if isinstance(found, str) else found  # A tag may stand for another.


def _field(schema: Any, rest: tuple[str | int, ...]) -> tuple[int, Any]:
    """Return how many parts of a location name a field of a model, and the field's schema."""
    for position, (name, field) in enumerate(fields_of(schema)):
        for path in alias_paths(field):
            if rest[: len(path)] == path:
                return len(path), field.get("schema")
        if rest[0] == name or (rest[0] == position and schema["type"] in {"arguments", "named-tuple"}):
            return 1, field.get("schema")
    return 1, schema.get("extras_schema")


def _segment(part: str | int) -> str:
    return "/" + str(part).replace("~", "~0").replace("/", "~1")
