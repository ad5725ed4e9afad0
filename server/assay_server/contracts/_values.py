"""The single values of a contract: fields of the model and of models within it, by path, and what they hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import CoreSchema

from ._history_markers import HISTORY, HistoryMarker
from ._sensitivity import Sensitivity

_NUMBERS = frozenset({"int", "float", "decimal"})
_CATEGORIES = frozenset(
    {"str", "int", "bool", "enum", "literal", "uuid", "url", "multi-host-url", "date", "time", "datetime", "timedelta"}
)
_MODELS = frozenset({"model", "dataclass"})
_CONTAINERS = _MODELS | {"typed-dict"}


@dataclass(frozen=True, slots=True)
class Value:
    """Where a contract has a single value, and what it may be.

    Attributes:
        path: The attributes that lead to it, joined by dots.
        pointer: Its place in the payload, as a JSON Pointer.
        leaves: The schemas that read it, without wrappers.
        markers: What it is compared with.
        sensitive: Whether it is sensitive.
    """

    path: str
    pointer: str
    leaves: list[Any]
    markers: list[HistoryMarker]
    sensitive: bool

    @property
    def is_number(self) -> bool:
        """Whether it is a number, whenever it is there."""
        return bool(self.leaves) and all(map(_is_number, self.leaves))

    @property
    def is_boolean(self) -> bool:
        """Whether it is true or false, whenever it is there."""
        return bool(self.leaves) and all(map(_is_boolean, self.leaves))

    @property
    def is_datetime(self) -> bool:
        """Whether it is a date with a time, whenever it is there."""
        return bool(self.leaves) and all(leaf["type"] == "datetime" for leaf in self.leaves)

    @property
    def is_category(self) -> bool:
        """Whether it is one of values that can be told apart and counted, whenever it is there."""
        return bool(self.leaves) and all(map(_is_category, self.leaves))


class Values:
    """Finds the single values of core schemas."""

    def __init__(self, sensitivity: Sensitivity) -> None:
        self._sensitivity = sensitivity

    def of_model(self, schema: CoreSchema) -> list[Value]:
        """Return the values of a model, those of models within it too, in the order of its fields."""
        _, leaves = self._unwrap(schema)
        return list(self._within(leaves[0], (), "", frozenset(), sensitive=False))

    def of_return(self, schema: CoreSchema, name: str, *, sensitive: bool) -> Value:
        """Return the value that a feature gives, whose schema is its own."""
        return next(Values(Sensitivity(schema))._value(schema, (name,), f"@{name}", sensitive=sensitive))  # noqa: SLF001

    def _value(self, schema: Any, path: tuple[str, ...], pointer: str, *, sensitive: bool) -> Iterator[Value]:
        visited, leaves = self._unwrap(schema)
        sensitive = sensitive or any(map(self._sensitivity.marked, visited))
        markers = [marker for part in reversed(visited) for marker in (part.get("metadata") or {}).get(HISTORY, ())]
        yield Value(".".join(path), pointer, leaves, markers, sensitive or any(map(self._holds_sensitive, leaves)))

    def _within(
        self, model: Any, path: tuple[str, ...], pointer: str, above: frozenset[int], *, sensitive: bool
    ) -> Iterator[Value]:
        for name, field in self._fields(model):
            here, where = (*path, name), pointer + _pointer(name, field)
            for value in self._value(field["schema"], here, where, sensitive=sensitive):
                yield value
                for leaf in value.leaves:
                    if leaf["type"] in _MODELS and id(leaf) not in above:
                        inner = above | {id(model), id(leaf)}
                        yield from self._within(leaf, here, where, inner, sensitive=value.sensitive)

    def _holds_sensitive(self, leaf: Any) -> bool:
        return leaf["type"] not in _CONTAINERS and self._sensitivity.within(leaf)

    def _fields(self, model: Any) -> Iterator[tuple[str, Any]]:
        for part in self._unwrap(model["schema"])[1]:
            fields = part.get("fields")
            if isinstance(fields, dict):
                yield from fields.items()
            elif part["type"] == "dataclass-args":
                yield from ((field["name"], field) for field in fields)

    def _unwrap(self, schema: Any) -> tuple[list[Any], list[Any]]:
        """Return the schemas that a value goes through, and those of them that say what comes out."""
        visited: list[Any] = []
        leaves: list[Any] = []
        waiting = [schema]
        while waiting:
            part = waiting.pop(0)
            if not isinstance(part, dict) or any(part is other for other in visited):
                continue
            visited.append(part)
            inner = self._inner(part)
            if inner is None:
                leaves += [] if part["type"] == "none" else [part]
            waiting += inner or []
            if part["type"] == "chain":
                visited += part["steps"][:-1]
        return visited, leaves

    def _inner(self, schema: Any) -> list[Any] | None:
        match schema["type"]:
            case "definition-ref":
                return [self._sensitivity.definitions.get(schema["schema_ref"])]
            case "chain":
                return [schema["steps"][-1]]
            case "union":
                return [choice[0] if isinstance(choice, tuple) else choice for choice in schema["choices"]]
            case "tagged-union":
                return list(schema["choices"].values())
            case "lax-or-strict":
                return [schema["lax_schema"]]
            case "json-or-python":
                return [schema["json_schema"]]
            case "call" | "model" | "dataclass" | "typed-dict":
                return None
        return [schema["schema"]] if isinstance(schema.get("schema"), dict) else None


def _is_number(leaf: Any) -> bool:
    match leaf["type"]:
        case "literal":
            return all(isinstance(value, int | float) and not isinstance(value, bool) for value in leaf["expected"])
        case "enum":
            return leaf.get("sub_type") in {"int", "float"}
    return leaf["type"] in _NUMBERS


def _is_boolean(leaf: Any) -> bool:
    return leaf["type"] == "bool" or (leaf["type"] == "literal" and all(isinstance(value, bool) for value in leaf["expected"]))


def _is_category(leaf: Any) -> bool:
    return leaf["type"] in _CATEGORIES


def _pointer(name: str, field: Any) -> str:
    """Return what a field adds to a pointer: the first of the ways in which a payload may name it."""
    alias = field.get("validation_alias", field.get("alias"))
    if alias is None or isinstance(alias, str):
        parts: list[Any] = [alias or name]
    else:
        parts = alias[0] if alias and isinstance(alias[0], list) else alias
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
