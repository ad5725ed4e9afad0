"""Ports that several processes are to share, held by one."""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Self

from assay_server._addresses import ListenError, cannot_listen


class Ports:
    """Holds ports, so that nobody else takes them while there is no worker that listens. Nothing is accepted here.

    Args:
        addresses: HOST:PORT each; for port 0 a free one is chosen.
        shared: Whether others than the workers may listen there too.

    Raises:
        ListenError: If an address cannot be listened on.
    """

    def __init__(self, addresses: Sequence[str], *, shared: bool) -> None:
        self._shared = shared
        with ExitStack() as stack:
            self.addresses = tuple(self._hold(address, stack) for address in addresses)
            """The addresses, with the ports that were chosen."""
            self._held = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def _hold(self, address: str, stack: ExitStack) -> str:
        host, _, text = address.rpartition(":")
        port, failed = int(text), 0
        try:
            found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (OSError, UnicodeError):
            raise cannot_listen(address) from None
        for family, _, _, _, (name, _, *scope) in found:
            try:
                if not self._shared:  # Among those who share a port, nobody would notice that somebody was there first.
                    with _bound(family, (name, port, *scope), shared=False) as alone:
                        port = alone.getsockname()[1]
                port = stack.enter_context(_bound(family, (name, port, *scope), shared=True)).getsockname()[1]
            except OSError:
                failed += 1
        if failed == len(found):
            raise cannot_listen(address)
        return f"{host}:{port}"


def _bound(family: int, address: tuple[str | int, ...], *, shared: bool) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
        if shared:  # Whoever comes later gets the port by sharing it, and not because nobody listens yet.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    except BaseException:
        bound.close()
        raise
    return bound


__all__ = ["ListenError", "Ports"]
