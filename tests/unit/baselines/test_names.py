"""The keys of groups."""

from hypothesis import given
from hypothesis import strategies as st

from assay_server.baselines import Kind, Series, group_keys, group_values
from assay_server.baselines.history import Names
from tests.unit.baselines.making import a_series

texts = st.text(st.characters(codec=None), max_size=5) | st.sampled_from(["\x1f", "\x1b", "\x1b1", "\x1b2", "\0", ""])


@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=6))
def test_keys_tell_groups_apart_and_give_their_values_back(rows: list[tuple[str, str, str]]) -> None:
    """Whatever the values hold, two rows have one key only if their values are the same."""
    keys = group_keys([list(column) for column in zip(*rows, strict=True)])
    assert keys is not None
    assert [group_values(key, 3) for key in keys] == rows


def test_a_single_field_is_its_own_key() -> None:
    """With one field the column itself serves as keys; with none there are none."""
    column = ["UA", "a\x1fb"]
    assert group_keys([column]) is column
    assert group_values("a\x1fb", 1) == ("a\x1fb",)
    assert group_keys([]) is None
    assert group_values("", 0) == ()


def test_long_values_are_bounded_and_told_apart() -> None:
    """Values of any length take little memory, and differ as the values do, also from what they are cut to."""
    long = ["x" * 300, "x" * 301, "x" * 256]
    keys = group_keys([long])
    assert keys is not None
    assert len(set(keys)) == 3
    assert max(map(len, keys)) <= 257
    again = group_keys([[keys[0]]])
    assert again is not None
    assert again[0] != keys[0]


def test_names_are_numbered_up_to_a_limit() -> None:
    """New names get numbers until there is no room; known ones keep theirs."""
    names = Names()
    assert names.add(["b", "a", "b"]).tolist() == [0, 1, 0]
    absent = int(names.find(["c"])[0])
    assert names.add(["c", "a", "d", "c"], limit=3).tolist() == [2, 1, absent, 2]
    assert names.all() == ["b", "a", "c"]


def test_a_series_is_known_by_its_name() -> None:
    """A series is made again from its name, and differs from others by every part of it."""
    one = a_series(Kind.HISTOGRAM, by=("a", "b"), window=1600)
    assert Series.from_name(one.name) == one
    others = [a_series(Kind.MOMENTS, by=("a", "b"), window=1600), a_series(Kind.HISTOGRAM, by=("a",), window=1600)]
    others += [a_series(Kind.HISTOGRAM, by=("a", "b")), a_series(Kind.HISTOGRAM, by=("a", "b"), window=1600, field="/x")]
    assert len({series.name for series in [one, *others]}) == 5
