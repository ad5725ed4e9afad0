"""The ValidationService: a servicer method converts, calls the engine, converts."""

from assay.v1 import validation_service_pb2
from assay_server.engine import Engine, Limits, Options

from .convert import EventCounter, EventReader, ResponseWriter, decode, read_options
from .handlers import Handlers
from .status import CallError, malformed
from .streams import END, Context, Stream

SERVICE = "assay.v1.ValidationService"


class ValidationService:
    """Judges events.

    Args:
        engine: Judges them.
        limits: What one event may cost; the engine's own.
        max_events: How many events a message may hold.
        max_response_bytes: How long a response may be.
    """

    def __init__(self, engine: Engine, limits: Limits, *, max_events: int, max_response_bytes: int) -> None:
        self._engine = engine
        self._events = EventReader(limits)
        self._responses = ResponseWriter(max_response_bytes)
        self._max_events = max_events
        self._batch_counter = EventCounter(validation_service_pb2.ValidateBatchRequest, max_events)
        self._stream_counter = EventCounter(validation_service_pb2.ValidateStreamRequest, max_events)

    def register(self, handlers: Handlers) -> None:
        """Add the service's methods to `handlers`."""
        handlers.add_unary(SERVICE, "Validate", self.validate)
        handlers.add_unary(SERVICE, "ValidateBatch", self.validate_batch)
        handlers.add_stream(SERVICE, "ValidateStream", self.validate_stream)

    async def validate(self, data: bytes, _: Context) -> bytes:
        """Answer a ValidateRequest."""
        request = decode(validation_service_pb2.ValidateRequest, data)
        if not request.HasField("event"):
            raise malformed("event", "a request needs an event")
        options = read_options(request)
        [verdict] = await self._engine.judge_async([self._events.read(request.event)], options)
        return await self._responses.one(verdict)

    async def validate_batch(self, data: bytes, _: Context) -> bytes:
        """Answer a ValidateBatchRequest."""
        if self._batch_counter.too_many(data):
            raise self._too_many()
        request = decode(validation_service_pb2.ValidateBatchRequest, data)
        options = read_options(request)
        verdicts = await self._engine.judge_async(await self._events.read_all(request.events), options)
        return await self._responses.batch(verdicts)

    async def validate_stream(self, stream: Stream) -> None:
        """Answer each ValidateStreamRequest of `stream` in turn; one is in hand at a time, so that flow control holds."""
        options = Options()
        while (data := await stream.read()) is not END:
            if self._stream_counter.too_many(data):
                raise self._too_many()
            request = decode(validation_service_pb2.ValidateStreamRequest, data)
            options = read_options(request, options)
            verdicts = await self._engine.judge_async(await self._events.read_all(request.events), options)
            await stream.write(await self._responses.stream(request.sequence, verdicts))

    def _too_many(self) -> CallError:
        return malformed("events", f"a message holds at most {self._max_events} events")
