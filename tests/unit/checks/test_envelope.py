"""What is found around a payload, before its contract looks at it."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_server.checks._envelope import depth
from assay_server.engine import Enforcement, Engine, Event, Layer, Limits, Options
from tests.unit.checks.making import NOW, checks, engine_of, found, one, text

SECOND = 1_000_000_000
DAY = 86_400 * SECOND

CONTRACTS = """
class A(EventContract, event_type="a", version="1.2.0"):
    x: float = 0
    other: Any = None

class Old(EventContract, event_type="a", version="1.1.9"):
    x: str

class Clocked(EventContract, event_type="clocked", version="1.0.0"):
    x: float = 0
    clock = Clock(max_age="7d", max_ahead="5m")

    @rule
    def small(self):
        return self.x < 10

class OnlyAge(EventContract, event_type="age", version="1.0.0"):
    clock = Clock(max_age="1s")

class OnlyAhead(EventContract, event_type="ahead", version="1.0.0"):
    clock = Clock(max_ahead="1s")

class Warned(EventContract, event_type="warned", version="1.0.0"):
    x: float = 0
    clock = Clock(max_age="1s", enforcement="warn")

    @rule
    def small(self):
        return self.x < 10

class Tried(EventContract, event_type="tried", version="1.0.0"):
    clock = Clock(max_age="1s", enforcement="audit")
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with engine_of(CONTRACTS) as made:
        yield made


def test_event_without_a_type_is_not_valid_and_judged_by_no_contract(engine: Engine) -> None:
    """An absent event_type is a finding of the envelope; no contract_version is named."""
    verdict = one(engine, b"{}", event_type="")
    assert found(verdict) == [("envelope.event_type_missing", "")]
    assert (verdict.valid, verdict.contract_version) == (False, "")


def test_unknown_event_type_is_not_valid_and_named(engine: Engine) -> None:
    """The message names the type, shortened if it is long."""
    verdict = one(engine, b"{}", event_type="b" * 5000)
    assert found(verdict) == [("envelope.unknown_event_type", "")]
    assert len(verdict.findings[0].message) < 300


@pytest.mark.parametrize("version", ["2", "1.3", "1.2.1", "01", "1.", "x", "1.2.0.0", " 1", "٣", "+", "latest", "1" * 400])
def test_version_that_is_not_in_service_is_a_finding(engine: Engine, version: str) -> None:
    """What is no version, and what no version begins with, is `envelope.unknown_contract_version`."""
    assert found(one(engine, b"{}", contract_version=version)) == [("envelope.unknown_contract_version", "")]


@pytest.mark.parametrize(
    ("version", "judged_by"),
    [("", "1.2.0"), ("1", "1.2.0"), ("1.2", "1.2.0"), ("1.2.0+anything", "1.2.0"), ("1.1", "1.1.9"), ("1.1.9", "1.1.9")],
)
def test_version_or_its_beginning_chooses_the_newest_that_begins_so(engine: Engine, version: str, judged_by: str) -> None:
    """The verdict names the version that judged the event, with its fingerprint; build metadata asked for is ignored."""
    verdict = one(engine, {"x": "1"}, contract_version=version)
    assert verdict.valid
    assert verdict.contract_version.partition("+")[0] == judged_by
    assert len(verdict.contract_version.partition("+")[2]) == 8


@pytest.mark.parametrize("payload", [None, b"", ""])
def test_missing_payload_is_a_finding(engine: Engine, payload: bytes | str | None) -> None:
    """No payload, and an empty text, are both `envelope.payload_missing`."""
    assert found(one(engine, payload)) == [("envelope.payload_missing", "")]


@pytest.mark.parametrize(
    "payload", [b"[]", b" [1]", b'"{}"', b"1", b"-0", b"true", b"null", "[]", b"[1e400]", b"\r\n\t 12 ", b'["NaN"]']
)
def test_payload_that_is_json_but_no_object_is_a_finding(engine: Engine, payload: bytes | str) -> None:
    """Any JSON but an object is `envelope.payload_not_object`."""
    assert found(one(engine, payload)) == [("envelope.payload_not_object", "")]


@pytest.mark.parametrize(
    "payload",
    [
        b"nope",
        b"{",
        b"{}}",
        b"{} {}",
        b"NaN",
        b"[NaN]",
        b"\xff",
        b"\xef\xbb\xbf{}",
        "\ud800",
        b" ",
        b"{'x':1}",
        b'{"x":01}',
        b'{"x":1,}',
        b'{"x":\x001}',
        b'{"a":"\x01"}',
        b'{"a":"\\ud800"}',
        b'{"a\xff":1}',
        b"{}\x00",
        '{"x":"\udfff"}',
    ],
)
def test_payload_that_is_no_json_is_a_finding_of_the_schema_layer(engine: Engine, payload: bytes | str) -> None:
    """What cannot be read as JSON is `schema.json_invalid`, for the event as a whole."""
    verdict = one(engine, payload)
    assert found(verdict) == [("schema.json_invalid", "")]
    assert verdict.findings[0].message.startswith("Invalid JSON: ")


