"""What `assay baselines` does."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import typer
from rich.console import Console

from assay_server.baselines import NO_TIME, Baselines, Kind, Series, Store, View, group_keys, group_values
from assay_server.contracts import load
from assay_server.engine import Engine
from assay_server.settings import Settings

from ._drawing import Drawn, drawing
from ._errors import UserError, user_errors
from ._history import opened_store, series_of, settings_with
from ._learned import series_as_json
from ._summary import table_of


def list_baselines(event_type: str | None, data: Path | None, url: str | None, *, as_json: bool) -> None:
    """List what a store holds.

    Raises:
        UserError: If it cannot be read.
    """
    with user_errors(), opened_store(Settings.load(data=data), url) as store:
        views = _views(store, store.series(event_type))
        rows = [(view.series, len(view.groups()), view.history.samples, view.newest) for view in views.values()]
        rows = [row for row in rows if row[2]]
        files = {name: store.files(name) for name in sorted({series.event_type for series, *_ in rows})}
    if as_json:
        _print(
            {
                "baselines": [
                    {**series_as_json(series), "groups": groups, "values": values, "newest": _time(newest)}
                    for series, groups, values, newest in rows
                ],
                "files": {name: [asdict(file) for file in learned] for name, learned in files.items()},
            }
        )
        return
    table = table_of("event type", "check", ">groups", ">values", "newest")
    for series, groups, values, newest in rows:
        name = f"{series.check} {series.field}"
        if series.by:
            name += f" by {', '.join(series.by)}"
        if series.window is not None:
            name += f" over {series.window / 86_400e9:g} d"
        count = f"{groups:,}" if series.by else ""
        table.add_row(series.event_type, name, count, f"{values:,}", (_time(newest) or "")[:10])
    console = Console()
    if not rows:
        console.print("Nothing was learned. Teach history with `assay learn EVENT_TYPE FILE…`.", highlight=False)
        return
    console.print(table)
    for name, learned in files.items():
        if learned:
            console.print(f"{name} was taught by {', '.join(file.name for file in learned)}.", highlight=False, markup=False)


def show_baselines(  # noqa: PLR0913  # Each is an option.
    event_type: str,
    field: str,
    check: str | None,
    group: list[str],
    most: int,
    contracts: Path | None,
    data: Path | None,
    url: str | None,
    *,
    as_json: bool,
) -> None:
    """Show how the values of a field lie in history.

    Raises:
        UserError: If no check compares them with it, or there is no history.
    """
    with user_errors():
        settings = settings_with(contracts, data)
        with opened_store(settings, url) as store:
            engine = Engine(
                load(settings.contracts), limits=settings.limits, baselines=Baselines(limits=settings.baseline_limits)
            )
            chosen = _chosen(series_of(engine, event_type), field, check)
            views = _views(store, chosen)
        hidden = {
            (statistic.check, statistic.field)
            for contract in engine.catalog
            if contract.event_type == event_type
            for statistic in contract.statistics
            if statistic.sensitive
        }
        drawn = [
            _drawn(engine, views[series], key, hidden=(series.check, series.field) in hidden)
            for series in chosen
            for key in _keys(views[series], group)[:most]
        ]
        if not drawn:
            raise UserError("there is no such history", "See what there is with `assay baselines list`.")
    if as_json:
        _print([{**series_as_json(one.series), **one.as_json()} for one in drawn])
        return
    console = Console()
    for one in drawn:
        console.print(drawing(one), highlight=False)


def reset_baselines(
    event_type: str, check: str | None, field: str | None, data: Path | None, url: str | None, *, yes: bool
) -> None:
    """Forget what was learned.

    Raises:
        UserError: If there is no such history.
    """
    with user_errors(), opened_store(Settings.load(data=data), url) as store:
        held = store.series(event_type)
        chosen = [one for one in held if check in {None, one.check} and (field is None or one.field in _places(field))]
        if not chosen:
            raise UserError("there is no such history", "See what there is with `assay baselines list`.")
        names = ", ".join(f"{one.check} of {one.field}" for one in chosen)
        if not yes:
            typer.confirm(f"Forget what {event_type} was taught for {names}?", abort=True)
        store.forget(event_type, None if check is None and field is None else chosen)
        typer.echo(f"Forgotten: what {event_type} was taught for {names}.")


def _views(store: Store, wanted: Sequence[Series]) -> dict[Series, View]:
    read = store.read("", None, [], wanted).whole
    return {series: View(read[series].history) for series in wanted}


def _places(field: str) -> set[str]:
    return {field, f"/{field}", f"/{field.replace('.', '/')}"}


def _chosen(known: list[Series], field: str, check: str | None) -> list[Series]:
    found = [series for series in known if series.field in _places(field) and check in {None, series.check}]
    if not found:
        there = ", ".join(sorted({f"{series.check} of {series.field}" for series in known}))
        raise UserError(f"nothing compares {field} with history", f"There is {there}.")
    return found


def _keys(view: View, group: list[str]) -> list[str]:
    """Return the groups that are meant, the largest first."""
    by = view.series.by
    groups = dict(sorted(view.groups(), key=lambda one: -one[1]))
    if not group:
        return list(groups)
    wanted = dict(part.partition("=")[::2] for part in group)
    if set(wanted) != set(by):
        named = " ".join(f"--group {name}=…" for name in by)
        raise UserError(f"{view.series.check} of {view.series.field} goes by {', '.join(by) or 'no field'}", f"Say {named}.")
    keys = group_keys([[wanted[name]] for name in by]) or [""]
    return [key for key in keys if key in groups]


def _drawn(engine: Engine, view: View, key: str, *, hidden: bool) -> Drawn:
    """Return what history says of one group, over the window that ends with its newest value."""
    series, at = view.series, view.newest
    keys = [key] if series.by else None
    moments = view.moments(keys, np.array([at]) if series.window is not None else None)
    names = dict(zip(series.by, group_values(key, len(series.by)), strict=True)) if series.by else {}
    drawn = Drawn(series, names, int(moments.n[0]), _time(at))
    if series.kind is Kind.CATEGORIES:
        drawn.categories = view.top_categories(key, at, 20)
        return drawn
    drawn.mean, drawn.deviation = float(moments.mean[0]), float(moments.std[0])
    if not hidden:
        drawn.minimum, drawn.maximum = float(moments.minimum[0]), float(moments.maximum[0])
        if series.kind is Kind.HISTOGRAM:
            histogram = view.histogram(key, at)
            drawn.bins = (*histogram.edges(), histogram.counts)
    reference = engine.referred(view.history.without_references())
    bounds = View(reference).references(keys)
    if bounds.known[0]:
        drawn.expected, drawn.lower, drawn.upper = (
            float(bounds.expected[0]),
            float(bounds.lower[0]),
            float(bounds.upper[0]),
        )
    return drawn


def _time(nanoseconds: int) -> str | None:

    if nanoseconds == NO_TIME:
        return None
    return f"{datetime.fromtimestamp(nanoseconds // 10**9, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _print(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
