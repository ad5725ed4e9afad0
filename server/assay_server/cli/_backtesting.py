"""What `assay backtest` does."""

import asyncio
import json
import sys
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import typer
from rich.console import Console

from assay_server.baselines import Baselines
from assay_server.engine import Engine
from assay_server.files import OutputFile, Row, RowsInOrder

from ._comparing import Comparison, Side
from ._comparison import as_json, for_people
from ._errors import EXIT_FOUND, UserError, user_errors
from ._history import learning_engine, settings_with
from ._judges import Verdict, problem_verdict
from ._progress import FileProgress, RowProgress
from ._reading import Reading
from ._records import difference_of, line_of

_STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial(Reading):
    """By what to judge which events of the past, and what to tell of it.

    Attributes:
        since: From when events count, in nanoseconds since 1970; None to count all.
        until: From when they are left out; None to leave out none.
        contracts: The folder with today's contracts; None for that of the settings.
        candidate: The folder with those to put beside them.
        differing: The file to write the events to on which the two differ.
        as_json: Whether the result is for programs.
    """

    since: int | None = None
    until: int | None = None
    contracts: Path | None = None
    candidate: Path | None = None
    differing: str | None = None
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class _Judge:
    """An engine, and the history that it reads and teaches."""

    engine: Engine
    baselines: Baselines

    async def teach(self, rows: list[Row]) -> None:
        """Take rows as history and nothing else."""
        if rows:
            await self.engine.teach([row.event for row in rows if row.problem is None])
            self.baselines.publish()

    async def judge(self, rows: list[Row]) -> list[Verdict]:
        """Return the verdicts on rows, each by the history that all those before it have taught."""
        verdicts = iter(await self.engine.replay([row.event for row in rows if row.problem is None]))
        return [next(verdicts) if row.problem is None else problem_verdict(row) for row in rows]


def run(trial: Trial) -> int:
    """Judge the past, tell what was found, and return the exit code.

    Raises:
        UserError: If that cannot be done, or not to the end.
    """
    with user_errors(), ExitStack() as stack:
        taken = _check_output(trial)
        judges = {"today": _judge_of(trial.contracts, trial.event_type)}
        if trial.candidate is not None:
            judges["candidate"] = _judge_of(trial.candidate, trial.event_type)
        comparison = Comparison(trial.event_type, [_side(name, judge.engine, trial) for name, judge in judges.items()])
        rows = stack.enter_context(RowsInOrder(trial.until))
        comparison.seconds = _read(trial, rows, comparison)
        with _Differing(trial.differing) as differing, RowProgress(len(rows)) as progress:
            asyncio.run(_judge(trial, judges, rows, comparison, differing, progress))
        comparison.seconds += progress.seconds
        if trial.as_json:
            sys.stdout.write(json.dumps(as_json(comparison), ensure_ascii=False, indent=2) + "\n")
        else:
            Console(stderr=taken).print(for_people(comparison))
        return EXIT_FOUND if any(side.rejected for side in comparison.sides) else 0


def _check_output(trial: Trial) -> bool:
    """Return whether a file goes to standard output.

    Raises:
        UserError: If more than one thing would, or there is nothing to write.
    """
    if trial.differing is not None and trial.candidate is None:
        raise UserError("--differing needs something to differ from", "Name other contracts with --candidate DIR.")
    taken = trial.differing == _STANDARD_OUTPUT
    if taken and trial.as_json:
        raise UserError("--json writes to standard output, and so would a file called -", "Name a file instead.")
    return taken


def _judge_of(folder: Path | None, event_type: str) -> _Judge:
    """Return a judge with an empty history."""
    settings = settings_with(folder, None)
    engine, baselines = learning_engine(settings)
    if event_type not in engine.catalog:
        known = ", ".join(sorted({contract.event_type for contract in engine.catalog}))
        there = f"There are contracts of {known}." if known else ""
        raise UserError(f"no contract in {settings.contracts} describes {event_type}", there)
    return _Judge(engine, baselines)


def _side(name: str, engine: Engine, trial: Trial) -> Side:
    contracts = [contract for contract in engine.catalog if contract.event_type == trial.event_type]
    return Side.of(name, (check for contract in contracts for check in engine.describe(contract)))


def _read(trial: Trial, rows: RowsInOrder, comparison: Comparison) -> float:
    """Put the rows of the files in order; return how many seconds it took."""
    sources = trial.sources()
    with FileProgress([] if trial.query else sources, "rows read") as progress:
        for batch in trial.batches(sources):
            mine = [row for row in batch if row.event.event_type in {trial.event_type, ""}]
            comparison.others += len(batch) - len(mine)
            rows.add(mine)
            progress.advance(len(batch))
    if (trial.since, trial.until) != (None, None) and len(rows) and not rows.timed:
        raise UserError("no row has a time, and --since and --until need one", "Say which column tells it: --timestamp COLUMN.")
    return progress.seconds


async def _judge(
    trial: Trial,
    judges: dict[str, _Judge],
    rows: RowsInOrder,
    comparison: Comparison,
    differing: "_Differing",
    progress: RowProgress,
) -> None:
    async with AsyncExitStack() as stack:
        for judge in judges.values():
            stack.push_async_callback(judge.engine.close)
            await judge.engine.start()
        for some in rows:
            earlier = [row for time, row in some if trial.since is not None and time < trial.since]
            later = [row for _, row in some[len(earlier) :]]
            for judge in judges.values():
                await judge.teach(earlier)
            comparison.earlier += len(earlier)
            said = {name: await judge.judge(later) for name, judge in judges.items()}
            for row, *verdicts in zip(later, *said.values(), strict=True):
                if comparison.add(row, verdicts):
                    differing.write(row, dict(zip(said, verdicts, strict=True)))
            progress.advance(len(some))


class _Differing:
    """The file with the events on which the two sides differ, if there is to be one."""

    def __init__(self, name: str | None) -> None:
        self._file = None if name is None else OutputFile(name)

    def write(self, row: Row, verdicts: dict[str, Verdict]) -> None:
        """Write an event."""
        if self._file is not None:
            self._file.write(line_of(difference_of(row, verdicts)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is None:
            return
        if error is None:
            self._file.finish()
        elif left := self._file.leave():
            typer.echo(f"What was found to differ until then is in {left}.", err=True)
