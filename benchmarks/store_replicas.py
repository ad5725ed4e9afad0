"""`python -m benchmarks.store_replicas`: what 1 to 16 replicas that learn ask of one PostgreSQL, and what that gives them.

A replica is a process that does with the store what a server does, once a second: it publishes what it has learned, writes it
in one transaction, and reads what the others wrote. It learns a fixed number of groups each second, drawn from all groups.
PostgreSQL has one core and the replicas share another, so that the database's own limit shows.
"""

import argparse
import json
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any, LiteralString

from rich.console import Console
from rich.table import Table

from assay_server.baselines import Store

from .postgres import Postgres, postgres
from .replica import Job, Seen, prepare, replica
from .servers import on_cores

_RESULTS = Path(__file__).parent / "store_replicas.json"
_REPLICAS = (1, 2, 4, 8, 16)
_PATIENCE = 120.0
_KEPT: LiteralString = "SELECT pg_total_relation_size('assay_moments') / (SELECT count(*) FROM assay_moments)"
_TOLD: LiteralString = (
    "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY octet_length(learned)) FROM assay_changes WHERE learned IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Row:
    """What so many replicas gave.

    Attributes:
        replicas: How many there were.
        rows: Rows that the database merged, a second.
        flushes: Seconds that each flush took.
        reads: Seconds that each look for what others wrote took.
        lags: Seconds from learning a value until another replica's verdicts were judged by it.
        late: By how many times the interval the time between two exchanges was, on average.
        database: The share of its core that the database used.
        row_cost: Microseconds of the database's CPU time a row.
        replica_cost: Microseconds of a replica's CPU time a row that it wrote or read.
        waiting: Rows of large flushes that were not in the tables yet when it ended.
        settling: Microseconds of the database's CPU time for each of them, when they were put there together.
        loading: Microseconds of a replica's CPU time a group, when it starts and reads all.
        kept: Bytes that the database keeps of a group, its index included.
        told: Bytes of a row in what replicas tell each other, which is kept for five minutes.
    """

    replicas: int
    rows: float
    flushes: list[float]
    reads: list[float]
    lags: list[float]
    late: float
    database: float
    row_cost: float
    replica_cost: float
    waiting: float
    settling: float
    loading: float
    kept: float
    told: float


def main() -> None:
    """Measure, print the table and write store_replicas.json."""
    parser = argparse.ArgumentParser(description=main.__doc__, prog="python -m benchmarks.store_replicas")
    parser.add_argument("--replicas", type=int, action="append", help="how many; may be repeated; 1, 2, 4, 8 and 16 by default")
    parser.add_argument("--groups", type=int, default=100_000, help="how many groups there are")
    parser.add_argument("--touched", type=int, default=1000, help="how many of them each replica learns in a second")
    parser.add_argument("--seconds", type=float, default=12.0, help="how long each number of replicas is measured")
    arguments = parser.parse_args()
    console = Console(width=170)
    core = on_cores(console)
    rows = []
    with console.status("PostgreSQL …") as status, postgres(core) as database:
        for count in arguments.replicas or _REPLICAS:
            status.update(f"{count} replicas …")
            rows.append(_measure(database, count, arguments))
    console.print(_table(rows, arguments))
    _RESULTS.write_text(json.dumps([_kept(row) for row in rows], indent=2) + "\n")


def _measure(database: Postgres, count: int, arguments: argparse.Namespace) -> Row:
    job = Job(database.new(), count, arguments.groups, arguments.touched, arguments.seconds)
    prepare(job)
    with _replicas(job, count) as lines:
        before = database.cpu_seconds()
        for line in lines:
            line.send("go")
        found: list[Seen] = [line.recv() for line in lines if line.poll(arguments.seconds + _PATIENCE)]
        used = database.cpu_seconds() - before
    if len(found) < count:
        raise RuntimeError("a replica has not come back")
    rows, seconds = sum(each.rows for each in found), mean(each.seconds for each in found)
    waiting, settling = _settled(database, job)
    return Row(
        replicas=count,
        rows=rows / seconds,
        flushes=[taken for each in found for taken in each.flushes],
        reads=[taken for each in found for taken in each.reads],
        lags=[lag for each in found for lag in each.lags],
        late=mean(each.seconds / each.rounds for each in found),
        database=used / seconds,
        row_cost=used / rows * 1e6,
        replica_cost=sum(each.cpu for each in found) / (rows * count) * 1e6,
        waiting=waiting,
        settling=settling,
        loading=median(each.loading for each in found) * 1e6,
        kept=database.number(job.store, _KEPT),
        told=database.number(job.store, _TOLD) / job.touched,
    )


def _settled(database: Postgres, job: Job) -> tuple[float, float]:
    """Have what waits put into the tables; return how many rows they were, and what each cost the database."""
    waiting = database.number(job.store, "SELECT coalesce(sum(rows), 0) FROM assay_deferred")
    before = database.cpu_seconds()
    store = Store(job.store)
    store.teach("nothing", [])  # Whoever teaches a file settles first.
    store.close()
    return waiting, (database.cpu_seconds() - before) / waiting * 1e6 if waiting else 0.0


@contextmanager
def _replicas(job: Job, count: int) -> Iterator[list[Any]]:
    """Start the replicas, until the block ends; they wait for a word on their lines."""
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(count)]
    processes = [
        context.Process(target=replica, args=(job, number, theirs), daemon=True) for number, (_, theirs) in enumerate(pairs)
    ]
    for process in processes:
        process.start()
    try:
        lines = [mine for mine, _ in pairs]
        for line in lines:
            if not line.poll(_PATIENCE):
                raise RuntimeError("a replica does not start")
            line.recv()
        yield lines
    finally:
        for process in processes:
            process.terminate()
            process.join(_PATIENCE)


