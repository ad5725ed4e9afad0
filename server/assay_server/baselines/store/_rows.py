"""What was learned as rows of tables, and back."""

import json
import math
from collections.abc import Iterator, Sequence
from itertools import repeat
from json.encoder import encode_basestring_ascii
from typing import Any

import numpy as np
import sqlalchemy as sql
from sqlalchemy.engine import Connection

from assay_server.baselines.history import (
    COUNT,
    NEWEST,
    Bucket,
    Counts,
    Floats,
    History,
    Ints,
    Kind,
    Names,
    References,
    Rows,
    Series,
    group_keys,
    group_values,
)

from ._tables import BINS, CATEGORIES, MOMENTS, REFERENCES

_PART = 65_536


def rows_of(history: History) -> Iterator[tuple[sql.Table, list[tuple[Any, ...]]]]:
    """Return the rows of each table for a history, without the number of its series.

    They are in the order in which all processes write them: so none waits for another that waits for it.
    """
    keys = [_text(history.series, key) for key in history.groups.all()]
    yield MOMENTS, sorted(_moment_rows(history, keys))
    if history.series.kind is not Kind.MOMENTS:
        yield CATEGORIES if history.series.kind is Kind.CATEGORIES else BINS, sorted(_count_rows(history, keys))
    yield REFERENCES, sorted(_reference_rows(history.references, keys))


def _moment_rows(history: History, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for number, bucket in history.buckets.items():
        columns = bucket.moments.T.tolist()
        newest = [None if math.isinf(micros) else int(micros) for micros in columns[NEWEST]]
        chosen = [keys[row] for row in bucket.rows.tolist()]
        counts = map(int, columns[COUNT])
        yield from zip(repeat(number), chosen, counts, *columns[COUNT + 1 : NEWEST], newest, strict=False)


def _count_rows(history: History, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    categories = list(map(encode_basestring_ascii, history.categories.all()))
    for number, bucket in history.buckets.items():
        counts = bucket.counts
        codes: list[Any] = counts.codes.tolist()
        if history.series.kind is Kind.CATEGORIES:
            codes = [categories[code] for code in codes]
        yield from zip(repeat(number), [keys[row] for row in counts.rows.tolist()], codes, counts.counts.tolist(), strict=False)


def _reference_rows(references: References, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    chosen = [keys[row] for row in references.rows.tolist()]
    return zip(chosen, *references.values.T.tolist(), references.since.tolist(), strict=True)


def _text(series: Series, key: str) -> str:
    return f"[{', '.join(map(encode_basestring_ascii, group_values(key, len(series.by))))}]"


def _key(text: str) -> str:
    keys = group_keys([[value] for value in json.loads(text)])
    return keys[0] if keys else ""


def read_history(connection: Connection, number: int, series: Series) -> History:
    """Return all that the store holds of a series."""
    reader = _Reader(connection, number)
    reader.read_moments()
    if series.kind is not Kind.MOMENTS:
        reader.read_counts(CATEGORIES if series.kind is Kind.CATEGORIES else BINS)
    references = reader.read_references()
    buckets = {bucket: reader.bucket(bucket) for bucket in reader.tables}
    return History(series, Names(map(_key, reader.groups)), Names(map(json.loads, reader.categories)), buckets, references)


class _Reader:
    """Reads the rows of one series, a part at a time, into columns."""

    def __init__(self, connection: Connection, number: int) -> None:
        self._connection, self._number = connection, number
        self.groups: dict[str, int] = {}
        self.categories: dict[str, int] = {}
        self.tables: dict[int, list[tuple[Rows, Floats]]] = {}
        self._counts: dict[int, list[tuple[Rows, Ints, Ints]]] = {}

    def read_moments(self) -> None:
        for part in self._parts(MOMENTS):
            buckets, keys, *columns, newest = part
            rows = _numbered(self.groups, keys)
            micros = [-math.inf if time is None else float(time) for time in newest]
            table = np.array([*columns, micros], np.float64).T
            for bucket, chosen in _by_bucket(buckets):
                self.tables.setdefault(bucket, []).append((rows[chosen], table[chosen]))

    def read_counts(self, table: sql.Table) -> None:
        for part in self._parts(table):
            buckets, keys, codes, counts = part
            rows = _numbered(self.groups, keys)
            numbers = _numbered(self.categories, codes).astype(np.int64) if table is CATEGORIES else np.array(codes, np.int64)
            for bucket, chosen in _by_bucket(buckets):
                found = rows[chosen], numbers[chosen], np.array(counts, np.int64)[chosen]
                self._counts.setdefault(bucket, []).append(found)

    def read_references(self) -> References:
        references = References.none()
        for part in self._parts(REFERENCES):
            keys, *columns, since = part
            rows = _numbered(self.groups, keys)
            references = references.merged(References.of(rows, np.array(columns, np.float64).T, np.array(since, np.int64)))
        return references

    def bucket(self, number: int) -> Bucket:
        rows, table = (np.concatenate(parts) for parts in zip(*self.tables[number], strict=True))
        order = np.argsort(rows)
        counts = Counts.none()
        if number in self._counts:
            counts = Counts.of(*(np.concatenate(parts) for parts in zip(*self._counts[number], strict=True)))
        return Bucket.of(rows[order], table[order], counts)

    def _parts(self, table: sql.Table) -> Iterator[tuple[Sequence[Any], ...]]:
        columns = [column for column in table.columns if column.name != "series"]
        query = sql.select(*columns).where(table.c.series == self._number)
        result = self._connection.execute(query.execution_options(yield_per=_PART))
        for part in result.partitions():
            yield tuple(zip(*part, strict=True))


def _numbered(names: dict[str, int], found: Sequence[str]) -> Rows:
    return np.fromiter((names.setdefault(name, len(names)) for name in found), np.int32, len(found))


def _by_bucket(buckets: Sequence[int]) -> Iterator[tuple[int, Ints]]:
    numbered, places = np.unique(np.array(buckets, np.int64), return_inverse=True)
    for place, bucket in enumerate(numbered.tolist()):
        yield bucket, np.flatnonzero(places == place)
