"""How it stands with the server: what metrics and health are read from."""

from dataclasses import dataclass, field

from assay_server.admin import Phase
from assay_server.baselines import Baselines
from assay_server.engine import Engine


@dataclass
class Reloads:
    """What became of the changes to the contracts folder.

    Attributes:
        successes: How many were put in service.
        failures: How many left the contracts as they were.
    """

    successes: int = 0
    failures: int = 0


@dataclass
class Condition:
    """How it stands with the server. Its parts are read as they are, from another thread than theirs, and never changed.

    Attributes:
        engine: What judges.
        baselines: What it has learned.
        reloads: What became of the changes to the contracts folder.
        phase: Where in its life the server is.
    """

    engine: Engine
    baselines: Baselines
    reloads: Reloads = field(default_factory=Reloads)
    phase: Phase = Phase.STARTING
