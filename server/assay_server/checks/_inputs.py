"""The features of a model, taken out of batches of events."""

from array import array
from collections.abc import Callable, Collection, Sequence
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from assay_server.contracts import ModelDeclaration
from assay_server.models import Column, FeatureKind, FeatureSpec, Floats, SingleEncoder

from ._batch import NO_INSTANT, Batch, instant_of
from ._findings import SkipReason

_NUMBERS = frozenset({FeatureKind.NUMBER, FeatureKind.BOOLEAN})
_CATEGORIES = frozenset({FeatureKind.ONE_HOT, FeatureKind.FREQUENCY})
_PLAIN = frozenset({float, int, bool, type(None)})


class Taken(NamedTuple):
    """The features of a batch.

    Attributes:
        columns: Each feature's values by the feature's name, for the events that have them all.
        places: Where in the batch those events are; None for all of them.
    """

    columns: dict[str, Column]
    places: npt.NDArray[np.intp] | None


class Absent(NamedTuple):
    """Why an event has not all features; `error` is what an author's own code raised."""

    reason: SkipReason
    message: str
    error: BaseException | None = None


def features_of(declaration: ModelDeclaration) -> tuple[FeatureSpec, ...]:
    """Return what a model looks at, as models know it."""
    return tuple(
        FeatureSpec(name=one.name, kind=FeatureKind(one.kind), source=one.source, sensitive=one.sensitive)
        for one in declaration.features
    )


class Inputs:
    """Takes what a model looks at out of events.

    Args:
        declaration: The model.
        fields: The fields of the events.

    Attributes:
        features: What it looks at.
    """

    def __init__(self, declaration: ModelDeclaration, fields: Collection[str] = ()) -> None:
        self.features = features_of(declaration)
        numeric = all(feature.kind in _NUMBERS for feature in self.features)
        sources = [feature.source for feature in self.features]
        # With one name, attrgetter gives the value and no tuple.
        self._read_all = attrgetter(*sources) if numeric and len(sources) > 1 else None
        # What a model holds as fields is read from where it holds them.
        self._read_record = itemgetter(*sources) if self._read_all and set(sources) <= set(fields) else None
        self._reads = [_reader(feature) for feature in self.features]

    def row(self, event: Any, time: int, single: SingleEncoder) -> Floats | None:
        """Return the matrix of one event, in a few microseconds; None where a closer look is needed.

        Args:
            event: The event.
            time: When it happened, in nanoseconds since 1970.
            single: What encodes it.
        """
        try:
            if (read_record := self._read_record) is not None:
                return single.encode(read_record(event.__dict__))
            if (read_all := self._read_all) is not None:
                return single.encode(read_all(event))
            return single.encode([read(event, time) for read in self._reads])
        except Exception:  # noqa: BLE001  # An author's own code may raise anything; who looks closer will see it.
            return None

    def matrix(self, batch: Batch) -> Floats | None:
        """Return the features of a batch as a model sees them, (n, features); None unless all are numbers, and there."""
        numbers = self._numbers(batch)
        return numbers if numbers is not None and np.isfinite(numbers).all() else None

    def take(self, batch: Batch) -> Taken:
        """Return the features of the events that have them all."""
        if (numbers := self._numbers(batch)) is not None:
            columns: dict[str, Column] = {feature.name: numbers[:, place] for place, feature in enumerate(self.features)}
            present = np.isfinite(numbers).all(axis=1)
        else:
            columns = {feature.name: _column(feature, batch) for feature in self.features}
            present = np.ones(len(batch), np.bool_)
            for feature in self.features:
                present &= _is_there(feature, columns[feature.name])
        if present.all():
            return Taken(columns, None)
        places = np.flatnonzero(present)
        return Taken({name: part_of(column, places) for name, column in columns.items()}, places)

    def _numbers(self, batch: Batch) -> Floats | None:
        """Return the features of a batch as a matrix, (n, features), if all of them are plain numbers, or missing.

        Column by column costs twice as much.
        """
        if self._read_all is None:
            return None
        try:
            if self._read_record is not None:
                values = list(chain.from_iterable(map(self._read_record, batch.records())))
            else:
                values = list(chain.from_iterable(map(self._read_all, batch.models)))
            try:
                flat: Any = array("d", values)  # It takes what is a number, and nothing else.
            except TypeError:
                if not _PLAIN.issuperset(map(type, values)):
                    return None
                flat = values
            return np.array(flat, np.float64).reshape(len(batch), -1)
        except Exception:  # noqa: BLE001  # An author's own code may raise anything; who goes by column will see it.
            return None

    def absent(self, batch: Batch, index: int) -> Absent:
        """Return why an event that `take` left out has not all features."""
        missing: list[str] = []
        for feature in self.features:
            column, source = _column(feature, batch), feature.source or "timestamp"
            error = batch.failures(feature.source).get(index)
            if error is not None:
                return Absent(SkipReason.UNAVAILABLE, f"the feature {source} could not be computed", error)
            if feature.kind in _NUMBERS and np.isinf(column[index]):
                return Absent(SkipReason.UNAVAILABLE, f"{source} is no finite number")
            if not _is_there(feature, column[index : index + 1])[0]:
                missing.append(source)
        return Absent(SkipReason.INPUT_MISSING, f"the event has no {', '.join(dict.fromkeys(missing))}")


def _reader(feature: FeatureSpec) -> Callable[[Any, int], Any]:
    if not feature.source:
        return lambda _, time: time if time != NO_INSTANT else None
    read = attrgetter(feature.source)
    if feature.kind in _NUMBERS | _CATEGORIES:
        return lambda event, _: read(event)
    return lambda event, _: instant_of(read(event))


def _column(feature: FeatureSpec, batch: Batch) -> Any:
    if feature.kind in _NUMBERS:
        return batch.numbers(feature.source)
    if feature.kind in _CATEGORIES:
        return batch.texts(feature.source)
    return batch.instants(feature.source) if feature.source else batch.event_instants()


def _is_there(feature: FeatureSpec, column: Any) -> Any:
    if feature.kind in _NUMBERS:
        return np.isfinite(column)
    if feature.kind in _CATEGORIES:
        return np.array([text is not None for text in column], np.bool_)
    return column != NO_INSTANT


def part_of(column: Any, places: npt.NDArray[np.intp]) -> Column:
    """Return the values of a column at some places."""
    if isinstance(column, np.ndarray):
        return column[places]
    kept: Sequence[str] = [column[place] for place in places.tolist()]
    return kept
