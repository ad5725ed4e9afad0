"""Encoding responses within the size limit.

A response is encoded whole; only one that turns out too large is put together again, verdict by verdict, each
with as much detail as still leaves room for the least that those after it need.
"""

from collections.abc import AsyncIterator, Sequence
from itertools import accumulate

from google.protobuf.message import Message

from assay.v1 import validation_service_pb2
from assay_server.engine import Verdict, Verdicts

from ._pace import paced
from ._rows import Rows, element
from ._verdicts import FINDING_BYTES, Detail, write_verdict

_BATCH, _STREAM = (
    kind.DESCRIPTOR.fields_by_name["verdicts"].number
    for kind in (validation_service_pb2.ValidateBatchResponse, validation_service_pb2.ValidateStreamResponse)
)


class ResponseWriter:
    """Encodes responses of at most `limit` bytes.

    The settings see to it that a limit has room for what cannot be left out, for as many verdicts as a message may have
    events.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit

    async def one(self, verdict: Verdict) -> bytes:
        """Return an encoded ValidateResponse."""
        response = validation_service_pb2.ValidateResponse()
        write_verdict(response.verdict, verdict)
        encoded = response.SerializeToString()
        if len(encoded) <= self._limit:
            return encoded
        return await self._fitting(validation_service_pb2.ValidateResponse(), "verdict", [verdict])

    async def batch(self, verdicts: Verdicts) -> bytes:
        """Return an encoded ValidateBatchResponse."""
        rows = Rows(_BATCH, verdicts, self._limit)
        return await self._response(validation_service_pb2.ValidateBatchResponse(), rows, verdicts, 0, len(verdicts))

    async def stream(self, sequences: Sequence[int], counts: Sequence[int], verdicts: Verdicts) -> AsyncIterator[bytes]:
        """Yield an encoded ValidateStreamResponse for each request.

        Args:
            sequences: The sequence of each.
            counts: How many of the verdicts are those of each.
            verdicts: Those of all.
        """
        rows = Rows(_STREAM, verdicts, self._limit)
        for sequence, count, end in zip(sequences, counts, accumulate(counts), strict=True):
            response = validation_service_pb2.ValidateStreamResponse()
            response.sequence = sequence
            yield await self._response(response, rows, verdicts, end - count, end)

    async def _response(self, response: Message, rows: Rows, verdicts: Verdicts, start: int, end: int) -> bytes:
        """Return `response` with the next rows, which are those of the verdicts from `start` to `end`."""
        head = response.SerializeToString()
        pieces = await rows.take(end - start, self._limit - len(head))
        return await self._fitting(response, "verdicts", verdicts[start:end]) if pieces is None else b"".join((head, *pieces))

    async def _fitting(self, response: Message, field: str, verdicts: Sequence[Verdict]) -> bytes:
        """Return `response` with `verdicts` in `field`, with as much detail as fits."""
        number = response.DESCRIPTOR.fields_by_name[field].number
        head = response.SerializeToString()
        floor = Detail.BONES
        least = await _encoded(number, verdicts, floor)
        if len(head) + sum(map(len, least)) > self._limit:
            floor = Detail.NO_FINDINGS
            least = await _encoded(number, verdicts, floor)
        spare = self._limit - len(head) - sum(map(len, least))
        parts = [head]
        async for some in paced(range(len(verdicts))):
            for index in some:
                part = _best(number, verdicts[index], least[index], spare, floor)
                spare -= len(part) - len(least[index])
                parts.append(part)
        return b"".join(parts)


def _best(number: int, verdict: Verdict, least: bytes, spare: int, floor: Detail) -> bytes:
    """Return the fullest form of `verdict` that takes at most `spare` bytes more than its `least`."""
    room = len(least) + spare
    for detail in Detail:
        if detail is floor:
            break
        if detail < Detail.FIRST_FINDING and len(verdict.findings) * FINDING_BYTES > room:
            continue
        part = element(number, verdict, detail)
        if len(part) <= room:
            return part
    return least


async def _encoded(number: int, verdicts: Sequence[Verdict], detail: Detail) -> list[bytes]:
    return [element(number, verdict, detail) async for some in paced(verdicts) for verdict in some]
