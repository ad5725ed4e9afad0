"""All that a series was taught: groups, and buckets of time. Histories merge exactly, in any order."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ._bucket import Bucket
from ._moments import COUNT
from ._names import ABSENT, Names
from ._references import References
from ._series import KEPT_BUCKETS, Floats, Ints, Rows, Series

MOST_GROUPS = 100_000
"""How many groups a series keeps, unless it is set."""

_NO_BUCKET = -(2**62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one series may keep, whatever is sent.

    Attributes:
        groups: How many groups; values of groups beyond it are refused, others are not affected.
        categories: How many categories that differ; those beyond it are counted in their group, but not by name.
        counts: How many counts of a bin or a category in a group and a bucket; those beyond it are refused.
    """

    groups: int = MOST_GROUPS
    categories: int = 100_000
    counts: int = 6_400_000


@dataclass(frozen=True, slots=True)
class History:
    """What one series was taught. Never changed once made; versions share the names, which are only added to.

    Attributes:
        series: Whose history it is.
        groups: The groups' keys, by their numbers.
        categories: The categories, by theirs.
        buckets: The buckets, by their numbers; only bucket 0, where there is no window.
        references: What live learning may not move far from.
    """

    series: Series
    groups: Names = field(default_factory=Names)
    categories: Names = field(default_factory=Names)
    buckets: Mapping[int, Bucket] = field(default_factory=dict)
    references: References = field(default_factory=References.none)

    @property
    def samples(self) -> int:
        """How many values it was taught."""
        return sum(bucket.samples for bucket in self.buckets.values())

    def samples_of_groups(self) -> Floats:
        """Return how many values each group was taught."""
        samples = np.zeros(len(self.groups))
        for bucket in self.buckets.values():
            samples[bucket.rows] += bucket.moments[:, COUNT]
        return samples

    def counts_of_categories(self) -> Floats:
        """Return how often each category was counted."""
        counts = np.zeros(len(self.categories))
        for bucket in self.buckets.values():
            np.add.at(counts, bucket.counts.codes, bucket.counts.counts)
        return counts

    @property
    def is_empty(self) -> bool:
        """Whether it was taught nothing."""
        return not self.buckets and not len(self.references)

    @property
    def rows(self) -> int:
        """How many rows of a table it takes: groups in buckets, counts and references."""
        return sum(len(bucket.rows) for bucket in self.buckets.values()) + self.entries + len(self.references)

    @property
    def entries(self) -> int:
        """How many counts it holds."""
        return sum(len(bucket.counts) for bucket in self.buckets.values())

    def merged(self, other: "History") -> "History":
        """Return what both teach together. It shares the names of this one, which those of the other are added to."""
        other = self.numbered(other)
        buckets = dict(self.buckets)
        for number, bucket in other.buckets.items():
            mine = buckets.get(number)
            buckets[number] = bucket if mine is None else mine.merged(bucket)
        return replace(self, buckets=buckets, references=self.references.merged(other.references))

    def numbered(self, other: "History") -> "History":
        """Return another one with the numbers that its names have here; those that are new are added."""
        if other.groups is self.groups and other.categories is self.categories:
            return other
        if other.groups is self.groups:
            rows = np.arange(len(self.groups), dtype=np.int32)
        else:
            rows = self.groups.add(other.groups.all())
        codes = self.categories.add(other.categories.all()).astype(np.int64) if len(other.categories) else None
        buckets = {number: bucket.renamed(rows, codes) for number, bucket in other.buckets.items()}
        return History(self.series, self.groups, self.categories, buckets, other.references.renamed(rows))

    def detached(self) -> "History":
        """Return it with names of its own, those of its groups and categories and no others."""
        rows = [column for column in (*(bucket.rows for bucket in self.buckets.values()), self.references.rows) if len(column)]
        groups, to = self.groups.part(rows[0] if len(rows) == 1 else _sorted(rows))
        categories, codes = self.categories, None
        if len(categories):
            categories, codes = categories.part(_sorted([bucket.counts.codes for bucket in self.buckets.values()]))
        if groups is self.groups and categories is self.categories:
            return self
        places = None if codes is None else codes.astype(np.int64)
        buckets = {number: bucket.renamed(to, places) for number, bucket in self.buckets.items()}
        return History(self.series, groups, categories, buckets, self.references.renamed(to))

    def admitted(self, new: "History", limits: Limits, now: int, refused: Counter[str]) -> "History":
        """Return what of `new` there is room for beside this one, the most frequent first.

        What does not fit, or is too old to be kept, is counted in `refused`.
        """
        oldest = self.oldest_kept(now)
        too_old = sum(bucket.samples for number, bucket in new.buckets.items() if number < oldest)
        if too_old:
            refused["too_old"] += too_old
            new = replace(new, buckets={number: bucket for number, bucket in new.buckets.items() if number >= oldest})
        known = new.groups is self.groups
        rows = None if known else _room(self.groups, new.groups, limits.groups, new.samples_of_groups)
        codes = _room(self.categories, new.categories, limits.categories, new.counts_of_categories)
        if rows is not None or codes is not None:
            before = new.samples, sum(int(bucket.counts.counts.sum()) for bucket in new.buckets.values())
            new = new.renumbered(rows, codes)
            refused["group_limit"] += before[0] - new.samples
            if codes is not None:
                refused["category_limit"] += before[1] - sum(int(bucket.counts.counts.sum()) for bucket in new.buckets.values())
        if self.entries >= limits.counts and new.entries:
            new = self._only_known_counts(new, refused)
        return new

    def renumbered(self, rows: Rows | None, codes: Rows | None) -> "History":
        """Return it with names of its own, numbered as these say (None: as they are), without those that are ABSENT."""
        if rows is None:
            rows = np.arange(len(self.groups), dtype=np.int32)
        groups = _chosen(self.groups, rows)
        categories = self.categories if codes is None else _chosen(self.categories, codes)
        places = None if codes is None else codes.astype(np.int64)
        buckets = {number: bucket.renamed(rows, places) for number, bucket in self.buckets.items()}
        return History(
            self.series,
            groups,
            categories,
            {number: bucket for number, bucket in buckets.items() if len(bucket.rows)},
            self.references.renamed(rows),
        )

    def _only_known_counts(self, new: "History", refused: Counter[str]) -> "History":
        rows = self.groups.find(new.groups.all())
        codes = self.categories.find(new.categories.all()).astype(np.int64) if len(new.categories) else None
        buckets = {}
        for number, bucket in new.buckets.items():
            counts, mine = bucket.counts, self.buckets.get(number)
            where = counts.codes if codes is None else codes[counts.codes]
            known = np.zeros(len(counts), np.bool_) if mine is None else mine.counts.at(rows[counts.rows], where) > 0
            refused["count_limit"] += int(counts.counts[~known].sum())
            buckets[number] = replace(bucket, counts=counts.where(known))
        return replace(new, buckets=buckets)

    def oldest_kept(self, now: int) -> int:
        """Return the number of the oldest bucket that is kept; a number below all others if none is too old.

        Args:
            now: The clock, in nanoseconds. Buckets ahead of it do not make others old.
        """
        if self.series.window is None:
            return _NO_BUCKET
        current = self.series.bucket(now)
        newest = max((number for number in self.buckets if number <= current), default=_NO_BUCKET)
        return newest - KEPT_BUCKETS + 1

    def pruned(self, now: int) -> "History":
        """Return it without the buckets that are too old to be kept, and without the groups that were only there."""
        oldest = self.oldest_kept(now)
        if min(self.buckets, default=oldest) >= oldest:
            return self
        kept = {number: bucket for number, bucket in self.buckets.items() if number >= oldest}
        alive = np.zeros(len(self.groups), np.bool_)
        for bucket in kept.values():
            alive[bucket.rows] = True
        if alive.all():
            return replace(self, buckets=kept)
        rows = np.where(alive, np.cumsum(alive) - 1, ABSENT).astype(np.int32)
        return replace(self, buckets=kept).renumbered(rows, None)

    def without_references(self) -> "History":
        """Return it without references."""
        return replace(self, references=References.none())

    def only_references(self) -> "History":
        """Return its references alone."""
        return replace(self, buckets={})

    def with_references(self, keys: Sequence[str], values: Floats, since: Ints) -> "History":
        """Return it with references added.

        Args:
            keys: The groups.
            values: A row a group, with the expected value, the deviation and both bounds.
            since: When each was taken, in nanoseconds.
        """
        found = References.of(self.groups.add(keys), values, since)
        return replace(self, references=self.references.merged(found))


def _room(known: Names, new: Names, limit: int, weights: Callable[[], Floats]) -> Rows | None:
    """Return a number for each new name that is known or has room, ABSENT for the others; None if all have.

    Of those that are not known, there is room for the weightiest first: names that anyone may make up weigh least.
    """
    if len(known) + len(new) <= limit:
        return None
    names = new.all()
    fresh = known.find(names) == ABSENT
    room = max(limit - len(known), 0)
    if int(fresh.sum()) <= room:
        return None
    kept = ~fresh
    candidates = np.flatnonzero(fresh)
    kept[candidates[np.argsort(-weights()[candidates], kind="stable")[:room]]] = True
    return np.where(kept, np.cumsum(kept) - 1, ABSENT).astype(np.int32)


def _sorted(columns: Sequence[Any]) -> Any:
    """Return the numbers that are in any of several columns, ascending."""
    return np.unique(np.concatenate([np.empty(0, np.int32), *columns]))


def _chosen(names: Names, numbers: Rows) -> Names:
    return Names(name for name, number in zip(names.all(), numbers.tolist(), strict=False) if number != ABSENT)
