"""The payload as the contract reads it, in the encoding that came in."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from assay_server.engine import Engine, Options
from tests.unit.checks.making import checks, engine_of, one, skipped

CONTRACTS = """
class A(EventContract, event_type="a", version="1.0.0"):
    name: str = Field("", alias="full-name")
    renamed: int = Field(1, validation_alias="in", serialization_alias="out")
    mail: EmailStr | None = None
    amount: Decimal = Decimal("1.10")
    when: datetime | None = None
    extra: Any = None

    @field_validator("mail")
    @classmethod
    def lower_case(cls, value):
        return value and value.lower()

    @rule
    def named(self):
        return bool(self.name)

class Computed(EventContract, event_type="computed", version="1.0.0"):
    width: int = 2
    height: int = 3

    @computed_field
    @property
    def area(self) -> int:
        return self.width * self.height

class Failing(EventContract, event_type="failing", version="1.0.0"):
    case: str = ""
    value: Any = None

    @field_serializer("value")
    def write(self, value):
        match self.case:
            case "raise": raise ValueError("no")
            case "exit": raise SystemExit(1)
            case "object": return object()
            case "surrogate": return "\\ud800"
        return value

class Wrong(EventContract, event_type="wrong", version="1.0.0"):
    @model_serializer
    def write(self):
        return ["no", "object"]
"""

ASKED = Options(return_normalized=True)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with engine_of(CONTRACTS) as made:
        yield made


def test_comes_only_if_asked_for(engine: Engine) -> None:
    """Otherwise nothing is written."""
    assert one(engine, {"full-name": "Ada"}).normalized is None


def test_has_defaults_coercions_and_transformations_under_aliases(engine: Engine) -> None:
    """JSON text for text of both kinds, a dict for a mapping, and the same in all of them."""
    payload: dict[str, Any] = {"full-name": "Ada", "in": "7", "mail": "Ada@Example.COM", "when": 0, "ignored": 1}
    expected = {
        "full-name": "Ada",
        "out": 7,
        "mail": "ada@example.com",
        "amount": "1.10",
        "when": "1970-01-01T00:00:00Z",
        "extra": None,
    }
    assert one(engine, payload, ASKED).normalized == expected
    for written in (json.dumps(payload), json.dumps(payload).encode()):
        normalized = one(engine, written, ASKED).normalized
        assert isinstance(normalized, bytes)
        assert json.loads(normalized) == expected


def test_comes_for_what_the_schema_accepted_even_if_a_rule_rejects(engine: Engine) -> None:
    """Not for what the schema or the envelope rejected."""
    verdict = one(engine, b"{}", ASKED)
    assert (verdict.valid, verdict.normalized is None) == (False, False)
    assert one(engine, {"in": "x"}, ASKED).normalized is None
    assert one(engine, {"full-name": "x"}, ASKED, timestamp=10**30).normalized is None
    assert one(engine, None, ASKED).normalized is None


def test_computed_fields_are_part_of_it(engine: Engine) -> None:
    """As Pydantic writes them."""
    assert one(engine, {"width": 4}, ASKED, event_type="computed").normalized == {"width": 4, "height": 3, "area": 12}


@pytest.mark.parametrize("payload", [{"case": "raise"}, {"case": "exit"}, {"case": "object"}, {"case": "surrogate"}])
@pytest.mark.parametrize("as_text", [True, False])
def test_serializer_that_fails_is_told_and_changes_nothing_else(engine: Engine, payload: dict[str, Any], as_text: bool) -> None:
    """It is listed among the skipped checks; the event stays valid."""
    verdict = one(engine, json.dumps(payload) if as_text else payload, ASKED, event_type="failing")
    assert (verdict.valid, checks(verdict), verdict.normalized) == (True, [], None)
    assert skipped(verdict) == [("schema.normalized", "UNAVAILABLE")]


def test_serializer_must_write_an_object(engine: Engine) -> None:
    """A payload is one JSON object, so what is none is not returned."""
    payloads: tuple[bytes | dict[str, Any], ...] = (b"{}", {})
    for payload in payloads:
        verdict = one(engine, payload, ASKED, event_type="wrong")
        assert (verdict.valid, verdict.normalized, skipped(verdict)) == (True, None, [("schema.normalized", "UNAVAILABLE")])


def test_number_that_is_not_finite_is_never_written(engine: Engine) -> None:
    """A validator may make one; in JSON it is null, in both encodings."""
    with engine_of("""
        class A(EventContract, event_type="a", version="1.0.0"):
            x: float = 0

            @field_validator("x")
            @classmethod
            def spoil(cls, value):
                return float("inf")
    """) as spoiling:
        assert one(spoiling, {"x": 1}, ASKED).normalized == {"x": None}
        assert one(spoiling, b'{"x":1}', ASKED).normalized == b'{"x":null}'
