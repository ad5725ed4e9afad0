"""How to check, how a stream is gathered and carried on, and how single calls are."""

from dataclasses import dataclass
from typing import TypedDict

from assay.v1 import validation_service_pb2
from assay_client._enums import Enforcement


class ValidateOptions(TypedDict, total=False):
    """The keywords that `validate`, `validate_batch` and `validate_stream` take beside their own."""

    return_normalized: bool
    """Return the payload as the contract normalises it, in `Verdict.normalized`."""

    explain: bool
    """Explain what every statistical and anomaly check saw, in `Verdict.explanations`. Costs time on every event."""

    dry_run: bool
    """Leave history and every other learned state as they are."""

    report_from: Enforcement
    """The least strict findings to report. If unspecified, WARN."""

    reject_from: Enforcement
    """The least strict findings that make an event not valid. If unspecified, REJECT."""


def options_message(
    *,
    return_normalized: bool = False,
    explain: bool = False,
    dry_run: bool = False,
    report_from: Enforcement = Enforcement.UNSPECIFIED,
    reject_from: Enforcement = Enforcement.UNSPECIFIED,
) -> validation_service_pb2.ValidateOptions | None:
    """Return the keywords as a message; None if each has its default."""
    if not (return_normalized or explain or dry_run or report_from or reject_from):
        return None
    message = validation_service_pb2.ValidateOptions()
    message.return_normalized = return_normalized
    message.explain = explain
    message.dry_run = dry_run
    message.report_from = int(report_from)  # type: ignore[assignment]  # The generated enum's own type is an int.
    message.reject_from = int(reject_from)  # type: ignore[assignment]
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTuning:
    """How `validate_stream` gathers events into messages, and how long it tries to carry on.

    Raises:
        ValueError: If a figure makes no sense.
    """

    look_ahead: int = 5_000
    """How many events are read from the input, at most, ahead of the verdicts that the caller has taken."""

    look_ahead_bytes: int = 16 << 20
    """About how many bytes of events are held, at most, until they are answered."""

    max_events_per_message: int = 500
    """How many events a message holds, at most. Servers take 10,000 unless set otherwise."""

    max_bytes_per_message: int = 1 << 20
    """How many bytes of events a message holds, about; a larger event travels by itself."""

    max_delay: float = 0.005
    """How many seconds an event waits, at most, for others to fill its message. 0: each event travels by itself."""

    max_attempts: int = 10
    """How often in a row a broken stream is begun again without one more answer. 0: it is not carried on at all."""

    initial_backoff: float = 0.05
    """How many seconds to wait before the first of these attempts; twice as long before each of the next, ± 20 %."""

    max_backoff: float = 5.0
    """How many seconds to wait before an attempt, at most; by default, the ten take about 20 seconds."""

    def __post_init__(self) -> None:
        _check_at_least_one(self, "look_ahead", "look_ahead_bytes", "max_events_per_message", "max_bytes_per_message")
        _check_not_negative(self, "max_delay", "max_attempts", "initial_backoff", "max_backoff")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherTuning:
    """How a client made with `gather` sends concurrent calls of `validate` together.

    Each connection carries one message at a time, and whatever is asked meanwhile goes with the next. A lone event never
    waits for others. The verdicts of a message share the server's limit on the size of an answer, as those of a batch do.

    Raises:
        ValueError: If a figure makes no sense.
    """

    connections: int = 8
    """How many connections are opened, at most, as there is work for them. Each is served by one of a server's workers, or
    one of the servers behind a name: take a few times as many as there are of those."""

    max_events_per_message: int = 128
    """How many events a message holds, at most. Servers take 10,000 unless set otherwise."""

    max_bytes_per_message: int = 256 << 10
    """About how many bytes of events a message holds, at most; a larger event goes by a call of its own."""

    max_delay: float = 0.005
    """About how many seconds an event waits, at most, for others to go with it, and only while there are two messages on
    their way already. 0: not at all."""

    max_waiting: int = 10_000
    """How many events wait to be sent, at most; whoever asks beyond that waits for room, within the call's timeout."""

    max_waiting_bytes: int = 16 << 20
    """About how many bytes of events wait to be sent, at most."""

    def __post_init__(self) -> None:
        _check_at_least_one(
            self, "connections", "max_events_per_message", "max_bytes_per_message", "max_waiting", "max_waiting_bytes"
        )
        _check_not_negative(self, "max_delay")


def _check_at_least_one(tuning: object, *names: str) -> None:
    for name in names:
        if getattr(tuning, name) < 1:
            raise ValueError(f"{name} is {getattr(tuning, name)}: it must be 1 or more")


def _check_not_negative(tuning: object, *names: str) -> None:
    for name in names:
        if getattr(tuning, name) < 0:
            raise ValueError(f"{name} is {getattr(tuning, name)}: it must not be negative")
