"""The keys of groups."""

import numpy as np
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


def test_names_are_numbered_in_the_order_in_which_they_come() -> None:
    """New names get the next numbers; known ones keep theirs; those asked for are not added."""
    names = Names(["b"])
    assert names.add(["b", "a", "b"]).tolist() == [0, 1, 0]
    absent = int(names.find(["c"])[0])
    assert names.find(["a", "c"]).tolist() == [1, absent]
    assert names.add(["c", "a"]).tolist() == [2, 1]
    assert names.all() == ["b", "a", "c"]


def test_a_part_of_names_has_numbers_of_its_own() -> None:
    """A part has its names in their order, and says which number each has in it; all of them are the same names."""
    names = Names(["b", "a", "c"])
    part, numbers = names.part(np.array([0, 2], np.int32))
    assert part.all() == ["b", "c"]
    assert numbers[[0, 2]].tolist() == [0, 1]
    assert numbers[1] == names.number("nobody"), "one that is left out has none"
    assert len(part) == 2
    assert part.number("c") == 1
    assert part.add(["d", "b"]).tolist() == [2, 0]
    assert part.all() == ["b", "c", "d"]
    assert names.all() == ["b", "a", "c"], "what is added to a part is not added to the whole"
    assert names.part(np.arange(3, dtype=np.int32))[0] is names


def test_a_series_is_known_by_its_name() -> None:
    """A series is made again from its name, and differs from others by every part of it."""
    one = a_series(Kind.HISTOGRAM, by=("a", "b"), window=1600)
    assert Series.from_name(one.name) == one
    others = [a_series(Kind.MOMENTS, by=("a", "b"), window=1600), a_series(Kind.HISTOGRAM, by=("a",), window=1600)]
    others += [a_series(Kind.HISTOGRAM, by=("a", "b")), a_series(Kind.HISTOGRAM, by=("a", "b"), window=1600, field="/x")]
    assert len({series.name for series in [one, *others]}) == 5
