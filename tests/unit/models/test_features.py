"""What a model looks at, and how it becomes a matrix."""

import json
import math
from datetime import UTC, datetime

import numpy as np
import pytest

from assay_server.models import Column, Encoding, FeatureKind, FeatureSpec, fingerprint


def feature(name: str, kind: FeatureKind, source: str | None = None, *, sensitive: bool = False) -> FeatureSpec:
    return FeatureSpec(name=name, kind=kind, source=name if source is None else source, sensitive=sensitive)


FEATURES = (
    feature("amount", FeatureKind.NUMBER),
    feature("first", FeatureKind.BOOLEAN),
    feature("country", FeatureKind.ONE_HOT),
    feature("shop", FeatureKind.FREQUENCY, sensitive=True),
    feature("hour", FeatureKind.HOUR, ""),
    feature("day", FeatureKind.WEEKDAY, "at"),
)


def nanos(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 10**9  # type: ignore[misc,arg-type]


def columns() -> dict[str, Column]:
    times = np.array([nanos(2024, 1, 1, 0), nanos(2024, 1, 7, 23, 59, 59), nanos(1969, 12, 31, 6)])
    return {
        "amount": np.array([1.5, -2.0, 1e300]),
        "first": np.array([0.0, 1.0, 1.0]),
        "country": ["DE", "FR", "DE"],
        "shop": ["a", "b", "b"],
        "hour": times,
        "day": times,
    }


def test_numbers_and_booleans_are_taken_as_they_are() -> None:
    """A number has a column of its own, as it is; so has a boolean, as 0 or 1."""
    matrix = Encoding.fit(FEATURES, columns()).encode(columns())
    assert matrix[:, :2].tolist() == [[1.5, 0.0], [-2.0, 1.0], [1e300, 1.0]]


def test_one_hot_categories_have_a_column_each() -> None:
    """A category has a 1 in its own column, the most frequent one's first."""
    matrix = Encoding.fit(FEATURES, columns()).encode(columns())
    assert matrix[:, 2:4].tolist() == [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]


def test_frequent_categories_are_shares() -> None:
    """A category becomes its share of the training events."""
    matrix = Encoding.fit(FEATURES, columns()).encode(columns())
    assert matrix[:, 4].tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3])


def test_an_unknown_category_is_none_of_the_known() -> None:
    """A category that training did not see has zeros, in each column of a one-hot feature and as its share."""
    encoding = Encoding.fit(FEATURES, columns())
    matrix = encoding.encode({**columns(), "country": ["XX", "DE", ""], "shop": ["zz", "a", ""]})
    assert matrix[[0, 2]][:, 2:5].tolist() == [[0.0, 0.0, 0.0]] * 2


def test_hours_and_weekdays_lie_on_a_circle() -> None:
    """An hour and a weekday, in UTC, are points on a circle: midnight is as near to 23 as to 1, and Sunday to Monday."""
    matrix = Encoding.fit(FEATURES, columns()).encode(columns())
    hours = [0, 23, 6]
    days = [0, 6, 2]  # Monday, Sunday, and the Wednesday that ended 1969.
    expected = [[math.sin(math.tau * hour / 24), math.cos(math.tau * hour / 24)] for hour in hours]
    assert matrix[:, 5:7] == pytest.approx(np.array(expected))
    expected = [[math.sin(math.tau * day / 7), math.cos(math.tau * day / 7)] for day in days]
    assert matrix[:, 7:9] == pytest.approx(np.array(expected))


def test_knows_whose_a_column_is() -> None:
    """For each column of the matrix there is the feature that it belongs to."""
    encoding = Encoding.fit(FEATURES, columns())
    assert encoding.owners.tolist() == [0, 1, 2, 2, 3, 4, 4, 5, 5]
    assert encoding.width == encoding.encode(columns()).shape[1] == 9


def test_a_batch_is_encoded_as_one_by_one() -> None:
    """An event's row does not depend on the events beside it, and a batch of none has no rows."""
    encoding = Encoding.fit(FEATURES, columns())
    rows = [encoding.encode({name: column[place : place + 1] for name, column in columns().items()}) for place in range(3)]
    assert np.concatenate(rows).tolist() == encoding.encode(columns()).tolist()
    assert encoding.encode({name: column[:0] for name, column in columns().items()}).shape == (0, 9)


def test_rows_lie_together_in_memory() -> None:
    """Matrices are contiguous, so that nothing that scores them copies them first."""
    assert Encoding.fit(FEATURES, columns()).encode(columns()).flags.c_contiguous


def test_only_the_most_frequent_categories_are_told_apart() -> None:
    """A hundred categories have columns, the most frequent ones, equals in alphabetical order."""
    texts = [f"c{number:03}" for number in range(150)] + ["c149"]
    encoding = Encoding.fit([feature("x", FeatureKind.ONE_HOT)], {"x": texts})
    assert list(encoding.categories[0]) == ["c149", *texts[:99]]
    assert encoding.encode({"x": ["c149", "c098", "c099"]}).sum(axis=1).tolist() == [1.0, 1.0, 0.0]


def test_survives_being_written_as_json() -> None:
    """An encoding read from its JSON encodes the same."""
    encoding = Encoding.fit(FEATURES, columns())
    read = Encoding.from_json(json.loads(json.dumps(encoding.as_json())))
    assert read.features == FEATURES
    assert read.encode(columns()).tolist() == encoding.encode(columns()).tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "picture"},
        {"name": 7},
        {"categories": {"DE": float("nan")}},
        {"categories": {"DE": 1.5}},
        {"categories": {"DE": "0.5"}, "code": "import os"},
        {"categories": {f"c{number}": 0.001 for number in range(101)}},
        {"kind": "number", "categories": {"DE": 0.5}},
        {"name": "amount"},
    ],
)
def test_refuses_json_that_is_no_encoding(change: dict[str, object]) -> None:
    """Kinds that do not exist, shares that are none, too many categories and names twice are errors."""
    document = Encoding.fit(FEATURES, columns()).as_json()
    document["features"][2] |= change
    with pytest.raises(ValueError, match=r"."):
        Encoding.from_json(document)


def test_two_features_of_one_name_are_an_error() -> None:
    """Columns are found by name, so a name stands for one feature."""
    with pytest.raises(ValueError, match="same name"):
        Encoding.fit([FEATURES[0], FEATURES[0]], columns())


def test_a_fingerprint_says_what_a_model_was_trained_for() -> None:
    """Any change of the features, of their order and of the kind of model changes it; what is shown of them does not."""
    fingerprints = {
        fingerprint(FEATURES, "isolation_forest"),
        fingerprint(FEATURES, "estimator"),
        fingerprint(FEATURES[::-1], "isolation_forest"),
        fingerprint(FEATURES[:-1], "isolation_forest"),
        fingerprint([*FEATURES[:-1], feature("day", FeatureKind.HOUR, "at")], "isolation_forest"),
        fingerprint([*FEATURES[:-1], feature("day", FeatureKind.WEEKDAY, "")], "isolation_forest"),
        fingerprint([*FEATURES[:-1], feature("weekday", FeatureKind.WEEKDAY, "at")], "isolation_forest"),
    }
    assert len(fingerprints) == 7
    assert all(len(one) == 8 and int(one, 16) >= 0 for one in fingerprints)
    hidden = [*FEATURES[:-1], feature("day", FeatureKind.WEEKDAY, "at", sensitive=True)]
    assert fingerprint(hidden, "isolation_forest") == fingerprint(FEATURES, "isolation_forest")
