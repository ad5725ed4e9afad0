"""Metrics and health over HTTP."""

import json
import threading
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import Metric

from assay_server._addresses import ListenError

from ._http_server import HttpServer
from ._phase import Phase
from ._source import Source

_POLL = 0.2  # Seconds after which it is noticed that it is to stop.


class Admin:
    """Serves metrics and health over HTTP, in threads of its own: what holds up the event loop does not hold up these.

    - `/metrics`: for Prometheus, as text or as OpenMetrics.
    - `/livez`: 200 if the event loop answers within a second, else 503.
    - `/readyz`: 200 while calls are taken, else 503.
    - `/health`: details, as JSON; 200 and 503 as `/readyz`. A store that cannot be reached is said, and is no 503.

    Args:
        address: HOST:PORT.
        source: What it tells of.

    Raises:
        ListenError: If the address cannot be listened on.
    """

    def __init__(self, address: str, source: Source) -> None:
        self._source = source
        self._metrics = make_wsgi_app(_Registry(source))
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
        path, source = environ["PATH_INFO"], self._source
        if path == "/metrics":
            answer: Iterable[bytes] = self._metrics(environ, start_response)
            return answer
        status, text, kind = HTTPStatus.OK, "", "text/plain"
        if environ["REQUEST_METHOD"] != "GET":
            status = HTTPStatus.METHOD_NOT_ALLOWED
        elif path == "/livez":
            status, text = _status(fine=source.lives()), "event loop"
        elif path == "/readyz":
            phase = source.phase
            status, text = _status(fine=phase is Phase.SERVING), phase.value
        elif path == "/health":
            status, text = _status(fine=source.phase is Phase.SERVING), json.dumps(source.details(), indent=2)
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


class _Registry(CollectorRegistry):
    """A source in the place of collectors: which metrics there are is known only once they are asked for."""

    def __init__(self, source: Source, names: Iterable[str] | None = None) -> None:
        super().__init__()
        self._source = source
        self._names = None if names is None else frozenset(names)

    def collect(self) -> Iterator[Metric]:
        """Return all metrics, or the samples of those that were named."""
        for metric in self._source.families():
            if self._names is None:
                yield metric
            elif samples := [sample for sample in metric.samples if sample.name in self._names]:
                named = Metric(metric.name, metric.documentation, metric.type)
                named.samples = samples
                yield named

    def restricted_registry(self, names: Iterable[str]) -> "_Registry":  # type: ignore[override]  # It is asked to collect alone.
        """Return a registry that has these metrics alone."""
        return _Registry(self._source, names)


def _status(*, fine: bool) -> HTTPStatus:
    return HTTPStatus.OK if fine else HTTPStatus.SERVICE_UNAVAILABLE
