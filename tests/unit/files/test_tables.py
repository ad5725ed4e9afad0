"""Tables of events: they teach what their rows teach one by one, and leave the same rows out."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from functools import cache
from math import copysign
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay_server.baselines import Baselines, Kind
from assay_server.checks import SchemaColumns
from assay_server.contracts import Catalog
from assay_server.engine import Engine, Limits
from assay_server.files import FileError, Format, Renaming, RowOptions, RowTable, Source, tables_of_batches
from tests.unit.checks.making import NOW, catalog_of

SOURCE = Source("a.parquet", Format.PARQUET)
OPTIONS = RowOptions(event_type="a", timestamp="at", event_id="id")

FIELDS = """
x: Annotated[float | None, Field(gt=-100), ThreeSigma(by="shop"), QuantileRange()] = None
n: Annotated[int, Field(ge=-50, le=50), ThreeSigma(by=("shop", "flag"), window="16d")] = 7
shop: Annotated[str, Field(max_length=8), Novelty(by="flag")]
flag: Annotated[bool | None, Novelty()] = None
"""
RULES = """
@feature
def sum(self) -> Annotated[float | None, ThreeSigma(by="shop"), RobustSigma()]:
    return self.x + self.n if "n" in self.model_fields_set else self.n / self.n
@rule
def not_seven(self): return self.n != 7 or "x" not in self.model_fields_set
@rule(enforcement="warn")
def never(self): return False
"""
CONTRACTS = {
    "fields": FIELDS,
    "rules and features": FIELDS + RULES,
    "validators": FIELDS
    + """
@field_validator("shop", mode="before")
@classmethod
def lower(cls, value):
    if value == "boom": raise RuntimeError("boom")
    return value.lower() if isinstance(value, str) else str(value)
@field_validator("x")
@classmethod
def no_zero(cls, value):
    if value == 0: raise ValueError("zero")
    return value
@field_validator("n", mode="wrap")
@classmethod
def wrapped(cls, value, handler): return handler(value) if value != 3 else -3
@rule
def sign(self): return self.x is None or str(self.x)[0] != "-" or self.n > 0
""",
    "config": 'model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, strict=True)' + FIELDS,
    "aliases": FIELDS.replace("Field(max_length=8)", 'Field(alias="name", max_length=8)').replace(
        "Field(gt=-100)", 'Field(alias="y", gt=-100)'
    ),
    "nested": FIELDS
    + """
tags: list[float] = Field(default_factory=list)
place: Annotated[dict[str, Any] | None, Field()] = None
when: datetime | None = None
@rule
def few(self):
    self.tags.append(1)
    return len(self.tags) < 4
""",
    "split": 'shop: Annotated[list[str], BeforeValidator(lambda value: value.split("a"))]\n'
    'n: Annotated[int, ThreeSigma(by="first")]\n'
    "@feature\ndef first(self) -> str: return self.shop[0]\n"
    '@rule\ndef grows(self):\n    self.shop.append("!")\n    return len(self.shop) < 4',
    "model validator": FIELDS + '@model_validator(mode="after")\ndef check(self):\n    assert self.n != 5\n    return self',
    "others": FIELDS
    + """
