"""The example says what became of its server."""

import os
import signal
import socket
from pathlib import Path

import pytest

from examples import _server
from examples._server import Server, ServerError

CONTRACTS = Path(__file__).resolve().parents[3] / "examples" / "contracts"


@pytest.fixture(autouse=True)
def any_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the usual ports to whoever has them."""
    for name in ("PREFERRED_PORT", "PREFERRED_ADMIN_PORT"):
        monkeypatch.setattr(_server, name, 0)


def test_a_server_that_cannot_start_is_quoted(tmp_path: Path) -> None:
    """Whoever runs the example sees the server's own words."""
    with (
        pytest.raises(ServerError, match=r"(?s)exit code 2\. It said:.*no such folder"),
        Server(contracts=tmp_path / "nowhere", data=tmp_path),
    ):
        pytest.fail("it started")


def test_a_server_that_is_killed_is_missed(tmp_path: Path) -> None:
    """A call that fails is told apart from a server that is gone."""

    def kill_it() -> None:
        with Server(contracts=CONTRACTS, data=tmp_path) as server:
            assert server.ended() is None
            os.kill(server.pid, signal.SIGKILL)
            server.foreground()

    with pytest.raises(ServerError, match="exit code -9"):
        kill_it()


def test_a_server_stops_cleanly_with_its_block(tmp_path: Path) -> None:
    """It exits with 0, or the block would have raised an error."""
    with Server(contracts=CONTRACTS, data=tmp_path) as server:
        pass
    assert server.ended() is not None


def test_a_port_that_is_taken_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example runs beside another server."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        monkeypatch.setattr(_server, "PREFERRED_PORT", taken)
        assert Server(contracts=CONTRACTS, data=tmp_path).address not in {f"127.0.0.1:{taken}", "127.0.0.1:0"}
