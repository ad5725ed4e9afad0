"""The schema of a contract's payload as JSON Schema."""

import json
from typing import Any

from pydantic import BaseModel, create_model
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic_core import to_json

from ._problems import DeclarationError


def json_schema_of(model: type[BaseModel], root: str) -> dict[str, Any]:
    """Return the JSON Schema 2020-12 of a model, as JSON has it.

    Args:
        model: The model.
        root: The name by which its folder is a package, which is another one at each load.

    Raises:
        DeclarationError: If a field has a type that JSON Schema cannot describe.
    """
    try:
        schema = model.model_json_schema()
    except PydanticInvalidForJsonSchema as error:
        raise DeclarationError(
            f"a field has a type that JSON Schema cannot describe: {error.message}",
            "Use another type, or describe it with pydantic.WithJsonSchema.",
            _undescribed(model),
        ) from None
    # Pydantic tells models of one name apart by the modules that they are of.
    text = to_json(schema, inf_nan_mode="null").decode().replace(f"{root}__", "")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **json.loads(text)}


def _undescribed(model: type[BaseModel]) -> str:
    """Return the first field that JSON Schema cannot describe; empty if it is none of the model's own."""
    for name, field in model.model_fields.items():
        definition: Any = {name: (field.annotation, field)}
        try:
            create_model("_", __config__=model.model_config, **definition).model_json_schema()
        except PydanticInvalidForJsonSchema:
            return name
    return ""
