"""What `assay new` does."""

import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic_core import from_json

from assay_server.cli._errors import UserError, user_errors
from assay_server.cli._progress import FileProgress
from assay_server.engine import Limits
from assay_server.files import Format, Row, RowOptions, find_sources, read_rows

from ._examples import ExampleChooser
from ._formats import CELLS, TEXTS
from ._module import draft_module
from ._observe import Observation

_EVENT_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}", re.ASCII)


def draft_contract(event_type: str, files: list[str], *, nulls: frozenset[str], out: Path | None, force: bool) -> None:
    """Print or write a contract drafted from the samples in files.

    Raises:
        UserError: If there are no samples, or the file is there already.
    """
    if not _EVENT_TYPE.fullmatch(event_type):
        raise UserError(f"{event_type!r} is no event type", "Write letters, digits and . _ : / - only, at most 200.")
    if out is not None and out.exists() and not force:
        raise UserError(f"{out} is there already", "Name another file, or replace it with --force.")
    if out is not None and not out.parent.is_dir():
        raise UserError(f"{out}: there is no folder {out.parent}", "Make it, or name another file with --out.")
    with user_errors():
        sources = find_sources(files)
        is_table = any(source.format in {Format.CSV, Format.TSV} for source in sources)
        seen = Observation(CELLS if is_table else TEXTS)
        chooser = ExampleChooser()
        unfit = others = 0
        with FileProgress(sources, "samples") as progress:
            for source in sources:
                for rows in read_rows(source, RowOptions(event_type=event_type, nulls=nulls)):
                    mine = [row for row in rows if row.event.event_type == event_type]
                    others += len(rows) - len(mine)
                    for sample, size in samples(mine):
                        seen.add(sample)
                        chooser.add(sample, size)
                    unfit += len(mine)
                    progress.advance(len(rows))
    unfit -= seen.objects
    example = chooser.example
    if example is None:
        remedy = f"{others:,} rows are events of other types." if others else "Name files with payloads or events."
        raise UserError(f"there is no sample of {event_type} in {', '.join(files)}", remedy)
    _deliver(draft_module(event_type, seen, example), out)
    _report(event_type, seen, unfit, others, out)


def samples(rows: list[Row]) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the payloads that any contract could accept, each with its bytes of JSON."""
    depth = Limits().depth
    for row in rows:
        payload = row.event.payload
        if row.problem is not None or not isinstance(payload, bytes) or len(payload) > Limits().payload_bytes:
            continue
        try:
            sample = from_json(payload, allow_inf_nan=False)
        except ValueError:
            continue
        if isinstance(sample, dict) and _is_fit(sample, depth):
            yield sample, len(payload)


def _is_fit(value: Any, depth: int) -> bool:
    """Return whether a value nests no deeper than a contract reads, and has only finite numbers."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(_is_fit(part, depth - 1) for part in parts)
    return True


def _deliver(module: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(module)
        return
    try:
        out.write_text(module, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{out}: it cannot be written: {error.strerror}", "Name another file with --out.") from None


def _report(event_type: str, seen: Observation, unfit: int, others: int, out: Path | None) -> None:
    parts = [f"drafted {event_type} from {seen.objects:,} sample{'' if seen.objects == 1 else 's'}"]
    if others:
        parts.append(f"rows of other event types, left out: {others:,}")
    if unfit:
        parts.append(f"rows that no contract accepts, left out: {unfit:,}")
    typer.echo("; ".join(parts), err=True)
    if out is not None:
        typer.echo(f"Read {out}, then: assay contracts lint {out.parent}", err=True)
