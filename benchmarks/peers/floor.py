"""The floor: a grpc.aio server whose handler does nothing.

`python -m benchmarks.peers.floor PORT [uvloop]`: on Python's own event loop, or on uvloop.
"""

import asyncio
import sys

import grpc


async def _nothing(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    del request, context
    return b""


async def main(port: int) -> None:
    """Serve until killed."""
    server = grpc.aio.server()
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {"Validate": grpc.unary_unary_rpc_method_handler(_nothing)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("assay.v1.ValidationService", handlers),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    if sys.argv[2:] == ["uvloop"]:
        import uvloop

        uvloop.run(main(int(sys.argv[1])))
    else:
        asyncio.run(main(int(sys.argv[1])))
