"""The example contracts find what they say they find, in events made up for trying them by hand."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assay_server.baselines import Baselines
from assay_server.engine import Engine, Event, Options

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"

USERS: dict[str, list[str]] = {
    "u-1": [],
    "u-2": [],
    "u-3": [],
    "u-4": ["schema.string_too_short /name"],
    "u-5": ["schema.value_error /email"],
    "u-6": ["schema.less_than_equal /age"],
    "u-7": ["schema.greater_than_equal /age", "schema.literal_error /role"],
    "u-8": ["schema.missing /age"],
    "u-9": ["schema.int_from_float /age"],
    "u-10": ["schema.string_too_long /name"],
    "u-11": ["envelope.unknown_event_type "],
    "u-12": ["envelope.unknown_contract_version "],
}

FLIGHTS: dict[int, list[str]] = {
    629: [],
    630: [],
    631: ["schema.value_error /sched_dep_time"],
    632: ["rules.delays_agree "],
    633: ["rules.airline_is_known "],
    634: ["rules.airports_are_known "],
    635: ["rules.has_arrived "],
    636: ["rules.speed_is_credible ", "rules.taxied_at_most_2_hours "],
    637: ["schema.greater_than /distance"],
    638: ["schema.timezone_aware /time_hour"],
    639: ["schema.finite_number /air_time"],
    640: ["schema.missing /origin", "schema.string_pattern_mismatch /dest"],
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Judge by the example contracts."""
    with Engine.from_folder(EXAMPLES / "contracts") as engine:
        yield engine


def rows(name: str) -> list[dict[str, Any]]:
    """Return the lines of an example file, each as what it says."""
    return [json.loads(line) for line in (EXAMPLES / "data" / name).read_text().splitlines()]


def found(engine: Engine, event: Event) -> list[str]:
    """Return the check and field of all that is found about an event."""
    (verdict,) = engine.judge([event])
    nothing_learned = ("statistics.", "anomaly.")
    assert all(skipped.check.startswith(nothing_learned) for skipped in verdict.skipped_checks)
    return [f"{finding.check} {finding.field}" for finding in verdict.findings]


def test_every_user_to_try_by_hand_gets_the_findings_it_was_made_for(engine: Engine) -> None:
    """Good users pass, and each bad one shows another check."""
    actual = {row["event_id"]: found(engine, Event(**{**row, "timestamp": None})) for row in rows("users.ndjson")}
    assert actual == USERS


def test_every_made_up_flight_gets_the_findings_it_was_made_for(engine: Engine) -> None:
    """Good flights pass, and each bad one shows another check."""
    actual = {row["flight"]: found(engine, Event("flight.arrived", row)) for row in rows("made_up_flights.ndjson")}
    assert actual == FLIGHTS


def test_a_flight_is_compared_with_those_of_its_airline_and_route() -> None:
    """Delay and speed by airline, time in the air by route; what is usual passes, a time that is not known is not compared."""
    (flight, *_) = rows("made_up_flights.ndjson")
    baselines = Baselines()
    with Engine.from_folder(EXAMPLES / "contracts", baselines=baselines) as engine:
        past = [
            Event("flight.arrived", {**flight, **_late(place % 7), "air_time": 280 + place % 11, "distance": 2153})
            for place in range(44)
        ]
        assert all(verdict.valid for verdict in asyncio.run(engine.teach(past)))
        baselines.publish()
        assert found(engine, past[0]) == []
        assert found(engine, Event("flight.arrived", {**flight, **_late(13), "air_time": None, "dest": "LAX"})) == [
            "rules.air_time_is_known ",
            "statistics.novelty /dest",
            "statistics.three_sigma /arr_delay",
        ]
        slow = Event("flight.arrived", {**flight, **_late(3), "air_time": 310})
        assert found(engine, slow) == ["statistics.three_sigma /air_time", "statistics.three_sigma @speed"]


def _late(minutes: int) -> dict[str, int]:
    return {"sched_arr_time": 1902, "arr_time": 1902 + minutes, "arr_delay": minutes}


def test_a_user_is_normalised(engine: Engine) -> None:
    """The address is lower-cased, and the role has its default."""
    event = Event("user.registered", {"name": "Ada", "email": "Ada@Example.COM", "age": 0})
    (verdict,) = engine.judge([event], Options(return_normalized=True))
    assert verdict.normalized == {"name": "Ada", "email": "ada@example.com", "age": 0, "role": "user"}


@pytest.mark.parametrize(("age", "valid"), [(-1, False), (0, True), (150, True), (151, False)])
def test_an_age_is_0_to_150(engine: Engine, age: int, valid: bool) -> None:
    """Both ends belong to it."""
    (verdict,) = engine.judge([Event("user.registered", {"name": "Ada", "email": "ada@example.com", "age": age})])
    assert verdict.valid is valid


def test_a_foreign_registration_is_found_but_not_quoted(engine: Engine) -> None:
    """The tail number is sensitive: no finding shows it."""
    (flight, *_) = rows("made_up_flights.ndjson")
    (verdict,) = engine.judge([Event("flight.arrived", {**flight, "tailnum": "D942DN"})])
    assert [finding.check for finding in verdict.findings] == ["rules.is_american"]
    assert "D942DN" not in str(verdict)


@pytest.mark.parametrize(
    ("dest", "month", "arr_time", "air_time"),
    [
        pytest.param("PHX", "2013-01", 1000, 240, id="Phoenix is two hours behind in winter"),
        pytest.param("PHX", "2013-07", 900, 240, id="and three in summer, for it keeps its clocks"),
        pytest.param("DEN", "2013-07", 1000, 240, id="as Denver does not"),
    ],
)
def test_time_on_the_ground_reckons_with_time_zones_and_summer_time(
    engine: Engine, dest: str, month: str, arr_time: int, air_time: int
) -> None:
    """A flight of six hours, four of them in the air, was exactly two hours on the ground."""
    flight = {
        "time_hour": f"{month}-10T12:00:00Z",
        "carrier": "UA",
        "flight": 1,
        "origin": "EWR",
        "dest": dest,
        "sched_dep_time": 600,
        "dep_time": 600,
        "sched_arr_time": arr_time,
        "arr_time": arr_time,
        "air_time": air_time,
        "distance": 2000,
    }
    assert found(engine, Event("flight.arrived", flight)) == []
    assert found(engine, Event("flight.arrived", {**flight, "air_time": air_time - 1})) == ["rules.taxied_at_most_2_hours "]
