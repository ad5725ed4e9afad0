"""The book of a stream loses nothing, answers nothing twice and keeps the order, whatever becomes of its calls."""

import random

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.v1 import validation_service_pb2 as validation
from assay.v1 import verdict_pb2
from assay_client import CallError, EncodingError, Event, InternalError, OverloadedError, StreamTuning, UnavailableError
from assay_client._book import Book

BROKEN = UnavailableError(grpc.StatusCode.UNAVAILABLE, "gone")


def events(count: int, start: int = 0) -> list[Event]:
    return [Event("x", b"{}", event_id=str(number)) for number in range(start, start + count)]


def book_of(tuning: StreamTuning | None = None, options: validation.ValidateOptions | None = None) -> Book:
    return Book(tuning or StreamTuning(max_events_per_message=2, look_ahead=10), options)


def answer_to(request: validation.ValidateStreamRequest) -> validation.ValidateStreamResponse:
    verdicts = [verdict_pb2.Verdict(event_id=event.event_id) for event in request.events]
    return validation.ValidateStreamResponse(sequence=request.sequence, verdicts=verdicts)


def sent_by(book: Book) -> list[validation.ValidateStreamRequest]:
    sent = []
    while (message := book.next_message()) is not None:
        sent.append(message)
    return sent


@given(st.integers(0, 60), st.integers(1, 20), st.integers(1, 7), st.randoms(use_true_random=False))
def test_every_event_is_answered_once_and_in_order_whatever_breaks(
    count: int, look_ahead: int, size: int, chance: random.Random
) -> None:
    """A walk through any order of reading, sending, answering, taking and breaking off."""
    tuning = StreamTuning(look_ahead=look_ahead, max_events_per_message=size, max_attempts=10**9)
    book = Book(tuning, None)
    waiting = events(count)
    on_the_wire: list[validation.ValidateStreamRequest] = []
    taken: list[str] = []
    read = 0
    while not book.input_ended or book.has_unsent or on_the_wire:
        match chance.choice(["read", "read", "send", "send", "answer", "answer", "flush", "break"]):
            case "read" if book.has_room:
                if waiting:
                    book.add(waiting.pop(0), 0.0)
                    read += 1
                else:
                    book.end_input()
            case "flush":
                book.flush()
            case "send" if (message := book.next_message()) is not None:
                on_the_wire.append(message)
            case "answer" if on_the_wire:
                verdicts = book.answer(answer_to(on_the_wire.pop(0)))
                taken += [verdict.event_id for verdict in verdicts]
                book.release(len(verdicts))
            case "break":
                book.call_ended(BROKEN)
                book.begin_call()
                on_the_wire.clear()
        assert read - len(taken) <= look_ahead

    assert [str(number) for number in range(count)] == taken
    assert book.call_ended() == 0


def test_a_message_goes_out_when_it_is_full() -> None:
    """Not before, unless it has waited."""
    book = book_of()

    book.add(events(1)[0], 0.0)
    assert not book.has_unsent
    book.add(events(1)[0], 0.0)

    assert [(message.sequence, len(message.events)) for message in sent_by(book)] == [(1, 2)]


def test_a_message_is_due_when_its_first_event_has_waited_long_enough() -> None:
    """Later events do not put it off."""
    book = book_of(StreamTuning(max_delay=0.5))

    book.add(events(1)[0], 10.0)
    book.add(events(1)[0], 10.4)
    assert book.due == 10.5
    assert not book.has_unsent
    book.add(events(1)[0], 10.5)

    assert book.has_unsent
    assert book.due is None


def test_an_overflowing_event_begins_a_message_with_a_wait_of_its_own() -> None:
    """The message before it is sent."""
    book = book_of(StreamTuning(max_delay=0.5, max_bytes_per_message=100))

    book.add(Event("x", b"x" * 60), 10.0)
    book.add(Event("x", b"x" * 60), 10.3)

    assert [len(message.events) for message in sent_by(book)] == [1]
    assert book.due == 10.8


def test_without_a_delay_each_event_travels_by_itself() -> None:
    """The shortest wait there is."""
    book = book_of(StreamTuning(max_delay=0))

    book.add(events(1)[0], 0.0)

    assert [len(message.events) for message in sent_by(book)] == [1]


def test_look_ahead_counts_what_the_caller_has_not_taken() -> None:
    """And what is gathered is sent then, since no more can join it."""
    book = book_of(StreamTuning(look_ahead=3, max_events_per_message=2))
    for event in events(3):
        assert book.has_room
        book.add(event, 0.0)

    sent = sent_by(book)
    assert [len(message.events) for message in sent] == [2, 1]
    book.answer(answer_to(sent[0]))
    assert not book.has_room
    book.release(2)
    assert book.has_room


def test_look_ahead_is_bounded_in_bytes_too() -> None:
    """A few large events fill memory as well as many small ones."""
    book = book_of(StreamTuning(look_ahead_bytes=1000, max_events_per_message=1))

    book.add(Event("x", b"x" * 600), 0.0)
    assert book.has_room
    book.add(Event("x", b"x" * 600), 0.0)

    assert not book.has_room
    book.answer(answer_to(sent_by(book)[0]))
    assert book.has_room


