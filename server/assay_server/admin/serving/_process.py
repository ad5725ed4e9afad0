"""A process that serves as what metrics and health are told of."""

from typing import Any

from assay_server.admin import Phase, Process

from ._condition import Condition
from ._health import details
from ._metrics import Metrics


class ServingProcess(Process):
    """This process, with what serves in it.

    Args:
        condition: How it stands with what serves.
    """

    def __init__(self, condition: Condition) -> None:
        super().__init__(Metrics(condition))
        self._condition = condition

    @property
    def phase(self) -> Phase:
        """Where in its life what serves is."""
        return self._condition.phase

    def details(self) -> dict[str, Any]:
        """Return the health of what serves."""
        return details(self._condition)
