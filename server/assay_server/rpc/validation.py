"""The ValidationService: a servicer method converts, calls the engine, converts."""

from collections.abc import Sequence

from assay.v1 import validation_service_pb2
from assay_server.engine import Engine, Limits, Options, Pace

from .arrivals import Arrivals
from .convert import EventReader, RequestReader, Requests, ResponseWriter, decode, read_options
from .handlers import Handlers
from .status import malformed
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
        self._batches = RequestReader(validation_service_pb2.ValidateBatchRequest, limits, max_events)
        self._messages = RequestReader(validation_service_pb2.ValidateStreamRequest, limits, max_events)

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
        verdicts = await self._engine.answer((self._events.read(request.event),), options)
        return await self._responses.one(verdicts[0])

    async def validate_batch(self, data: bytes, _: Context) -> bytes:
        """Answer a ValidateBatchRequest."""
        request = await self._batches.read(data, Options())
        return await self._responses.batch(await self._engine.answer(request.events, request.options))

    async def validate_stream(self, stream: Stream) -> None:
        """Answer each ValidateStreamRequest of `stream` in turn; those that have arrived together are judged together."""
        options = Options()
        async with Arrivals(stream) as arrivals:
            while (messages := await arrivals.take()) is not END:
                pace = Pace()
                async for requests in self._messages.read_all(messages, options):
                    options = requests.options
                    for each in self._together(requests):
                        verdicts = await self._engine.answer(each.events, options)
                        async for response in self._responses.stream(each.sequences, each.counts, verdicts):
                            await stream.write(response)
                        await pace.keep()

    def _together(self, requests: Requests) -> Sequence[Requests]:
        """Return requests as they are to be judged: all together, but where one may keep the others waiting."""
        if len(requests.counts) == 1 or not self._engine.may_wait(requests.events):
            return (requests,)
        return requests.apart()
