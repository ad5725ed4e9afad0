"""The table at the end of the conformance cases, and how answers are compared."""

import pytest

from tests.conformance.comparing import differences
from tests.conformance.table import Result, lines


def test_the_table_tells_what_passed_and_names_what_did_not() -> None:
    """A row a subject, a column a client, in the order of the clients, whatever the order of the results."""
    results = [
        Result("python", "numbers", "zero", "passed"),
        Result("python", "numbers", "one", "failed"),
        Result("python", "clock", "now", "expected to fail", "it has no clock"),
        Result("go", "numbers", "zero", "not run", "there is no Go"),
        Result("go", "numbers", "one", "not run", "there is no Go"),
    ]

    clients = ["python", "go", "java"]
    assert [*lines(results, clients)] == [*lines(reversed(results), clients)]
    assert [line.rstrip() for line in lines(results, clients)] == [
        "conformance     python         go",
        "clock           0 of 1",
        "numbers         1 of 2    not run",
        "all             1 of 3    not run",
        "go was not run: there is no Go",
        "python expected to fail: clock: now (it has no clock)",
        "python failed: numbers: one",
    ]


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": None}, {"b": 2}),
        ([{"a": 1}], [{"a": 1, "b": 2}]),
        ({"$matches": "a+"}, "aaa"),
        ({"$between": [1, 2]}, 1.5),
        ({"$length": 2}, [1, 2]),
        ({"$holds": [{"a": 1}]}, [{"a": 2}, {"a": 1, "b": 3}]),
        (True, True),
    ],
)
def test_what_is_as_expected(expected: object, actual: object) -> None:
    """Objects may have more."""
    assert [*differences(expected, actual, "x")] == []


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {}),
        ({"a": None}, {"a": 2}),
        ([1], [1, 2]),
        ([1, 2], [1]),
        ({"$matches": "a+"}, "aab"),
        ({"$matches": "a+"}, None),
        ({"$between": [1, 2]}, 3),
        ({"$between": [1, 2]}, "1.5"),
        ({"$length": 2}, [1]),
        ({"$holds": [{"a": 1}]}, [{"a": 2}]),
        (True, 1),
        (False, None),
    ],
)
def test_what_is_not_as_expected(expected: object, actual: object) -> None:
    """Each is told."""
    assert len([*differences(expected, actual, "x")]) == 1
