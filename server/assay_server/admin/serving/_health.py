"""What the server says of its health."""

from datetime import UTC, datetime
from typing import Any

from assay_server.admin import Phase

from ._condition import Condition


def details(condition: Condition) -> dict[str, Any]:
    """Return the server's health as JSON data; times are RFC 3339 texts, in UTC.

    Its `status` is the server's phase, or "degraded": calls are answered, but what is learned meanwhile waits in memory.
    """
    store = condition.baselines.status
    degraded = condition.phase is Phase.SERVING and not store.reachable
    return {
        "status": "degraded" if degraded else condition.phase.value,
        "contracts": [
            {"event_type": contract.event_type, "version": contract.full_version} for contract in condition.engine.catalog
        ],
        "contract_reloads": {"success": condition.reloads.successes, "failure": condition.reloads.failures},
        "baseline_store": {
            "name": store.store,
            "reachable": store.reachable if store.tried else None,
            "error": store.error,
            "unreachable_since": _text(store.unreachable_since),
            "last_exchange": _text(store.written),
            "values_waiting": store.waiting,
        },
    }


def _text(nanoseconds: int | None) -> str | None:
    if nanoseconds is None:
        return None
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
