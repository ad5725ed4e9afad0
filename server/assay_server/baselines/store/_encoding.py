"""What was learned, as bytes: how one process hands it to the others."""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from assay_server.baselines.history import Bucket, Counts, History, Names, References, Series

_HEAD = struct.Struct("<Q")


def encode(histories: Mapping[Series, History]) -> bytes:
    """Return histories as bytes: a header in JSON, and the columns one after another."""
    heads, columns = [], []
    for series, history in histories.items():
        buckets = []
        for number, bucket in history.buckets.items():
            buckets.append([number, len(bucket.rows), len(bucket.counts)])
            columns += [
                (bucket.rows, "<i4"),
                (bucket.moments, "<f8"),
                (bucket.counts.keys, "<i8"),
                (bucket.counts.counts, "<i8"),
            ]
        references = history.references
        columns += [(references.rows, "<i4"), (references.values, "<f8"), (references.since, "<i8")]
        heads.append([series.name, history.groups.all(), history.categories.all(), buckets, len(references)])
    head = json.dumps(heads).encode()
    return b"".join([_HEAD.pack(len(head)), head, *(np.ascontiguousarray(column, kind).tobytes() for column, kind in columns)])


def decode(data: bytes) -> dict[Series, History]:
    """Return the histories that `encode` made bytes of."""
    (length,) = _HEAD.unpack_from(data)
    columns = _Columns(data, _HEAD.size + length)
    histories = {}
    for name, groups, categories, heads, referred in json.loads(data[_HEAD.size : _HEAD.size + length]):
        buckets = {}
        for number, groups_in_it, counts in heads:
            rows = columns.take("<i4", groups_in_it)
            table = columns.take("<f8", groups_in_it * 6).reshape(-1, 6)
            buckets[number] = Bucket.of(rows, table, Counts(columns.take("<i8", counts), columns.take("<i8", counts)))
        references = References(
            columns.take("<i4", referred), columns.take("<f8", referred * 4).reshape(-1, 4), columns.take("<i8", referred)
        )
        series = Series.from_name(name)
        histories[series] = History(series, Names(groups), Names(categories), buckets, references)
    return histories


class _Columns:
    def __init__(self, data: bytes, start: int) -> None:
        self._data, self._place = data, start

    def take(self, kind: str, size: int) -> Any:
        column = np.frombuffer(self._data, kind, size, self._place)
        self._place += column.nbytes
        return column
