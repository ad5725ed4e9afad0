"""`make bench`: the service against the floor, its peer and the limit, in one run; other tables by their names.

Servers are on one core and load on another. All servers of a table run at once, and are measured in turn.
"""

import argparse
import json
from pathlib import Path

from rich.console import Console

from . import calls, history, models
from .running import Settings
from .servers import on_cores

_RESULTS = Path(__file__).parent / "results.json"
_WIDTH = 160
_TABLES = {"calls": calls.show, "history": history.show, "models": models.show}


def main() -> None:
    """Measure everything, print the tables and write results.json."""
    parser = argparse.ArgumentParser(description="Measure the service against the floor and its peer.", prog="make bench")
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each row is measured in each round")
    parser.add_argument("--rounds", type=int, default=3, help="how often; the tables show medians")
    parser.add_argument("--table", choices=list(_TABLES), action="append", help="calls by default; may be repeated")
    parser.add_argument("--only", metavar="TEXT", action="append", help="of the calls, only rows with this in their name")
    arguments = parser.parse_args()
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    core = on_cores(console)
    tables = arguments.table or ["calls"]
    settings = Settings(arguments.seconds, arguments.rounds, core, tuple(arguments.only or ()))
    kept = {name: _TABLES[name](console, settings) for name in tables}
    _RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
