"""What keeps the workers at work."""

import asyncio
from collections.abc import Awaitable, Sequence

import structlog

from assay_server.settings import Settings

from ._desk import Answers, Desk
from ._figures import Figures
from ._place import Place
from ._ports import Ports

_MARGIN = 1.0  # Seconds beyond the time that a worker gives itself to stop.

_log = structlog.stdlib.get_logger(__name__)


class Supervisor:
    """Runs so many processes that listen on the same ports, and replaces those that die or are stuck.

    Must be made in the running event loop.

    Args:
        settings: What they serve by; their ports are held from here on.
        count: How many.
        program: The arguments for Python that start one; a descriptor for `Link` and its number follow them. It reads its
            settings, pickled, from its standard input.
        patience: How many seconds one may take to stop.
        answers: What answers what the workers ask, see `Link.ask`.

    Raises:
        ListenError: If an address cannot be listened on.
    """

    def __init__(self, settings: Settings, count: int, program: Sequence[str], patience: float, answers: Answers) -> None:
        self._ports = Ports(settings.listen, shared=settings.reuse_port)
        shared = settings.model_copy(update={"listen": self._ports.addresses, "reuse_port": True, "workers": 1, "admin": None})
        proof, desk = asyncio.Event(), Desk(answers)
        self._places = [Place(number, program, shared, patience + _MARGIN, proof, desk) for number in range(1, count + 1)]
        self.source = Figures(self._places)
        """What metrics and health are told of: all workers as one."""

    async def run(self, stop: Awaitable[object]) -> int:
        """Keep the workers at work until `stop` is done; return the worst of their exit codes.

        If the first one cannot start, its exit code is returned.
        """
        with self._ports:
            _log.info("starting workers", workers=len(self._places), addresses=self._ports.addresses)
            keeping = [asyncio.create_task(place.keep(), name=f"worker {place.number}") for place in self._places]
            stopping = asyncio.ensure_future(stop)
            await asyncio.wait((stopping, *keeping), return_when=asyncio.FIRST_COMPLETED)
            _log.info("stopping workers")
            stopping.cancel()
            self.source.stopping()
            for place in self._places:
                place.stop()
            return max(await asyncio.gather(*keeping))

    def reload(self) -> None:
        """Have the workers load their contracts anew."""
        for place in self._places:
            place.reload()