def test_payload_that_is_no_json_is_not_looked_at_after_the_envelope_rejected(engine: Engine) -> None:
    """No finding of the schema layer follows a finding of the envelope at reject, whatever the text begins with."""
    for payload in (b"nope", b"{nope", "\ud800", {"x": "\ud800"}, {"x": object()}):
        assert checks(one(engine, payload, event_type="b")) == ["envelope.unknown_event_type"]


def test_payload_is_measured_as_json_text_in_every_encoding() -> None:
    """A payload of as many bytes as the limit passes; one byte more is a finding, however it came."""
    with engine_of(CONTRACTS, limits=Limits(payload_bytes=20)) as engine:
        for payload in (b'{"other":"123456789"}', '{"other":"123456789"}', {"other": "123456789"}, '{"other":"1234567é"}'):
            assert found(one(engine, payload)) == [("envelope.payload_too_large", "")]
        for payload in (b'{"other":"12345678"}', '{"other":"12345678"}', {"other": "12345678"}):
            assert one(engine, payload).valid


@pytest.mark.parametrize("limit", [3, 64])
def test_nesting_is_counted_in_objects_and_lists_the_payload_itself_included(limit: int) -> None:
    """As deep as the limit passes; one deeper is `envelope.too_deep`, however it came."""
    with engine_of(CONTRACTS, limits=Limits(depth=limit)) as engine:
        for levels, expected in ((limit, []), (limit + 1, [("envelope.too_deep", "")])):
            lists: Any = 0
            for _ in range(levels - 1):
                lists = [lists]
            assert found(one(engine, text({"other": lists}))) == expected
            assert found(one(engine, {"other": lists})) == expected


def test_brackets_in_texts_and_beside_each_other_do_not_count_as_nesting(engine: Engine) -> None:
    """Only what is open at one time is counted."""
    assert one(engine, text({"other": "[{" * 1000})).valid
    assert one(engine, text({"other": ['\\"[', "\\"] * 500})).valid
    assert one(engine, text({"other": [[]] * 1000})).valid


@pytest.mark.parametrize("levels", [70, 250, 2_000, 100_000])
def test_any_depth_is_found_without_recursion(engine: Engine, levels: int) -> None:
    """Nesting that overflows a parser's stack is the same finding, in JSON text and as Python objects."""
    assert found(one(engine, b'{"other":' + b"[" * levels)) == [("envelope.too_deep", "")]
    lists: Any = []
    for _ in range(levels):
        lists = [lists]
    assert found(one(engine, {"other": lists})) == [("envelope.too_deep", "")]
    while lists:  # Python itself frees so deep a list by recursion.
        lists = lists.pop()


def test_mapping_that_holds_itself_is_too_deep(engine: Engine) -> None:
    """Also where each level holds the next one twice, so that walking all of them would take for ever."""
    endless: dict[str, Any] = {}
    endless["other"] = [endless, endless]
    assert found(one(engine, endless)) == [("envelope.too_deep", "")]


def test_mapping_need_be_no_dict(engine: Engine) -> None:
    """Any mapping is a payload, and may hold others."""
    assert one(engine, MappingProxyType({"x": 1, "other": MappingProxyType({"y": 2})})).valid
    assert found(one(engine, MappingProxyType({"x": "y"}))) == [("schema.float_parsing", "/x")]


@pytest.mark.parametrize("value", [object(), "\ud800", {"\udfff": 1}, lambda: 1])
def test_mapping_that_json_cannot_hold_is_a_finding(engine: Engine, value: object) -> None:
    """A value that is nothing in JSON is `schema.json_invalid`."""
    assert found(one(engine, {"other": value})) == [("schema.json_invalid", "")]


def test_event_id_may_have_256_bytes(engine: Engine) -> None:
    """It is counted in bytes of UTF-8, and echoed as it is."""
    for event_id, expected in (
        ("e" * 256, []),
        ("é" * 128, []),
        ("e" * 257, ["too"]),
        ("é" * 129, ["too"]),
        ("\ud800" * 90, ["too"]),
    ):
        [verdict] = engine.judge([Event("a", b"{}", event_id=event_id)])
        assert checks(verdict) == ["envelope.event_id_too_long" for _ in expected]
        assert verdict.event_id == event_id


