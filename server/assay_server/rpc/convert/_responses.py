"""Encoding responses within the size limit.

A response is encoded whole; only one that turns out too large is put together again, verdict by verdict, each
with as much detail as still leaves room for the least that those after it need.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, repeat

from google.protobuf.message import Message

from assay.v1 import validation_service_pb2, verdict_pb2
from assay_server.engine import Judged, Pace, Verdict, Verdicts

from ._pace import paced
from ._verdicts import Detail, write_verdict

# The least that a finding takes, so that more of them cannot fit, whatever they hold.
_FINDING_BYTES = 16

_LENGTH_DELIMITED = 2  # The wire type of messages.
_VARINT = 0x80
_ID_TAG = bytes((verdict_pb2.Verdict.DESCRIPTOR.fields_by_name["event_id"].number << 3 | _LENGTH_DELIMITED,))


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
        return await self._several(validation_service_pb2.ValidateBatchResponse(), verdicts)

    async def stream(self, sequence: int, verdicts: Verdicts) -> bytes:
        """Return an encoded ValidateStreamResponse."""
        response = validation_service_pb2.ValidateStreamResponse()
        response.sequence = sequence
        return await self._several(response, verdicts)

    async def _several(
        self,
        response: validation_service_pb2.ValidateBatchResponse | validation_service_pb2.ValidateStreamResponse,
        verdicts: Verdicts,
    ) -> bytes:
        number = response.DESCRIPTOR.fields_by_name["verdicts"].number
        parts = [response.SerializeToString()]
        size, pace = len(parts[0]), Pace()
        for judged in verdicts.parts:
            part = _written(number, judged, self._limit - size)
            if part is None:
                return await self._fitting(response, "verdicts", list(verdicts))
            parts.append(part)
            size += len(part)
            await pace.keep()
        return b"".join(parts)

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


def _written(number: int, judged: Judged, room: int) -> bytes | None:
    """Return verdicts, whole, as the field with this number of the response that they go into; None if they are too long.

    Of an event that nothing was said of, only the identifier tells its verdict from others: so what they share is encoded once.
    """
    said = judged.said
    if sum(len(verdict.findings) for verdict in said.values()) * _FINDING_BYTES > room:
        return None
    ids, versions = judged.encoded_ids(), judged.versions()
    start = _plain(judged.at)
    tail_of = {version: start + _version(version) for version in set(versions)}
    heads = {length: _Heads(number, length) for length in set(map(len, tail_of.values()))}
    if len(tail_of) == 1:
        [tail] = tail_of.values()
        rows: Iterator[tuple[bytes, bytes, bytes]] = zip(
            map(heads[len(tail)].__getitem__, map(len, ids)), ids, repeat(tail), strict=False
        )
    else:
        tails = map(tail_of.__getitem__, versions)
        rows = ((heads[len(tail)][len(name)], name, tail) for name, tail in zip(ids, tails, strict=True))
    parts = list(chain.from_iterable(rows))
    for row, verdict in said.items():
        parts[3 * row : 3 * row + 3] = _encode(number, verdict, Detail.FULL), b"", b""
    written = b"".join(parts)
    return written if len(written) <= room else None


def _plain(at: int) -> bytes:
    """Return the verdict on a valid event that was judged at some time, but for identifier and contract."""
    message = verdict_pb2.Verdict()
    write_verdict(message, Verdict("", True, at))
    return message.SerializeToString()


@lru_cache(maxsize=4096)
def _version(version: str) -> bytes:
    """Return the field that names a contract, which comes last in verdicts with nothing more to say."""
    return verdict_pb2.Verdict(contract_version=version).SerializeToString()


class _Heads(dict[int, bytes]):
    """What comes before identifiers, by their length: the tags and lengths of the verdict, and of its first field."""

    def __init__(self, number: int, rest: int) -> None:
        super().__init__()
        self._tag = _tag(number)
        self._rest = rest

    def __missing__(self, length: int) -> bytes:
        field = _ID_TAG + _varint(length) if length else b""
        head = self[length] = self._tag + _varint(len(field) + length + self._rest) + field
        return head


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
    return _tag(number) + _varint(len(encoded)) + encoded


def _tag(number: int) -> bytes:
    return bytes((number << 3 | _LENGTH_DELIMITED,))


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number >= _VARINT:
        parts.append(number & (_VARINT - 1) | _VARINT)
        number >>= 7
    parts.append(number)
    return bytes(parts)