@field_validator("flag")
@classmethod
def depends(cls, value, info): return value if info.data.get("n") != 4 else None
""",
}
PLAIN = ("fields", "rules and features", "validators", "config", "aliases", "nested", "split")

texts = st.sampled_from(["a", "b", "bab", ' c" ', "é\\\n", "NaN", "Infinity", "12", "boom", "", "longer than eight"])
floats = st.sampled_from([0.0, -0.0, 1.0, -1.5, 1e308, -1e300, 0.1, float("nan"), float("inf"), -101.0]) | st.floats(-99, 99)
whole = st.integers(-60, 60) | st.sampled_from([7, 3, 4, 5])
moments = st.integers(0, 13 * 86_400).map(
    lambda seconds: dt.datetime(2023, 11, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
)
COLUMNS: dict[str, list[tuple[pa.DataType, st.SearchStrategy[Any]]]] = {
    "y": [(pa.float64(), floats)],
    "x": [
        (pa.float64(), floats),
        (pa.float32(), st.sampled_from([0.1, -0.0, 3.0, 1e-40, float("nan"), float("-inf")])),
        (pa.int16(), whole),
        (pa.string(), texts),
    ],
    "n": [(pa.int64(), whole), (pa.float64(), floats), (pa.string(), st.sampled_from(["1", "2", "x"])), (pa.int8(), whole)],
    "shop": [
        (pa.string(), texts),
        (pa.dictionary(pa.int32(), pa.string()), texts),
        (pa.large_string(), texts),
        (pa.int8(), whole),
    ],
    "name": [(pa.string(), texts)],
    "flag": [(pa.bool_(), st.booleans()), (pa.int8(), st.integers(0, 2))],
    "tags": [(pa.list_(pa.float64()), st.lists(floats, max_size=3)), (pa.string(), texts)],
    "place": [(pa.struct([("lat", pa.float64())]), st.fixed_dictionaries({"lat": floats})), (pa.null(), st.none())],
    "when": [(pa.timestamp("ms", "UTC"), moments), (pa.date32(), moments.map(dt.datetime.date)), (pa.string(), texts)],
    "other": [(pa.float64(), floats), (pa.timestamp("us", "Europe/Paris"), moments), (pa.binary(), st.binary(max_size=3))],
    "at": [(pa.timestamp("s"), moments), (pa.string(), st.sampled_from(["2023-11-10", "1", "soon", "9999-01-01", ""]))],
    "id": [(pa.string(), st.sampled_from(["a", "b" * 65, "é" * 129]))],
}


@st.composite
def batches(draw: st.DrawFn) -> pa.RecordBatch:
    """Draw a batch of columns, of which some may be missing, and their values may come up again or not."""
    length = draw(st.integers(1, 16))
    always = {"n", "shop", "at", "id"}
    names = [name for name in COLUMNS if name in always or draw(st.booleans())]
    arrays = []
    for name in names:
        kind, values = draw(st.sampled_from(COLUMNS[name]))
        some = draw(st.lists(st.none() | values, min_size=1, max_size=4))
        chosen = draw(
            st.lists(st.sampled_from(some) if draw(st.booleans()) else st.none() | values, min_size=length, max_size=length)
        )
        arrays.append(pa.array(chosen, kind))
    return pa.record_batch(arrays, names=names)


def table_of(batch: pa.RecordBatch, options: RowOptions = OPTIONS) -> RowTable:
    """Return a batch as a table of rows."""
    [table] = tables_of_batches(SOURCE, [batch], options)
    return table


def by_rows(
    engine: Engine, table: RowTable, chosen: Sequence[int] | None = None, renaming: Renaming | None = None
) -> list[int]:
    """Teach rows of a table one by one; return the places of those that are left out."""
    places = list(range(len(table)) if chosen is None else chosen)
    rows = [row for some in table.lists(chosen) for row in (renaming.rows(some) if renaming else some)]
    fine = [row for row in rows if row.problem is None]
    verdicts = asyncio.run(engine.teach([row.event for row in fine]))
    valid = {row.number for row, verdict in zip(fine, verdicts, strict=True) if verdict.valid}
    return [place for place, row in zip(places, rows, strict=True) if row.number not in valid]


def by_columns(engine: Engine, table: RowTable, renaming: Renaming | None = None) -> tuple[list[int], int]:
    """Teach a table by columns, and what is left one by one; return what is left out, and how many the columns taught."""
    events = table.events()
    assert events is not None
    events = renaming.table(events, SOURCE) if renaming else events
    left: list[int] = asyncio.run(engine.teach_table(events))
    return by_rows(engine, table, left, renaming), len(table) - len(left)


def taught(engine: Engine, baselines: Baselines) -> tuple[dict[str, Any], dict[str, float]]:
    """Return all that was learned: what is to be the same exactly, and moments."""
    baselines.publish()
    exact: dict[str, Any] = {f"{series.name} {reason}": count for (series, reason), count in baselines.refused.items()}
    numbers: dict[str, float] = {}
    for series in engine.series("a"):
        history = baselines.snapshot[series].history
        names, labels = history.groups.all(), history.categories.all()
        for number, bucket in history.buckets.items():
            of = f"{series.name} {number}"
            for row, (count, mean, m2, *others) in zip(bucket.rows.tolist(), bucket.moments.tolist(), strict=True):
                exact[f"{of} {names[row]}"] = (count, others)
                numbers |= {f"{of} {names[row]} mean": mean, f"{of} {names[row]} m2": m2}
            counts = bucket.counts
            codes = [labels[code] if series.kind is Kind.CATEGORIES else code for code in counts.codes.tolist()]
            keyed = zip((names[row] for row in counts.rows.tolist()), codes, counts.counts.tolist(), strict=True)
            exact[f"{of} counts"] = {(name, code): count for name, code, count in keyed}
    return exact, numbers


def assert_same(one: tuple[Engine, Baselines], other: tuple[Engine, Baselines]) -> None:
    """Both learned the same."""
    (exact, numbers), (others_exact, others_numbers) = taught(*one), taught(*other)
    assert exact == others_exact
    assert numbers == pytest.approx(others_numbers, rel=1e-9, abs=1e-9)


@cache
def catalog_with(name: str) -> Catalog:
    """Return a catalog with one of the contracts."""
    text = 'class A(EventContract, event_type="a", version="1.0.0"):\n'
    return catalog_of(text + "".join(f"    {line}\n" for line in CONTRACTS[name].strip().splitlines()))


def engine_with(name: str, limits: Limits | None = None) -> tuple[Engine, Baselines]:
    """Return an engine for one of the contracts, with an empty history."""
    baselines = Baselines(clock=lambda: NOW)
    return Engine(catalog_with(name), limits=limits, clock=lambda: NOW, baselines=baselines), baselines


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_table_teaches_what_its_rows_teach(name: str) -> None:
    """Whatever is in it; the rows that are left out are the same."""

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(batches())
    def same(batch: pa.RecordBatch) -> None:
        limits = Limits(payload_bytes=2000, depth=2)
        one, other = engine_with(name, limits), engine_with(name, limits)
        expected = by_rows(one[0], table_of(batch))
        found, _ = by_columns(other[0], table_of(batch))
        assert found == expected
        assert_same(one, other)

    same()


@pytest.mark.parametrize("name", PLAIN)
def test_the_models_of_a_table_are_those_of_its_rows(name: str) -> None:
    """In all that Pydantic keeps of them."""
    [contract] = catalog_with(name)
    columns = SchemaColumns(contract)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(batches())
    def same(batch: pa.RecordBatch) -> None:
        table = table_of(batch)
        events = table.events()
        assert events is not None
        reading = columns.read(events)
        accepted = np.flatnonzero(reading.accepted & ~events.doubtful)
        payloads = [row.event.payload for some in table.lists() for row in some]
        for place, model in zip(accepted.tolist(), columns.models(reading, accepted), strict=True):
            expected = contract.validator.validate_json(cast("bytes", payloads[place]))
            assert type(model) is type(expected)
            assert list(map(told, vars(model).items())) == list(map(told, vars(expected).items()))
            assert model.__pydantic_fields_set__ == expected.__pydantic_fields_set__
            assert type(model.__pydantic_fields_set__) is set
            assert (model.__pydantic_extra__, model.__pydantic_private__) == (None, None)

    same()


def told(item: tuple[str, Any]) -> tuple[str, type, str, float]:
    """Return what tells a field's value from others, be it the sign of zero."""
    name, value = item
    return name, type(value), repr(value), copysign(1, value) if isinstance(value, float) else 0.0


