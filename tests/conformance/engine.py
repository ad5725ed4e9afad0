"""The engine that the cases are for: the contracts, with the history and the model that stand in `history/`."""

import asyncio
from pathlib import Path

from assay_server.baselines import Baselines
from assay_server.baselines import Limits as HistoryLimits
from assay_server.contracts import load
from assay_server.engine import Engine, Event, Limits
from assay_server.models.registry import Shelf, Slot
from tests.unit.checks.modelled import artefact_of, served_of

_FOLDER = Path(__file__).parent
CONTRACTS = _FOLDER / "contracts"

_LANDED = "landed"
_PARCEL, _MODEL = "parcel.weighed", "unusual"
_GROUPS = 3
"""As many as there are carriers in history, so that one more is one too many."""

_TIME = 1_700_000_000_000_000_000


def _history(event_type: str) -> list[Event]:
    lines = (_FOLDER / "history" / f"{event_type}.ndjson").read_bytes().splitlines()
    return [Event(event_type, line, _TIME) for line in lines]


def learned() -> Baselines:
    """Return baselines that have learned."""
    baselines = Baselines(limits=HistoryLimits(groups=_GROUPS))
    engine = Engine(load(CONTRACTS), baselines=baselines)

    async def teach() -> None:
        await engine.start()
        left_out = await engine.teach(_history(_LANDED))
        assert not any(verdict.findings for verdict in left_out)
        await engine.close()

    asyncio.run(teach())
    baselines.publish()
    return baselines


def trained() -> Shelf:
    """Return a shelf with a model on it."""
    shelf = Shelf(None)
    with Engine(load(CONTRACTS)) as engine:
        artefact = artefact_of(engine, _history(_PARCEL), _PARCEL, _MODEL)
    shelf._slots[_PARCEL, _MODEL] = Slot(active=served_of(artefact))
    return shelf


def engine(limits: Limits | None = None) -> Engine:
    """Return an engine that has learned; not started."""
    return Engine(load(CONTRACTS), limits=limits, baselines=learned(), models=trained())
