"""What a backtest found, for people and for programs."""

from collections.abc import Iterable
from typing import Any

from rich.console import Group as Parts
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from assay_server.engine import Layer

from ._comparing import WARMING_UP, Comparison, Count, Group, Name, Side, Tally
from ._summary import share_of, table_of

_MOST_GROUPS = 5


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return all of it for programs; of groups those in which something was found."""
    told: dict[str, Any] = {
        "event_type": comparison.event_type,
        "events": comparison.events,
        "earlier_events": comparison.earlier,
        "other_event_types": comparison.others,
        "seconds": round(comparison.seconds, 3),
    }
    for side in comparison.sides:
        told[side.name] = {
            "valid": comparison.events - side.rejected,
            "warned": side.warned,
            "rejected": side.rejected,
            "checks": [_check_as_json(name, side.tallies[name]) for name in comparison.names if name in side.tallies],
        }
    if len(comparison.sides) > 1:
        told["differing"] = comparison.differing
    return told


def for_people(comparison: Comparison) -> RenderableType:
    """Return all of it for people."""
    if not comparison.events:
        return Text(f"No events of {comparison.event_type}{' in that time' if comparison.earlier else ''}: nothing is judged.")
    parts: list[RenderableType] = [_head(comparison), _overview(comparison), _checks(comparison)]
    worst = ((name, _worst_groups(comparison, name)) for name in comparison.names)
    parts += [_groups(comparison, name, groups) for name, groups in worst if groups]
    if len(comparison.sides) > 1:
        parts.append(_differences(comparison))
    return Parts(*parts)


def _head(comparison: Comparison) -> Text:
    judged, seconds = comparison.events + comparison.earlier, comparison.seconds
    text = Text.assemble((_events(comparison.events), "bold"), f" of {comparison.event_type} judged in {seconds:.1f} s")
    if seconds >= 1:
        text.append(f", {judged / seconds:,.0f} a second")
    if comparison.earlier:
        text.append(f"; {comparison.earlier:,} before them only taught")
    if comparison.others:
        text.append(f"; {comparison.others:,} of other types passed over")
    return text


def _overview(comparison: Comparison) -> Table:
    table = table_of("", *(part for side in comparison.sides for part in (f">{side.name}", ">share")))
    total = comparison.events

    def line(what: str, style: str, counts: Iterable[int]) -> None:
        cells = [Text(cell, style) for count in counts for cell in (f"{count:,}", share_of(count, total))]
        table.add_row(Text(what, style), *cells)

    line("valid", "green", [total - side.rejected - side.warned for side in comparison.sides])
    line("valid, with a warning", "yellow", [side.warned for side in comparison.sides])
    line("not valid", "red", [side.rejected for side in comparison.sides])
    return table


def _checks(comparison: Comparison) -> Table:
    """Return a line for each check and side: for comparisons with history always, for others if they found anything."""
    several = len(comparison.sides) > 1
    headings = ["check", *([""] if several else []), "", ">compared", ">warming up", ">flagged", ">share"]
    table = table_of(*headings, *([">alone"] if several else []))
    for name in comparison.names:
        tallies = [side.tallies.get(name) for side in comparison.sides]
        if not any(tally and (tally.flagged or tally.layer > Layer.RULES) for tally in tallies):
            continue
        for place, (side, tally) in enumerate(zip(comparison.sides, tallies, strict=True)):
            # Two lines have room for the name below each other, and terminals are narrow.
            called = [Text(name.check, "bold"), Text(f"  {name.field}")][place] if several else _called(name)
            cells = [called, *([Text(side.name)] if several else [])]
            cells += _cells(tally, comparison.events)
            if several:
                cells.append(Text(f"{tally.alone:,}" if tally and tally.alone else ""))
            table.add_row(*cells)
    return table


def _cells(tally: Tally | None, events: int) -> list[Text]:
    if tally is None:
        return [Text(""), Text("none", "dim")]
    with_history = tally.layer > Layer.RULES
    warming_up = tally.skipped[WARMING_UP]
    return [
        Text(tally.enforcement.name.lower(), "dim"),
        Text(f"{tally.compared:,}" if with_history else ""),
        Text(f"{warming_up:,}" if warming_up else "", "dim"),
        Text(f"{tally.flagged:,}", "bold" if tally.flagged else ""),
        Text(_share(tally) if with_history else share_of(tally.flagged, events)),
    ]


def _worst_groups(comparison: Comparison, name: Name) -> list[Group]:
    """Return the groups in which a check found most, those first."""
    flagged: dict[Group, int] = {}
    for side in comparison.sides:
        if name in side.tallies:
            for group, count in side.tallies[name].groups.items():
                if count.flagged:
                    flagged[group] = max(count.flagged, flagged.get(group, 0))
    return sorted(flagged, key=lambda group: -flagged[group])[:_MOST_GROUPS]


def _groups(comparison: Comparison, name: Name, groups: list[Group]) -> Table:
    several = len(comparison.sides) > 1
    first = _called(name)
    first.append(", most by", "not bold")
    headings = [">compared"]
    for side in comparison.sides:
        headings += [f">{side.name}" if several else ">flagged", ">share"]
    table = table_of("", *headings)
    table.columns[0].header = first
    for group in groups:
        counts = [_of_group(side, name, group) for side in comparison.sides]
        cells = [f"{max(count.compared for count in counts):,}"]
        for count in counts:
            cells += [f"{count.flagged:,}", _share(count)]
        table.add_row(Text(", ".join(f"{field} {value}" for field, value in group)), *cells)
    return table


def _differences(comparison: Comparison) -> RenderableType:
    if not comparison.differing:
        return Text("The two differ on no event.")
    share = share_of(comparison.differing, comparison.events)
    text = Text.assemble((f"The two differ on {_events(comparison.differing)}", "bold"), f" ({share}), such as")
    for difference in comparison.differences:
        text.append(f"\n{difference.row.source.name}:{difference.row.number}")
        for side, (valid, findings) in zip(comparison.sides, difference.said, strict=True):
            text.append(f"\n  {side.name}: ", "dim")
            text.append(_said(valid, findings))
    return text


def _said(valid: bool, findings: list[Any]) -> Text:
    text = Text("valid" if valid else "not valid", "" if valid else "red")
    for finding in findings[:1]:
        text.append(f", {_called(Name.of(finding)).plain}: {finding.message}", "default")
    if len(findings) > 1:
        text.append(f", and {len(findings) - 1} more", "dim")
    return text


def _events(count: int) -> str:
    return f"{count:,} event{'' if count == 1 else 's'}"


def _called(name: Name) -> Text:
    return Text.assemble((name.check, "bold"), f" {name.field}" if name.field else "")


def _of_group(side: Side, name: Name, group: Group) -> Count:
    tally = side.tallies.get(name)
    return tally.groups.get(group, Count()) if tally else Count()


def _share(count: Count) -> str:
    return share_of(count.flagged, count.compared) if count.compared else ""


def _check_as_json(name: Name, tally: Tally) -> dict[str, Any]:
    with_history = tally.layer > Layer.RULES
    told: dict[str, Any] = {
        "check": name.check,
        "layer": f"LAYER_{tally.layer.name}",
        "enforcement": f"ENFORCEMENT_{tally.enforcement.name}",
        "field": name.field,
        "flagged": tally.flagged,
        "flagged_alone": tally.alone,
        "skipped": {f"SKIP_REASON_{reason}": count for reason, count in tally.skipped.items()},
    }
    if with_history:
        told["compared"] = tally.compared
        told["warming_up"] = tally.skipped[WARMING_UP]
        flagged = ((group, count) for group, count in tally.groups.items() if count.flagged)
        told["groups"] = [
            {"group": dict(group), "compared": count.compared, "flagged": count.flagged}
            for group, count in sorted(flagged, key=lambda one: -one[1].flagged)
        ]
    return told
