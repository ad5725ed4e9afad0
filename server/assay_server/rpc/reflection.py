"""Server reflection, in both of its versions: older tools know v1alpha, newer ones look for v1.

grpcio-reflection has v1alpha only. The two differ in nothing but the package's name, so v1 is derived from it.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from google.protobuf import descriptor, descriptor_pb2, descriptor_pool, text_format
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from assay.v1 import error_reason_pb2

from .convert import decode
from .handlers import Handlers
from .streams import END, Stream

_ALPHA = "grpc.reflection.v1alpha"
_STABLE = "grpc.reflection.v1"

SERVICES = (f"{_ALPHA}.ServerReflection", f"{_STABLE}.ServerReflection")


class Reflection:
    """Describes `services`, whose messages are among the program's own, and itself."""

    def __init__(self, services: Iterable[str]) -> None:
        services = tuple(services)
        self._servicer: Any = reflection.aio.ReflectionServicer((*services, *SERVICES), _Symbols(_pool(services)))

    def register(self, handlers: Handlers) -> None:
        """Add the method, under both names, to `handlers`."""
        for service in SERVICES:
            handlers.add_stream(
                service, "ServerReflectionInfo", self._info, reflection_pb2.ServerReflectionResponse.SerializeToString
            )

    async def _info(self, stream: Stream) -> None:
        async for response in self._servicer.ServerReflectionInfo(_requests(stream), None):
            await stream.write(response)


class _Symbols:
    """A pool of descriptors that knows in which file a method is, which protobuf's own says of everything but methods."""

    def __init__(self, pool: descriptor_pool.DescriptorPool) -> None:
        self._pool: Any = pool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, symbol: str) -> Any:  # noqa: N802  # The pool's name for it.
        try:
            return self._pool.FindMethodByName(symbol).containing_service.file
        except KeyError:
            return self._pool.FindFileContainingSymbol(symbol)


async def _requests(stream: Stream) -> AsyncIterator[reflection_pb2.ServerReflectionRequest]:
    while (data := await stream.read()) is not END:
        yield decode(reflection_pb2.ServerReflectionRequest, data)


def _pool(services: Iterable[str]) -> descriptor_pool.DescriptorPool:
    """Return the descriptors of `services` and of both reflection services, apart from the program's own pool."""
    program: Any = descriptor_pool.Default()
    files = [program.FindFileContainingSymbol(service) for service in services]
    # What the details of a status hold is part of the contract too, and tools print it if they can look it up.
    files += [error_reason_pb2.DESCRIPTOR, error_details_pb2.DESCRIPTOR, reflection_pb2.DESCRIPTOR]
    pool = descriptor_pool.DescriptorPool()
    added: set[str] = set()
    for file in files:
        _add(pool, file, added)
    pool.Add(_stable())
    return pool


def _add(pool: Any, file: descriptor.FileDescriptor, added: set[str]) -> None:
    if file.name in added:
        return
    added.add(file.name)
    for dependency in file.dependencies:
        _add(pool, dependency, added)
    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    pool.Add(proto)


def _stable() -> descriptor_pb2.FileDescriptorProto:
    """Return reflection v1's file: v1alpha's in another package, without its note that it is deprecated."""
    alpha = descriptor_pb2.FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(alpha)
    alpha.name = "grpc/reflection/v1/reflection.proto"
    alpha.ClearField("options")
    text = text_format.MessageToString(alpha).replace(_ALPHA, _STABLE)
    return text_format.Parse(text, descriptor_pb2.FileDescriptorProto())
