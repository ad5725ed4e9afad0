"""Streams a thousand events: `python client/python/examples/stream.py localhost:50051`."""

import sys
from collections.abc import Iterator

from assay_client import AssayError, Client, Event


def orders() -> Iterator[Event]:
    """Yield orders of 0 to 999 items, as a source that is read while verdicts come back."""
    for items in range(1000):
        order = {"order_id": f"o-{items}", "email": "ada@example.com", "items": items, "total": 10}
        yield Event("order.placed", order)


def main() -> None:
    """Print how many are valid. The client puts many in one message, and carries on elsewhere when a server drains."""
    valid = seen = 0
    try:
        with Client(sys.argv[1]) as client:
            for verdict in client.validate_stream(orders()):
                valid += verdict.valid
                seen += 1
    except AssayError as error:
        sys.exit(str(error))
    print(f"{valid} of {seen} are valid")


if __name__ == "__main__":
    main()
