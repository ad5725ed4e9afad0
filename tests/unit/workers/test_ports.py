"""Holding ports for workers."""

import socket
from contextlib import closing

import pytest

from assay_server._addresses import ListenError
from assay_server.workers._ports import Ports


def listening(address: str) -> socket.socket:
    """Return a socket that listens as a worker does."""
    worker = socket.socket()
    worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    host, _, port = address.rpartition(":")
    worker.bind((host, int(port)))
    worker.listen()
    return worker


def test_a_port_is_chosen_and_workers_can_listen_there() -> None:
    """Connections get to them, and none to who holds the port."""
    with Ports(["127.0.0.1:0"], shared=False) as ports:
        [address] = ports.addresses
        host, _, port = address.rpartition(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)))
        with closing(listening(address)) as first, closing(listening(address)) as second:
            for worker in (first, second):
                worker.settimeout(0.05)
            reached = 0
            for _ in range(32):
                with socket.create_connection((host, int(port))):
                    for worker in (first, second):
                        try:
                            worker.accept()[0].close()
                            reached += 1
                        except TimeoutError:
                            continue
            assert reached == 32


def test_a_port_where_somebody_listens_is_refused() -> None:
    """Even one that would share it, unless that is meant."""
    with Ports(["127.0.0.1:0"], shared=False) as ports, closing(listening(ports.addresses[0])):
        with pytest.raises(ListenError, match=r"cannot listen on 127\.0\.0\.1:\d+: it is in use"):
            Ports(ports.addresses, shared=False)
        with Ports(ports.addresses, shared=True) as also:
            assert also.addresses == ports.addresses


def test_ports_are_let_go() -> None:
    """Of all addresses, also when one of them cannot be had."""
    with Ports(["127.0.0.1:0"], shared=False) as ports:
        [address] = ports.addresses
    with pytest.raises(ListenError):
        Ports([address, "nowhere.invalid:1"], shared=False)
    with socket.create_server(("127.0.0.1", int(address.rpartition(":")[2])), reuse_port=False):
        pass


def test_a_name_is_all_of_its_addresses() -> None:
    """And they get one port."""
    with Ports(["localhost:0", "[::1]:0"], shared=False) as ports:
        name, ipv6 = ports.addresses
        assert name.startswith("localhost:")
        assert ipv6.startswith("[::1]:")
        with socket.create_server(("127.0.0.1", 0)) as free:
            assert free.getsockname()[1] != int(name.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", int(name.rpartition(":")[2]))).close()
