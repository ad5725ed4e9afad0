"""How many events a message holds, told before they are unpacked."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

_FieldProto = descriptor_pb2.FieldDescriptorProto

# The least that an event takes in a message: its tag and its length.
_EVENT_BYTES = 2


class EventCounter:
    """Counts the events in an encoded message without unpacking them.

    An empty event of two bytes would unpack to hundreds, so that a message of a few MiB could take a gigabyte and
    seconds. The counter decodes the message as one whose events are plain bytes, which takes some milliseconds a MiB.
    """

    def __init__(self, kind: type[Message], maximum: int) -> None:
        self._maximum = maximum
        self._message = _outline(kind.DESCRIPTOR.fields_by_name["events"].number)

    def too_many(self, data: bytes) -> bool:
        """Tell whether `data` holds more events than the maximum; False for bytes that are no message."""
        if len(data) <= _EVENT_BYTES * self._maximum:
            return False
        try:
            return len(self._message.FromString(data).events) > self._maximum  # type: ignore[attr-defined]  # Made below.
        except DecodeError:
            return False


def _outline(number: int) -> type[Message]:
    """Return a message type whose only field is `repeated bytes events`, with this number."""
    file = descriptor_pb2.FileDescriptorProto(name="outline.proto", package="outline", syntax="proto3")
    file.message_type.add(name="Outline").field.add(
        name="events", number=number, type=_FieldProto.TYPE_BYTES, label=_FieldProto.LABEL_REPEATED
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("outline.Outline"))
