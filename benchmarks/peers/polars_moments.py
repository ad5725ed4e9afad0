"""The peer of `assay learn`: Polars computes the same means and deviations from a file, and writes them as JSON.

python -m benchmarks.peers.polars_moments EVENT_TYPE FILE
"""

import json
import sys

import polars as pl

_GOOD = {
    "payment.made": pl.lit(value=True),
    "flight.arrived": pl.col("dep_time").is_not_null() & pl.col("arr_time").is_not_null(),
}
_MEASURES = {
    "payment.made": {
        "/amount": (pl.col("amount"), ["currency"]),
        "/velocity": (pl.col("velocity"), ["country", "method"]),
    },
    "flight.arrived": {
        "/arr_delay": (pl.col("arr_delay"), ["carrier"]),
        "/air_time": (pl.col("air_time"), ["origin", "dest"]),
        "@speed": (pl.col("distance") / pl.col("air_time") * 60, ["carrier"]),
    },
}


def moments(event_type: str, file: str) -> dict[str, tuple[int, float, float]]:
    """Return count, mean and sample deviation of each group, by field and group."""
    rows = pl.scan_parquet(file).filter(_GOOD[event_type])
    measures = _MEASURES[event_type]
    queries = [
        rows.group_by(by).agg(value.count().alias("_n"), value.mean().alias("_mean"), value.std().fill_null(0.0).alias("_std"))
        for value, by in measures.values()
    ]
    return {
        " ".join([field, *(row[name] for name in by)]): (row["_n"], row["_mean"], row["_std"])
        for (field, (_, by)), table in zip(measures.items(), pl.collect_all(queries, engine="streaming"), strict=True)
        for row in table.iter_rows(named=True)
        if row["_n"]
    }


if __name__ == "__main__":
    json.dump(moments(*sys.argv[1:]), sys.stdout)