@pytest.mark.parametrize("name", PLAIN)
def test_good_rows_are_taught_by_columns(name: str) -> None:
    """All of them, and those only; a contract that cannot be read so leaves all."""
    batch = pa.record_batch(
        {
            "n": pa.array(range(50)),
            "x": pa.array([1.0] * 40 + [-1000.0] * 10),
            "shop": ["ab"[place % 2] for place in range(50)],
            "name": ["ab"[place % 2] for place in range(50)],
            "y": [1.0] * 50,
            "tags": [[0.5]] * 50,
        }
    )
    if name == "config":
        batch = batch.drop_columns(["name", "y", "tags"])
    one, other = engine_with(name), engine_with(name)
    options = RowOptions(event_type="a")
    expected = by_rows(one[0], table_of(batch, options))
    found, number = by_columns(other[0], table_of(batch, options))
    assert found == expected
    assert number == (50 - len(expected) if name != "split" else 0)
    assert_same(one, other)


def test_renamed_columns_teach_as_renamed_rows_do() -> None:
    """A column takes the place of the one that was called so; one that no row has is an error, and no row more or less."""
    names = {"price": "x", "shop": "name", "name": "shop"}
    batch = pa.record_batch(
        {
            "price": [1.5, None, float("nan"), 4.0, -200.0],
            "x": [9.0] * 5,
            "name": ["a", "b", "a", "far too long", "b"],
            "shop": ["?"] * 5,
            "at": ["2023-11-10", "2023-11-10", "", "soon", None],
        }
    )
    options = RowOptions(event_type="a", timestamp="at")
    one, other = engine_with("rules and features"), engine_with("rules and features")
    rows, columns = Renaming(names), Renaming(names)
    expected = by_rows(one[0], table_of(batch, options), renaming=rows)
    found, number = by_columns(other[0], table_of(batch, options), columns)
    assert (found, number) == (expected, 2)
    assert_same(one, other)
    rows.finish()
    columns.finish()
    for batch_without in (batch.drop_columns(["price"]), batch.slice(1, 2), batch.slice(3, 1)):
        for teach in (by_rows, by_columns):
            renaming = Renaming(names)
            teach(engine_with("fields")[0], table_of(batch_without, options), renaming=renaming)
            with pytest.raises(FileError, match=r"no row has (a )?column"):
                renaming.finish()