def _table(rows: list[Row], arguments: argparse.Namespace) -> Table:
    shown = Table(
        title=f"{arguments.touched:,} of {arguments.groups:,} groups a second and replica; PostgreSQL on one core of "
        f"{os.cpu_count()}, the replicas on another"
    )
    for column in (
        "replicas",
        "rows/s",
        "flush ms\np50 / p99",
        "read ms\np50 / p99",
        "lag s\np50 / p99",
        "s between\nexchanges",
        "database,\nof its core",
        "database\nµs/row",
        "replica µs/row\nwritten or read",
        "waiting rows,\nµs each",
        "start\nµs/group",
        "bytes a row\nkept / told",
    ):
        shown.add_column(column, justify="right")
    for row in rows:
        shown.add_row(
            f"{row.replicas}",
            f"{row.rows:,.0f}",
            _quantiles(row.flushes, 1e3, 0),
            _quantiles(row.reads, 1e3, 0),
            _quantiles(row.lags, 1, 2) if row.lags else "-",
            f"{row.late:.2f}",
            f"{row.database:.0%}",
            f"{row.row_cost:.1f}",
            f"{row.replica_cost:.1f}",
            f"{row.waiting:,.0f}, {row.settling:.1f}" if row.waiting else "-",
            f"{row.loading:.1f}",
            f"{row.kept:.0f} / {row.told:.0f}",
        )
    return shown


def _quantiles(values: list[float], scale: float, digits: int) -> str:
    highest = sorted(values)[int(0.99 * (len(values) - 1))]
    return f"{median(values) * scale:,.{digits}f} / {highest * scale:,.{digits}f}"


def _kept(row: Row) -> dict[str, Any]:
    return {
        "replicas": row.replicas,
        "rows_per_second": round(row.rows),
        "flush_ms_p50": round(median(row.flushes) * 1e3, 1),
        "read_ms_p50": round(median(row.reads) * 1e3, 1),
        "lag_s_p50": round(median(row.lags), 2) if row.lags else None,
        "seconds_between_exchanges": round(row.late, 2),
        "database_share_of_core": round(row.database, 3),
        "database_us_per_row": round(row.row_cost, 1),
        "replica_us_per_row": round(row.replica_cost, 1),
        "waiting_rows": round(row.waiting),
        "settling_us_per_row": round(row.settling, 1),
        "start_us_per_group": round(row.loading, 1),
        "bytes_kept_per_row": round(row.kept),
        "bytes_told_per_row": round(row.told),
    }


if __name__ == "__main__":
    main()
