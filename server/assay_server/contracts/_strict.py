"""A contract's schema, read strictly and with every error traceable to its place.

Pydantic's own validator of a model takes infinities where a field is `Any` and where a nested model allows them, and names
the branch of a union in an error's location as it names a key. So a contract is checked by a validator built from a copy of
its core schema in which

- no number can be other than finite, in `Any` too, and also where code of the author's reads the value;
- the branches of a union have labels that no caller can give a key, see `branch_of`.
"""

import re
import secrets
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic_core import CoreSchema, SchemaValidator

from ._circles import check_unions
from ._finite import check_finite
from ._problems import DeclarationError

_BRANCH = f"\0branch {secrets.token_hex(8)} "

# Parts of a core schema that hold no schemas, but may look as if they did.
_OPAQUE = frozenset(
    {
        *("metadata", "serialization", "cls", "default", "expected", "members", "function", "config", "computed_fields"),
        "custom_error_context",
    }
)

_ITEMS = {
    **dict.fromkeys(("list", "set", "frozenset"), "items_schema"),
    "dict": "values_schema",
    "json": "schema",
}

_OWN_CONFIG = frozenset({"model", "dataclass", "typed-dict"})

_PATTERN_REMEDY = (
    "Give pattern= as a text in the syntax of Rust's regex (no look-around, no back-references), which matches in linear "
    "time, and leave regex_engine alone; what needs more belongs in a validator."
)


def strict_schema(cls: type[BaseModel]) -> CoreSchema:
    """Return a copy of a model's core schema that reads strictly.

    Raises:
        DeclarationError: If a pattern would be matched by Python's own engine, or a union be tried in every combination,
            either of which a hostile payload can keep busy for ever; or if a field would not be checked before it is read.
    """
    check_unions(cls.__pydantic_core_schema__)
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
        return {name: _named(name, part, config) for name, part in schema.items()}
    if kind in _OWN_CONFIG:
        config = schema.get("config") or {}
    if kind == "any":
        return _finite_any(schema)
    if kind == "union":
        return {**schema, "choices": [_branch(index, choice, config) for index, choice in enumerate(schema["choices"])]}
    strict = {name: part if name in _OPAQUE else _strict(part, config) for name, part in schema.items()}
    if kind in _OWN_CONFIG:
        strict["config"] = {**config, "loc_by_alias": True}  # Whatever the model says: a payload has only aliases.
    _close_gaps(kind, strict, config)
    return _guarded(kind, strict, config)


def _guarded(kind: str, schema: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with a guard around it, where nothing in it can keep other than finite numbers out."""
    if kind == "function-plain":
        # Such a validator sees the raw value: look at it first, and at what it makes of it.
        return _wrap(schema, lambda inner: _finite_after(_finite_before(inner)))
    if kind in {"function-wrap", "complex"} or (kind == "model" and schema.get("custom_init")):
        # What is within may be passed over, or be checked by validators of its own.
        return _wrap(schema, _finite_after)
    if kind == "str" and schema.get("coerce_numbers_to_str", config.get("coerce_numbers_to_str")):
        return _wrap(schema, _finite_before)
    return schema


def _close_gaps(kind: str, schema: dict[str, Any], config: dict[str, Any]) -> None:
    """Say in a schema what it leaves open, so that nothing but finite numbers comes in."""
    if kind in {"float", "decimal"}:
        schema["allow_inf_nan"] = False
    elif kind == "str":
        _check_pattern(schema, config)
    elif kind == "generator":
        raise DeclarationError("an Iterable is not checked before it is read", "Write list[…] or Sequence[…].")
    elif kind in _ITEMS:
        schema.setdefault(_ITEMS[kind], _finite_any({"type": "any"}))
    elif kind in {"model-fields", "typed-dict"} and (
        schema.get("extra_behavior", config.get("extra_fields_behavior")) == "allow"
    ):
        schema.setdefault("extras_schema", _finite_any({"type": "any"}))


def _branch(index: int, choice: Any, config: dict[str, Any]) -> tuple[Any, str]:
    schema = choice[0] if isinstance(choice, tuple) else choice
    return _strict(schema, config), f"{_BRANCH}{index}"


def _named(name: object, schema: Any, config: dict[str, Any]) -> Any:
    try:
        return _strict(schema, config)
    except DeclarationError as error:
        raise DeclarationError(error.message, error.remedy, str(name)) from None


def _finite_any(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, **_finite_after({"type": "any"})}


def _finite_after(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function-after", "function": {"type": "no-info", "function": check_finite}, "schema": schema}


def _finite_before(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function-before", "function": {"type": "no-info", "function": check_finite}, "schema": schema}


def _wrap(schema: dict[str, Any], wrapper: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Return a schema within another that goes by its name and says the same of it."""
    outer: dict[str, Any] = {name: schema[name] for name in ("ref", "metadata") if name in schema}
    inner = {name: part for name, part in schema.items() if name != "ref"}
    return {**wrapper(inner), **outer}


def _check_pattern(schema: dict[str, Any], config: dict[str, Any]) -> None:
    pattern = schema.get("pattern")
    if pattern is None:
        return
    if isinstance(pattern, re.Pattern):
        raise DeclarationError(f"Python's own regex engine would match the pattern {pattern.pattern!r}", _PATTERN_REMEDY)
    if schema.get("regex_engine", config.get("regex_engine")) == "python-re":
        raise DeclarationError(f"Python's own regex engine would match the pattern {pattern!r}", _PATTERN_REMEDY)
