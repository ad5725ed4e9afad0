"""Events that hold up, and events that end the server; for the harness, which names a folder in each."""

import asyncio
import os
import signal
from pathlib import Path

from assay_server.contracts import EventContract, rule


class Quick(EventContract, event_type="quick", version="1.0.0"):
    """Takes no time."""

    number: int = 0


class Waits(EventContract, event_type="waits", version="1.0.0"):
    """Is judged once there is a file `go` in the folder; files `begun` and `dropped` tell how far it got."""

    folder: Path

    @rule(timeout="1h")
    async def waits(self) -> bool:
        """It waits."""
        (self.folder / "begun").touch()
        try:
            while not (self.folder / "go").exists():  # noqa: ASYNC110  # There is no event to wait for outside.
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            (self.folder / "dropped").touch()
            raise
        return True


class Triggers(EventContract, event_type="triggers", version="1.0.0"):
    """Triggers something the first time that it is judged: takes the file `armed` away, and is valid ever after."""

    folder: Path

    @rule(timeout="1h")
    async def triggers(self) -> bool:
        """It ends the process if that may die; else it waits until there is a file `go`."""
        try:
            (self.folder / "armed").unlink()
        except FileNotFoundError:
            return True
        if "CONFORMANCE_MAY_DIE" in os.environ:
            os.kill(os.getpid(), signal.SIGKILL)
        while not (self.folder / "go").exists():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return True
