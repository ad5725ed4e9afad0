"""The gRPC service around the engine."""

from .server import ListenError, Server
from .tls import TlsError

__all__ = ["ListenError", "Server", "TlsError"]
