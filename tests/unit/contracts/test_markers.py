"""Durations, enforcement, clocks, resources and rules as an author writes them."""

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_server.contracts import Clock, DeclarationError, Enforcement, Resource, Sensitive, parse_duration, rule
from tests.unit.contracts.folders import Folder, read


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("200ms", 0.2), ("1s", 1), ("0.5s", 0.5), ("5m", 300), ("1.5h", 5400), ("90d", 7_776_000), ("1ms", 0.001)],
)
def test_a_duration_is_a_number_with_a_unit(text: str, seconds: float) -> None:
    """Milliseconds, seconds, minutes, hours or days."""
    assert parse_duration(text) == timedelta(seconds=seconds)


@given(st.timedeltas(min_value=timedelta(microseconds=1)))
def test_a_timedelta_is_a_duration(duration: timedelta) -> None:
    """As it is."""
    assert parse_duration(duration) == duration


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "s",
        "1 s",
        "1S",
        "-1s",
        "+1s",
        "1e3s",
        ".5s",
        "1.s",
        "1s\n",
        "1w",
        "1min",
        "1s1s",
        "nans",
        "infd",
        1,
        1.0,
        None,
        b"1s",
    ],
)
def test_anything_else_is_no_duration(value: Any) -> None:
    """The error says what to write."""
    with pytest.raises(ValueError, match="is no duration: write a timedelta, or a number with ms, s, m, h or d"):
        parse_duration(value)


@pytest.mark.parametrize("value", ["0s", "0.0d", "0.0001ms", timedelta(0), timedelta(-1)])
def test_a_duration_is_above_zero(value: Any) -> None:
    """Nothing takes no time."""
    with pytest.raises(ValueError, match="no duration above zero"):
        parse_duration(value)


@pytest.mark.parametrize("value", ["999999999999d", "9" * 400 + "s"])
def test_a_duration_has_an_end(value: str) -> None:
    """A timedelta's."""
    with pytest.raises(ValueError, match="longer than any duration"):
        parse_duration(value)


@pytest.mark.parametrize(
    ("text", "enforcement"), [("reject", Enforcement.REJECT), ("warn", Enforcement.WARN), ("audit", Enforcement.AUDIT)]
)
def test_an_enforcement_is_read_from_its_name(text: str, enforcement: Enforcement) -> None:
    """And they are ordered by how strict they are."""
    assert Enforcement.parse(text) is enforcement
    assert Enforcement.AUDIT < Enforcement.WARN < Enforcement.REJECT


@pytest.mark.parametrize("text", ["", "rejected", "error", "warn ", None, 2, Enforcement.WARN])
def test_anything_else_is_no_enforcement(text: Any) -> None:
    """The error shows the choice."""
    with pytest.raises(ValueError, match='is no enforcement: write "reject", "warn" or "audit"'):
        Enforcement.parse(text)


def test_a_clock_has_its_bounds_as_durations() -> None:
    """Either may be left open; it rejects unless it says otherwise."""
    assert Clock(max_age="7d") == Clock(max_age=timedelta(days=7))
    clock = Clock(max_ahead="5m", enforcement="audit")
    assert (clock.max_age, clock.max_ahead, clock.enforcement) == (None, timedelta(minutes=5), Enforcement.AUDIT)
    assert Clock(max_age="1d").enforcement is Enforcement.REJECT


def test_a_clock_of_a_contract_replaces_that_of_its_base(folder: Folder) -> None:
    """Where it has the same name; the contract has one Clock."""
    before = 'class Base(EventContract):\n    clock = Clock(max_age="1d")\n'
    folder.contract('x: int\nclock = Clock(max_age="2d")', before=before, bases="Base, ")
    assert folder.one().clock == Clock(max_age="2d")


def test_sensitive_marks_are_alike() -> None:
    """They have no state, and can be shared."""
    assert Sensitive() == Sensitive()
    assert hash(Sensitive()) == hash(Sensitive())


def test_a_resource_reads_as_what_it_was_filled_with(folder: Folder) -> None:
    """Before that, it cannot be read; on the class it is itself."""
    folder.contract("x: int\nplace = Resource(opening)", before="def opening(): ...\n")
    contract = folder.one()
    event = read(contract, '{"x": 1}')
    resource = contract.resources["place"]
    with pytest.raises(RuntimeError, match="not open"):
        _ = event.place
    assert contract.model.place is resource  # type: ignore[attr-defined]  # It is known at run time only.
    resource.fill("here")
    assert event.place == "here"
    resource.fill(None)
    assert event.place is None


def test_examples_are_not_held_against_rules_that_need_a_resource(folder: Folder) -> None:
    """When a contract is loaded its resources are not open; the other rules are applied to its examples all the same."""
    body = """
        x: int
        place = Resource(print)
        model_config = {"json_schema_extra": {"examples": [{"x": 1}]}}

        @rule
        def known(self) -> bool:
            return self.x in self.place

        @rule
        def positive(self) -> bool:
            return self.x > 0
    """
    folder.contract(body)
    assert folder.problems() == ()
    folder.contract(body.replace('"x": 1', '"x": -1'))
    [problem] = folder.problems()
    assert "rules.positive" in problem.message


def test_a_resource_keeps_what_opens_it() -> None:
    """An asynchronous context manager, made by calling it."""

    @asynccontextmanager
    async def opening() -> Any:
        yield 1

    assert Resource(opening).open is opening


def test_a_resource_of_a_base_is_shared_by_its_contracts(folder: Folder) -> None:
    """It is opened once for all of them."""
    before = "class Base(EventContract):\n    place = Resource(print)\n"
    after = "class B(Base, event_type='b', version='1.0.0'): ...\n"
    folder.contract(before=before, after=after, bases="Base, ")
    first, second = folder.load()
    assert first.resources["place"] is second.resources["place"]


def test_a_rule_stays_the_method_that_it_was() -> None:
    """It can be called, and tested, as such."""

    @rule
    def holds(self: int) -> bool:
        return self > 0

    @rule(enforcement="warn")
    def holds_too(self: int) -> bool:
        return self > 0

    assert (holds(1), holds_too(-1)) == (True, False)


def test_a_rule_is_checked_where_it_is_written() -> None:
    """Also outside of a contract."""
    with pytest.raises(DeclarationError, match="nothing else") as caught:

        @rule
        def f(self: int, other: int) -> bool:
            return self > other

    assert caught.value.field == "f"


def test_a_rule_may_be_shared_under_a_name_of_its_own(folder: Folder) -> None:
    """An attribute is a rule by what it is, and its name is the attribute's."""
    folder.contract("x: int\nfirst = positive\nsecond = positive", before="@rule\ndef positive(event): return event.x > 0\n")
    assert [rule.name for rule in folder.one().rules] == ["first", "second"]
