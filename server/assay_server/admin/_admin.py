"""Metrics and health over HTTP."""

import asyncio
import json
import threading
from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, make_wsgi_app

from assay_server._addresses import ListenError

from ._condition import Condition, Phase
from ._health import details
from ._http_server import HttpServer
from ._metrics import Metrics

_POLL = 0.2  # Seconds after which it is noticed that it is to stop.
_LOOP_PATIENCE = 1.0


class Admin:
    """Serves metrics and health over HTTP, in threads of its own: what holds up the event loop does not hold up these.

    - `/metrics`: for Prometheus, as text or as OpenMetrics.
    - `/livez`: 200 if the event loop answers within a second, else 503.
    - `/readyz`: 200 while calls are taken, else 503.
    - `/health`: details, as JSON; 200 and 503 as `/readyz`. A store that cannot be reached is said, and is no 503.

    Must be made in the event loop that it tells of.

    Args:
        address: HOST:PORT.
        condition: What it tells of.

    Raises:
        ListenError: If the address cannot be listened on.
    """

    def __init__(self, address: str, condition: Condition) -> None:
        self._condition = condition
        self._loop = asyncio.get_running_loop()
        # Described, so that a scrape may name the metrics that it wants.
        registry = CollectorRegistry(auto_describe=True)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        registry.register(Metrics(condition))
        self._metrics = make_wsgi_app(registry)
        host, _, port = address.rpartition(":")
        try:
            self._server = HttpServer(host.strip("[]"), int(port))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ListenError(
                f"cannot listen on {address} for metrics and health: {reason}. "
                "Stop what listens there, or choose another with --admin, or none with --admin off."
            ) from None
        self._server.set_app(self._answer)
        self.address = f"{host}:{self._server.server_port}"
        """Where it listens, with the port that it got where it asked for any."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL,), name="admin", daemon=True)

    def start(self) -> None:
        """Answer requests."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, condition = environ["PATH_INFO"], self._condition
        if path == "/metrics":
            answer: Iterable[bytes] = self._metrics(environ, start_response)
            return answer
        status, text, kind = HTTPStatus.OK, "", "text/plain"
        if environ["REQUEST_METHOD"] != "GET":
            status = HTTPStatus.METHOD_NOT_ALLOWED
        elif path == "/livez":
            status, text = _status(fine=self._loop_answers()), "event loop"
        elif path == "/readyz":
            status, text = _status(fine=condition.phase is Phase.SERVING), condition.phase.value
        elif path == "/health":
            status, text = _status(fine=condition.phase is Phase.SERVING), json.dumps(details(condition), indent=2)
            kind = "application/json"
        else:
            status, text = HTTPStatus.NOT_FOUND, "there are /metrics, /health, /livez and /readyz"
        body = f"{text or status.phrase}\n".encode()
        headers = [
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append(("Allow", "GET"))
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    def _loop_answers(self) -> bool:
        answered = threading.Event()
        self._loop.call_soon_threadsafe(answered.set)
        return answered.wait(_LOOP_PATIENCE)


def _status(*, fine: bool) -> HTTPStatus:
    return HTTPStatus.OK if fine else HTTPStatus.SERVICE_UNAVAILABLE
