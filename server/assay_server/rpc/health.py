"""The standard health service, for load balancers and `grpc_health_probe`."""

from typing import Any

from grpc_health.v1 import health, health_pb2
from grpc_health.v1.health import SERVICE_NAME

from .convert import decode
from .handlers import Handlers
from .status import malformed
from .streams import END, Context, Stream

_SERVING = health_pb2.HealthCheckResponse.SERVING


class Health:
    """Whether the server as a whole (""), and each of its `services`, takes calls."""

    def __init__(self, *services: str) -> None:
        self._services = services
        self._servicer: Any = health.aio.HealthServicer()  # Its stubs know no context but gRPC's own.

    def register(self, handlers: Handlers) -> None:
        """Add the service's methods to `handlers`."""
        handlers.add_unary(SERVICE_NAME, "Check", self._check, limited=False)
        handlers.add_stream(SERVICE_NAME, "Watch", self._watch, health_pb2.HealthCheckResponse.SerializeToString)

    async def serving(self) -> None:
        """Say that calls are taken."""
        for service in ("", *self._services):
            await self._servicer.set(service, _SERVING)

    async def not_serving(self) -> None:
        """Say, for good, that no more calls are taken."""
        await self._servicer.enter_graceful_shutdown()

    async def _check(self, data: bytes, context: Context) -> bytes:
        request = decode(health_pb2.HealthCheckRequest, data)
        response: health_pb2.HealthCheckResponse = await self._servicer.Check(request, context)
        return response.SerializeToString()

    async def _watch(self, stream: Stream) -> None:
        data = await stream.read()
        if data is END:
            raise malformed("", "a call needs a request")
        request = decode(health_pb2.HealthCheckRequest, data)
        await stream.interruptible(self._servicer.Watch(request, stream))
