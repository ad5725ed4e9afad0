"""The gRPC service around the engine."""

from assay_server._addresses import ListenError

from .server import Server
from .tls import TlsError

__all__ = ["ListenError", "Server", "TlsError"]
