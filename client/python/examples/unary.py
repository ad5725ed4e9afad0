"""Asks for one verdict: `python client/python/examples/unary.py localhost:50051`."""

import sys

from assay_client import AssayError, Client


def main() -> None:
    """Print whether an order is valid, and what was found."""
    order = {"order_id": "o-1", "email": "ada@example.com", "items": 2, "total": 10, "refund": 12}
    try:
        with Client(sys.argv[1], timeout=10) as client:
            verdict = client.validate("order.placed", order)
    except AssayError as error:
        sys.exit(str(error))
    print("valid:", str(verdict.valid).lower())
    for finding in verdict.findings:
        print(f"{finding.check} {finding.enforcement.name}: {finding.message}")


if __name__ == "__main__":
    main()
