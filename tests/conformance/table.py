"""The table at the end of a run: cases by clients, and by name what is not as it should be."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["passed", "failed", "not run", "expected to fail"]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case with one client; `why` is empty if it passed."""

    client: str
    subject: str
    case: str
    outcome: Outcome
    why: str = ""


def lines(results: Iterable[Result], clients: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the table; a cell says how many passed, and of how many if that is not all.

    Whatever the order of the results, the lines are the same.
    """
    found = sorted(results, key=lambda result: (clients.index(result.client), result.subject, result.case))
    columns = [client for client in clients if any(result.client == client for result in found)]
    subjects = sorted({result.subject for result in found})
    cells = Counter((result.subject, result.client, result.outcome) for result in found)
    width = max(map(len, [*subjects, "conformance"]), default=0)
    widths = {column: max(len(column), 9) for column in columns}
    yield "  ".join(["conformance".ljust(width), *(column.rjust(widths[column]) for column in columns)])
    for subject in subjects:
        row = (_cell(cells, subject, column).rjust(widths[column]) for column in columns)
        yield "  ".join([subject.ljust(width), *row])
    totals = (_cell(_summed(cells), "all", column).rjust(widths[column]) for column in columns)
    yield "  ".join(["all".ljust(width), *totals])
    not_run = {(result.client, result.why) for result in found if result.outcome == "not run"}
    for client, why in sorted(not_run):
        yield f"{client} was not run: {why}"
    for result in found:
        if result.outcome in {"failed", "expected to fail"}:
            yield f"{result.client} {result.outcome}: {result.subject}: {result.case}" + (
                f" ({result.why})" if result.why else ""
            )


def _cell(cells: Counter[tuple[str, str, Outcome]], subject: str, client: str) -> str:
    passed = cells[subject, client, "passed"]
    total = sum(cells[subject, client, outcome] for outcome in ("passed", "failed", "not run", "expected to fail"))
    if not total:
        return ""
    if cells[subject, client, "not run"] == total:
        return "not run"
    return str(passed) if passed == total else f"{passed} of {total}"


def _summed(cells: Counter[tuple[str, str, Outcome]]) -> Counter[tuple[str, str, Outcome]]:
    summed: Counter[tuple[str, str, Outcome]] = Counter()
    for (_, client, outcome), count in cells.items():
        summed["all", client, outcome] += count
    return summed
