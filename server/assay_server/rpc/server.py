"""The gRPC server, put together."""

import asyncio
from time import monotonic

import grpc
from grpc import aio
from grpc_health.v1.health import SERVICE_NAME as HEALTH

from assay_server._addresses import cannot_listen
from assay_server.engine import Engine
from assay_server.settings import Settings

from . import catalog, validation
from .catalog import CatalogService
from .handlers import Admission, Handlers
from .health import Health
from .reflection import Reflection
from .streams import Streams
from .tls import TlsFiles
from .validation import ValidationService

_COMPRESSION = {
    "none": grpc.Compression.NoCompression,
    "deflate": grpc.Compression.Deflate,
    "gzip": grpc.Compression.Gzip,
}


_QUIET = 0.05  # Seconds without a call after which no more are taken to be on their way.
_SETTLING = 0.25  # The share of the time for stopping that waiting for this may take.


class Server:
    """Answers calls with an engine's verdicts.

    Must be made, started and stopped in one event loop. Its life is `start`, `drain`, `stop`.

    Args:
        engine: A started engine.
        settings: What to listen on, and all limits.

    Raises:
        TlsError: If there are certificates that cannot be used.
        ListenError: If an address cannot be listened on.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._admission = Admission(settings.max_concurrent_calls)
        self._streams = Streams(settings.max_stream_age)
        self._health = Health(validation.SERVICE, catalog.SERVICE)
        self._handlers = handlers = Handlers(self._admission, self._streams, log_calls=settings.log_level == "debug")
        ValidationService(
            engine, settings.limits, max_events=settings.max_events, max_response_bytes=settings.max_response_bytes
        ).register(handlers)
        CatalogService(engine).register(handlers)
        self._health.register(handlers)
        Reflection((validation.SERVICE, catalog.SERVICE, HEALTH)).register(handlers)
        self._server = aio.server(
            handlers=[handlers], options=_options(settings), compression=_COMPRESSION[settings.compression]
        )
        self.addresses = [self._listen(address, _tls(settings)) for address in settings.listen]
        """Where the server listens, with the ports that it got where it asked for any."""

    @property
    def calls_in_progress(self) -> int:
        """How many unary calls are being answered."""
        return self._admission.in_progress

    @property
    def streams_in_progress(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    @property
    def draining(self) -> bool:
        """Whether the server takes no more calls."""
        return self._streams.draining

    async def start(self) -> None:
        """Take calls."""
        await self._server.start()
        await self._health.serving()

    async def leave(self) -> None:
        """Say through the health service that no more calls are wanted; they are answered all the same."""
        await self._health.not_serving()

    async def stop(self, seconds: float) -> None:
        """Take no more calls, end the streams, and let calls in progress finish within so many seconds."""
        until = monotonic() + seconds
        self._streams.drain()
        self._admission.close()
        await self._settle(seconds * _SETTLING)
        await self._server.stop(max(0.0, until - monotonic()))

    async def _settle(self, seconds: float) -> None:
        """Wait until no more calls arrive.

        gRPC cancels those that have arrived but that it has not handed out when it stops, and no client sends a cancelled call
        again. Turned away by us they are UNAVAILABLE.
        """
        until = monotonic() + seconds
        seen = -1
        while seen != self._handlers.arrivals and monotonic() < until:
            seen = self._handlers.arrivals
            await asyncio.sleep(_QUIET)

    def _listen(self, address: str, tls: TlsFiles | None) -> str:
        try:
            if address.startswith("unix:"):
                self._server.add_insecure_port(address)
                return address
            if tls is None:
                port = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, tls.credentials())
        except RuntimeError:
            raise cannot_listen(address) from None
        return f"{address.rpartition(':')[0]}:{port}"


def _tls(settings: Settings) -> TlsFiles | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return TlsFiles(certificate=settings.tls_certificate, key=settings.tls_key, client_ca=settings.tls_client_ca)


def _options(settings: Settings) -> list[tuple[str, int]]:
    options = [
        ("grpc.max_receive_message_length", settings.max_request_bytes),
        ("grpc.max_concurrent_streams", settings.max_concurrent_streams),
        ("grpc.keepalive_time_ms", _milliseconds(settings.keepalive_time)),
        ("grpc.keepalive_timeout_ms", _milliseconds(settings.keepalive_timeout)),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", _milliseconds(settings.min_ping_interval)),
        ("grpc.server_handshake_timeout_ms", _milliseconds(settings.handshake_timeout)),
        ("grpc.so_reuseport", int(settings.reuse_port)),
    ]
    if settings.max_connection_age is not None:
        options += [
            ("grpc.max_connection_age_ms", _milliseconds(settings.max_connection_age)),
            ("grpc.max_connection_age_grace_ms", _milliseconds(settings.max_connection_age_grace)),
        ]
    return options


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
