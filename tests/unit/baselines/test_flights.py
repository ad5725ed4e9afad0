"""The baselines of real flights are what NumPy says of the same rows."""

from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from assay_server.baselines import Baselines, Kind, group_keys
from tests.unit.baselines.making import NOW, a_series

FLIGHTS = Path(__file__).parents[3] / "examples" / "data" / "flights.parquet"
RANKS = (0.001, 0.01, 0.25, 0.5, 0.75, 0.99, 0.999)


@pytest.mark.parametrize("by", [(), ("carrier",), ("origin", "dest")], ids=["ungrouped", "by carrier", "by route"])
@pytest.mark.parametrize("field", ["air_time", "arr_delay"])
def test_baselines_of_flights_are_numpys(field: str, by: tuple[str, ...]) -> None:
    """Moments agree within 1e-9, quantiles within the 1 % of the bins."""
    flights = parquet.read_table(FLIGHTS, columns=list(dict.fromkeys([field, "carrier", "origin", "dest"])))
    flights = flights.filter(flights[field].is_valid())
    values = flights[field].to_numpy().astype(np.float64)
    keys = group_keys([[str(value) for value in flights[name].to_pylist()] for name in by])
    series = a_series(Kind.HISTOGRAM, by=by)
    baselines = Baselines(clock=lambda: NOW)
    for start in range(0, len(values), 10_007):
        part = slice(start, start + 10_007)
        baselines.learn(series, None if keys is None else keys[part], values[part], None)
    view = baselines.publish()[series]
    rows_of: dict[str, list[int]] = {}
    for row, key in enumerate(keys if keys is not None else [""] * len(values)):
        rows_of.setdefault(key, []).append(row)
    names = list(rows_of)
    groups = None if keys is None else names
    moments = view.moments(groups, None)
    quantiles = view.quantiles(groups, None, RANKS)
    assert len(names) == len(view.groups())
    for place, name in enumerate(names):
        mine = values[rows_of[name]]
        assert moments.n[place] == len(mine)
        assert moments.mean[place] == pytest.approx(mine.mean(), rel=1e-9, abs=1e-12)
        if len(mine) > 1:
            assert moments.std[place] == pytest.approx(mine.std(ddof=1), rel=1e-9, abs=1e-12)
        assert (moments.minimum[place], moments.maximum[place]) == (mine.min(), mine.max())
        assert quantiles[place] == pytest.approx(np.quantile(mine, RANKS, method="lower"), rel=0.0101, abs=1e-12)
