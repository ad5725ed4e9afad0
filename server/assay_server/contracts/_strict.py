"""A contract's schema, read strictly and with every error traceable to its place.

Pydantic's own validator of a model takes infinities where a field is `Any` and where a nested model allows them, and names
the branch of a union in an error's location as it names a key. So a contract is checked by a validator built from a copy of
its core schema in which

- no number can be other than finite, in `Any` too;
- the branches of a union have labels that no key can have, see `branch_of`.
"""

import math
import re
from typing import Any

from pydantic import BaseModel
from pydantic_core import CoreSchema, InitErrorDetails, PydanticKnownError, SchemaValidator, ValidationError

from ._problems import DeclarationError

_BRANCH = "\0branch "

# Parts of a core schema that hold no schemas, but may look as if they did.
_OPAQUE = frozenset({"metadata", "serialization", "cls", "default", "expected", "function", "config", "computed_fields"})

_ITEMS = {"list": "items_schema", "set": "items_schema", "frozenset": "items_schema", "generator": "items_schema"}

_OWN_CONFIG = frozenset({"model", "dataclass", "typed-dict"})

_PATTERN_REMEDY = (
    "Give pattern= as a text in the syntax of Rust's regex (no look-around, no back-references), which matches in linear "
    "time, and leave regex_engine alone; what needs more belongs in a validator."
)


def strict_schema(cls: type[BaseModel]) -> CoreSchema:
    """Return a copy of a model's core schema that reads strictly.

    Raises:
        DeclarationError: If a pattern would be matched by Python's own engine, which a hostile text can keep busy for ever.
    """
    strict: CoreSchema = _strict(cls.__pydantic_core_schema__, {})
    return strict


def strict_validator(schema: CoreSchema) -> SchemaValidator:
    """Return a validator for what `strict_schema` returned."""
    # Without prebuilt parts: those of nested models would come from their own schemas, which are not strict.
    return SchemaValidator(schema, schema.get("config"), _use_prebuilt=False)


def branch_of(part: object) -> int | None:
    """Return which branch of a union a part of an error's location stands for; None if it is no branch."""
    if isinstance(part, str) and part.startswith(_BRANCH):
        return int(part.removeprefix(_BRANCH))
    return None


def _strict(schema: Any, config: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_strict(part, config) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if not isinstance(kind, str):  # A mapping of schemas: the fields of a model, the choices of a union.
        return {name: _strict(part, config) for name, part in schema.items()}
    if kind in _OWN_CONFIG:
        config = schema.get("config") or {}
    if kind == "any":
        return _finite_any(schema)
    if kind == "union":
        return {**schema, "choices": [_branch(index, choice, config) for index, choice in enumerate(schema["choices"])]}
    strict = {name: part if name in _OPAQUE else _strict(part, config) for name, part in schema.items()}
    if kind in {"float", "decimal"}:
        strict["allow_inf_nan"] = False
    elif kind == "str":
        _check_pattern(schema, config)
    elif kind in _ITEMS:
        strict.setdefault(_ITEMS[kind], _finite_any({"type": "any"}))
    elif kind == "dict":
        strict.setdefault("values_schema", _finite_any({"type": "any"}))
    elif kind == "json":
        strict.setdefault("schema", _finite_any({"type": "any"}))
    elif kind in {"model-fields", "typed-dict"}:
        if schema.get("extra_behavior", config.get("extra_fields_behavior")) == "allow":
            strict.setdefault("extras_schema", _finite_any({"type": "any"}))
    elif kind == "function-plain":
        # Such a validator sees the raw value: look at it first.
        return {"type": "chain", "steps": [_finite_any({"type": "any"}), strict], "metadata": schema.get("metadata")}
    return strict


def _branch(index: int, choice: Any, config: dict[str, Any]) -> tuple[Any, str]:
    schema = choice[0] if isinstance(choice, tuple) else choice
    return _strict(schema, config), f"{_BRANCH}{index}"


def _finite_any(schema: dict[str, Any]) -> dict[str, Any]:
    outer = {name: part for name, part in schema.items() if name != "type"}
    return {**outer, "type": "function-after", "function": {"type": "no-info", "function": _finite}, "schema": {"type": "any"}}


def _finite(value: Any) -> Any:
    """Return a value of JSON as it is, unless a number anywhere in it is not finite."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise PydanticKnownError("finite_number")
    elif isinstance(value, dict | list):
        errors: list[InitErrorDetails] = []
        _find_infinite(value, (), errors)
        if errors:
            raise ValidationError.from_exception_data("", errors, input_type="json")
    return value


def _find_infinite(value: Any, place: tuple[str | int, ...], errors: list[InitErrorDetails]) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            errors.append({"type": "finite_number", "loc": place, "input": value})
    elif isinstance(value, dict):
        for key, part in value.items():
            _find_infinite(part, (*place, key), errors)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _find_infinite(part, (*place, index), errors)


def _check_pattern(schema: dict[str, Any], config: dict[str, Any]) -> None:
    pattern = schema.get("pattern")
    if pattern is None:
        return
    if isinstance(pattern, re.Pattern):
        raise DeclarationError(f"Python's own regex engine would match the pattern {pattern.pattern!r}", _PATTERN_REMEDY)
    if schema.get("regex_engine", config.get("regex_engine")) == "python-re":
        raise DeclarationError(f"Python's own regex engine would match the pattern {pattern!r}", _PATTERN_REMEDY)
