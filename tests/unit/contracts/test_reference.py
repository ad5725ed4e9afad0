"""Reference data is joined by key, with the types that its columns are written in."""

import io
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay_server.contracts import DeclarationError, Reference
from tests.unit.contracts.folders import Folder, outcomes


def csv(text: str, key: str = "k") -> Reference:
    reference = Reference("t.csv", key=key)
    reference.load(text.encode())
    return reference


def parquet(table: pa.Table, key: str = "k") -> Reference:
    content = io.BytesIO()
    pq.write_table(table, content)
    reference = Reference("t.parquet", key=key)
    reference.load(content.getvalue())
    return reference


def column(*cells: str) -> list[Any]:
    """Return a column of CSV as it is read."""
    lines = [f"{number},{cell}" for number, cell in enumerate(cells)]
    return [row.v for row in csv("\n".join(["k,v", *lines, ""])).values()]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "-2", "0"], [1, -2, 0]),
        (["9223372036854775807"], [2**63 - 1]),
        (["1", ""], [1, None]),
        (["1.5", "2", "-0.25"], [1.5, 2.0, -0.25]),
        (["1e-07", "1.5e+20"], [1e-07, 1.5e20]),
        (["true", "False"], [True, False]),
        (["", ""], [None, None]),
        (["a", ""], ["a", None]),
        (["a", "1"], ["a", "1"]),
        (["2020-01-01", "2020-01-02"], ["2020-01-01", "2020-01-02"]),
        (["true", "0"], ["true", "0"]),
    ],
)
def test_a_column_of_csv_has_the_narrowest_type_that_its_cells_are_written_in(cells: list[str], values: list[Any]) -> None:
    """Whole numbers, numbers, true and false, or text; an empty cell is None."""
    read = column(*cells)
    assert read == values
    assert [type(value) for value in read] == [type(value) for value in values]


@pytest.mark.parametrize(
    "cells",
    [
        ["007", "01"],
        ["007", "1.5"],
        ["+49", "+1"],
        ["-0"],
        ["1E5", "2E7"],
        ["1e5"],
        ["NAN", "INF"],
        ["nan"],
        ["12345678901234567890", "12345678901234567891"],
        ["1234567890123456.5"],
        ["1e+999"],
        [" 1"],
        ["1_000"],
        ["0x10"],
        ["1."],
        [".5"],
        ["12,5".replace(",", ";")],
    ],
)
def test_a_column_that_would_not_read_back_the_same_stays_text(cells: list[str]) -> None:
    """A code that looks as a number is a code: airports are called NAN and INF, and post codes begin with zeros."""
    assert column(*cells) == cells


def test_codes_keep_their_zeros_as_keys() -> None:
    """So that "007" and "7" are two."""
    reference = csv("k,v\n007,1\n7,2\n")
    assert (reference["007"].v, reference["7"].v) == (1, 2)
    assert "07" not in reference


def test_a_row_has_its_columns_as_attributes() -> None:
    """In the order of the file, the key among them."""
    reference = csv('faa,name,alt\nJFK,"Kennedy, John F.",13\nLGA,"La\nGuardia",22\n', key="faa")
    assert reference["JFK"].alt == 13
    assert reference["JFK"]._asdict() == {"faa": "JFK", "name": "Kennedy, John F.", "alt": 13}
    assert reference["LGA"].name == "La\nGuardia"
    assert list(reference) == ["JFK", "LGA"]
    assert len(reference) == 2
    assert [row.alt for row in reference.values()] == [13, 22]


def test_a_key_that_is_not_there_is_not_in_and_raises_key_error() -> None:
    """As in any mapping."""
    reference = csv("k,v\na,1\n")
    assert "b" not in reference
    assert reference.get("b") is None
    with pytest.raises(KeyError):
        reference["b"]


def test_none_is_never_in() -> None:
    """An optional field that is absent is not there either."""
    reference = csv("k,v\n1,1\n")
    assert None not in reference
    assert reference.get(None) is None
    with pytest.raises(KeyError):
        reference[None]


@pytest.mark.parametrize(
    ("cell", "key", "kind"),
    [
        ("1", "1", "whole numbers, not str"),
        ("1", 1.0, "whole numbers, not float"),
        ("1", 2.0, "whole numbers, not float"),
        ("1", True, "whole numbers, not bool"),
        ("1", Decimal(1), "whole numbers, not Decimal"),
        ("1", [1], "whole numbers, not list"),
        ("a", 1, "text, not int"),
        ("a", b"a", "text, not bytes"),
        ("007", 7, "text, not int"),
        ("1.5", "1.5", "numbers, not str"),
        ("1.5", True, "numbers, not bool"),
        ("true", 1, "true or false, not int"),
    ],
)
def test_a_key_of_another_type_raises_type_error_whether_or_not_it_would_be_there(cell: str, key: object, kind: str) -> None:
    """A rule that compares a number with texts is wrong, and must not find every event at fault, or only some."""
    reference = csv(f"k\n{cell}\n")
    for look in (reference.__contains__, reference.__getitem__, reference.get):
        with pytest.raises(TypeError, match=f"the keys of t.csv are {kind}"):
            look(key)


def test_enums_join_as_what_they_are() -> None:
    """A text or a number with a name; and a whole number joins numbers."""

    class Code(StrEnum):
        A = "a"

    class Number(IntEnum):
        ONE = 1

    assert Code.A in csv("k\na\n")
    assert Number.ONE in csv("k\n1\n")
    assert 2 in csv("k\n1.5\n2\n")


