"""Gathered calls: each is told once, of its own event, whatever becomes of the streams; nothing is kept of those that are."""

import itertools
import math
import random
from typing import Any

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.v1 import validation_service_pb2 as validation
from assay.v1 import verdict_pb2
from assay_client import CallError, GatherTuning, OverloadedError, UnavailableError, ValidateOptions
from assay_client._flights import Answer, Call, Lane, encoded_event, encoded_options
from assay_client._gathering import COMPANY, Gathering

BROKEN = UnavailableError(grpc.StatusCode.UNAVAILABLE, "gone")


class Asked(Call):
    """A call that keeps what it is told."""

    def __init__(self, name: str, deadline: float = math.inf, payload: bytes = b"{}", **options: Any) -> None:
        chosen: ValidateOptions = options  # type: ignore[assignment]
        super().__init__(encoded_event(("x", payload, None, name, "")), encoded_options(**chosen), deadline)
        self.name = name
        self.told: list[Answer] = []

    def settle(self, answer: Answer) -> None:
        """Keep it."""
        self.told.append(answer)


def gathering_of(lanes: int = 4, **tuning: Any) -> Gathering[Lane]:
    return Gathering(GatherTuning(connections=lanes, **tuning), [Lane() for _ in range(lanes)])


def message_of(lane: Lane) -> validation.ValidateStreamRequest:
    assert lane.flight is not None
    return validation.ValidateStreamRequest.FromString(lane.flight.message)


def names(lane: Lane) -> list[str]:
    return [event.event_id for event in message_of(lane).events]


def answer_to(lane: Lane) -> validation.ValidateStreamResponse:
    message = message_of(lane)
    verdicts = [verdict_pb2.Verdict(event_id=event.event_id) for event in message.events]
    return validation.ValidateStreamResponse(sequence=message.sequence, verdicts=verdicts)


def add(gathering: Gathering[Lane], *calls: Asked, now: float = 0.0) -> None:
    for call in calls:
        assert gathering.add(call, now)


def many(count: int, **options: Any) -> list[Asked]:
    return [Asked(str(number), **options) for number in range(count)]


def departures(gathering: Gathering[Lane], now: float = 0.0) -> list[Lane]:
    lanes = []
    while (lane := gathering.depart(now)) is not None:
        lanes.append(lane)
    return lanes


@settings(deadline=None)
@given(st.integers(0, 80), st.integers(1, 5), st.integers(1, 9), st.randoms(use_true_random=False))
def test_every_call_is_told_once_of_its_own_event_whatever_breaks(
    count: int, lanes: int, size: int, chance: random.Random
) -> None:
    """A walk through any order of asking, sending, answering, breaking off and giving up; then the client is closed."""
    gathering = gathering_of(lanes, max_events_per_message=size)
    asked: list[Asked] = []
    dropped: set[str] = set()
    now = 0.0
    for number in range(count * 4):
        now += chance.choice([0.0, 0.001, 0.01, 1.0])
        busy = [lane for lane in gathering.lanes if lane.flight is not None]
        match chance.choice(["ask", "ask", "send", "answer", "break", "drop"]):
            case "ask":
                call = Asked(str(number), explain=chance.random() < 0.3)
                if gathering.add(call, now):
                    asked.append(call)
            case "send":
                gathering.depart(now)
            case "answer" if busy:
                lane = chance.choice(busy)
                assert gathering.arrive(lane, answer_to(lane), now)
            case "break" if busy:
                gathering.end(chance.choice(busy), now, chance.choice([None, BROKEN]))
            case "drop" if waiting := [call for call in asked if not call.told and call.name not in dropped]:
                call = chance.choice(waiting)
                lane_to_end = gathering.drop(call)
                dropped.add(call.name)
                if lane_to_end is not None:
                    gathering.end(lane_to_end, now)
    gathering.close()

    for call in asked:
        assert len(call.told) == (call.name not in dropped)
        for answer in call.told:
            if isinstance(answer, verdict_pb2.Verdict):
                assert answer.event_id == call.name
            elif answer is not None:
                assert str(answer) == "CANCELLED: the client is closed"
    assert gathering.waiting == 0
    assert gathering.next_deadline() is None


def test_nothing_is_kept_of_what_is_over() -> None:
    """Neither answered, nor sent back, nor dropped."""
    gathering = gathering_of()
    calls = many(201)
    add(gathering, *calls)
    gathering.drop(calls[0])
    first, second, *_ = departures(gathering)
    gathering.arrive(first, answer_to(first), 0.0)
    gathering.end(second, 0.0, BROKEN)
    for lane in gathering.lanes:
        if lane.flight is not None:
            gathering.arrive(lane, answer_to(lane), 0.0)

    assert (gathering.waiting, gathering._bytes, gathering._flying, gathering._lines) == (0, 0, 0, {})
    assert gathering._calls() == []


