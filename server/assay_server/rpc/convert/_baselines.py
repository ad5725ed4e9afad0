"""What the catalog tells of history."""

from assay.v1 import catalog_service_pb2
from assay_server.engine import Baseline
from assay_server.rpc.status import malformed

from ._events import FIRST_SECOND, LAST_SECOND, NANOSECONDS
from ._structs import encodable


def read_at(request: catalog_service_pb2.GetBaselineRequest) -> int | None:
    """Return the time from which a request lets a window count back, in nanoseconds; None if it leaves that open.

    Raises:
        CallError: MALFORMED_REQUEST, if it is none that protobuf allows.
    """
    if not request.HasField("at"):
        return None
    seconds, nanos = request.at.seconds, request.at.nanos
    if not (FIRST_SECOND <= seconds <= LAST_SECOND and 0 <= nanos < NANOSECONDS):
        raise malformed("at", "a time is within the years 1 to 9999")
    return seconds * NANOSECONDS + nanos


def write_baseline(message: catalog_service_pb2.GetBaselineResponse, baseline: Baseline) -> None:
    """Write `baseline` into the empty `message`."""
    message.sample_count = baseline.sample_count
    message.mean = baseline.mean
    message.standard_deviation = baseline.standard_deviation
    message.minimum = baseline.minimum
    message.maximum = baseline.maximum
    for rank, value in baseline.quantiles:
        quantile = message.quantiles.add()
        quantile.rank, quantile.value = rank, value
    for name, count in baseline.categories:
        category = message.categories.add()
        category.value, category.count = encodable(name), count
    if baseline.updated_at is not None:
        message.updated_at.seconds, message.updated_at.nanos = divmod(baseline.updated_at, NANOSECONDS)
