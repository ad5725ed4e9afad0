"""What the gathering of single calls is made of: calls, the messages they go in, and the lanes these go on."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from assay.v1 import validation_service_pb2, verdict_pb2
from assay_client._errors import CallError

Request = validation_service_pb2.ValidateStreamRequest
Response = validation_service_pb2.ValidateStreamResponse

Answer = verdict_pb2.Verdict | CallError | None
"""What comes of a gathered call; None sends it back, to be made as a call of its own."""


class Call(ABC):
    """One event that waits for its verdict."""

    __slots__ = ("deadline", "flight", "options", "request", "since", "size")

    def __init__(self, request: validation_service_pb2.ValidateRequest, deadline: float) -> None:
        self.request = request
        self.deadline = deadline
        self.options = request.options.SerializeToString() if request.HasField("options") else b""
        self.size = request.ByteSize()
        self.since = 0.0
        self.flight: Flight | None = None

    @abstractmethod
    def settle(self, answer: Answer) -> None:
        """Tell whoever asked."""


class Flight:
    """A message on its way, and whose events are in it; None for those that are not waited for any more."""

    __slots__ = ("among", "calls", "departed", "message", "waited_for")

    def __init__(self, message: Request, calls: Sequence[Call], departed: float, among: int) -> None:
        self.message = message
        self.calls: list[Call | None] = [*calls]
        self.waited_for = len(calls)
        self.departed = departed
        self.among = among
        """How many events were on their way then, its own included."""


class Lane:
    """A stream, or the place for one."""

    def __init__(self) -> None:
        self.flight: Flight | None = None
        self.rests_until = 0.0
        self.fruitless = 0
