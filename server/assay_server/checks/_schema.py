"""The schema layer: from JSON text to a typed model, or to findings."""

import json
import string
from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import SchemaValidator, from_json
from pydantic_core._pydantic_core import list_all_errors  # Listed in its stubs as public, but not re-exported.

from assay_server.contracts import Contract, Enforcement, EventContract, Sensitivity

from ._event import Limits
from ._failures import FailureLog
from ._findings import Finding, Layer, SkippedCheck, SkipReason
from ._pointer import Locator, Place
from ._protocol import Report
from ._thrift import Thrift, failing_fast

_LONGEST_MESSAGE = 1000

# What a message may be made of without quoting a value: what the schema says, and what kind of thing the value is.
_HARMLESS = {
    *("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "max_digits", "decimal_places"),
    *("whole_digits", "expected", "expected_tags", "expected_schemes", "expected_plural", "expected_version", "tz_expected"),
    *("class", "class_name", "field_type", "discriminator", "method_name"),
}

_WITHHELD = "The value is not accepted; why is withheld, because it is sensitive"


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


# The messages that say the same whatever the value is. A validator may raise an error of the same type and another message.
_CONSTANT = {
    error["type"]: error.get("message_template_json", error["message_template_python"])
    for error in list_all_errors()
    if not _placeholders(error.get("message_template_json", error["message_template_python"]))
}
_DISCREET = frozenset(
    error["type"] for error in list_all_errors() if _placeholders(error["message_template_python"]) <= _HARMLESS
)


def json_invalid(message: str) -> Finding:
    """Return the finding that a payload is no JSON."""
    return Finding("schema.json_invalid", Layer.SCHEMA, Enforcement.REJECT, "", message[:_LONGEST_MESSAGE])


class SchemaCheck:
    """Reads payloads as one contract's schema says."""

    def __init__(self, contract: Contract, limits: Limits) -> None:
        self._schema = contract.schema
        self._validate = contract.validator.validate_json
        self._serializer = contract.model.__pydantic_serializer__
        self._most = limits.findings
        self._sensitivity = Sensitivity(contract.schema)
        self._locator = Locator(contract.schema, self._sensitivity)
        self._thrift = Thrift(contract.schema, self._sensitivity.definitions)
        self._failures = FailureLog(f"{contract.event_type} {contract.version} schema", discreet=self._sensitivity.anywhere)

    def read(self, payload: bytes, row: int, report: Report) -> EventContract | None:
        """Return a payload as the model that its contract describes; None, and findings, if it is not as described."""
        # Neither is JSON, and both are read as numbers: outside of a text they are an error.
        if b"NaN" in payload or b"Infinity" in payload:
            try:
                from_json(payload, allow_inf_nan=False)
            except ValueError as error:
                report.add(row, json_invalid(f"Invalid JSON: {error}"))
                return None
        try:
            try:
                validate = self._validate if self._thrift.affords(payload) else self._validate_thriftily
                model: EventContract = validate(payload)
            except ValidationError as error:
                self._report(error, row, report)
                return None
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # An author's validator, or its error's text, may raise anything.
            self._failures.write(error)
            self._report_failure(row, report)
            return None
        return model

    def quick(self, longest: int) -> Callable[[bytes], EventContract]:
        """Return what reads payloads of at most so many bytes, without NaN and infinities, and raises anything if one is bad.

        What is wrong with that one, `read` tells.
        """
        return self._validate if longest <= self._thrift.always_up_to else self._validate_thriftily

    def accepted(self, payload: Any) -> EventContract | None:
        """Return a payload, of bytes, as the model that its contract describes; None if `read` may have something to say."""
        if b"NaN" in payload or b"Infinity" in payload or not self._thrift.affords(payload):
            return None
        try:
            model: EventContract = self._validate(payload)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # Whatever it is, it comes up again, and is told.
            return None
        return model

    def write(self, model: EventContract, row: int, report: Report, *, as_text: bool) -> bytes | dict[str, Any] | None:
        """Return a model as a payload again: as JSON text, or as a dict of what JSON can hold."""
        try:
            text = self._serializer.to_json(model, by_alias=True, warnings=False)
            if text.startswith(b"{"):
                return text if as_text else cast("dict[str, Any]", from_json(text))
            self._failures.write("a model_serializer returned no dict")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # An author's serializer may raise anything.
            self._failures.write(error)
        message = "the payload as the contract reads it cannot be written"
        skipped = SkippedCheck("schema.normalized", "", SkipReason.UNAVAILABLE, message, Enforcement.REJECT)
        report.skipped.setdefault(row, []).append(skipped)
        return None

    @cached_property
    def _validate_thriftily(self) -> Callable[[bytes], Any]:
        # Made when it is first needed, which is hardly ever; without prebuilt parts, as the contract's own.
        return SchemaValidator(failing_fast(self._schema), self._schema.get("config"), _use_prebuilt=False).validate_json

    def _report(self, error: ValidationError, row: int, report: Report) -> None:
        count = error.error_count()
        for part in self._first(error, count):
            report.add(row, self._finding(part["type"], tuple(part["loc"]), part["msg"]))
        if count > self._most:
            report.omitted[row] = count - self._most

    def _first(self, error: ValidationError, count: int) -> list[Any]:
        """Return as many of the errors as a verdict holds."""
        if count <= self._most:
            return list(error.errors(include_url=False, include_context=False, include_input=False))
        # Making all of a hundred thousand errors takes several times what writing them as text does.
        text = error.json(include_url=False, include_context=False, include_input=False)
        decoder = json.JSONDecoder()
        errors: list[Any] = []
        position = 1
        while len(errors) < self._most:
            part, end = decoder.raw_decode(text, position)
            errors.append(part)
            position = end + 1
        return errors

    def _finding(self, kind: str, location: tuple[str | int, ...], message: str) -> Finding:
        place = self._locator.place(location)
        if place.sensitive or (place.sees_others and self._sensitivity.anywhere):
            message = _discreet(kind, place, message)
        return Finding(f"schema.{kind}", Layer.SCHEMA, Enforcement.REJECT, place.pointer, message[:_LONGEST_MESSAGE])

    def _report_failure(self, row: int, report: Report) -> None:
        check, message = "schema.validator_failed", "a validator of the contract failed"
        reason = SkipReason.UNAVAILABLE
        report.skipped.setdefault(row, []).append(SkippedCheck(check, "", reason, message, Enforcement.REJECT))
        report.add(row, Finding(check, Layer.SCHEMA, Enforcement.REJECT, "", message, None, reason))


def _discreet(kind: str, place: Place, message: str) -> str:
    """Return a message that quotes no value."""
    if kind in _CONSTANT:
        return _CONSTANT[kind]
    if kind == "json_invalid" and not place.pointer:
        return message  # The parser's, which tells what it expected and where.
    return message if kind in _DISCREET and not place.validated else _WITHHELD
