"""The fields of a contract, where each can be read alone: without the others, and without the model."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import CoreSchema

from assay_server.contracts import Contract

NO_DEFAULT: Any = object()
"""Stands where a field has no default, or one that is made for each event anew."""

_BY_NAME = ("validate_by_name", "populate_by_name", "validate_by_alias")

# What a model's config says that means nothing for how a value is read.
_HARMLESS = frozenset({"title", "loc_by_alias", "extra_fields_behavior", "hide_input_in_errors"})


_KINDS = {"float": float, "int": int, "str": str}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoneField:
    """A field that can be read alone.

    Attributes:
        name: What the model calls it.
        key: What payloads call it.
        schema: What reads its values; a list of them is read by a list schema of it.
        definitions: The schemas that it may refer to.
        config: The config that holds for it.
        kind: float, int or str, if it takes those and makes of each, in Python or in JSON, the same; else None.
        default: What it is where a payload lacks it, the same for all events; else NO_DEFAULT.
    """

    name: str
    key: str
    schema: Any
    definitions: list[Any]
    config: Any
    kind: type | None
    default: Any


def lone_fields(contract: Contract) -> list[LoneField]:
    """Return the fields of a contract; none if they cannot be read alone.

    They cannot if

    - a validator is one of the model, or is told of more than the value (`ValidationInfo`);
    - the model has private attributes, or a method `__init__`, `__new__`, `__setattr__` or `model_post_init` of its own;
    - a field goes by several names or by a path into the payload;
    - keys that the contract does not know are kept (`extra="allow"`).
    """
    model, definitions = _model_of(contract.schema)
    cls = contract.model
    if model is None or _adds_to(model, cls):
        return []
    config = model.get("config") or {}
    fields = model["schema"]
    if extra_behavior(contract) == "allow" or _is_told_more([fields, definitions]):
        return []
    if definitions and not config.keys() <= _HARMLESS:  # Which does not hold for what is defined beside the model.
        return []
    keys = {name: field.get("validation_alias", name) for name, field in fields["fields"].items()}
    if not all(isinstance(key, str) for key in keys.values()):
        return []
    if any(name in config for name in _BY_NAME) and any(key != name for name, key in keys.items()):
        return []
    return [
        LoneField(
            name=name,
            key=keys[name],
            schema=field["schema"],
            definitions=definitions,
            config=config,
            kind=_kind_of(field["schema"]),
            default=_default_of(field["schema"], config),
        )
        for name, field in fields["fields"].items()
    ]


def extra_behavior(contract: Contract) -> str:
    """Return what becomes of keys that a contract does not know, if its fields can be read alone."""
    model, _ = _model_of(contract.schema)
    if model is None:
        return "ignore"
    config = model.get("config") or {}
    return model["schema"].get("extra_behavior") or config.get("extra_fields_behavior") or "ignore"


def _model_of(schema: CoreSchema) -> tuple[Any, list[Any]]:
    """Return the schema of the model itself, None if it is not as plain as that, and the definitions beside it."""
    part: Any = schema
    definitions: list[Any] = []
    if part["type"] == "definitions":
        part, definitions = part["schema"], part["definitions"]
    plain = part["type"] == "model" and part["schema"]["type"] == "model-fields"
    return (part if plain else None), definitions


def _adds_to(model: Any, cls: type) -> bool:
    """Return whether there is more to making an instance than to read its fields."""
    return bool(
        model.get("custom_init")
        or model.get("root_model")
        or model.get("post_init")
        or _overrides(cls, "__new__")
        or _overrides(cls, "__getattribute__")
    )


def _overrides(cls: type, name: str) -> bool:
    return inspect.getattr_static(cls, name) is not inspect.getattr_static(object, name)


def _is_told_more(schema: Any) -> bool:
    """Return whether any function in a schema is told of more than the value."""
    return any(part.get("type") == "with-info" for part in _parts(schema))


def _parts(schema: Any) -> Iterator[dict[Any, Any]]:
    if isinstance(schema, list | tuple):
        for part in schema:
            yield from _parts(part)
    elif isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from _parts(part)


def _kind_of(schema: Any) -> type | None:
    while schema["type"] in {"default", "nullable"}:
        schema = schema["schema"]
    return _KINDS.get(schema["type"])


def _default_of(schema: Any, config: Any) -> Any:
    if schema["type"] != "default" or "default" not in schema:
        return NO_DEFAULT
    if schema.get("validate_default", config.get("validate_default")) or not is_shared(schema["default"]):
        return NO_DEFAULT
    return schema["default"]


def is_shared(value: Any) -> bool:
    """Return whether several instances may have one value: what cannot be hashed may be changed, and Pydantic copies it."""
    try:
        hash(value)
    except Exception:  # noqa: BLE001  # An author's own code may raise anything.
        return False
    return True
