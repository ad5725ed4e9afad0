"""What metrics and health are told of."""

from collections.abc import Iterable
from typing import Any, Protocol

from prometheus_client.core import Metric

from ._phase import Phase


class Source(Protocol):
    """A server, be it one process or several. It is asked from other threads than the event loop's."""

    @property
    def phase(self) -> Phase:
        """Where in its life it is."""

    def lives(self) -> bool:
        """Return whether its event loop answers; takes a second at most."""

    def families(self) -> Iterable[Metric]:
        """Return its metrics, as of now."""

    def details(self) -> dict[str, Any]:
        """Return its health, as JSON data."""
