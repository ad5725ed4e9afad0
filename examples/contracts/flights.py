"""Flights out of New York, as their airlines report them."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, ConfigDict, Field, field_validator

from assay_server.contracts import EventContract, IsolationForest, Novelty, Reference, Sensitive, ThreeSigma, feature, rule

DAY = 24 * 60
"""In minutes."""

AirportCode = Annotated[str, Field(pattern="^[A-Z]{3}$")]
ClockTime = Annotated[int, Field(ge=0, le=2400)]
"""A wall clock read as a number: 517 is 5:17, and 2400 the midnight that ends a day."""


class FlightArrived(EventContract, event_type="flight.arrived", version="1.0.0"):
    """A flight has reached its gate.

    Clock times are local to their airport, delays and durations are minutes, distances are miles. What an airline may
    leave out is optional, so that a flight that never left is told apart from a report that cannot be read.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "time_hour": "2013-10-07T20:00:00Z",
                    "carrier": "US",
                    "flight": 629,
                    "tailnum": "N507AY",
                    "origin": "JFK",
                    "dest": "PHX",
                    "sched_dep_time": 1629,
                    "dep_time": 1647,
                    "dep_delay": 18,
                    "sched_arr_time": 1902,
                    "arr_time": 1916,
                    "arr_delay": 14,
                    "air_time": 285,
                    "distance": 2153,
                }
            ]
        }
    )

    time_hour: Annotated[AwareDatetime, Field(description="The hour of scheduled departure.")]
    carrier: Annotated[str, Field(pattern="^[A-Z0-9]{2}$", description="The airline's two-character code.")]
    flight: Annotated[int, Field(ge=1, le=9999, description="The flight number.")]
    tail_number: Annotated[str | None, Sensitive(), Field(alias="tailnum", description="The registration.")] = None
    origin: Annotated[AirportCode, Field(description="Where it left.")]
    dest: Annotated[AirportCode, Novelty(), Field(description="Where it was bound for.")]
    sched_dep_time: Annotated[ClockTime, Field(description="Scheduled departure.")]
    dep_time: Annotated[ClockTime | None, Field(description="Actual departure.")] = None
    dep_delay: Annotated[int | None, Field(description="Departure delay; early is negative.")] = None
    sched_arr_time: Annotated[ClockTime, Field(description="Scheduled arrival.")]
    arr_time: Annotated[ClockTime | None, Field(description="Actual arrival.")] = None
    arr_delay: Annotated[int | None, ThreeSigma(by="carrier"), Field(description="Arrival delay; early is negative.")] = None
    air_time: Annotated[
        float | None, ThreeSigma(by=("origin", "dest")), Field(gt=0, description="Time between take-off and landing.")
    ] = None
    distance: Annotated[float, Field(gt=0, description="Distance between the two airports.")]

    airports = Reference("airports.csv", key="faa")
    airlines = Reference("airlines.csv", key="carrier")
    unusual = IsolationForest(features=("distance", "air_time", "arr_delay", "speed"))

    @field_validator("carrier", mode="before")
    @classmethod
    def upper_case(cls, value: Any) -> Any:
        """Some airlines write their own code in lower case."""
        return value.upper() if isinstance(value, str) else value

    @field_validator("sched_dep_time", "dep_time", "sched_arr_time", "arr_time")
    @classmethod
    def has_sixty_minutes(cls, value: int | None) -> int | None:
        """An hour ends at 59."""
        if value is not None and value % 100 > 59:
            raise ValueError(f"no clock shows {value // 100}:{value % 100}")
        return value

    @feature
    def speed(self) -> Annotated[float | None, ThreeSigma(by="carrier")]:
        """Miles an hour over the ground."""
        return None if self.air_time is None else self.distance / self.air_time * 60

    @rule
    def has_arrived(self) -> bool | str:
        """The flight has left one gate and reached another."""
        if self.dep_time is None:
            return "cancelled: it never departed"
        return self.arr_time is not None or "departed, but no arrival is known"

    @rule
    def airline_is_known(self) -> bool | str:
        """The airline is one of airlines.csv."""
        return self.carrier in self.airlines or f"no airline {self.carrier}"

    @rule
    def delays_agree(self) -> bool | str:
        """A delay is the difference between the actual time and the scheduled one, whole days aside."""
        for what, actual, scheduled, delay in (
            ("departure", self.dep_time, self.sched_dep_time, self.dep_delay),
            ("arrival", self.arr_time, self.sched_arr_time, self.arr_delay),
        ):
            if actual is None or delay is None:
                continue
            if (minutes(actual) - minutes(scheduled) - delay) % DAY:
                return f"{what} at {clock(actual)} for {clock(scheduled)} is no delay of {delay} min"
        return True

    @rule(enforcement="warn")
    def airports_are_known(self) -> bool | str:
        """Both airports are in airports.csv, which ends at the shores of the fifty states."""
        unknown = [code for code in (self.origin, self.dest) if code not in self.airports]
        return not unknown or f"no airport {' or '.join(unknown)}"

    @rule(enforcement="warn")
    def air_time_is_known(self) -> bool | str:
        """A flight that has arrived tells its time in the air, unless it was diverted on the way."""
        return self.arr_time is None or self.air_time is not None or "no time in the air: diverted?"

    @rule(enforcement="warn")
    def at_most_an_hour_early(self) -> bool | str:
        """It arrived at most an hour before its time."""
        return self.arr_delay is None or self.arr_delay >= -60 or f"arrived {hours(-self.arr_delay)} early"

    @rule(enforcement="warn")
    def at_most_12_hours_late(self) -> bool | str:
        """It arrived at most twelve hours after its time."""
        return self.arr_delay is None or self.arr_delay <= 12 * 60 or f"arrived {hours(self.arr_delay)} late"

    @rule(enforcement="warn")
    def speed_is_credible(self) -> bool | str:
        """It flew between 100 and 600 miles an hour over the ground."""
        if self.air_time is None:
            return True
        speed = self.distance / self.air_time * 60
        return 100 <= speed <= 600 or f"{self.distance:g} miles in {self.air_time:g} min: {speed:,.0f} mph"

    @rule(enforcement="warn")
    def taxied_at_most_2_hours(self) -> bool | str:
        """It spent at most two hours between gates and runways, at both ends together."""
        if self.dep_time is None or self.arr_time is None or self.air_time is None:
            return True
        if self.origin not in self.airports or self.dest not in self.airports:
            return True
        here, there = self.airports[self.origin].tzone, self.airports[self.dest].tzone
        elapsed = minutes(self.arr_time) - minutes(self.dep_time) - clocks_ahead(here, there, self.time_hour)
        taxiing = elapsed % DAY - self.air_time
        return taxiing <= 2 * 60 or f"taxied {taxiing:.0f} min for {self.air_time:g} in the air"

    @rule(enforcement="warn")
    def is_american(self) -> bool:
        """The registration begins with N, as American ones do."""
        return self.tail_number is None or self.tail_number.startswith("N")


def minutes(hhmm: int) -> int:
    """Return the minutes since midnight of a clock time such as 517."""
    return hhmm // 100 * 60 + hhmm % 100


def clock(hhmm: int) -> str:
    """Return a clock time such as 517 as 5:17."""
    return f"{hhmm // 100}:{hhmm % 100:02}"


def hours(duration: int) -> str:
    """Return a duration in minutes as hours and minutes."""
    return f"{duration // 60} h {duration % 60} min"


@lru_cache
def clocks_ahead(here: str, there: str, when: datetime) -> float:
    """Return by how many minutes clocks in one time zone are ahead of those in another.

    Airports know a fixed offset too, but Arizona and Hawaii keep no summer time.
    """
    local_here, local_there = (when.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for zone in (here, there))
    return (local_there - local_here).total_seconds() / 60
