"""`make bench`: the service against the floor and against its peer, with history, and models, in one run.

Servers are on one core and load on another. All servers of a table run at once, and are measured in turn.
"""

import argparse
import json
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from . import history, models, transport
from .running import as_json, measured
from .servers import on_cores

_RESULTS = Path(__file__).parent / "results.json"
_WIDTH = 130
_SERVED = {"transport": transport, "history": history}
_TABLES = (*_SERVED, "models")


def main() -> None:
    """Measure everything, print the tables and write results.json."""
    parser = argparse.ArgumentParser(description="Measure the service against the floor and its peer.", prog="make bench")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each row is measured in each round")
    parser.add_argument("--rounds", type=int, default=3, help="how often; the tables show medians")
    parser.add_argument("--table", choices=_TABLES, action="append", help="only this one; may be repeated")
    arguments = parser.parse_args()
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    core = on_cores(console)
    kept = {}
    for name in arguments.table or _TABLES:
        if name == "models":
            kept[name] = models.show(console)
            continue
        with ExitStack() as stack:
            rows = _SERVED[name].rows(stack, arguments.seconds, core)
            results = measured(rows, arguments.rounds, console)
        console.print(_SERVED[name].table(results))
        kept[name] = as_json(results)
    _RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
