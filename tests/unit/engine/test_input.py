"""Nothing that anybody sends makes the engine raise, and every encoding of it means the same."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assay_server.engine import Engine, Event, Limits, Options, Verdict
from tests.unit.checks.making import checks, engine_of, found, one, text

CONTRACTS = """
class Item(BaseModel):
    price: float = 0
    tags: list[str] = []
    inner: "Item | int | None" = None

class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9

class Dog(BaseModel):
    kind: Literal["dog"]
    name: str

class A(EventContract, event_type="a", version="1.0.0"):
    number: float = 0
    whole: int = 0
    money: Decimal = 0
    word: str = ""
    when: datetime | None = None
    mail: EmailStr | None = None
    items: list[Item] = []
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    mixed: int | str | list[float] | dict[str, bool] | None = None
    anything: Any = None
    value: JsonValue = None
    packed: Json[Any] = None
    secret: Annotated[Any, Sensitive()] = None

    @rule
    def number_is_small(self):
        return self.number < 1e6

    @rule(enforcement="warn")
    def whole_divides(self):
        return 10 / self.whole if self.whole > 3 else True

class Open(EventContract, event_type="open", version="1.0.0"):
    model_config = ConfigDict(extra="allow")
"""

FIELDS = ["number", "whole", "money", "word", "when", "mail", "items", "pet", "mixed", "anything", "value", "packed", "secret"]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with engine_of(CONTRACTS) as made:
        yield made


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"nan", b"inf", b"+1", b"0x1", b"1_0", b".5", b"1."])
def test_number_that_json_does_not_have_is_no_json(engine: Engine, number: bytes) -> None:
    """Also in a field that the contract does not know, or that may be anything."""
    for name in (b"number", b"anything", b"value", b"unheard_of", b"secret"):
        assert checks(one(engine, b'{"' + name + b'":' + number + b"}")) == ["schema.json_invalid"]


@pytest.mark.parametrize("number", [b"1e400", b"-1e309", b"9" * 400 + b".0"])
@pytest.mark.parametrize(
    "place", ["number", "anything", "value", "anything/0/a", "items/0/price", "mixed/0", "packed", "money"]
)
def test_number_too_large_for_a_double_is_a_finding(engine: Engine, number: bytes, place: str) -> None:
    """It is never read as infinite, wherever it stands."""
    name, *rest = place.split("/")
    value = number
    for part in reversed(rest):
        value = b"[" + value + b"]" if part == "0" else b'{"' + part.encode() + b'":' + value + b"}"
    if name == "packed":
        value = b'"' + value + b'"'
    verdict = one(engine, b'{"' + name.encode() + b'":' + value + b"}", Options(return_normalized=True))
    assert "schema.finite_number" in checks(verdict)
    assert ("schema.finite_number", f"/{place}") in found(verdict)


@pytest.mark.parametrize("word", ["nan", "NaN", "inf", "-inf", "Infinity", "+Infinity", " nan ", "iNf", "1e999"])
def test_text_is_no_way_to_write_a_number_that_is_not_finite(engine: Engine, word: str) -> None:
    """Pydantic reads numbers from texts, but not these."""
    for payload in ({"number": word}, {"money": word}, {"items": [{"price": word}]}):
        if "money" in payload and word == "1e999":
            continue  # A Decimal has room for it.
        [finding] = one(engine, payload).findings
        assert finding.check in {"schema.finite_number", "schema.float_parsing", "schema.decimal_parsing"}
    assert one(engine, {"anything": word, "word": word}).valid


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 2**63, 2**64, 10**40, 10**4299, -(10**4299)])
def test_whole_numbers_of_any_size_come_back_exactly(engine: Engine, number: int) -> None:
    """As JSON text and as a mapping, in a typed field and in one that may be anything."""
    digits = "1" + "0" * 4299 if number == 10**4299 else "-1" + "0" * 4299 if number < -(10**50) else str(number)
    for name in ("whole", "anything"):
        payload = b'{"%s":%s}' % (name.encode(), digits.encode())
        verdict = one(engine, payload, Options(return_normalized=True))
        if verdict.valid or checks(verdict) == ["rules.whole_divides"]:
            assert isinstance(verdict.normalized, bytes)
            assert json.loads(verdict.normalized)[name] == number
        else:
            assert [finding.field for finding in verdict.findings] == [f"/{name}"]


@pytest.mark.parametrize("digits", [4301, 5000, 100_000])
def test_whole_number_of_more_digits_than_python_reads_is_a_finding(engine: Engine, digits: int) -> None:
    """As JSON text and as a mapping."""
    for name in (b"whole", b"anything", b"unheard_of"):
        assert checks(one(engine, b'{"%s":%s}' % (name, b"9" * digits))) == ["schema.json_invalid"]
    assert checks(one(engine, {"anything": 1 << (digits * 4)})) == ["schema.json_invalid"]


@pytest.mark.parametrize(
    ("payload", "name", "value"),
    [
        (b'{"number":-0.0}', "number", -0.0),
        (b'{"number":1e308}', "number", 1e308),
        (b'{"number":5e-324}', "number", 5e-324),
        (b'{"number":1e-999}', "number", 0.0),
        (b'{"number":9007199254740993}', "number", 9007199254740992.0),
        (b'{"anything":1.0}', "anything", 1.0),
        (b'{"anything":-0}', "anything", 0),
        (b'{"whole":1.0}', "whole", 1),
        (b'{"whole":"12"}', "whole", 12),
        (b'{"word":"\\u0000"}', "word", "\0"),
        (b'{"word":"\\ud83d\\ude00"}', "word", "😀"),
        (b'{"word":"a","word":"b"}', "word", "b"),
        ('{"word":"é","wo\u0301rd":"c"}'.encode(), "word", "é"),
    ],
)
def test_edges_of_json_are_read_as_they_are_written(engine: Engine, payload: bytes, name: str, value: object) -> None:
    """Signed zero, the least and the greatest doubles, NUL, pairs of surrogates; of two equal keys the last wins."""
    verdict = one(engine, payload, Options(return_normalized=True))
    assert isinstance(verdict.normalized, bytes)
    read = json.loads(verdict.normalized)[name]
    assert read == value
    assert type(read) is type(value)
    if isinstance(read, float) and isinstance(value, float):
        assert math.copysign(1, read) == math.copysign(1, value)


def test_keys_are_compared_as_they_are_written(engine: Engine) -> None:
    """NFC and NFD, and keys with NUL, are different keys."""
    payload = {"é": 1, "e\u0301": 2, "a\0": 3, "a": 4}
    verdict = one(engine, text(payload), Options(return_normalized=True), event_type="open")
    assert isinstance(verdict.normalized, bytes)
    assert json.loads(verdict.normalized) == payload


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**53) - 2, 2**53 + 2)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["cat", "dog", "nan", "1", "2020-01-01T00:00:00Z", "a@b.example", "[1]", "{", "null", "1e400"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["price", "tags", "inner", "kind", "lives", "name"]) | st.text(max_size=3), inner, max_size=4
        )
    ),
    max_leaves=15,
)
_PAYLOADS = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=3), _JSON, max_size=5)


def _without_times(verdict: Verdict) -> tuple[object, ...]:
    normalized = json.loads(verdict.normalized) if isinstance(verdict.normalized, bytes) else verdict.normalized
    return (verdict.valid, verdict.contract_version, [*verdict.findings], verdict.omitted_findings, normalized)


@settings(max_examples=200, deadline=None)
@given(payload=_PAYLOADS, event_type=st.sampled_from(["a", "open"]))
@example(payload={"number": -0.0, "anything": [1e16, 1.0, -0.0, 1e-7, 2**63]}, event_type="a")
@example(payload={"packed": "[1e400]", "money": "1.10"}, event_type="a")
def test_every_encoding_gives_the_same_verdict(engine: Engine, payload: dict[str, Any], event_type: str) -> None:
    """Bytes, text and mapping: the same findings at the same places, and the same normalised payload in its own encoding."""
    written = json.dumps(payload, ensure_ascii=False)
    options = Options(return_normalized=True)
    as_bytes = one(engine, written.encode(), options, event_type=event_type)
    as_text = one(engine, written, options, event_type=event_type)
    as_mapping = one(engine, payload, options, event_type=event_type)
    assert _without_times(as_bytes) == _without_times(as_text) == _without_times(as_mapping)
    if as_mapping.normalized is not None:
        assert isinstance(as_bytes.normalized, bytes)
        assert isinstance(as_text.normalized, bytes)
        assert isinstance(as_mapping.normalized, dict)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_mapping_with_a_number_that_is_not_finite_is_found_as_its_json_text_is(engine: Engine, number: float) -> None:
    """Wherever it stands."""
    for payload in ({"number": number}, {"anything": [{"a": number}]}, {"unheard_of": number}):
        assert checks(one(engine, payload)) == checks(one(engine, json.dumps(payload))) == ["schema.json_invalid"]


def _is_whole(verdict: Verdict) -> bool:
    return verdict.valid is not any(finding.enforcement == 3 for finding in verdict.findings) and len(verdict.findings) <= 100


@settings(max_examples=200, deadline=None)
@given(payload=st.binary(max_size=200) | st.text(max_size=200), event_type=st.text(max_size=5) | st.just("a"))
def test_any_bytes_and_any_text_get_a_verdict(engine: Engine, payload: bytes | str, event_type: str) -> None:
    """Whatever they are."""
    assert _is_whole(one(engine, payload, event_type=event_type))


@settings(max_examples=200, deadline=None)
@given(payload=_PAYLOADS, data=st.data())
def test_damaged_json_gets_a_verdict(engine: Engine, payload: dict[str, Any], data: st.DataObject) -> None:
    """JSON with bytes taken out, put in and changed."""
    damaged = bytearray(json.dumps(payload, ensure_ascii=data.draw(st.booleans())).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged)))
        damaged[place : place + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=2) | st.sampled_from([b'"', b"[", b"{", b"e999"])
        )
    assert _is_whole(one(engine, bytes(damaged), Options(return_normalized=True)))


_ANYTHING: st.SearchStrategy[Any] = st.recursive(
    _JSON | st.floats() | st.binary(max_size=4) | st.just(object()) | st.text(alphabet="\ud800\udfffa") | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2) | st.integers() | st.none(), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(
    payload=st.dictionaries(st.sampled_from(FIELDS) | st.integers(), _ANYTHING, max_size=4),
    timestamp=st.none() | st.integers(),
    event_id=st.text(max_size=300),
    contract_version=st.text(max_size=10) | st.from_regex(r"\A[0-9]{1,3}(\.[0-9]{1,3}){0,3}\Z"),
)
def test_any_mapping_in_any_envelope_gets_a_verdict(
    engine: Engine, payload: dict[Any, Any], timestamp: int | None, event_id: str, contract_version: str
) -> None:
    """Whatever it holds, and whatever stands around it."""
    [verdict] = engine.judge([Event("a", payload, timestamp, event_id, contract_version)])
    assert _is_whole(verdict)
    assert verdict.event_id == event_id


@pytest.mark.parametrize("most", [1, 100])
@pytest.mark.parametrize("errors", [99, 100, 101, 5000, 60_000])
def test_findings_are_capped_and_the_rest_counted(errors: int, most: int) -> None:
    """The first ones are told; how many more there are is exact for one layer."""
    with engine_of(CONTRACTS, limits=Limits(findings=most)) as engine:
        verdict = one(engine, b'{"items":[' + b",".join([b"1"] * errors) + b"]}")
    told = min(errors, most)
    assert [finding.field for finding in verdict.findings] == [f"/items/{index}" for index in range(told)]
    assert (verdict.omitted_findings, verdict.valid) == (errors - told, False)
