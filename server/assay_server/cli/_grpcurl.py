"""A call for grpcurl, ready to paste."""

import base64
import json
import shlex
from collections.abc import Mapping
from typing import Any

from ._options import Where

_DEFAULT_ADDRESS = "localhost:50051"
_LARGEST_EXACT = 1 << 53


def grpcurl_call(where: Where, event_type: str, version: str, payload: Mapping[str, Any]) -> str:
    """Return a command that asks a server for its verdict on an event.

    Args:
        where: The server, if one is named; else it is taken to be on its usual port of this machine.
        event_type: The event's type.
        version: The version of its contract; empty for the newest.
        payload: Its payload.
    """
    event: dict[str, Any] = {"event_type": event_type}
    if version:
        event["contract_version"] = version
    if _fits_struct(payload):
        event["payload"] = payload
    else:
        event["payload_json"] = base64.b64encode(json.dumps(payload).encode()).decode()
    words = ["grpcurl", *_transport(where), "-d", json.dumps({"event": event}, ensure_ascii=False)]
    address = where.server or _DEFAULT_ADDRESS
    if address.startswith("unix:"):
        words.append("-unix")
        address = address.removeprefix("unix:").removeprefix("//")
    return shlex.join([*words, address.removeprefix("dns:///"), "assay.v1.ValidationService/Validate"])


def _transport(where: Where) -> list[str]:
    if not where.encrypts:
        words = ["-plaintext"]
    else:
        words = ["-cacert", str(where.tls_ca)] if where.tls_ca else []
        if where.tls_certificate and where.tls_key:
            words += ["-cert", str(where.tls_certificate), "-key", str(where.tls_key)]
    # Not the token itself: what is shown gets copied and kept.
    return [*words, "-expand-headers", "-H", "authorization: Bearer ${ASSAY_TOKEN}"] if where.token else words


def _fits_struct(value: Any) -> bool:
    """Return whether a Struct, whose numbers are doubles, holds a value exactly."""
    if isinstance(value, Mapping):
        return all(map(_fits_struct, value.values()))
    if isinstance(value, list):
        return all(map(_fits_struct, value))
    return not isinstance(value, int) or abs(value) <= _LARGEST_EXACT
