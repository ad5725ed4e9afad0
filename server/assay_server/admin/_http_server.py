"""The standard library's HTTP server, for a few callers that need not be well-behaved."""

import socket
import threading
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, ClassVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog

_CONNECTIONS = 16
_SILENCE = 5.0  # Seconds that a connection may say nothing, or take nothing.

_log = structlog.stdlib.get_logger(__name__)


class HttpServer(ThreadingMixIn, WSGIServer):
    """Answers each connection in a thread of its own; those beyond so many at once are closed unanswered.

    Args:
        host: A name or an address of this machine.
        port: 0 for any.

    Raises:
        OSError: If they cannot be listened on.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int) -> None:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        self.address_family = family
        self._room = threading.BoundedSemaphore(_CONNECTIONS)
        super().__init__(address[:2], _Handler)  # type: ignore[arg-type]  # Addresses of IPv4 and IPv6 begin so.

    def server_bind(self) -> None:
        """Bind, without the look-up of the machine's name, which waits where no name server answers."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection if there is room."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer a connection, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Take note of a connection that broke off, or fell silent."""
        _log.debug("a connection to admin broke off", peer=str(client_address), exc_info=True)


class _Handler(WSGIRequestHandler):
    timeout: ClassVar[float] = _SILENCE

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Leave requests out of the log; scrapes and probes come every few seconds."""
