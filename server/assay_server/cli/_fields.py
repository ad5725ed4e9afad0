"""The fields that a JSON Schema describes, as a list for people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_DEEPEST = 6

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a payload: `customer.country` is nested, and `items[].price` is in each item of a list."""

    name: str
    type: str
    constraints: str
    required: bool
    default: str
    """As JSON; empty if there is none, or if it is null."""
    description: str


def fields_of(schema: Schema) -> list[Field]:
    """Return the fields that a schema describes, each before those within it."""
    return list(_Reader(schema.get("$defs", {})).fields(schema, "", 0))


class _Reader:
    def __init__(self, definitions: dict[str, Schema]) -> None:
        self._definitions = definitions

    def fields(self, schema: Schema, prefix: str, depth: int) -> Iterator[Field]:
        if depth > _DEEPEST:  # It contains itself.
            return
        schema = self._resolved(schema)
        required = set(schema.get("required", ()))
        for name, part in schema.get("properties", {}).items():
            whole = self._resolved(part)
            default = whole.get("default")
            yield Field(
                name=f"{prefix}{name}",
                type=self._type(part),
                constraints=", ".join(self._constraints(whole)),
                required=name in required,
                default="" if default is None else json.dumps(default, ensure_ascii=False),
                description=part.get("description", ""),
            )
            for inner, suffix in self._objects(part):
                yield from self.fields(inner, f"{prefix}{name}{suffix}.", depth + 1)

    def _resolved(self, schema: Schema) -> Schema:
        """Return a schema with what it refers to put in its place, its own words first."""
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        return {**self._definitions[name], **schema} if name in self._definitions else schema

    def _branches(self, schema: Schema) -> list[Schema]:
        return list(schema.get("anyOf") or schema.get("oneOf") or ())

    def _objects(self, schema: Schema, suffix: str = "") -> Iterator[tuple[Schema, str]]:
        """Yield the objects with fields that a value may be or consist of, and how they are reached from it."""
        schema = self._resolved(schema)
        if schema.get("properties"):
            yield schema, suffix
        for branch in self._branches(schema):
            yield from self._objects(branch, suffix)
        if isinstance(schema.get("items"), dict):
            yield from self._objects(schema["items"], f"{suffix}[]")
        if isinstance(schema.get("additionalProperties"), dict):
            yield from self._objects(schema["additionalProperties"], f"{suffix}.*")

    def _type(self, schema: Schema) -> str:
        schema = self._resolved(schema)
        if "const" in schema:
            return json.dumps(schema["const"], ensure_ascii=False)
        if "enum" in schema:
            return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
        branches = self._branches(schema)
        if branches:
            return " | ".join(dict.fromkeys(map(self._type, branches)))
        kind = schema.get("type", "any")
        if kind == "array":
            if schema.get("prefixItems"):
                return "[" + ", ".join(map(self._type, schema["prefixItems"])) + "]"
            return f"list of {self._type(schema.get('items', {}))}"
        if kind == "object":
            values = schema.get("additionalProperties")
            if isinstance(values, dict) and not schema.get("properties"):
                return f"object of {self._type(values)}"
            return "object"
        form = schema.get("format")
        return f"{kind} ({form})" if form else str(kind)

    def _constraints(self, schema: Schema) -> list[str]:
        found = [
            *_range(schema, "minimum", "maximum", ""),
            *(f"> {schema[key]:g}" for key in ["exclusiveMinimum"] if key in schema),
            *(f"< {schema[key]:g}" for key in ["exclusiveMaximum"] if key in schema),
            *(f"multiple of {schema[key]:g}" for key in ["multipleOf"] if key in schema),
            *_range(schema, "minLength", "maxLength", " characters"),
            *(f"matches {schema[key]}" for key in ["pattern"] if key in schema),
            *_range(schema, "minItems", "maxItems", " items"),
            *(["no two alike"] if schema.get("uniqueItems") else []),
        ]
        for branch in self._branches(schema):
            found += [each for each in self._constraints(self._resolved(branch)) if each not in found]
        return found


def _range(schema: Schema, lowest: str, highest: str, unit: str) -> Iterator[str]:
    low, high = schema.get(lowest), schema.get(highest)
    if low is not None and high is not None:
        yield f"{low:g} to {high:g}{unit}" if low != high else f"{low:g}{unit}"
    elif low is not None:
        yield f"at least {low:g}{unit}"
    elif high is not None:
        yield f"at most {high:g}{unit}"