def test_options_go_with_the_first_message_of_each_call() -> None:
    """They hold for the rest of it, and a new call knows nothing of the last one's."""
    options = validation.ValidateOptions(explain=True)
    book = book_of(options=options)
    for event in events(6):
        book.add(event, 0.0)

    first = sent_by(book)
    book.answer(answer_to(first[0]))
    book.call_ended(BROKEN)
    book.begin_call()
    second = sent_by(book)

    assert [(each.sequence, each.HasField("options")) for each in first] == [(1, True), (2, False), (3, False)]
    assert [(each.sequence, each.HasField("options")) for each in second] == [(2, True), (3, False)]
    assert options == second[0].options


@pytest.mark.parametrize(
    ("sequence", "verdicts", "send"), [(2, 2, True), (1, 1, True), (1, 3, True), (0, 0, True), (1, 2, False)]
)
def test_an_answer_that_does_not_fit_is_an_error(sequence: int, verdicts: int, send: bool) -> None:
    """Rather than verdicts for the wrong events."""
    book = book_of()
    for event in events(2):
        book.add(event, 0.0)
    if send:
        sent_by(book)

    with pytest.raises(InternalError, match="the server broke the contract"):
        book.answer(validation.ValidateStreamResponse(sequence=sequence, verdicts=[verdict_pb2.Verdict()] * verdicts))


def test_waits_grow_and_then_the_error_says_how_far_the_stream_came() -> None:
    """It is of the class of the last failure, and keeps its code."""
    book = book_of(StreamTuning(max_events_per_message=1, max_attempts=5, initial_backoff=1, max_backoff=4))
    for event in events(2):
        book.add(event, 0.0)
    book.answer(answer_to(sent_by(book)[0]))

    waits = [book.call_ended(BROKEN) for _ in range(5)]

    for wait, expected in zip(waits, [1, 2, 4, 4, 4], strict=True):
        assert 0.8 * expected <= wait <= 1.2 * expected
    with pytest.raises(
        UnavailableError, match=r"after 1 events were answered, and 5 attempts in a row .* the last of them: gone"
    ):
        book.call_ended(BROKEN)


def test_an_answer_makes_the_next_wait_short_again() -> None:
    """What counts is how often in a row nothing was gained."""
    book = book_of(StreamTuning(max_events_per_message=1, max_attempts=1, initial_backoff=1))
    for event in events(3):
        book.add(event, 0.0)

    for _ in range(3):
        book.begin_call()
        message = book.next_message()
        assert message is not None
        book.answer(answer_to(message))
        if book.has_unsent:
            assert book.call_ended(BROKEN) <= 1.2

    assert book.call_ended() == 0


def test_a_break_with_nothing_unanswered_is_no_failure() -> None:
    """A server may end an idle stream as often as it likes."""
    book = book_of(StreamTuning(max_attempts=1))

    assert [book.call_ended(BROKEN) for _ in range(3)] == [0, 0, 0]


def test_a_stream_that_ends_with_ok_too_early_is_carried_on() -> None:
    """As one that broke off."""
    book = book_of(StreamTuning(max_events_per_message=1, max_attempts=1))
    book.add(events(1)[0], 0.0)

    assert book.call_ended() > 0
    with pytest.raises(UnavailableError, match="ended the stream before all was answered"):
        book.call_ended()


def test_a_busy_server_is_given_the_time_it_asks_for() -> None:
    """If it does not ask for any, another attempt is not made."""
    book = book_of(StreamTuning(max_events_per_message=1))
    book.add(events(1)[0], 0.0)

    assert book.call_ended(OverloadedError(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", retry_delay=30)) == 30
    with pytest.raises(CallError, match="too large"):
        book.call_ended(CallError(grpc.StatusCode.RESOURCE_EXHAUSTED, "too large"))


@pytest.mark.parametrize("code", [grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN])
def test_what_another_call_would_not_cure_is_raised_as_it_is(code: grpc.StatusCode) -> None:
    """At once."""
    error = CallError(code, "no")
    book = book_of()

    with pytest.raises(CallError) as caught:
        book.call_ended(error)

    assert error is caught.value


def test_without_attempts_the_failure_itself_is_raised() -> None:
    """For callers who carry on by themselves."""
    book = book_of(StreamTuning(max_events_per_message=1, max_attempts=0))
    book.add(events(1)[0], 0.0)

    with pytest.raises(UnavailableError) as caught:
        book.call_ended(BROKEN)

    assert BROKEN is caught.value


def test_an_event_that_cannot_be_sent_is_named_by_its_position_in_the_stream() -> None:
    """Also when messages before it have gone."""
    book = book_of()
    for event in events(5):
        book.add(event, 0.0)

    with pytest.raises(EncodingError, match="event at position 5: "):
        book.add({"nonsense": 1}, 0.0)


@pytest.mark.parametrize("figures", [{"look_ahead": 0}, {"max_events_per_message": 0}, {"max_delay": -1}, {"max_attempts": -1}])
def test_figures_that_make_no_sense_are_refused(figures: dict[str, int]) -> None:
    """By name."""
    with pytest.raises(ValueError, match=next(iter(figures))):
        StreamTuning(**figures)
