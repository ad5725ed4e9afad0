"""Distributions, drawn in characters."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from assay_server.baselines import Series

_WIDTH = 60
_ROWS = 20
_BAR = "█"
_PARTS = " ▏▎▍▌▋▊▉"


@dataclass
class Drawn:
    """What is known of one group's history; `bins` are lower edges, upper edges and counts."""

    series: Series
    group: dict[str, str]
    samples: int
    newest: str | None
    mean: float | None = None
    deviation: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    expected: float | None = None
    lower: float | None = None
    upper: float | None = None
    bins: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]] | None = None
    categories: list[tuple[str, int]] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it for programs; what is not known is null."""
        told: dict[str, Any] = {
            "group": self.group,
            "samples": self.samples,
            "newest": self.newest,
            "mean": self.mean,
            "standard_deviation": self.deviation,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "expected": self.expected,
            "lower": self.lower,
            "upper": self.upper,
        }
        if self.categories is not None:
            told = {name: told[name] for name in ("group", "samples", "newest")}
            told["categories"] = [{"value": value, "count": count} for value, count in self.categories]
        return told


def drawing(drawn: Drawn) -> Text:
    """Return one group's history as a picture."""
    whose = " ".join(f"{name} {value}" for name, value in drawn.group.items())
    text = Text.assemble(
        (f"{drawn.series.check} of {drawn.series.field}", "bold"), f"  {whose}  {drawn.samples:,} values", "\n"
    )
    if drawn.categories is not None:
        _bars(text, [(value, count) for value, count in drawn.categories])
        return text
    if drawn.lower is None:
        text.append("  too few for bounds\n", "yellow")
    if drawn.bins is not None:
        _histogram(text, drawn)
    elif drawn.minimum is not None:
        _line(text, drawn)
    told = [("mean", drawn.mean), ("deviation", drawn.deviation), ("least", drawn.minimum), ("greatest", drawn.maximum)]
    told += [("expected", drawn.expected), ("bounds from", drawn.lower), ("to", drawn.upper)]
    text.append("  " + "  ".join(f"{name} {value:.6g}" for name, value in told if value is not None) + "\n", "dim")
    return text


def _line(text: Text, drawn: Drawn) -> None:
    """Draw how least and greatest value, mean and deviation lie to the bounds."""
    marks = [value for value in (drawn.minimum, drawn.maximum, drawn.lower, drawn.upper) if value is not None]
    low, high = min(marks), max(marks)
    span = high - low or 1.0

    def place(value: float) -> int:
        return round((value - low) / span * (_WIDTH - 1))

    text.append("  ")
    cells = [" "] * _WIDTH
    if drawn.minimum is not None and drawn.maximum is not None:
        for cell in range(place(drawn.minimum), place(drawn.maximum) + 1):
            cells[cell] = "─"
    if drawn.mean is not None and drawn.deviation is not None:
        least, most = place(max(low, drawn.mean - drawn.deviation)), place(min(high, drawn.mean + drawn.deviation))
        for cell in range(least, most + 1):
            cells[cell] = "━"
        cells[place(drawn.mean)] = "●"
    for value, mark in ((drawn.lower, "["), (drawn.upper, "]")):
        if value is not None:
            cells[place(value)] = mark
    for drawn_cell in cells:
        text.append(drawn_cell, "yellow" if drawn_cell in "[]" else "cyan")
    text.append("\n")


def _histogram(text: Text, drawn: Drawn) -> None:
    """Draw how many values there are in equal parts of what the bounds and most values span."""
    assert drawn.bins is not None  # noqa: S101  # Only with them is it called.
    lower, upper, counts = drawn.bins
    middles = (lower + upper) / 2
    edges = [value for value in (drawn.lower, drawn.upper) if value is not None]
    up_to = np.cumsum(counts)
    most = middles[np.searchsorted(up_to, [0.01 * up_to[-1], 0.99 * up_to[-1]])]
    low, high = min([*edges, float(most[0])]), max([*edges, float(most[1])])
    width = (high - low) / _ROWS or 1.0
    cells = np.clip(((middles - low) / width).astype(np.int64), 0, _ROWS - 1)
    heights = np.bincount(cells, weights=counts, minlength=_ROWS)
    for row, height in enumerate(heights.tolist()):
        start = low + row * width
        inside = any(start <= edge < start + width or (row == _ROWS - 1 and edge == high) for edge in edges)
        text.append(f"{start:>12.5g} ", "dim")
        text.append("┤" if inside else "│", "yellow" if inside else "dim")
        text.append(bar(height / heights.max()), "cyan")
        text.append(f" {int(height):,}\n", "dim")


def _bars(text: Text, rows: list[tuple[str, int]]) -> None:
    longest = max((len(name) for name, _ in rows), default=0)
    for name, count in rows:
        text.append(f"  {name[:40]:<{min(longest, 40)}} ")
        text.append(bar(count / rows[0][1]), "cyan")
        text.append(f" {count:,}\n", "dim")


def bar(share: float) -> str:
    """Return a bar that is a share, 0 to 1, of the full width."""
    eighths = round(share * _WIDTH * 8)
    return _BAR * (eighths // 8) + _PARTS[eighths % 8].strip()