def test_an_event_alone_does_not_wait() -> None:
    """Nor does the one beside it; the third waits for company, but not for long."""
    gathering = gathering_of(max_delay=0.005)
    for name in ("0", "1"):
        add(gathering, Asked(name))
        assert [names(lane) for lane in departures(gathering)] == [[name]]

    add(gathering, Asked("2"))
    assert departures(gathering, 0.004) == []
    assert gathering.is_held_back
    assert [names(lane) for lane in departures(gathering, 0.006)] == [["2"]]
    assert not gathering.is_held_back


def test_an_event_that_waited_is_sent_with_whatever_goes_next() -> None:
    """As soon as a message is answered."""
    gathering = gathering_of()
    add(gathering, Asked("0"))
    [lane] = departures(gathering)
    add(gathering, Asked("1"))
    departures(gathering)
    add(gathering, Asked("2"))
    gathering.arrive(lane, answer_to(lane), 0.001)

    assert [names(each) for each in departures(gathering, 0.001)] == [["2"]]


def test_many_events_share_a_message_and_what_is_left_over_waits() -> None:
    """Half of a hundred in each of two, so that one is judged while the other is sent."""
    gathering = gathering_of()
    add(gathering, *many(COMPANY * 2 + 10))

    assert [len(names(lane)) for lane in departures(gathering)] == [COMPANY, COMPANY]
    assert gathering.waiting == 10


@pytest.mark.parametrize(("count", "each"), [(400, 100), (1000, 128)])
def test_very_many_events_use_every_lane(count: int, each: int) -> None:
    """Evenly, up to what a message holds."""
    gathering = gathering_of(max_events_per_message=128)
    add(gathering, *many(count))

    assert [len(names(lane)) for lane in departures(gathering)] == [each] * 4


def test_events_that_take_long_are_spread_over_every_lane() -> None:
    """Few to a message: what a message costs is little beside them, and another worker may be idle."""
    gathering = gathering_of(8)
    now = 0.0
    for _ in range(3):
        add(gathering, *many(100), now=now)
        now += 1
        lanes = departures(gathering, now)
        for lane in lanes:
            gathering.arrive(lane, answer_to(lane), now + 0.5)
    assert len(lanes) == 8

    for _ in range(20):  # Quick again.
        add(gathering, *many(100), now=now)
        lanes = departures(gathering, now)
        for lane in lanes:
            gathering.arrive(lane, answer_to(lane), now + 0.001)
        now += 1
    assert len(lanes) == 2


def test_a_message_is_bounded_in_bytes() -> None:
    """By what its events take."""
    gathering = gathering_of(max_bytes_per_message=1000)
    payload = b'{"text":"%s"}' % (b"x" * 280)
    add(gathering, *many(8, payload=payload))

    assert [len(names(lane)) for lane in departures(gathering)] == [3, 3]
    assert not gathering.add(Asked("large", payload=b'"%s"' % (b"x" * 1000)), 0.0)


def test_options_hold_for_those_who_gave_them() -> None:
    """A message has one set of them, and says so also where all have their defaults."""
    gathering = gathering_of(max_delay=0)
    add(gathering, Asked("a", explain=True), Asked("b"), Asked("c", explain=True), Asked("d"), Asked("e", dry_run=True))

    lanes = departures(gathering)

    assert [(names(lane), message_of(lane).options) for lane in lanes] == [
        (["a", "c"], validation.ValidateOptions(explain=True)),
        (["b", "d"], validation.ValidateOptions()),
        (["e"], validation.ValidateOptions(dry_run=True)),
    ]
    assert all(message_of(lane).HasField("options") for lane in lanes)


def test_no_options_keep_others_from_their_turn() -> None:
    """However many come with the same ones."""
    gathering = gathering_of(1)
    add(gathering, *many(500), Asked("rare", explain=True))
    seen = []
    for _ in range(2):
        [lane] = departures(gathering)
        seen += names(lane)
        gathering.arrive(lane, answer_to(lane), 0.0)

    assert "rare" in seen


@pytest.mark.parametrize(
    "call",
    [Asked("late", deadline=1.0), Asked("odd", report_from=77), Asked("odd", reject_from=-1)],
    ids=lambda call: call.options.hex() or "late",
)
def test_what_cannot_travel_with_others_is_not_taken(call: Asked) -> None:
    """A deadline that has come; an option that the server may end the whole stream for."""
    gathering = gathering_of()

    assert not gathering.add(call, 2.0)
    assert gathering.waiting == 0


def test_room_is_bounded_by_number_and_by_bytes() -> None:
    """And there is room again when events go."""
    gathering = gathering_of(max_waiting=3)
    add(gathering, *many(3))
    assert not gathering.has_room
    departures(gathering)
    assert gathering.has_room
    gathering = gathering_of(max_waiting_bytes=1000)
    add(gathering, Asked("large", payload=b'"%s"' % (b"x" * 1000)))
    assert not gathering.has_room