def test_rules_that_do_not_reject_are_not_asked() -> None:
    """Neither for rows nor for columns: what they say keeps nothing out of history."""
    catalog = catalog_of(
        'class A(EventContract, event_type="a", version="1.0.0"):\n'
        "    x: Annotated[float, ThreeSigma()]\n"
        '    @rule(enforcement="warn")\n    def asked(self): type(self).asked.__dict__["times"].append(1)\n'
        "    asked.__dict__['times'] = []\n"
    )
    table = table_of(pa.record_batch({"x": [1.0, 2.0]}), RowOptions(event_type="a"))
    taught = Engine(catalog, baselines=Baselines())
    assert (by_rows(taught, table), by_columns(taught, table)) == ([], ([], 2))
    [contract] = catalog
    times: list[int] = vars(contract.model)["asked"].__dict__["times"]
    assert times == []
    with Engine(catalog) as judging:
        judging.judge([row.event for some in table.lists() for row in some])
    assert times == [1, 1]


def test_rows_of_which_columns_do_not_tell_all_are_left() -> None:
    """What is infinite, too deep or too large, or has a time or an identifier that cannot be, in columns of no field too."""
    good = {"n": 1, "shop": "a", "at": "2023-11-10", "id": "a", "other": None, "text": None}
    infinite, deep, large = float("inf"), {"one": [[0.5]]}, "x" * 400
    rows: list[dict[str, Any]] = [{**good, "n": number} for number in range(6)]
    rows += [{**good, "other": infinite}, {**good, "at": "soon"}, {**good, "id": "é" * 200}, {**good, "text": large}]
    for batch in (pa.RecordBatch.from_pylist(rows), pa.RecordBatch.from_pylist([{**row, "deep": deep} for row in rows])):
        limits = Limits(payload_bytes=800, depth=3)
        one, other = engine_with("fields", limits), engine_with("fields", limits)
        table = table_of(batch.set_column(0, "n", batch["n"].cast(pa.int8())))
        expected = by_rows(one[0], table)
        found, number = by_columns(other[0], table)
        shallow = "deep" not in batch.schema.names
        assert (found, number) == (expected, 6 if shallow else 0)
        assert expected == ([6, 7, 8] if shallow else list(range(10)))
        assert_same(one, other)
