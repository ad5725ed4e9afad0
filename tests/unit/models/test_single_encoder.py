"""One event is encoded as a batch is, or not at all."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_server.models import Column, Encoding, FeatureKind, FeatureSpec, SingleEncoder

HOUR = 3_600 * 10**9
KINDS = {
    "number": FeatureKind.NUMBER,
    "boolean": FeatureKind.BOOLEAN,
    "one_hot": FeatureKind.ONE_HOT,
    "frequency": FeatureKind.FREQUENCY,
    "hour": FeatureKind.HOUR,
    "weekday": FeatureKind.WEEKDAY,
}
FEATURES = tuple(FeatureSpec(name=name, kind=kind, source=name) for name, kind in KINDS.items())
TRAINING: dict[str, Column] = {
    "number": np.arange(6.0),
    "boolean": np.array([0.0, 1, 0, 1, 0, 1]),
    "one_hot": ["a", "b", "c", "a", "b", "a"],
    "frequency": ["x", "x", "y", "z", "x", "y"],
    "hour": np.zeros(6, np.int64),
    "weekday": np.zeros(6, np.int64),
}
ENCODING = Encoding.fit(FEATURES, TRAINING)
SINGLE = SingleEncoder(ENCODING)
USUAL: dict[str, Any] = {"number": 1.5, "boolean": True, "one_hot": "b", "frequency": "x", "hour": 5 * HOUR, "weekday": 0}


def batch_of(values: list[Any]) -> dict[str, Column]:
    """Return one event as columns."""
    return {
        feature.name: [value]
        if isinstance(value, str)
        else np.array([value], np.int64 if feature.name in {"hour", "weekday"} else float)
        for feature, value in zip(FEATURES, values, strict=True)
    }


@given(
    st.tuples(
        st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60),
        st.booleans(),
        st.sampled_from(["a", "b", "c", "new", ""]),
        st.sampled_from(["x", "y", "z", "new"]),
        st.integers(-(2**62), 2**62),
        st.integers(-(2**62), 2**62),
    )
)
def test_one_event_is_as_in_a_batch(values: tuple[Any, ...]) -> None:
    """To the last bit, whatever the values."""
    matrix = SINGLE.encode(values)
    assert matrix is not None
    assert matrix.dtype.kind == "f"
    assert matrix.shape == (1, ENCODING.width)
    np.testing.assert_array_equal(matrix, ENCODING.encode(batch_of(list(values))))


def test_every_hour_of_a_week_is_as_in_a_batch() -> None:
    """In any century."""
    start = int(datetime(2150, 2, 23, tzinfo=UTC).timestamp()) * 10**9
    times = start + np.arange(2 * 7 * 24) * (HOUR // 2)
    columns: dict[str, Column] = {name: [column[0]] * len(times) for name, column in TRAINING.items()}
    batch = ENCODING.encode({**columns, "hour": times, "weekday": times})
    for row, time in zip(batch, times.tolist(), strict=True):
        alone = SINGLE.encode([0.0, 0.0, "a", "x", time, time])
        np.testing.assert_array_equal(alone, row[None])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", None),
        ("number", "1"),
        ("number", float("nan")),
        ("number", float("inf")),
        ("number", 10**400),
        ("number", np.float64(1)),
        ("boolean", None),
        ("one_hot", None),
        ("one_hot", 3),
        ("frequency", None),
        ("hour", None),
        ("weekday", 0.5),
    ],
)
def test_what_is_not_plain_is_left_to_a_closer_look(name: str, value: Any) -> None:
    """Whatever stands beside it."""
    assert SINGLE.encode([(USUAL | {name: value})[feature.name] for feature in FEATURES]) is None


@pytest.mark.parametrize("value", [None, "1", float("nan"), float("-inf"), 10**400, [1]])
def test_numbers_alone_are_plain_or_left_too(value: Any) -> None:
    """As among features of other kinds."""
    single = SingleEncoder(Encoding.fit(FEATURES[:1], TRAINING))
    assert single.encode([value]) is None
    matrix = single.encode([7])
    assert matrix is not None
    assert matrix.tolist() == [[7.0]]
