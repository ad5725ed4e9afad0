"""Markers that compare a field, or what a feature returns, with history."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import isfinite
from typing import Any, ClassVar, cast

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from assay_server._durations import parse_duration

from ._enforcement import Enforcement
from ._markers import EnforcementName
from ._problems import DeclarationError

HISTORY = "assay_history"
"""The key in a core schema's metadata that says with what its values are compared: a tuple of markers."""

_SHARED = {"definition-ref", "definitions", "model", "dataclass", "enum"}
_LONGEST_WINDOW = timedelta(days=36_500)
_SHORTEST_WINDOW = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class HistoryMarker(ABC):
    """What all comparisons with history have in common.

    Args:
        by: The field, or the fields and features, whose values make a group with a history of its own; nested ones with
            dots, "customer.country". One history for all by default.
        window: How far back history reaches from an event's time, such as "90d"; all of it by default.
        min_samples: With how many values in its group's history the check begins; below, it is WARMING_UP.
        enforcement: What follows from a finding.
        required: Whether it is a finding too that the check could not run. By default, where it rejects.
        name: What the check is called, `statistics.<name>`; the marker's own kind by default.

    Options that cannot be are found when the class is made that has the marker on a field: only then is it known where.
    """

    by: str | Sequence[str] = ()
    window: timedelta | str | None = None
    min_samples: int = 30
    enforcement: EnforcementName = "warn"
    required: bool | None = None
    name: str | None = None

    kind: ClassVar[str]
    """What the check is called unless it has a name."""

    takes_numbers: ClassVar[bool] = True
    """Whether it compares numbers; else, categories."""

    def __post_init__(self) -> None:
        by = (self.by,) if isinstance(self.by, str) else self.by
        object.__setattr__(self, "by", tuple(by) if isinstance(by, Sequence) else by)

    def check(self) -> None:
        """Look at the options.

        Raises:
            DeclarationError: If one of them cannot be what it is.
        """
        by = self.by
        if not isinstance(by, tuple) or not all(isinstance(name, str) and name for name in by) or len(set(by)) < len(by):
            raise self._wrong(f"by={by!r} does not name fields, each once", 'by="carrier" or by=("origin", "dest")')
        if not _is_count(self.min_samples, 1):
            raise self._wrong(f"min_samples={self.min_samples!r} is no whole number above zero", "min_samples=30")
        if self.name is not None and not (isinstance(self.name, str) and self.name.isidentifier() and self.name.isascii()):
            raise self._wrong(f"name={self.name!r} is no name of letters, digits and _", 'name="unusual_delay"')
        try:
            Enforcement.parse(self.enforcement)
            window = self.duration
        except ValueError as error:
            raise self._wrong(str(error), 'window="90d", enforcement="warn"') from None
        if window is not None and not _SHORTEST_WINDOW <= window <= _LONGEST_WINDOW:
            raise self._wrong(f"window={self.window!r} is not between a second and 36500 days", 'window="90d"')
        self._check_own()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields and features that make a group."""
        return cast("tuple[str, ...]", self.by)

    @property
    def duration(self) -> timedelta | None:
        """How far back history reaches; None for all of it."""
        return None if self.window is None else parse_duration(self.window)

    @abstractmethod
    def _check_own(self) -> None:
        """Raise DeclarationError if an option of its own cannot be what it is."""

    def _wrong(self, what: str, example: str) -> DeclarationError:
        return DeclarationError(f"{type(self).__name__}: {what}", f"Write {type(self).__name__}({example}).")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler | None = None) -> CoreSchema:
        if handler is None:  # It was the class that stood there, so that `self` is the source.
            raise DeclarationError("a marker is not called", "Write its name with parentheses.", source.field_name or "")
        try:
            self.check()
        except DeclarationError as error:
            raise DeclarationError(error.message, error.remedy, handler.field_name or "") from None
        schema = handler(source)
        if "ref" in schema or schema["type"] in _SHARED:
            # Such a schema is shared by all fields of its type: mark a wrapper, which reads as the type itself.
            schema = core_schema.chain_schema([schema])
        metadata = schema.get("metadata") or {}
        marked: Any = {**schema, "metadata": {**metadata, HISTORY: (*metadata.get(HISTORY, ()), self)}}
        return cast("CoreSchema", marked)


@dataclass(frozen=True)
class ThreeSigma(HistoryMarker):
    """Finds a number more than k sample standard deviations from the historical mean of its group."""

    k: float = field(default=3.0, kw_only=False)

    kind: ClassVar[str] = "three_sigma"

    def _check_own(self) -> None:
        if not _is_number(self.k) or self.k <= 0:
            raise self._wrong(f"k={self.k!r} is no number above zero", "k=3")


@dataclass(frozen=True)
class RobustSigma(HistoryMarker):
    """Finds a number more than k scaled median absolute deviations from the median of its group.

    The deviation is scaled by 1.4826, which makes it the standard deviation where history is normal.
    """

    k: float = field(default=3.5, kw_only=False)

    kind: ClassVar[str] = "robust_sigma"

    def _check_own(self) -> None:
        if not _is_number(self.k) or self.k <= 0:
            raise self._wrong(f"k={self.k!r} is no number above zero", "k=3.5")


@dataclass(frozen=True)
class QuantileRange(HistoryMarker):
    """Finds a number outside of two quantiles of its group's history, widened by a share of their distance; for skewed data."""

    low: float = field(default=0.001, kw_only=False)
    high: float = field(default=0.999, kw_only=False)
    margin: float = field(default=0.0, kw_only=False)

    kind: ClassVar[str] = "quantile_range"

    def _check_own(self) -> None:
        if not (_is_number(self.low) and _is_number(self.high)) or not 0 <= self.low < self.high <= 1:
            raise self._wrong(
                f"low={self.low!r} and high={self.high!r} are not 0 to 1, the lower one first", "low=0.001, high=0.999"
            )
        if not _is_number(self.margin) or self.margin < 0:
            raise self._wrong(f"margin={self.margin!r} is no number from zero", "low=0.01, high=0.99, margin=0.5")


@dataclass(frozen=True)
class Novelty(HistoryMarker):
    """Finds a category that was seen less than `min_count` times in its group, or made up less than `min_share` of it."""

    min_count: int = field(default=1, kw_only=False)
    min_share: float = field(default=0.0, kw_only=False)

    kind: ClassVar[str] = "novelty"
    takes_numbers: ClassVar[bool] = False

    def _check_own(self) -> None:
        if not _is_count(self.min_count, 0):
            raise self._wrong(f"min_count={self.min_count!r} is no whole number from zero", "min_count=1")
        if not _is_number(self.min_share) or not 0 <= self.min_share <= 1:
            raise self._wrong(f"min_share={self.min_share!r} is not 0 to 1", "min_share=0.001")
        if not self.min_count and not self.min_share:
            raise self._wrong("with neither min_count nor min_share it finds nothing", "min_count=1")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
