"""From rows to verdicts, by an engine in this process or by a server."""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import assay_client
from assay_client import Client
from assay_server import engine
from assay_server.engine import Engine, Layer
from assay_server.files import Row

from ._check import Level


class Verdict(Protocol):
    """What verdicts of the engine and of the client have in common."""

    @property
    def event_id(self) -> str: ...
    @property
    def valid(self) -> bool: ...
    @property
    def processed_at(self) -> int | datetime: ...
    @property
    def contract_version(self) -> str: ...
    @property
    def findings(self) -> Sequence[Any]: ...
    @property
    def omitted_findings(self) -> int: ...
    @property
    def skipped_checks(self) -> Sequence[Any]: ...
    @property
    def explanations(self) -> Sequence[Any]: ...
    @property
    def normalized(self) -> Any: ...


Judged = tuple[Row, Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How to judge, and what to report."""

    explain: bool = False
    normalized: bool = False
    report_from: Level = "warn"
    reject_from: Level = "reject"


def judge_here(judge: Engine, batches: Iterable[list[Row]], wishes: Wishes) -> Iterator[list[Judged]]:
    """Yield the rows of each batch with their verdicts."""
    options = engine.Options(
        return_normalized=wishes.normalized,
        explain=wishes.explain,
        dry_run=True,
        report_from=engine.Enforcement.parse(wishes.report_from),
        reject_from=engine.Enforcement.parse(wishes.reject_from),
    )
    for rows in batches:
        verdicts = iter(judge.judge([row.event for row in rows if row.problem is None], options))
        yield [(row, next(verdicts) if row.problem is None else problem_verdict(row)) for row in rows]


def judge_there(client: Client, batches: Iterable[list[Row]], wishes: Wishes) -> Iterator[list[Judged]]:
    """Yield the rows with their verdicts, one by one as they come.

    Raises:
        AssayError: If the server cannot answer, or not any further.
    """
    pending: deque[Row] = deque()

    def events() -> Iterator[assay_client.Event]:
        for rows in batches:
            for row in rows:
                pending.append(row)
                event = row.event
                # A row with a problem goes without its payload, so that verdicts come one for each row.
                payload = event.payload if row.problem is None else None
                timestamp = event.timestamp if row.problem is None else None
                yield assay_client.Event(event.event_type, payload, timestamp, event.event_id, event.contract_version)

    verdicts = client.validate_stream(
        events(),
        return_normalized=wishes.normalized,
        explain=wishes.explain,
        dry_run=True,
        report_from=assay_client.Enforcement[wishes.report_from.upper()],
        reject_from=assay_client.Enforcement[wishes.reject_from.upper()],
    )
    for verdict in verdicts:
        row = pending.popleft()
        yield [(row, verdict if row.problem is None else problem_verdict(row))]


def problem_verdict(row: Row) -> Verdict:
    """Return the verdict on a row that cannot be judged as it stands: what a server would say, could it be asked."""
    problem = row.problem
    assert problem is not None  # noqa: S101  # Only such rows come here.
    layer, enforcement = Layer.ENVELOPE, engine.Enforcement.REJECT
    finding = engine.Finding(problem.check, layer, enforcement, "", problem.message)
    return engine.Verdict(row.event.event_id, False, time.time_ns(), "", [finding])
