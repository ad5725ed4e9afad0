"""Load by h2load, a program in C (Debian's nghttp2-client): one request again and again, unary calls and HTTP/1.1.

It costs the load's core a small part of what a Python client does, so that the rates are the server's own. It looks at no
answer; how many bytes all of them have tells that they are verdicts.
"""

import asyncio
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import grpc

from assay.v1.validation_service_pb2 import ValidateRequest, ValidateResponse

from .answers import Expected, WrongAnswerError
from .http_load import body
from .load import Load
from .servers import Server
from .workload import Sample

_VALIDATE = "/assay.v1.ValidationService/Validate"
_GRPC = ("-c", "2", "-m", "16", "-H", "content-type: application/grpc", "-H", "te: trailers")
_HTTP = ("--h1", "-c", "32", "-H", "content-type: application/json")
_SLACK = 8  # Bytes by which an answer's length may vary: its time is a number of varying length.


def there() -> bool:
    """Return whether h2load can be run."""
    return shutil.which("h2load") is not None


async def unary(server: Server, sample: Sample, seconds: float, *, check: bool = True) -> Load:
    """Call Validate with one event, 32 calls in flight over two connections; `check` is off for the floor."""
    request = ValidateRequest(event=sample.event()).SerializeToString()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(_VALIDATE)
        answer = await method(request)
    if check:
        Expected([sample]).check([ValidateResponse.FromString(answer).verdict])
    framed = b"\0" + len(request).to_bytes(4, "big") + request
    load, received = await asyncio.to_thread(_run, server, _VALIDATE, framed, seconds, _GRPC)
    _check_length(received / load.events, len(answer) + 5)
    return load


async def http(server: Server, sample: Sample, seconds: float) -> Load:
    """Call the FastAPI service with one event, over 32 connections."""
    load, received = await asyncio.to_thread(_run, server, "/validate", body(sample), seconds, _HTTP)
    _check_length(
        received / load.events, len(f'{{"event_id":"{sample.event_id}","valid":true,"processed_at":"","warnings":[]}}') + 27
    )
    return load


def _run(server: Server, path: str, content: bytes, seconds: float, options: tuple[str, ...]) -> tuple[Load, int]:
    """Run it twice, the first time to warm up; return what the second saw, and how many bytes it received."""
    with tempfile.TemporaryDirectory() as folder:
        data, log = Path(folder, "data"), Path(folder, "log")
        data.write_bytes(content)
        load, output = Load(), ""
        for duration in (min(1.0, seconds / 4), seconds):
            log.unlink(missing_ok=True)
            words = ("-D", f"{int(duration * 1000)}ms", "-d", str(data), f"--log-file={log}")
            cpu, start = server.cpu_seconds(), time.perf_counter()
            command = ["h2load", *options, *words, f"http://127.0.0.1:{server.port}{path}"]
            output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            load = Load(seconds=min(duration, time.perf_counter() - start), server_cpu=server.cpu_seconds() - cpu)
        rows = [line.split("\t") for line in log.read_text().splitlines()]
    done, failed = (int(re.findall(rf"(\d+) {word}", output)[0]) for word in ("succeeded", "failed"))
    # Those in flight at the end count as failed.
    if not done or {status for _, status, _ in rows} - {"200", "-1"}:
        raise WrongAnswerError(f"calls failed: {failed} of {done + failed}:\n{output}")
    load.events = done
    load.latencies = [int(taken) / 1e6 for _, status, taken in rows if status == "200"]
    received = int(re.findall(r"\((\d+)\) data", output)[0])
    return load, received


def _check_length(each: float, expected: int) -> None:
    if abs(each - expected) > _SLACK:
        raise WrongAnswerError(f"answers have {each:.1f} bytes on average, and should have {expected}")