def test_parquet_has_the_types_that_it_says() -> None:
    """As Python's own, whichever library is installed: no nanoseconds."""
    zone = timezone(timedelta(hours=1))
    moment = datetime(2020, 1, 1, tzinfo=zone)
    table = pa.table(
        {
            "k": pa.array([date(2020, 1, 1), date(2020, 1, 2)]),
            "price": pa.array([Decimal("1.10"), None]),
            "code": pa.array(["007", "7"]).dictionary_encode(),
            "moment": pa.array([1_577_833_200_000_000_001, None], pa.timestamp("ns", "+01:00")),
            "naive": pa.array([1_577_836_800_000_000_001, None], pa.timestamp("ns")),
            "lasts": pa.array([1_500, None], pa.duration("ns")),
            "clock": pa.array([1_500, None], pa.time64("ns")),
            "tags": pa.array([["a", "b"], []]),
        }
    )
    first, second = parquet(table).values()
    assert (first.price, second.price) == (Decimal("1.10"), None)
    assert (first.code, second.code) == ("007", "7")
    assert (first.moment, type(first.moment)) == (moment, datetime)
    assert (first.naive, type(first.naive)) == (datetime(2020, 1, 1), datetime)  # noqa: DTZ001  # The file has no zone.
    assert (first.lasts, type(first.lasts)) == (timedelta(microseconds=1), timedelta)
    assert (first.clock.microsecond, first.tags) == (1, ["a", "b"])


def test_a_moment_is_no_key_of_a_table_by_days() -> None:
    """Although it is a day to Python."""
    reference = parquet(pa.table({"k": pa.array([date(2020, 1, 1)])}))
    assert date(2020, 1, 1) in reference
    with pytest.raises(TypeError, match="are date, not datetime"):
        _ = datetime(2020, 1, 1) in reference  # noqa: DTZ001  # Whatever its zone.


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"k": pa.array([[1], [2]])}), "cannot be a key"),
        (pa.table({"k": pa.array([1, None])}), "row 2 of t.parquet has no k"),
        (pa.table({"k": pa.array([1, 1])}), "has k 1 twice"),
        (pa.table({"j": pa.array([1])}), "no column 'k'"),
        (pa.table({"k": pa.array([1]), "_x": pa.array([1])}), "cannot be an attribute"),
        (pa.Table.from_arrays([pa.array([1])] * 3, names=["k", "v", "v"]), "two columns 'v'"),
    ],
)
def test_a_bad_table_is_refused(table: pa.Table, message: str) -> None:
    """With what is wrong with it."""
    with pytest.raises(DeclarationError, match=message):
        parquet(table)


def test_a_table_without_rows_has_no_keys_of_any_type() -> None:
    """Nobody can say what they would be."""
    reference = csv("k,v\n")
    assert len(reference) == 0
    assert "a" not in reference
    assert 1 not in reference


@pytest.mark.parametrize("text", ["\ufeffk,v\na,1\n", "k,v\r\na,1\r\n", "k,v\na,1", '"k","v"\n"a","1"\n'])
def test_csv_is_read_as_programs_write_it(text: str) -> None:
    """With a byte order mark, other line ends, none at the end, and quotes."""
    assert csv(text)["a"].v == 1


def test_a_hundred_thousand_rows_are_all_there() -> None:
    """Over the blocks in which they are read too, with cells over several lines."""
    rows = "".join(f'key{number},{number},"first\nsecond {number}"\n' for number in range(100_000))
    reference = csv("k,v,text\n" + rows)
    assert len(reference) == 100_000
    assert all(f"key{number}" in reference for number in range(100_000))
    assert reference["key99999"] == ("key99999", 99_999, "first\nsecond 99999")


def test_a_rule_joins_by_key(folder: Folder) -> None:
    """`in` and `[]` on the attribute, from a CSV and a Parquet file in folders of their own."""
    content = io.BytesIO()
    pq.write_table(pa.table({"code": ["AA"], "name": ["American"]}), content)
    folder.write("data/airlines.parquet", content.getvalue())
    folder.write("data/airports.csv", "faa,alt\nJFK,13\n")
    folder.contract(
        """
        dest: str
        carrier: str
        airports = Reference("data/airports.csv", key="faa")
        airlines = Reference("data/airlines.parquet", key="code")
        @rule
        def known(self): return self.dest in self.airports or f"no airport {self.dest}"
        @rule
        def low(self): return self.airports[self.dest].alt < 100
        @rule
        def named(self): return self.airlines[self.carrier].name
        """
    )
    assert outcomes(folder.one(), '{"dest": "JFK", "carrier": "AA"}') == {"known": True, "low": True, "named": "American"}


def test_the_digest_is_that_of_the_file() -> None:
    """It changes with any of its bytes."""
    one, same, other = csv("k\na\n"), csv("k\na\n"), csv("k\na\n\n")
    assert one.digest == same.digest != other.digest
    assert (len(one.digest), Reference("t.csv", key="k").digest) == (8, "")


def test_a_reference_is_itself_and_no_other() -> None:
    """It can be kept in a set, whatever its rows."""
    assert len({csv("k\na\n"), csv("k\na\n")}) == 2
    assert repr(Reference("t.csv", key="k")) == "Reference('t.csv', key='k')"
