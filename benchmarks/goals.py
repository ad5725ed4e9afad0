"""`make bench-goals`: what the service shall reach, and whether it does, in one table.

Each goal can be measured alone: `python -m benchmarks.goals --only TEXT`, with a part of what the table calls it.
"""

import argparse
import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from . import calls, fairness, growth, h2load, learning, model_cost, start_up, workers
from .comparison import BY_H2LOAD, FAST_FLOOR, FLOOR, LIMIT, PEER, named, of_limit, rate_ratio
from .layers import Layers, prepared
from .running import Results, Settings, median_cpu
from .servers import on_cores

_RESULTS = Path(__file__).parent / "goals.json"
_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Figure:
    """What was found for a goal."""

    goal: str
    asked: str
    found: str
    met: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Goals that are measured together.

    Attributes:
        name: What `--only` finds it by.
        measure: Measures them.
    """

    name: str
    measure: Callable[[Console, Settings], Iterator[Figure]]

    @property
    def command(self) -> str:
        """How to measure it alone."""
        return f"python -m benchmarks.goals --only {self.name}"


def _calls(console: Console, settings: Settings) -> Iterator[Figure]:
    rows = ("stream, 100 a message: + model", "stream, 1,000 a message: + model", "Validate", "gathering client")
    only = Settings(settings.seconds, settings.rounds, settings.core, rows)
    found, results = calls.measure(console, only)
    by_name = {row.name: row for row in found}
    hundred, thousand = (by_name[name] for name in rows[:2])
    rate = 1e6 / median_cpu(results[hundred.name])
    yield Figure(
        "stream, 100 events a message, all layers", "100,000 events a second of server CPU", f"{rate:,.0f}", rate >= 1e5
    )
    share = of_limit(results, thousand)
    limit = median(1e6 / each.cpu_per_event for each in results[LIMIT])
    said = f"{share:.0%} of {limit:,.0f} events a second of CPU"
    yield Figure("stream, 1,000 events a message, all layers", "70 % of the limit", said, share >= 0.7)
    validate = named("Validate", Layers.ALL)
    yield _against_floor(results, validate)
    times = rate_ratio(results, validate, named(PEER, Layers.ALL))
    yield Figure("Validate, all layers, against FastAPI with scikit-learn", "20 times", f"{times:.1f} times", times >= 20)
    [gathering] = [name for name in results if name.startswith("gathering") and name.endswith(Layers.ALL.value)]
    times = rate_ratio(results, gathering, validate)
    yield Figure("gathering client, all layers, against Validate", "10 times", f"{times:.1f} times", times >= 10)


def _against_floor(results: Results, validate: str) -> Figure:
    program, said = BY_H2LOAD * h2load.there(), "by h2load" if h2load.there() else "by a Python client"
    row = named(f"Validate{program}", Layers.ALL) if program else validate
    share, of_fast = (rate_ratio(results, row, floor + program) for floor in (FLOOR, FAST_FLOOR))
    said = f"{share:.0%} {said}; {of_fast:.0%} of one on uvloop, as the service is"
    return Figure("Validate, all layers, against the empty handler", "80 % of its calls a second", said, share >= 0.8)


def _model(_console: Console, settings: Settings) -> Iterator[Figure]:
    with prepared(_EVENTS) as work:
        found = model_cost.added(work, 8 * settings.rounds)
    peer = f"scikit-learn {found.peer_single:,.0f} µs for one row, {found.peer_batch:,.1f} a row of 1,000"
    for what, asked, taken in (("one event", 30, found.single), ("an event in 1,000", 5, found.batch)):
        said = f"{taken:.1f} µs of CPU; {peer}"
        yield Figure(f"what an isolation forest adds to {what}, without transport", f"{asked} µs", said, taken <= asked)


def _workers(_console: Console, settings: Settings) -> Iterator[Figure]:
    with prepared(_EVENTS) as work:
        found = workers.compare(work, 2, 2 * settings.seconds, settings.rounds)
    ratios = {kind: median(each.ratios) for kind, each in found.items()}
    said = ", ".join(f"{kind} {ratio:.2f}" for kind, ratio in ratios.items())
    apart = ", ".join(f"{median(each.ratios_apart):.2f}" for each in found.values())
    least = min(each.least for each in found.values())
    said += f"; two servers of one worker each against one of them alone {apart}; the less busy one had {least:.0%} or more"
    yield Figure("two workers against one, server CPU an event", "1.1 times", said, max(ratios.values()) <= 1.1)


def _types(_console: Console, settings: Settings) -> Iterator[Figure]:
    found = growth.by_event_types(1000, settings.seconds, settings.rounds, settings.core)
    yield Figure("1 to 1,000 event types, cost of an event", "1.2 times", _listed(found), max(found.values()) <= 1.2)


def _groups(_console: Console, settings: Settings) -> Iterator[Figure]:
    found = growth.by_groups(1_000_000, settings.seconds, settings.rounds, settings.core, (1, 100, 1000))
    yield Figure("1 to 1,000,000 groups, cost of an event", "1.2 times", _listed(found), max(found.values()) <= 1.2)


def _memory(_console: Console, _settings: Settings) -> Iterator[Figure]:
    taken = growth.bytes_of_a_group(1_000_000)
    yield Figure("a group's moments in memory, its key included", "200 bytes", f"{taken:.0f} bytes", taken <= 200)


def _fairness(_console: Console, settings: Settings) -> Iterator[Figure]:
    streams = {"a stream of 100": (100,), "a stream of 1,000": (1000,), "two of each": (100, 100, 1000, 1000)}
    seconds = 3 * settings.seconds
    with prepared(_EVENTS) as work, calls.serving(work, Layers.ALL, settings.core) as server:
        found = [asyncio.run(fairness.latency(server, work, seconds, [*streams.values()])) for _ in range(settings.rounds)]
    beside = {name: median(each.beside[sizes] for each in found) for name, sizes in streams.items()}
    said = ", ".join(f"{taken:.1f} ms beside {name}" for name, taken in beside.items())
    said += f" ({median(each.alone for each in found):.1f} alone), at {median(each.rate for each in found):,.0f} calls a second"
    of_one = [beside[name] for name, sizes in streams.items() if len(sizes) == 1]
    yield Figure("p99 of Validate at half of capacity beside a stream", "20 ms", said, max(of_one) <= 20)


def _start(_console: Console, settings: Settings) -> Iterator[Figure]:
    found = start_up.starts(100, settings.rounds, settings.core)
    seconds, cpu = median(each.seconds for each in found), median(each.cpu for each in found)
    several = median(each.seconds for each in start_up.starts(100, settings.rounds, None))
    said = f"{seconds:.1f} s, {cpu:.1f} s of CPU; with a process a core, as by default, {several:.1f} s"
    yield Figure("start to first answer, 100 contracts", "3 s", said, seconds <= 3)


def _learning(_console: Console, settings: Settings) -> Iterator[Figure]:
    few, many = 300_000, 3_000_000
    lesson = learning.LESSONS[0]
    found = {rows: learning.runs(lesson, rows, settings.rounds if rows == few else 1) for rows in (few, many)}
    rate = many / median(run.cpu for run in found[many])
    peaks = {rows: max(run.peak for run in each) / 1e6 for rows, each in found.items()}
    said = f"{rate:,.0f}; {peaks[many]:,.0f} MB, and {peaks[few]:,.0f} MB for a tenth of the rows"
    met = rate >= 2e5 and peaks[many] <= 1.1 * peaks[few]
    yield Figure(
        "assay learn from Parquet, one core, payments", "200,000 rows a second, in memory that does not grow", said, met
    )


GROUPS: Sequence[Group] = (
    Group("calls", _calls),
    Group("model", _model),
    Group("workers", _workers),
    Group("types", _types),
    Group("groups", _groups),
    Group("memory", _memory),
    Group("fairness", _fairness),
    Group("start", _start),
    Group("learning", _learning),
)


def main() -> None:
    """Measure the goals, print the table, and put them into goals.json."""
    parser = argparse.ArgumentParser(description="Measure whether goals are met.", prog="make bench-goals")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each thing is measured in each round")
    parser.add_argument("--rounds", type=int, default=3, help="how often; medians are shown")
    parser.add_argument("--only", choices=[group.name for group in GROUPS], action="append", help="may be repeated")
    arguments = parser.parse_args()
    console = Console()
    if not console.is_terminal:
        console = Console(width=170)
    settings = Settings(arguments.seconds, arguments.rounds, on_cores(console))
    found: list[tuple[Figure, Group]] = []
    for group in GROUPS:
        if group.name in (arguments.only or [group.name]):
            with console.status(f"{group.name} …"):
                figures = list(group.measure(console, settings))
            found += [(figure, group) for figure in figures]
            _keep(group, figures)
    console.print(_table(found))


def _keep(group: Group, figures: Sequence[Figure]) -> None:
    """Put figures into the file, in place of those that were found by the same command."""
    kept = json.loads(_RESULTS.read_text()) if _RESULTS.exists() else []
    kept = [each for each in kept if each["command"] != group.command]
    kept += [asdict(figure) | {"command": group.command} for figure in figures]
    _RESULTS.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def _table(found: Sequence[tuple[Figure, Group]]) -> Table:
    shown = Table(title="What to reach, on one server core; medians; every answer checked", show_lines=True)
    for column in ("goal", "at least, or at most", "found", "met", "python -m benchmarks.goals"):
        shown.add_column(column)
    for figure, group in found:
        shown.add_row(figure.goal, figure.asked, figure.found, "yes" if figure.met else "no", f"--only {group.name}")
    return shown


def _listed(found: dict[str, float]) -> str:
    return ", ".join(f"{what} {times:.2f}" for what, times in found.items())


if __name__ == "__main__":
    main()