@pytest.mark.parametrize(
    ("timestamp", "valid"),
    [
        (None, True),
        (0, True),
        (-62_135_596_800 * SECOND, True),
        (-62_135_596_800 * SECOND - 1, False),
        (253_402_300_800 * SECOND - 1, True),
        (253_402_300_800 * SECOND, False),
        (10**30, False),
        (-(10**30), False),
    ],
)
def test_timestamp_may_be_of_the_years_1_to_9999(engine: Engine, timestamp: int | None, valid: bool) -> None:
    """Any other is `envelope.timestamp_invalid`, and is not compared with the clock besides."""
    assert checks(one(engine, b"{}", timestamp=timestamp)) == ([] if valid else ["envelope.timestamp_invalid"])
    if not valid:
        assert checks(one(engine, b"{}", timestamp=timestamp, event_type="clocked")) == ["envelope.timestamp_invalid"]


def test_all_that_is_wrong_with_an_envelope_is_found_at_once(engine: Engine) -> None:
    """Within the layer every check runs."""
    [verdict] = engine.judge([Event("clocked", b"[]", NOW - 8 * DAY, event_id="e" * 300)])
    assert sorted(checks(verdict)) == ["envelope.clock_skew", "envelope.event_id_too_long", "envelope.payload_not_object"]
    [verdict] = engine.judge([Event("", None, 10**20 * 9, event_id="e" * 300)])
    assert sorted(checks(verdict)) == [
        "envelope.event_id_too_long",
        "envelope.event_type_missing",
        "envelope.payload_missing",
        "envelope.timestamp_invalid",
    ]
    assert {finding.layer for finding in verdict.findings} == {Layer.ENVELOPE}
    assert {finding.enforcement for finding in verdict.findings} == {Enforcement.REJECT}


@pytest.mark.parametrize(
    ("event_type", "age", "skewed"),
    [
        ("clocked", 7 * DAY, False),
        ("clocked", 7 * DAY + 1, True),
        ("clocked", -300 * SECOND, False),
        ("clocked", -300 * SECOND - 1, True),
        ("clocked", 0, False),
        ("age", SECOND + 1, True),
        ("age", -1000 * DAY, False),
        ("ahead", 1000 * DAY, False),
        ("ahead", -SECOND - 1, True),
        ("ahead", -8000 * 365 * DAY + DAY * 365 * 60, True),
    ],
)
def test_clock_bounds_an_events_age_and_how_far_ahead_it_is(engine: Engine, event_type: str, age: int, skewed: bool) -> None:
    """To the nanosecond, by the engine's clock."""
    verdict = one(engine, b"{}", timestamp=NOW - age, event_type=event_type)
    assert checks(verdict) == (["envelope.clock_skew"] if skewed else [])


def test_event_without_a_timestamp_is_found_where_there_is_a_clock(engine: Engine) -> None:
    """A contract with a Clock wants a time; one without does not."""
    assert checks(one(engine, b"{}", event_type="clocked")) == ["envelope.clock_skew"]
    assert checks(one(engine, b"{}", event_type="a")) == []


def test_clock_that_warns_lets_later_layers_run(engine: Engine) -> None:
    """At warn, the finding stands beside those of the rules, and before them; the event is valid if they are."""
    verdict = one(engine, {"x": 1}, timestamp=0, event_type="warned")
    assert (verdict.valid, found(verdict)) == (True, [("envelope.clock_skew", "")])
    assert checks(one(engine, {"x": 11}, timestamp=0, event_type="warned")) == ["envelope.clock_skew", "rules.small"]
    assert checks(one(engine, {"x": 11}, timestamp=0, event_type="clocked")) == ["envelope.clock_skew"]


def test_clock_on_trial_is_shown_to_those_who_ask(engine: Engine) -> None:
    """At audit, the finding is counted and otherwise kept back."""
    assert checks(one(engine, b"{}", event_type="tried")) == []
    shown = one(engine, b"{}", Options(report_from=Enforcement.AUDIT), event_type="tried")
    assert (shown.valid, checks(shown)) == (True, ["envelope.clock_skew"])


def _depth_by_hand(payload: str) -> int:
    deepest = level = 0
    inside = escaped = False
    for character in payload:
        if inside:
            inside = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            inside = True
        elif character in "[{":
            level += 1
            deepest = max(deepest, level)
        elif character in "]}":
            level -= 1
    return deepest


@given(st.text(alphabet='[]{}"\\,a\n'))
def test_depth_is_that_of_a_reader_which_counts_brackets_outside_of_texts(payload: str) -> None:
    """For any text, JSON or not."""
    assert depth(payload.encode()) == _depth_by_hand(payload)
