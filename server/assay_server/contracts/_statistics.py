"""What a contract compares with history, and what of that cannot be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic_core import CoreSchema

from ._enforcement import Enforcement
from ._feature import Feature
from ._history_markers import HISTORY, HistoryMarker
from ._problems import DeclarationError
from ._sensitivity import Sensitivity
from ._values import Value, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """One comparison with history, as a contract declares it.

    Attributes:
        check: The check's stable identifier.
        field: The place that it looks at: a JSON Pointer, or "@" and the name of a feature.
        path: The attributes that lead to the value, joined by dots.
        marker: How it compares.
        by: The fields and features that make a group.
        window: How far back history reaches, in nanoseconds; None for all of it.
        enforcement: What follows from a finding.
        required: Whether it is a finding too that it could not run.
        sensitive: Whether the value must not be shown.
    """

    check: str
    field: str
    path: str
    marker: HistoryMarker
    by: tuple[str, ...]
    window: int | None
    enforcement: Enforcement
    required: bool
    sensitive: bool


class Declared:
    """All that a contract could be compared by, and the markers on it.

    Args:
        schema: The model's core schema.
        sensitivity: What is sensitive in it.
        features: The features, each with whether it is sensitive.

    Attributes:
        values: The single values that there are, by path; several where a union has branches.
    """

    def __init__(self, schema: CoreSchema, sensitivity: Sensitivity, features: Iterable[tuple[Feature[Any], bool]]) -> None:
        values = Values(sensitivity)
        self._found = values.of_model(schema)
        self._found += [values.of_return(one.schema(), one.name, sensitive=hidden) for one, hidden in features]
        self.values: dict[str, list[Value]] = {}
        for value in self._found:
            self.values.setdefault(value.path, []).append(value)
        self._schema = schema
        self._sensitivity = sensitivity
        self._known: set[tuple[str, str]] = set()

    def markers(self) -> Iterator[tuple[str, Value, HistoryMarker]]:
        """Yield each marker with the attribute of the contract that it belongs to, and the value that it is on."""
        seen: set[tuple[str, int]] = set()
        for value in self._found:
            for marker in value.markers:
                if (value.path, id(marker)) not in seen:  # Several branches of a union may share it.
                    seen.add((value.path, id(marker)))
                    yield value.path.partition(".")[0], value, marker

    def misplaced(self) -> Iterator[str]:
        """Yield the fields with a marker where there is no single value, such as in a list."""
        reached = {id(marker) for value in self._found for marker in value.markers}
        for name, markers in self._sensitivity.metadata(self._schema, HISTORY):
            if any(id(marker) not in reached for found in markers for marker in found):
                yield name

    def statistic(self, value: Value, marker: HistoryMarker) -> Statistic:
        """Return what a marker on a value says.

        Raises:
            DeclarationError: If it cannot be.
        """
        name = type(marker).__name__
        if marker.takes_numbers and not value.is_number:
            raise DeclarationError(
                f"{name} is on a value that is no number",
                "Put it on an int, a float or a Decimal; a category takes Novelty.",
            )
        if not marker.takes_numbers and not value.is_category:
            raise DeclarationError(
                f"{name} is on a value that is no category", "Put it on a text, a Literal, an Enum, a bool or an int."
            )
        if not marker.takes_numbers and value.sensitive:
            raise DeclarationError(
                f"{name} keeps the categories that it sees, and this value is sensitive", f"Take {name} or Sensitive() away."
            )
        for field in marker.fields:
            self._check_by(field)
        check = f"statistics.{marker.name or marker.kind}"
        if (check, value.pointer) in self._known:
            raise DeclarationError(
                f"there are two checks {check} of {value.pointer}", f'Give one of them a name: {name}(…, name="…").'
            )
        self._known.add((check, value.pointer))
        enforcement = Enforcement.parse(marker.enforcement)
        window = marker.duration
        return Statistic(
            check=check,
            field=value.pointer,
            path=value.path,
            marker=marker,
            by=marker.fields,
            window=None if window is None else window // timedelta(microseconds=1) * 1000,
            enforcement=enforcement,
            required=enforcement is Enforcement.REJECT if marker.required is None else marker.required,
            sensitive=value.sensitive,
        )

    def _check_by(self, field: str) -> None:
        values = self.values.get(field)
        if values is None:
            raise DeclarationError(
                f"by names {field!r}, which is neither a field nor a feature",
                f"Name one of {', '.join(sorted(self.values))}.",
            )
        if any(value.sensitive for value in values):
            raise DeclarationError(
                f"by names {field!r}, which is sensitive: its values would be kept, and shown as groups", "Name another field."
            )
        if not all(value.is_category or value.is_number for value in values):
            raise DeclarationError(f"by names {field!r}, which is no single value", "Name a text, a number or an Enum.")
