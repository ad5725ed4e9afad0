"""How to reach a server: address, TLS, credentials, and what the channel does by itself."""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

import grpc

from assay_client._methods import UNARY

Pem = bytes | str | PathLike[str]
"""PEM as bytes, or the path of a file that holds it."""

MAX_RECEIVE_BYTES = 64 << 20
"""The largest response taken. Servers keep to a limit of their own, 4 MiB unless set otherwise."""

_SERVICE_CONFIG = {
    # One connection to every server behind the name, in turn, to those that say they are serving; a server without the
    # health service counts as serving.
    "loadBalancingConfig": [{"round_robin": {}}],
    "healthCheckConfig": {"serviceName": ""},
    "methodConfig": [
        {
            # Streams are carried on by the client itself, from the first event without an answer.
            "name": [{"service": method.service.full_name, "method": method.name} for method in UNARY],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    # A server that fails half of what it gets is not sent everything four times.
    "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.5},
}

_OPTIONS: Mapping[str, int | str] = {
    "grpc.service_config": json.dumps(_SERVICE_CONFIG),
    "grpc.max_receive_message_length": MAX_RECEIVE_BYTES,
    # Servers take pings no oftener than every five minutes, and close the connection otherwise. What matters more: with
    # it, the kernel gives up on a peer that has not acknowledged for as long as the timeout.
    "grpc.keepalive_time_ms": 330_000,
    "grpc.keepalive_timeout_ms": 20_000,
    # A server that restarts is found again soon.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 5_000,
}


OWN_CONNECTION = (("grpc.use_local_subchannel_pool", 1),)
"""What a channel needs so as not to share the connections of others to the same address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Transport security: `Tls()` trusts the system's authorities and shows no certificate of its own.

    Each is PEM as bytes, or the path of a file. With `certificate_chain` and `private_key` the client shows who it is
    (mTLS).
    """

    root_certificates: Pem | None = None
    """The authorities to trust instead of the system's."""

    certificate_chain: Pem | None = None
    """The client's own certificate, and those between it and an authority that the server trusts."""

    private_key: Pem | None = field(default=None, repr=False)
    """The key to that certificate."""

    server_name: str | None = None
    """The name that the server's certificate has to be for, where it is not the one in the address."""

    def __post_init__(self) -> None:
        if (self.certificate_chain is None) != (self.private_key is None):
            raise ValueError("certificate_chain and private_key go together: give both, or neither")


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """All that a channel is made of; `credentials` is None for plain text."""

    address: str
    credentials: grpc.ChannelCredentials | None
    options: tuple[tuple[str, int | str], ...]
    metadata: tuple[tuple[str, str | bytes], ...]


def channel_settings(
    address: str,
    tls: Tls | None,
    plaintext: bool,
    token: str | None,
    metadata: Mapping[str, str | bytes],
    channel_options: Mapping[str, int | str],
) -> ChannelSettings:
    """Return the settings, with every default filled in.

    Raises:
        ValueError: If the connection would be plain text, to another machine, without `plaintext` saying so; or if
            both `tls` and `plaintext` are given.
        OSError: If a file of `tls` cannot be read.
    """
    if tls is not None and plaintext:
        raise ValueError("tls and plaintext exclude each other: give one of them")
    if tls is None and not plaintext and not is_local(address):
        raise ValueError(
            f"{address} is not on this machine: pass tls=Tls() (or with root_certificates=...) to encrypt, "
            "or plaintext=True to send events and tokens unprotected"
        )
    options = {**_OPTIONS, **channel_options}
    credentials = None
    if tls is not None:
        credentials = grpc.ssl_channel_credentials(
            _pem(tls.root_certificates), _pem(tls.private_key), _pem(tls.certificate_chain)
        )
        if tls.server_name is not None:
            options["grpc.ssl_target_name_override"] = tls.server_name
    pairs = [(key.lower(), value) for key, value in metadata.items()]
    if token is not None:
        pairs.append(("authorization", f"Bearer {token}"))
    return ChannelSettings(address, credentials, tuple(options.items()), tuple(pairs))


def is_local(address: str) -> bool:
    """Return whether a gRPC target stays on this machine: a Unix socket, or loopback addresses only."""
    scheme, colon, rest = address.partition(":")
    if not colon or scheme not in ("unix", "unix-abstract", "ipv4", "ipv6", "dns"):
        return _is_loopback(address)
    if scheme in ("unix", "unix-abstract"):
        return True
    if rest.startswith("//"):  # An authority, such as a name server, then the name.
        rest = rest[2:].partition("/")[2]
    return all(map(_is_loopback, rest.split(",")))


def _is_loopback(endpoint: str) -> bool:
    """Return whether "host", "host:port", "[v6]", "[v6]:port" or a bare IPv6 address is loopback."""
    if endpoint.startswith("["):
        host = endpoint[1:].partition("]")[0]
    elif endpoint.count(":") == 1:
        host = endpoint.partition(":")[0]
    else:
        host = endpoint
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _pem(source: Pem | None) -> bytes | None:
    return source if source is None or isinstance(source, bytes) else Path(source).read_bytes()
