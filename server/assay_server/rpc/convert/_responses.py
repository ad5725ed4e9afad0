"""Encoding responses within the size limit.

A response is built and encoded whole; only one that turns out too large is put together again, verdict by verdict, each
with as much detail as still leaves room for the least that those after it need.
"""

from collections.abc import Sequence

from google.protobuf.message import Message

from assay.v1 import validation_service_pb2, verdict_pb2
from assay_server.engine import Verdict

from ._pace import paced
from ._verdicts import Detail, write_verdict, write_verdicts

# The least that a finding takes, so that more of them cannot fit, whatever they hold.
_FINDING_BYTES = 16

_LENGTH_DELIMITED = 2  # The wire type of messages.
_VARINT = 0x80


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

    async def batch(self, verdicts: Sequence[Verdict]) -> bytes:
        """Return an encoded ValidateBatchResponse."""
        return await self._several(validation_service_pb2.ValidateBatchResponse(), verdicts)

    async def stream(self, sequence: int, verdicts: Sequence[Verdict]) -> bytes:
        """Return an encoded ValidateStreamResponse."""
        response = validation_service_pb2.ValidateStreamResponse()
        response.sequence = sequence
        return await self._several(response, verdicts)

    async def _several(
        self,
        response: validation_service_pb2.ValidateBatchResponse | validation_service_pb2.ValidateStreamResponse,
        verdicts: Sequence[Verdict],
    ) -> bytes:
        findings = 0
        async for some in paced(verdicts):
            findings += write_verdicts(response.verdicts, some)
            if findings * _FINDING_BYTES > self._limit:
                break
        if len(response.verdicts) == len(verdicts):
            encoded = response.SerializeToString()
            if len(encoded) <= self._limit:
                return encoded
        response.ClearField("verdicts")
        return await self._fitting(response, "verdicts", verdicts)

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
        if detail < Detail.FIRST_FINDING and len(verdict.findings) * _FINDING_BYTES > room:
            continue
        part = _encode(number, verdict, detail)
        if len(part) <= room:
            return part
    return least


async def _encoded(number: int, verdicts: Sequence[Verdict], detail: Detail) -> list[bytes]:
    return [_encode(number, verdict, detail) async for some in paced(verdicts) for verdict in some]


def _encode(number: int, verdict: Verdict, detail: Detail) -> bytes:
    """Return `verdict` as the field with this number of the response that it goes into."""
    message = verdict_pb2.Verdict()
    write_verdict(message, verdict, detail)
    encoded = message.SerializeToString()
    return bytes((number << 3 | _LENGTH_DELIMITED,)) + _varint(len(encoded)) + encoded


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number >= _VARINT:
        parts.append(number & (_VARINT - 1) | _VARINT)
        number >>= 7
    parts.append(number)
    return bytes(parts)
