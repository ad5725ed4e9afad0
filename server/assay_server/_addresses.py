"""Addresses to listen on, as people write them."""

import ipaddress
import re

_HOST_AND_PORT = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+):(?P<port>\d{1,5})", re.ASCII)
_LARGEST_PORT = 65_535
_UNIX = "unix:"


class ListenError(Exception):
    """The server cannot listen on an address; the text says which, and what to do."""


def cannot_listen(address: str) -> ListenError:
    """Return the error that says that `address`, given with --listen, is taken or none of this machine's."""
    return ListenError(
        f"cannot listen on {address}: it is in use, or not an address of this machine. "
        "Stop what listens there, or choose another with --listen."
    )


def check_address(address: str) -> str:
    """Return `address` if it is one that can be listened on.

    Raises:
        ValueError: If it is neither HOST:PORT nor unix:PATH.
    """
    if address.startswith(_UNIX) and len(address) > len(_UNIX):
        return address
    match = _HOST_AND_PORT.fullmatch(address)
    if match is None or int(match["port"]) > _LARGEST_PORT:
        message = f'{address!r} is no address: write HOST:PORT, such as "127.0.0.1:50051" or "[::1]:50051", or unix:PATH'
        raise ValueError(message)
    return address


def is_local(address: str) -> bool:
    """Tell whether only programs on this machine can reach `address`."""
    if address.startswith(_UNIX):
        return True
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
