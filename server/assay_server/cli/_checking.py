"""What `assay check` does."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import typer
from rich.console import Console

from assay_server.files import OutputFile, Row, RowOptions, RowWriter, Source, find_sources, read_rows, row_writer

from ._errors import EXIT_FOUND, UserError, user_errors
from ._judges import Judged, Verdict, Wishes, judge_here, judge_there
from ._options import Where
from ._progress import FileProgress
from ._records import line_of, record_of
from ._summary import Summary
from ._where import connect, engine_of

__all__ = ["Outputs", "Wishes", "run"]

_STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What to write, and where to."""

    verdicts: str | None = None
    valid: str | None = None
    invalid: str | None = None
    as_json: bool = False

    def check(self) -> bool:
        """Return whether a file goes to standard output.

        Raises:
            UserError: If more than one thing would.
        """
        names = [name for name in (self.verdicts, self.valid, self.invalid) if name is not None]
        if len(names) > len(set(names)):
            raise UserError("two of --output, --valid and --invalid name the same file", "Give each a name of its own.")
        taken = _STANDARD_OUTPUT in names
        if taken and self.as_json:
            raise UserError("--json writes to standard output, and so would a file called -", "Name a file instead.")
        return taken


def run(files: list[str], rows: RowOptions, where: Where, wishes: Wishes, outputs: Outputs) -> int:
    """Judge the events in files, and return the exit code.

    Raises:
        UserError: If that cannot be done, or not to the end.
    """
    with user_errors():
        taken = outputs.check()
        sources = find_sources(files)
        summary = Summary()
        with ExitStack() as stack:
            judged = _judged(stack, sources, rows, where, wishes)
            writers = stack.enter_context(_Writers(outputs, sources))
            progress = stack.enter_context(FileProgress(sources))
            for some in judged:
                for row, verdict in some:
                    summary.add(row, verdict)
                    writers.write(row, verdict)
                progress.advance(len(some))
            summary.seconds = progress.seconds
        if outputs.as_json:
            sys.stdout.write(json.dumps(summary.as_json(), ensure_ascii=False, indent=2) + "\n")
        else:
            Console(stderr=taken).print(summary.for_people())
        _hint(summary, rows)
        return EXIT_FOUND if summary.rejected else 0


def _judged(stack: ExitStack, sources: list[Source], rows: RowOptions, where: Where, wishes: Wishes) -> Iterator[list[Judged]]:
    batches = (batch for source in sources for batch in read_rows(source, rows))
    if where.server is None:
        return judge_here(stack.enter_context(engine_of(where)), batches, wishes)
    client = stack.enter_context(connect(where))
    for _ in client.list_event_types():  # A stream waits longer for a server than a person would.
        break
    return judge_there(client, batches, wishes)


class _Writers:
    """The files that are written: they get their names together, once all of it is done."""

    def __init__(self, outputs: Outputs, sources: list[Source]) -> None:
        self._open: list[OutputFile | RowWriter] = []
        self._verdicts: OutputFile | None = None
        self._valid: RowWriter | None = None
        self._invalid: RowWriter | None = None
        try:
            if outputs.valid is not None:
                self._valid = row_writer(outputs.valid, sources)
                self._open.append(self._valid)
            if outputs.invalid is not None:
                self._invalid = row_writer(outputs.invalid, sources)
                self._open.append(self._invalid)
            if outputs.verdicts is not None:
                self._verdicts = OutputFile(outputs.verdicts)
                self._open.append(self._verdicts)
        except BaseException:
            self._leave()
            raise

    def write(self, row: Row, verdict: Verdict) -> None:
        """Write what is to be written of a row."""
        if self._verdicts is not None:
            self._verdicts.write(line_of(record_of(row, verdict)))
        writer = self._valid if verdict.valid else self._invalid
        if writer is not None:
            writer.write(row)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self._leave()
            return
        for file in self._open:
            file.finish()

    def _leave(self) -> None:
        left = [name for file in self._open if (name := file.leave())]
        if left:
            typer.echo(f"What was judged until then is in {', '.join(left)}.", err=True)


def _hint(summary: Summary, rows: RowOptions) -> None:
    """Say what is probably amiss where rows have no event type."""
    missing = [tally for tally in summary.tallies.values() if tally.check == "envelope.event_type_missing"]
    if missing and not rows.event_type:
        count = missing[0].events
        message = (
            f"{count:,} of the rows are no events of their own, with event_type and payload: say what they are with --type."
        )
        typer.echo(f"hint: {message}", err=True)
