"""What history has taught one check about one group."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assay_server.baselines import NO_TIME, Kind, View, group_keys

_RANKS = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
_CATEGORIES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The history of one group within a check's window; the wire contract's GetBaselineResponse.

    All is 0 or empty where there is no history. Quantiles, by ascending rank, are there for checks that need them; categories,
    the most frequent first, for checks of categories. `updated_at` is in nanoseconds since 1970, None if no value had a time.
    """

    sample_count: int = 0
    mean: float = 0.0
    standard_deviation: float = 0.0
    minimum: float = 0.0
    maximum: float = 0.0
    quantiles: tuple[tuple[float, float], ...] = ()
    categories: tuple[tuple[str, int], ...] = ()
    updated_at: int | None = None


def baseline_of(view: View, group: Mapping[str, str], time: int, *, sensitive: bool) -> Baseline:
    """Return what was taught about a group.

    Args:
        view: What the check's series was taught.
        group: The group's normalised values, one for each field that the series goes by.
        time: From when the window counts back, in nanoseconds.
        sensitive: Whether single values are withheld.
    """
    series = view.series
    keys = group_keys([[group[field]] for field in series.by])
    times = np.array([time]) if series.window is not None else None
    moments = view.moments(keys, times)
    samples = int(moments.n[0])
    if not samples:
        return Baseline()
    key = "" if keys is None else keys[0]
    updated_at = int(moments.newest[0])
    quantiles: tuple[tuple[float, float], ...] = ()
    if series.kind is Kind.HISTOGRAM and not sensitive:
        quantiles = tuple(zip(_RANKS, view.quantiles(keys, times, _RANKS)[0].tolist(), strict=True))
    is_number = series.kind is not Kind.CATEGORIES
    return Baseline(
        sample_count=samples,
        mean=float(moments.mean[0]) if is_number else 0.0,
        standard_deviation=float(moments.std[0]) if is_number else 0.0,
        minimum=0.0 if sensitive else float(moments.minimum[0]),
        maximum=0.0 if sensitive else float(moments.maximum[0]),
        quantiles=quantiles,
        categories=tuple(view.top_categories(key, time, _CATEGORIES)) if series.kind is Kind.CATEGORIES else (),
        updated_at=None if updated_at == NO_TIME else updated_at,
    )
