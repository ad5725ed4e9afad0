"""`python -m benchmarks.learning`: `assay learn` from Parquet, beside Polars computing the same means and deviations.

Both run as processes of their own on one core, in turn, on the same files. What they find must agree to 1e-9.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from assay_server.baselines import Kind, Store, View, group_values

from .servers import staying_on

_HERE = Path(__file__).parent
_EXAMPLES = _HERE.parent / "examples"
_CORE = 0
_PART = 100_000
_FEW = 1000
_WIDTH = 130
_ASSAY = "from assay_server.cli import main; main()"

Found = dict[str, tuple[float, float, float]]
"""Count, mean and deviation by field and group."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned."""

    event_type: str
    contracts: Path
    timestamp: str
    part: Callable[[int], pa.Table]
    """Makes a part of the file, by its number."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took."""

    wall: float
    cpu: float
    peak: int
    output: bytes


def _payments(number: int) -> pa.Table:
    random = np.random.default_rng(number)
    amount = np.round(random.lognormal(3, 1, _PART) + 1, 2)
    first = number * _PART
    return pa.table(
        {
            "payment_id": [f"p-{place:09d}" for place in range(first, first + _PART)],
            "at": pa.array(1_700_000_000_000 + np.arange(first, first + _PART) * 1000, pa.timestamp("ms", "UTC")),
            "currency": random.choice(["EUR", "USD", "GBP", "JPY"], _PART),
            "country": random.choice(["DE", "US", "GB", "JP", "FR"], _PART),
            "method": random.choice(["card", "transfer", "wallet"], _PART),
            "amount": amount,
            "fee": np.round(amount * 0.02, 2),
            "tax": np.round(amount * 0.19, 2),
            "items": random.integers(1, 13, _PART),
            "account_age": random.integers(0, 4001, _PART),
            "hour": random.integers(0, 24, _PART),
            "risk": np.round(random.beta(2, 8, _PART), 4),
            "velocity": np.round(random.gamma(2, 1.5, _PART), 3),
        }
    )


def _flights(number: int) -> pa.Table:
    """Return flights of the sample, with other times in the air."""
    sample = pq.read_table(_EXAMPLES / "data" / "flights.parquet")
    random = np.random.default_rng(number)
    table = sample.take(np.arange(_PART) + random.integers(sample.num_rows - _PART))
    place = table.column_names.index("air_time")
    minutes = pa.array(table["air_time"].to_numpy() + np.round(random.normal(0, 3, _PART)), pa.float64(), from_pandas=True)
    return table.set_column(place, "air_time", minutes.cast(pa.int16()))


LESSONS = (
    Lesson("payment.made", _HERE / "learning_contracts", "at", _payments),
    Lesson("flight.arrived", _EXAMPLES / "contracts", "time_hour", _flights),
)


def main() -> None:
    """Measure everything, check that both agree, and print the table."""
    parser = argparse.ArgumentParser(description="Measure `assay learn` beside Polars.", prog="python -m benchmarks.learning")
    parser.add_argument("--rows", type=int, nargs="*", default=[300_000, 3_000_000], help="how many rows the files have")
    parser.add_argument("--rounds", type=int, default=3, help="how often; the table shows medians")
    arguments = parser.parse_args()
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    table = Table("contract", *(f"[right]{head}" for head in _HEADS), box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        for lesson in LESSONS:
            data = Path(folder) / lesson.event_type
            few = _write(Path(folder) / "few.parquet", lesson, _FEW)
            start = median(_learn(lesson, few, data / f"few-{number}").cpu for number in range(arguments.rounds))
            for rows in arguments.rows:
                with console.status(f"{lesson.event_type}: {rows:,} rows …"):
                    file = _write(Path(folder) / "rows.parquet", lesson, rows)
                    runs = [_both(lesson, file, data / f"{rows}-{number}") for number in range(arguments.rounds)]
                table.add_row(f"{lesson.event_type}, {rows:,} rows", *_cells(rows, start, *zip(*runs, strict=True)))
    console.print(table)


def runs(lesson: Lesson, rows: int, rounds: int) -> list[Run]:
    """Have `assay learn` take a file of so many rows, so many times."""
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        file = _write(Path(folder) / "rows.parquet", lesson, rows)
        return [_learn(lesson, file, Path(folder) / f"{number}") for number in range(rounds)]


_HEADS = ("rows/s", "rows/s of CPU", "after its start", "peak MB", "Polars rows/s of CPU", "peak MB", "times Polars' CPU")


def _cells(rows: int, start: float, ours: tuple[Run, ...], polars: tuple[Run, ...]) -> Iterator[str]:
    cpu, theirs = median(run.cpu for run in ours), median(run.cpu for run in polars)
    yield f"{rows / median(run.wall for run in ours):,.0f}"
    yield f"{rows / cpu:,.0f}"
    yield f"{rows / max(cpu - start, 1e-9):,.0f}"
    yield f"{max(run.peak for run in ours) / 1e6:,.0f}"
    yield f"{rows / theirs:,.0f}"
    yield f"{max(run.peak for run in polars) / 1e6:,.0f}"
    yield f"{cpu / theirs:.1f}"


def _write(path: Path, lesson: Lesson, rows: int) -> Path:
    with pq.ParquetWriter(path, lesson.part(0).schema) as writer:
        for number, first in enumerate(range(0, rows, _PART)):
            writer.write_table(lesson.part(number).slice(0, min(_PART, rows - first)))
    return path


def _both(lesson: Lesson, file: Path, data: Path) -> tuple[Run, Run]:
    """Run both on a file, and see that they agree."""
    ours = _learn(lesson, file, data)
    polars = _run("-m", "benchmarks.peers.polars_moments", lesson.event_type, str(file))
    expected = {name: tuple(moments) for name, moments in json.loads(polars.output).items()}
    learned = _learned(lesson, data)
    for name in expected.keys() | learned.keys():
        np.testing.assert_allclose(learned[name], expected[name], rtol=1e-9, err_msg=name)
    return ours, polars


def _learn(lesson: Lesson, file: Path, data: Path) -> Run:
    options = ("--timestamp", lesson.timestamp, "--contracts", str(lesson.contracts), "--data", str(data), "--json")
    data.mkdir(parents=True)
    return _run("-c", _ASSAY, "learn", lesson.event_type, str(file), *options)


def _run(*arguments: str) -> Run:
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        with staying_on({_CORE}):
            process = subprocess.Popen([sys.executable, *arguments], stdout=output, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{arguments} ended with {process.returncode}")
        output.seek(0)
        return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, output.read())


def _learned(lesson: Lesson, data: Path) -> Found:
    """Return what the store has."""
    store = Store(data / "baselines.sqlite3")
    try:
        store.prepare()
        series = [one for one in store.series(lesson.event_type) if one.kind is Kind.MOMENTS]
        views = [View(stored.history) for stored in store.read("benchmark", None, [], series).whole.values()]
    finally:
        store.close()
    found: Found = {}
    for view in views:
        keys = [key for key, _ in view.groups()]
        of = view.moments(keys, None)
        for place, key in enumerate(keys):
            name = " ".join([view.series.field, *group_values(key, len(view.series.by))])
            found[name] = (float(of.n[place]), float(of.mean[place]), float(of.std[place]))
    return found


if __name__ == "__main__":
    main()
