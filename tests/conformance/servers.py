"""The servers that cases name: each is started when the first case asks for it, and serves until the end."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc

from assay.v1 import event_pb2, validation_service_pb2
from assay_server.contracts import load
from assay_server.engine import Engine, Event, Options, Verdicts
from assay_server.rpc import Server
from assay_server.settings import Settings
from tests.conformance.engine import CONTRACTS, engine
from tests.conformance.identities import Authority
from tests.conformance.killable import Killable
from tests.conformance.scripted import Scripted

_SPECIAL = Path(__file__).parent / "special"
_STREAM = "/assay.v1.ValidationService/ValidateStream"
_PATIENCE = 60.0
_DEFAULTS = Options()


class _Faulty(Engine):
    """An engine with a fault in it."""

    async def answer(self, events: Sequence[Event], options: Options = _DEFAULTS) -> Verdicts:
        """Fail."""
        raise RuntimeError("a fault in the server")


class _Streams:
    """How many streams of events a server has open; those by which clients watch its health do not count.

    Args:
        server: The server, which is not started yet.
    """

    def __init__(self, server: Server) -> None:
        self.open = 0
        methods = server._handlers._methods
        handler = methods[_STREAM]
        self._call: Any = handler.stream_stream
        methods[_STREAM] = grpc.stream_stream_rpc_method_handler(self._count, response_serializer=handler.response_serializer)

    async def _count(self, request: Any, context: Any) -> None:
        self.open += 1
        try:
            await self._call(request, context)
        finally:
            self.open -= 1


@dataclass(slots=True)
class _Serving:
    """An Assay server in this process."""

    server: Server
    engine: Engine
    settings: Settings
    streams: _Streams

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.server.addresses[0]


class Servers:
    """Starts servers, keeps them, and stops them in the end.

    Args:
        folder: Where files may be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="assay servers", daemon=True)
        self._serving: dict[str, _Serving] = {}
        self._stack = ExitStack()
        self._thread.start()
        self.values = self._identities()
        """What the names in double braces stand for in cases: the paths of certificates."""

        self.scripted = self._stack.enter_context(Scripted())
        self.killable = self._stack.enter_context(Killable(_SPECIAL))

    def address(self, kind: str) -> str:
        """Return where a server of this kind listens, or several of them; started if need be."""
        match kind:
            case "scripted":
                return self.scripted.address
            case "nobody":
                return "127.0.0.1:1"  # Nothing that anybody may start by accident listens there.
            case "two":
                return f"{self._started('default').address},{self._started('second').address}"
            case "one that may die":
                return self.killable.addresses(1)
            case "two that may die":
                return self.killable.addresses(2)
        return self._started(kind).address

    @contextmanager
    def draining(self, kind: str, folder: Path) -> Iterator[None]:
        """While something is asked of a server: once an event triggers it, drain the server, and start another in its place."""
        self._started(kind)
        draining = threading.Thread(target=self._drain, args=(kind, folder), name="drain")
        draining.start()
        try:
            yield
        finally:
            (folder / "over").touch()
            draining.join()

    def _drain(self, kind: str, folder: Path) -> None:
        serving = self._serving[kind]
        wait_for(lambda: not (folder / "armed").exists() or (folder / "over").exists(), "an event to trigger it")
        stopping = asyncio.run_coroutine_threadsafe(serving.server.stop(_PATIENCE), self._loop)
        wait_for(lambda: serving.server.draining, "the server to drain")
        (folder / "go").touch()
        stopping.result(_PATIENCE)
        settings = serving.settings.model_copy(update={"listen": [serving.address]})
        self._serving[kind] = self._do(_serve(serving.engine, settings))

    def streams(self, kind: str) -> int:
        """Return how many streams of events a server of this process has open: a client that gathers keeps some."""
        return self._serving[kind].streams.open if kind in self._serving else 0

    def wait_until_idle(self, kind: str, streams: int) -> None:
        """Wait until a server of this process has no call, and no more streams than so many, but for what keeps it busy."""
        if kind in self._serving:
            serving, calls = self._serving[kind], int(kind == "busy")
            wait_for(
                lambda: serving.server.calls_in_progress <= calls and serving.streams.open <= streams,
                "the server to have no more to do",
            )

    @staticmethod
    def wait_for(condition: Callable[[], object], what: str) -> None:
        """Wait until a condition holds."""
        wait_for(condition, what)

    def close(self) -> None:
        """Stop all servers."""
        self._stack.close()
        for serving in self._serving.values():
            self._do(_stop(serving))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _started(self, kind: str) -> _Serving:
        if kind not in self._serving:
            made, settings = self._made(kind)
            self._serving[kind] = self._do(_serve(made, settings))
            if kind == "busy":
                self._occupy(self._serving[kind].address)
        return self._serving[kind]

    def _made(self, kind: str) -> tuple[Engine, Settings]:
        tls = {"tls_certificate": self.values["server"], "tls_key": self.values["server_key"]}
        named = {"tls_certificate": self.values["named"], "tls_key": self.values["named_key"]}
        kinds: Mapping[str, Mapping[str, Any]] = {
            "default": {},
            "second": {},
            "special": {"contracts": _SPECIAL},
            "busy": {"contracts": _SPECIAL, "max_concurrent_calls": 1},
            "faulty": {},
            "small": {"max_events": 5, "max_response_bytes": "64KiB", "max_request_bytes": "128KiB"},
            "tls": tls,
            "tls for another name": named,
            "mtls": {**tls, "tls_client_ca": self.values["ca"]},
        }
        if kind not in kinds:
            raise ValueError(f"there is no server {kind!r}; there are {', '.join(kinds)} and those that README.md names")
        settings = Settings.load(**{"listen": ["127.0.0.1:0"], "contracts": CONTRACTS, **kinds[kind]})
        if kind == "default":
            return engine(settings.limits), settings
        return (_Faulty if kind == "faulty" else Engine)(load(settings.contracts), limits=settings.limits), settings

    def _occupy(self, address: str) -> None:
        """Have the one call made that the server takes, for as long as it serves."""
        folder = self._folder / "busy"
        folder.mkdir()
        event = event_pb2.Event(event_type="waits", payload_json=f'{{"folder": "{folder}"}}'.encode())
        request = validation_service_pb2.ValidateRequest(event=event)
        channel = self._stack.enter_context(grpc.insecure_channel(address))
        call: Any = channel.unary_unary("/assay.v1.ValidationService/Validate", type(request).SerializeToString)
        answer = call.future(request)
        self._stack.callback(answer.cancel)
        wait_for((folder / "begun").exists, "the server to be busy")

    def _identities(self) -> dict[str, str]:
        folder = self._folder / "identities"
        folder.mkdir()
        authority, stranger = Authority("authority"), Authority("stranger")
        values: dict[str, str] = {}
        for name, one in (("ca", authority), ("other_ca", stranger)):
            path = folder / f"{name}.pem"
            path.write_bytes(one.certificate)
            values[name] = str(path)
        for name, who, whom in (
            ("server", authority, "127.0.0.1"),
            ("named", authority, "assay.internal"),
            ("client", authority, "client"),
            ("other_client", stranger, "client"),
        ):
            certificate, key = who.identify(whom).write(folder, name)
            values |= {name: str(certificate), f"{name}_key": str(key)}
        return values

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)


async def _serve(served: Engine, settings: Settings) -> _Serving:
    await served.start()
    server = Server(served, settings)
    streams = _Streams(server)
    await server.start()
    return _Serving(server, served, settings, streams)


async def _stop(serving: _Serving) -> None:
    await serving.server.stop(5)
    await serving.engine.close()


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds."""
    until = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.01)
