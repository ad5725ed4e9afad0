"""Structs become what JSON text would become, and back."""

import json
import math
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from assay_server.rpc.convert._structs import NotHoldableError, StructReader, TooLargeError, encodable, write_struct

LIMIT = 262_144
WHOLE = 2**53

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.none() | st.booleans() | texts | st.integers(-WHOLE, WHOLE) | st.floats(allow_nan=False)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5))
objects = st.dictionaries(texts, values, max_size=5)


def read(struct: struct_pb2.Struct, limit: int = LIMIT) -> dict[str, Any]:
    return StructReader(limit).read(struct)


def written(mapping: dict[Any, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    write_struct(struct, mapping)
    return struct


def as_json_gives(value: object) -> object:
    """Return `value` with whole floats as int, which is how a double of a Struct reads."""
    match value:
        case float() if value.is_integer() and abs(value) <= WHOLE and str(value) != "-0.0":
            return int(value)
        case dict():
            return {key: as_json_gives(item) for key, item in value.items()}
        case list():
            return [as_json_gives(item) for item in value]
        case _:
            return value


def typed(value: object) -> object:
    """Return `value` with everything in it beside its type."""
    match value:
        case dict():
            return {key: typed(item) for key, item in value.items()}
        case list():
            return [typed(item) for item in value]
        case _:
            return type(value), value


@given(objects)
def test_what_is_written_is_read_again(mapping: Any) -> None:
    """Reading inverts writing, but for whole floats, which read as integers."""
    assert as_json_gives(mapping) == read(written(mapping))


@given(objects)
def test_types_survive_the_round_trip(mapping: Any) -> None:
    """Not only equal but of equal types: True is not 1, and 1 is not 1.0."""
    assert typed(as_json_gives(mapping)) == typed(read(written(mapping)))


@given(objects)
def test_protobuf_reads_what_is_written(mapping: Any) -> None:
    """The library's own conversion sees the same Struct."""
    expected = struct_pb2.Struct()
    expected.update(mapping)

    assert expected == written(mapping)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0.0, "0"),
        (-0.0, "-0.0"),
        (7.0, "7"),
        (-7.0, "-7"),
        (7.5, "7.5"),
        (float(WHOLE), "9007199254740992"),
        (float(-WHOLE), "-9007199254740992"),
        (float(WHOLE + 2), "9007199254740994.0"),
        (1e300, "1e+300"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_a_number_reads_as_json_would_have_it(number: float, expected: Any) -> None:
    """Whole numbers that a double holds exactly are integers; whatever else there is stays a float."""
    struct = struct_pb2.Struct()
    struct.fields["n"].number_value = number

    assert expected == repr(read(struct)["n"])


def test_a_value_without_a_kind_reads_as_null() -> None:
    """A Value in which nothing is set is invalid, and taken for null."""
    struct = struct_pb2.Struct()
    struct.fields["empty"].SetInParent()

    assert read(struct) == {"empty": None}


def test_empty_values_keep_their_types() -> None:
    """Nothing empty is mistaken for something absent."""
    mapping = {"text": "", "list": [], "object": {}, "no": False, "zero": 0, "null": None, "": ""}

    assert mapping == read(written(mapping))


@pytest.mark.parametrize(
    "mapping", [{"a": [0] * 1000}, {"a": [[]] * 1000}, {str(key): 0 for key in range(400)}, {"a": {"b": {"c": [1] * 1000}}}]
)
def test_a_struct_longer_than_allowed_is_given_up(mapping: Any) -> None:
    """Giving up needs no look at all values, and never hits a Struct whose JSON text would be short enough."""
    struct = written(mapping)
    text = json.dumps(mapping, separators=(",", ":"))

    assert mapping == read(struct, len(text))
    with pytest.raises(TooLargeError):
        read(struct, len(text) // 3)


@given(objects)
def test_no_struct_is_given_up_whose_json_text_is_short_enough(mapping: Any) -> None:
    """The bound holds for the shortest JSON text there is."""
    text = json.dumps(as_json_gives(mapping), separators=(",", ":"), ensure_ascii=False)

    assert as_json_gives(mapping) == read(written(mapping), len(text))


@given(objects)
def test_a_struct_that_is_given_up_is_longer_than_allowed_in_bytes_too(mapping: Any) -> None:
    """So its bytes, which the engine gets instead, are past the same limit."""
    struct = written(mapping)
    for limit in range(1, 60, 7):
        try:
            read(struct, limit)
        except TooLargeError:
            assert struct.ByteSize() > limit


@pytest.mark.parametrize("value", [WHOLE + 1, -WHOLE - 1, 10**400, {1: "a"}, object(), b"bytes", {"a", "b"}])
def test_what_a_struct_cannot_hold_is_refused(value: Any) -> None:
    """Nothing is rounded, and nothing is made into a text, without being asked."""
    with pytest.raises(NotHoldableError):
        written({"value": [value]})


def test_nesting_beyond_what_readers_take_is_refused() -> None:
    """What is written can be parsed again; what could not be is refused."""
    nested: object = "deep"
    for _ in range(29):
        nested = [nested]
    assert {"a": nested} == json_format.MessageToDict(struct_pb2.Struct.FromString(written({"a": nested}).SerializeToString()))

    for wrapped in ({"a": [nested, [nested]]}, {"a": {"b": {"c": nested}}}):
        with pytest.raises(NotHoldableError):
            written(wrapped)


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    """Python texts may hold what UTF-8 cannot encode."""
    assert encodable("a\ud800b") == "a?b"
    assert encodable("grüße") == "grüße"
    assert read(written({"k\udfff": "v\ud800"})) == {"k?": "v?"}
