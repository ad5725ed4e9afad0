"""Load over HTTP/1.1, for the peer: connections that stay open, as many as calls in flight."""

import asyncio
import json
from collections.abc import Sequence

from .answers import check_peer
from .load import Load, drive
from .servers import Server
from .workload import EVENT_TYPE, Sample

_IN_FLIGHT = 32


async def http(server: Server, samples: Sequence[Sample], seconds: float) -> Load:
    """Call the FastAPI service, and check every answer."""
    requests = [_request(sample, server.port) for sample in samples]
    answers: list[tuple[int, bytes]] = []
    connections: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(_IN_FLIGHT):
        connections.put_nowait(await asyncio.open_connection("127.0.0.1", server.port))

    async def once(index: int) -> None:
        reader, writer = await connections.get()
        writer.write(requests[index])
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answers.append((index, head[9:12] + await reader.readexactly(length)))
        connections.put_nowait((reader, writer))

    load = await drive(server, len(samples), _IN_FLIGHT, seconds, once)
    while not connections.empty():
        connections.get_nowait()[1].close()
    for index, answer in answers:
        if answer[:3] == b"422":
            check_peer(samples[index], samples[index].event_id, valid=False, found=())
        else:
            verdict = json.loads(answer[3:])
            found = [warning["check"] for warning in verdict["warnings"]]
            check_peer(samples[index], verdict["event_id"], valid=verdict["valid"], found=found)
    return load


def body(sample: Sample) -> bytes:
    """Return what is sent of an event."""
    event = {"event_id": sample.event_id, "event_type": EVENT_TYPE, "timestamp": "2023-11-14T22:13:20Z"}
    return json.dumps(event | {"payload": sample.payload}, separators=(",", ":")).encode()


def _request(sample: Sample, port: int) -> bytes:
    content = body(sample)
    head = f"POST /validate HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(content)}\r\n\r\n".encode() + content
