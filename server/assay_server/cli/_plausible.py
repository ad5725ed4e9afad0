"""A payload made up from a JSON Schema, where a contract has no example."""

from typing import Any

_FORMATS = {
    "email": "name@example.com",
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "time": "12:00:00",
    "duration": "PT1M",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "uri": "https://example.com/",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
_DEEPEST = 8


def plausible_payload(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an object with the fields that a schema requires; patterns, and what validators want, are not looked at."""
    made = _value(schema, schema.get("$defs", {}), 0)
    return made if isinstance(made, dict) else {}


def _value(schema: dict[str, Any], definitions: dict[str, Any], depth: int) -> Any:  # noqa: PLR0911  # One a kind.
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    schema = {**definitions.get(name, {}), **schema}
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        real = [branch for branch in branches if branch.get("type") != "null"] or branches
        return _value(real[0], definitions, depth + 1)
    match schema.get("type"):
        case "object" if depth < _DEEPEST:
            required = schema.get("required", ())
            properties = schema.get("properties", {})
            return {name: _value(properties[name], definitions, depth + 1) for name in required if name in properties}
        case "array" if depth < _DEEPEST:
            if schema.get("prefixItems"):
                return [_value(item, definitions, depth + 1) for item in schema["prefixItems"]]
            return [_value(schema.get("items", {}), definitions, depth + 1)] * max(1, schema.get("minItems", 1))
        case "string":
            return _text(schema)
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
    return {}


def _text(schema: dict[str, Any]) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    text = "text".ljust(schema.get("minLength", 0), "x")
    return text[: schema.get("maxLength", len(text))]


def _number(schema: dict[str, Any]) -> Any:
    step = schema.get("multipleOf", 1)
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None or high is not None:
        return high if low is None else low
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is not None:
        return above + step if below is None or above + step < below else (above + below) / 2
    return step if below is None else below - step
