"""A drafted contract loads, and accepts every sample that it was drafted from."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay_server.cli.draft import Observation, draft_module
from assay_server.cli.draft._examples import ExampleChooser
from assay_server.cli.draft._formats import CELLS, TEXTS
from assay_server.cli.draft._names import class_name, field_name, looks_sensitive
from assay_server.contracts import load
from assay_server.engine import Engine, Event

AWKWARD = [
    *("", " ", "a b", "a-b", "a_b", "1st", "class", "from", "None", "match", "type", "_private", "__class__", "__init__"),
    *("model_config", "model_fields", "model_x", "copy", "json", "dict", "schema", "validate", "construct", "list", "str"),
    *("int", "float", "bool", "Any", "Field", "UUID", "dt", "date", "datetime", "Literal", "Annotated", "rule", "Sensitive"),
    *(
        "EventContract",
        "BaseModel",
        "ConfigDict",
        "TestEvent",
        "A",
        "a",
        "É",
        "ﬁ",
        "fi",
        "naïve",
        "日本",
        "😀",
        "a\nb",
        "'",
        '"',
    ),
    *("\\", "\u202e", "\x00", "{x}", "%s", "$ref", "email", "phone", "date_of_birth", "self", "cls", "event_type", "payload"),
]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
KEYS = st.one_of(st.sampled_from(AWKWARD), TEXT)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
    st.sampled_from(["2026-01-31", "2026-01-31T12:00:00Z", "2026-01-31 12:00", "12:30", "ada@example.com", "yes", "5", "1.5"]),
    st.sampled_from(
        ["https://example.com/a?b", "123e4567-e89b-42d3-a456-426614174000", "nan", "Infinity", "2026-02-30", "true"]
    ),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)), max_leaves=8
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=6)


def draft(samples: Sequence[dict[str, Any]], *, cells: bool = False) -> str:
    seen, chooser = Observation(CELLS if cells else TEXTS), ExampleChooser()
    for sample in samples:
        seen.add(sample)
        chooser.add(sample, len(json.dumps(sample)))
    assert chooser.example is not None
    return draft_module("test.event", seen, chooser.example)


def assert_accepts(module: str, samples: Sequence[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        Path(folder, "drafted.py").write_text(module, encoding="utf-8")
        with Engine(load(Path(folder))) as engine:
            for verdict in engine.judge([Event("test.event", json.dumps(sample).encode()) for sample in samples]):
                assert verdict.valid, (verdict.findings, module)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(OBJECTS, min_size=1, max_size=5))
def test_a_draft_loads_and_accepts_all_samples(samples: list[dict[str, Any]]) -> None:
    """Whatever the keys and values are."""
    assert_accepts(draft(samples), samples)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.dictionaries(KEYS, TEXT | st.sampled_from(["1", "-0", "1.5", "1e9", "true", "False", "007"]), max_size=5), min_size=1
    )
)
def test_a_draft_from_cells_accepts_all_samples(samples: list[dict[str, Any]]) -> None:
    """Cells of CSV are text, whatever they look like."""
    assert_accepts(draft(samples, cells=True), samples)


def test_all_awkward_keys_together() -> None:
    """Names made up for some keys are not those of others."""
    sample = {key: {"inner": {key: 1}} for key in AWKWARD}
    assert_accepts(draft([sample]), [sample])


def test_what_a_draft_says() -> None:
    """Types, optional fields, nested models, choices, aliases and remarks."""
    samples = [
        {
            "id": f"123e4567-e89b-42d3-a456-4266141740{number:02}",
            "at": "2026-01-31T12:00:00Z",
            "kind": ["card", "cash"][number % 2],
            "amount": number + 0.5,
            "count": number,
            "e-mail": "ada@example.com",
            "customer": {"country": "IS", "vip": True},
            "items": [{"sku": "A1", "price": 3}] * (number % 3),
            **({"note": "late"} if number else {}),
        }
        for number in range(12)
    ]
    module = draft(samples)
    assert_accepts(module, samples)
    lines = [line.strip() for line in module.splitlines()]
    assert 'class TestEvent(EventContract, event_type="test.event", version="1.0.0"):' in lines
    assert "id: UUID" in lines
    assert "at: AwareDatetime" in lines
    assert 'kind: Literal["card", "cash"]  # are these all?' in lines
    assert "amount: float  # in the samples: 0.5 to 11.5" in lines
    assert "count: int  # in the samples: 0 to 11" in lines
    assert "customer: Customer" in lines
    assert "vip: bool" in lines
    assert "items: list[Items]" in lines
    assert "note: str | None = None  # in the samples: 4 characters" in lines
    assert 'e_mail: Annotated[EmailStr, Field(alias="e-mail")]' in module
    assert "personal?" in module


def test_an_example_shows_nothing_that_looks_sensitive() -> None:
    """The example of a draft gets committed; a person's address does not belong there."""
    sample = {"email": "ada@lovelace.org", "contact": {"phone": "+44 1234"}, "emails": ["bob@example.org"], "city": "London"}
    module = draft([sample])
    assert_accepts(module, [sample])
    assert "lovelace" not in module
    assert "1234" not in module
    assert "bob@" not in module
    assert "London" in module


def test_keys_that_are_data_become_a_dict() -> None:
    """More keys than anybody would declare are no fields."""
    samples = [{"by_user": {f"user-{number}-{index}": index for index in range(30)}} for number in range(20)]
    module = draft(samples)
    assert_accepts(module, samples)
    assert "by_user: dict[str, int]" in module


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("name", "name"),
        ("camelCase", "camelCase"),
        ("e-mail", "e_mail"),
        ("class", "class_"),
        ("1st", "field_1st"),
        ("", "field"),
    ],
)
def test_a_field_is_called_as_its_key_where_that_can_be(key: str, name: str) -> None:
    """Else it gets a name near to it."""
    assert field_name(key, set()) == name


def test_names_are_unique() -> None:
    """Two keys that would give one name give two."""
    taken: set[str] = set()
    assert [field_name(key, taken) for key in ("a_b", "a-b", "a b")] == ["a_b", "a_b_2", "a_b_3"]
    assert class_name("flight.arrived", set()) == "FlightArrived"
    assert class_name("any", set()) == "AnyPart"


def test_what_looks_sensitive() -> None:
    """By its key, in either way of writing it."""
    assert all(map(looks_sensitive, ("email", "userEmail", "phone_number", "dateOfBirth", "iban", "apiToken")))
    assert not any(map(looks_sensitive, ("amount", "carrier", "dest", "role")))
