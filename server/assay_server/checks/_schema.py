"""The schema layer: from JSON text to a typed model, or to findings."""

import json
import string
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json
from pydantic_core._pydantic_core import list_all_errors  # Listed in its stubs as public, but not re-exported.

from assay_server.contracts import Contract, Enforcement, EventContract, Sensitivity

from ._event import Limits
from ._failures import FailureLog
from ._findings import Finding, Layer, SkippedCheck, SkipReason
from ._pointer import Locator
from ._protocol import Report

_LONGEST_MESSAGE = 1000

# What a message may be made of without quoting a value: what the schema says, and what kind of thing the value is.
_HARMLESS = {
    *("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "max_digits", "decimal_places"),
    *("whole_digits", "expected", "expected_tags", "expected_schemes", "expected_plural", "expected_version", "tz_expected"),
    *("class", "class_name", "field_type", "discriminator", "method_name"),
}
_AUTHORS_OWN = frozenset({"value_error", "assertion_error"})


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


_DISCREET = frozenset(
    error["type"] for error in list_all_errors() if _placeholders(error["message_template_python"]) <= _HARMLESS
)
_KNOWN = frozenset(error["type"] for error in list_all_errors())


def json_invalid(message: str) -> Finding:
    """Return the finding that a payload is no JSON."""
    return Finding("schema.json_invalid", Layer.SCHEMA, Enforcement.REJECT, "", message[:_LONGEST_MESSAGE])


class SchemaCheck:
    """Reads payloads as one contract's schema says."""

    def __init__(self, contract: Contract, limits: Limits) -> None:
        self._validate = contract.validator.validate_json
        self._serializer = contract.model.__pydantic_serializer__
        self._most = limits.findings
        self._sensitivity = Sensitivity(contract.schema)
        self._locator = Locator(contract.schema, self._sensitivity)
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
            model: EventContract = self._validate(payload)
        except ValidationError as error:
            self._report(error, row, report)
            return None
        except Exception as error:  # noqa: BLE001  # A validator of the author's may raise anything.
            self._failures.write(error)
            self._report_failure(row, report)
            return None
        return model

    def write(self, model: EventContract, row: int, report: Report, *, as_text: bool) -> bytes | dict[str, Any] | None:
        """Return a model as a payload again: as JSON text, or as a dict of what JSON can hold."""
        try:
            if as_text:
                return self._serializer.to_json(model, by_alias=True, warnings=False)
            payload: dict[str, Any] = self._serializer.to_python(model, mode="json", by_alias=True, warnings=False)
        except Exception as error:  # noqa: BLE001  # A serializer of the author's may raise anything.
            self._failures.write(error)
            message = "the payload as the contract reads it cannot be written"
            skipped = SkippedCheck("schema.normalized", "", SkipReason.UNAVAILABLE, message, Enforcement.REJECT)
            report.skipped.setdefault(row, []).append(skipped)
            return None
        return payload

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
        own = kind in _AUTHORS_OWN or kind not in _KNOWN
        if (place.sensitive and kind not in _DISCREET) or (own and place.sees_others and self._sensitivity.anywhere):
            message = "The value is not accepted; why is withheld, because it is sensitive"
        return Finding(f"schema.{kind}", Layer.SCHEMA, Enforcement.REJECT, place.pointer, message[:_LONGEST_MESSAGE])

    def _report_failure(self, row: int, report: Report) -> None:
        check, message = "schema.validator_failed", "a validator of the contract failed"
        reason = SkipReason.UNAVAILABLE
        report.skipped.setdefault(row, []).append(SkippedCheck(check, "", reason, message, Enforcement.REJECT))
        report.add(row, Finding(check, Layer.SCHEMA, Enforcement.REJECT, "", message, None, reason))
