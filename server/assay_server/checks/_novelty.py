"""Categories that were hardly ever seen."""

from typing import NamedTuple, cast

import numpy as np

from assay_server.baselines import History, Kind, Snapshot, View
from assay_server.contracts import Contract, EventContract, Novelty, Statistic

from ._batch import Batch, text_of
from ._findings import CategoricalEvidence
from ._past import Past
from ._protocol import Report
from ._statistical import Floats, Mask, StatisticalCheck, Where, of_group, places

_LONGEST = 200
_MOST_KNOWN = 65_536


class _Reading(NamedTuple):
    where: Where
    counts: Floats
    totals: Floats
    present: Mask | None


class NoveltyCheck(StatisticalCheck):
    """Finds categories that were seen less often in their group's history than a count, or than a share of it.

    The empirical frequency of a category, count / total, is the maximum-likelihood estimate of its probability: Agresti,
    "Categorical Data Analysis", section 1.2.
    """

    kind = Kind.CATEGORIES

    def __init__(self, contract: Contract, statistic: Statistic, past: Past) -> None:
        marker = cast("Novelty", statistic.marker)
        self._min_count, self._min_share = marker.min_count, marker.min_share
        super().__init__(contract, statistic, past)
        self._known_to: View | None = None
        self._known: dict[tuple[int, str, str], bool] = {}
        self._passed = "", ""

    def run(self, batch: Batch, report: Report) -> None:
        """Compare a batch with history."""
        if not len(batch):
            return
        reading = self._read(batch)
        enough = reading.totals >= self._least
        if reading.present is not None:
            enough &= reading.present
        usual = enough & self._is_usual(reading.counts, reading.totals)
        if usual.all() and not report.explain:
            return
        for index in range(len(batch)) if report.explain else places(~usual):
            if not enough[index]:
                self._skip(batch, index, reading.where, float(reading.totals[index]), report)
                continue
            evidence = self._evidence(batch, reading, index)
            if not usual[index]:
                report.found(batch.rows[index], self._description, self._message(evidence), evidence)
            if report.explain:
                report.saw(batch.rows[index], self._description, evidence)

    def learn(self, batch: Batch, *, live: bool = True) -> None:
        """Teach history the categories of events. Nothing is clipped: a category counts once, whoever sends it."""
        del live
        baselines = self._past.baselines
        if baselines is None or not len(batch):
            return
        keys, times = self._keys(batch), batch.nanoseconds()
        present = self._present(batch)
        kept = range(len(batch)) if present is None else places(present)
        if not len(kept):
            return
        texts = batch.texts(self.statistic.path)
        values = [text for index in kept if (text := texts[index]) is not None]
        if present is not None:
            times = times[present]
            keys = None if keys is None else [keys[index] for index in kept]
        baselines.learn(self.series, keys, values, times)

    def passes(self, event: EventContract, time: int, snapshot: Snapshot | None) -> bool:
        """Return whether the category of one event has been seen often enough."""
        try:
            text, key = text_of(self._value(event)), self._group_of(event)
            if text is None or key is None:
                return False
            view = self._view_of(snapshot)
            if view is not self._known_to:
                self._known_to, self._known = view, {}
            windowed = self.statistic.window is not None
            place = (time // self.series.bucket_width if windowed else 0, key, text)
            self._passed = key, text
            usual = self._known.get(place)
            if usual is None:
                times = np.array((time,), np.int64) if windowed else None
                found = view.categories([key] if self.statistic.by else None, times, [text])
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                usual = self._known[place] = bool(self._is_usual(found.counts, found.totals)[0])
        except Exception:  # noqa: BLE001  # An author's own code may raise anything; who looks closer will see it.
            return False
        return usual

    def passed(self, time: int, *, learn: bool) -> None:
        """Teach history the event that has just passed."""
        if learn and (baselines := self._past.baselines) is not None:
            baselines.learn_one(self.series, *self._passed, time)

    def referred(self, history: History, now: int) -> History:
        """Return the history as it is: categories drift as they like."""
        del now
        return history

    def _is_usual(self, counts: Floats, totals: Floats) -> Mask:
        """Return where there is enough history, and enough of a category in it."""
        return (totals >= self._least) & (counts >= self._min_count) & (counts >= self._min_share * totals)

    def _read(self, batch: Batch) -> _Reading:
        where = self._where(batch, self._view_of(batch.snapshot))
        found = where.view.categories(where.keys, where.times, self._column(batch))
        return _Reading(where, found.counts, found.totals, self._present(batch))

    def _column(self, batch: Batch) -> list[str]:
        return [text or "" for text in batch.texts(self.statistic.path)]

    def _present(self, batch: Batch) -> Mask | None:
        texts = batch.texts(self.statistic.path)
        missing = batch.groups(self.statistic.by).missing if self.statistic.by else None
        if None not in texts and missing is None:
            return None
        present = np.array([text is not None for text in texts], dtype=np.bool_)
        return present if missing is None else present & ~missing

    def _evidence(self, batch: Batch, reading: _Reading, index: int) -> CategoricalEvidence:
        return CategoricalEvidence(
            observed=batch.texts(self.statistic.path)[index] or "",
            count=int(reading.counts[index]),
            sample_count=int(reading.totals[index]),
            group=self._group(reading.where, index),
        )

    def _message(self, evidence: CategoricalEvidence) -> str:
        times = "never" if not evidence.count else "only once" if evidence.count == 1 else f"only {evidence.count} times"
        whose = of_group(evidence.group)
        return f"{evidence.observed[:_LONGEST]!r} was seen {times} among {evidence.sample_count} values{whose}"

    def _is_missing(self, batch: Batch, index: int) -> bool:
        return batch.texts(self.statistic.path)[index] is None

    def _sentence(self) -> str:
        least = ["once" if self._min_count == 1 else f"{self._min_count} times"] if self._min_count else []
        least += [f"in a share of {self._min_share:g}"] if self._min_share else []
        return f"The category has been seen at least {' and '.join(least)} among {self._about()}."
