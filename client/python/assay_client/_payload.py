"""From what callers hold their data in to JSON text."""

import dataclasses
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Protocol
from uuid import UUID

from google.protobuf import struct_pb2

from assay_client._errors import EncodingError


class PydanticModel(Protocol):
    """What this client needs of a Pydantic model, so that it need not import Pydantic."""

    def model_dump_json(self, *, by_alias: bool) -> str:
        """Return the model as JSON text."""

    def model_dump(self, *, mode: str, by_alias: bool) -> Any:
        """Return the model as what JSON can hold."""


class DataclassInstance(Protocol):
    """An instance of any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


_EXACT = 2**53
"""Up to here, a double holds every integer."""

Payload = Mapping[str, Any] | bytes | str | struct_pb2.Struct | PydanticModel | DataclassInstance | None


def json_text(payload: Any) -> bytes:
    """Return `payload` as JSON text, UTF-8; text that is JSON already is passed on as it is, for the server to judge.

    Raises:
        EncodingError: If JSON has no place for something in it.
    """
    if isinstance(payload, bytes):
        return payload
    try:
        if isinstance(payload, str):
            return payload.encode()
        dump_json = getattr(payload, "model_dump_json", None)
        text = _encode(payload) if dump_json is None else dump_json(by_alias=True)
    except UnicodeEncodeError as error:
        raise EncodingError(f"the payload's text is not Unicode: {error}") from error
    except RecursionError as error:
        raise EncodingError("the payload is nested too deeply to be written as JSON") from error
    except (TypeError, ValueError) as error:
        raise EncodingError(_problem(error)) from error
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair has no UTF-8, but can be escaped: the server then has a finding for it, where
        # an error here would end a whole stream.
        return _encode_escaped(payload).encode()


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Return `struct` as JSON would be read: its whole numbers, which are doubles on the wire, are integers."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() and abs(number) <= _EXACT else number
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return from_struct(value.struct_value)
        case "list_value":
            return [_from_value(each) for each in value.list_value.values]
    return None


def _problem(error: Exception) -> str:
    text = str(error)
    if "float values are not JSON compliant" in text:
        return "the payload holds NaN or an infinity, which JSON has no number for: send null, or leave the field out"
    return f"the payload cannot be written as JSON: {text}"


def _plain(value: Any) -> Any:
    """Return what stands in JSON for a `value` that JSON has no form for."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no number: send null, or leave the field out")
        # A JSON number would be read as a double by most; a text keeps every digit.
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, AbstractSet):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON: convert it first")


_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False, default=_plain).encode
_encode_escaped = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_plain).encode