def test_a_dropped_call_is_not_sent() -> None:
    """If it has not been yet."""
    gathering = gathering_of()
    calls = many(3)
    add(gathering, *calls)

    assert gathering.drop(calls[1]) is None

    assert [names(lane) for lane in departures(gathering)] == [["0", "2"]]


def test_a_lane_is_given_up_when_nobody_waits_for_it() -> None:
    """Whose message is of use to one is kept; and giving up is no reason to rest."""
    gathering = gathering_of()
    calls = many(3)
    add(gathering, *calls)
    [lane] = departures(gathering)

    assert [gathering.drop(call) for call in calls] == [None, None, lane]
    assert gathering.drop(calls[0]) is None

    gathering.end(lane, 0.0, BROKEN)
    add(gathering, Asked("next"))
    assert departures(gathering) == [lane]


def test_a_late_answer_is_for_nobody() -> None:
    """Those beside it get theirs."""
    gathering = gathering_of()
    late, kept = calls = many(2)
    add(gathering, *calls)
    [lane] = departures(gathering)
    gathering.drop(late)

    assert gathering.arrive(lane, answer_to(lane), 0.0)

    assert late.told == []
    assert [answer and answer.event_id for answer in kept.told if not isinstance(answer, CallError)] == ["1"]


@pytest.mark.parametrize("change", [{"sequence": 77}, {"verdicts": []}])
def test_an_answer_that_is_none_is_told_to_nobody(change: dict[str, Any]) -> None:
    """To another message, or with too few verdicts."""
    gathering = gathering_of()
    [call] = many(1)
    add(gathering, call)
    [lane] = departures(gathering)
    response = answer_to(lane)
    for name, value in change.items():
        response.ClearField(name)
        if value:
            setattr(response, name, value)

    assert not gathering.arrive(lane, response, 0.0)
    assert call.told == []
    gathering.end(lane, 0.0)
    assert call.told == [None]


def test_a_broken_lane_takes_what_is_on_it_and_no_more() -> None:
    """What waits goes with the next stream."""
    gathering = gathering_of(1)
    calls = many(60)
    add(gathering, *calls[:50])
    [lane] = departures(gathering)
    add(gathering, *calls[50:])

    gathering.end(lane, 0.0, BROKEN)

    assert [call.told for call in calls] == [[None]] * 50 + [[]] * 10
    [lane] = departures(gathering)
    assert names(lane) == [call.name for call in calls[50:]]


def test_lanes_that_get_nowhere_rest_longer_and_longer_and_calls_go_by_themselves_meanwhile() -> None:
    """Also those that wait already; an answer ends it."""
    gathering = gathering_of(1)
    rests = []
    now = 0.0
    for _ in range(10):
        sent, waits = many(2)
        add(gathering, sent, now=now)
        [lane] = departures(gathering, now)
        add(gathering, waits, now=now)
        gathering.end(lane, now, BROKEN)
        rests.append(lane.rests_until - now)
        if rests[-1]:
            assert waits.told == [None]
            assert not gathering.add(Asked("meanwhile"), now + rests[-1] * 0.9)
        now += 10

    assert rests[0] == 0
    assert all(later > 1.3 * earlier for earlier, later in itertools.pairwise(rests[1:6]))
    assert all(4 <= rest <= 6 for rest in rests[-3:])
    add(gathering, Asked("now"), now=now)
    [lane] = departures(gathering, now)
    gathering.arrive(lane, answer_to(lane), now)
    add(gathering, Asked("next"), now=now)
    [lane] = departures(gathering, now)
    gathering.end(lane, now, BROKEN)
    assert lane.rests_until == now


def test_a_server_that_asks_to_wait_is_left_alone_for_as_long() -> None:
    """By the streams."""
    gathering = gathering_of(1)
    add(gathering, Asked("0"))
    [lane] = departures(gathering)

    gathering.end(lane, 0.0, OverloadedError(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", retry_delay=3.0))

    assert not gathering.add(Asked("1"), 2.9)
    assert gathering.add(Asked("2"), 3.1)


def test_a_lane_that_rests_does_not_keep_the_others_from_working() -> None:
    """Nor its calls from them."""
    gathering = gathering_of(2)
    for _ in range(2):
        add(gathering, Asked("0"))
        [lane] = departures(gathering)
        gathering.end(lane, 0.0, BROKEN)
    add(gathering, Asked("1"))
    assert departures(gathering) == [gathering.lanes[1]]


def test_deadlines_are_those_of_all_who_wait() -> None:
    """Sent or not."""
    gathering = gathering_of()
    sent, waits = Asked("0", deadline=5.0), Asked("1", deadline=3.0)
    add(gathering, sent)
    departures(gathering)
    add(gathering, waits)

    assert gathering.next_deadline() == 3.0
    assert gathering.overdue(2.9) == []
    assert gathering.overdue(3.0) == [waits]
    gathering.drop(waits)
    assert gathering.next_deadline() == 5.0
