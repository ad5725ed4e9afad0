"""Verdicts as they go into responses: encoded together, as they were judged, and handed out response by response."""

from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from assay.v1 import verdict_pb2
from assay_server.engine import Judged, Pace, Verdict, Verdicts

from . import _wire
from ._verdicts import FINDING_BYTES, LENGTH_DELIMITED, Detail, write_verdict

_VARINT = 0x80
_ID_TAG = verdict_pb2.Verdict.DESCRIPTOR.fields_by_name["event_id"].number << 3 | LENGTH_DELIMITED


class _Written(NamedTuple):
    """Verdicts that were judged together, one after the other, and where each of them ends."""

    data: bytes
    ends: list[int]


class Rows:
    """Verdicts, encoded as elements of a field, to be taken from the first to the last.

    Args:
        number: The number of the field.
        verdicts: The verdicts.
        limit: How long a response may be.
    """

    def __init__(self, number: int, verdicts: Verdicts, limit: int) -> None:
        self._number = number
        self._limit = limit
        self._parts = iter(verdicts.parts)
        self._size = self._row = 0
        self._part: Judged | None = None
        self._written: _Written | None = None

    async def take(self, count: int, room: int) -> list[bytes] | None:
        """Return the next verdicts, so many of them, in as many pieces as there are; None if they take more than `room`."""
        pieces: list[bytes] = []
        pace = Pace()
        while count:
            if self._row == self._size:
                await pace.keep()
                self._part = next(self._parts)
                self._size, self._row, self._written = len(self._part), 0, None
            start, self._row = self._row, min(self._row + count, self._size)
            count -= self._row - start
            if room < 0:
                continue
            if self._written is None and self._part is not None:
                self._written = _written(self._number, self._part, self._limit)
            if self._written is None:
                room = -1
                continue
            data, ends = self._written
            piece = data[ends[start - 1] if start else 0 : ends[self._row - 1]]
            pieces.append(piece)
            room -= len(piece)
        return pieces if room >= 0 else None


def _written(number: int, judged: Judged, limit: int) -> _Written | None:
    """Return verdicts, whole, as elements of the field with this number; None if they are too many to be worth it.

    Of an event that nothing was said of, only the identifier tells its verdict from others: so what they share is encoded once.
    """
    if len(judged) == 1:
        only = element(number, judged[0])
        return _Written(only, [len(only)])
    said = judged.said
    if sum(len(verdict.findings) for verdict in said.values()) * FINDING_BYTES > limit:
        return None
    versions, which = judged.versions()
    start = _plain(judged.at)
    parts = [start + _version(version) for version in versions]
    for row, verdict in said.items():
        which[row] = len(parts)
        message = verdict_pb2.Verdict()
        write_verdict(message, verdict)
        parts.append(message.SerializeToString())
    data, ids, most = judged.identifiers()
    sizes = list(map(len, parts))
    before = _wire.MOST_BEFORE + max(sizes[: len(versions)])
    out = np.empty(len(which) * before + most + sum(sizes[len(versions) :]), np.uint8)
    ends = np.empty(len(which), np.int64)
    end = _wire.put_rows(
        (number << 3 | LENGTH_DELIMITED, _ID_TAG, len(versions)),
        np.frombuffer(data, np.uint8),
        ids,
        np.frombuffer(b"".join(parts), np.uint8),
        np.array(tuple(pairwise(accumulate(sizes, initial=0))), np.int64),
        which,
        out,
        ends,
    )
    return _Written(out[:end].tobytes(), ends.tolist())


def _plain(at: int) -> bytes:
    """Return the verdict on a valid event that was judged at some time, but for identifier and contract."""
    message = verdict_pb2.Verdict()
    write_verdict(message, Verdict("", True, at))
    return message.SerializeToString()


@lru_cache(maxsize=4096)
def _version(version: str) -> bytes:
    """Return the field that names a contract, which comes last in verdicts with nothing more to say."""
    return verdict_pb2.Verdict(contract_version=version).SerializeToString()


def element(number: int, verdict: Verdict, detail: Detail = Detail.FULL) -> bytes:
    """Return `verdict` as an element of the field with this number of the response that it goes into."""
    message = verdict_pb2.Verdict()
    write_verdict(message, verdict, detail)
    encoded = message.SerializeToString()
    return _tag(number) + _varint(len(encoded)) + encoded


def _tag(number: int) -> bytes:
    return bytes((number << 3 | LENGTH_DELIMITED,))


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number >= _VARINT:
        parts.append(number & (_VARINT - 1) | _VARINT)
        number >>= 7
    parts.append(number)
    return bytes(parts)
