"""Both clients over TLS, with and without an identity of their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from assay_client import AsyncClient, Client, DeadlineExceededError, Tls, UnavailableError
from tests.conformance.identities import Authority
from tests.unit.client.doing import call, numbered
from tests.unit.client.scripted_server import ScriptedServer

both = pytest.mark.parametrize("kind", [Client, AsyncClient])
Kind = type[Client | AsyncClient]


@pytest.fixture(name="authority", scope="module")
def new_authority() -> Authority:
    return Authority("authority")


def serve(authority: Authority, name: str, *, mutual: bool = False) -> ScriptedServer:
    identity = authority.identify(name)
    credentials = grpc.ssl_server_credentials(
        [(identity.key, identity.certificate)], authority.certificate if mutual else None, mutual
    )
    return ScriptedServer(credentials=credentials)


@pytest.fixture(name="server", scope="module")
def new_server(authority: Authority) -> Iterator[ScriptedServer]:
    with serve(authority, "127.0.0.1") as server:
        yield server


@both
def test_a_trusted_server_is_called(kind: Kind, server: ScriptedServer, authority: Authority) -> None:
    """Single calls and streams."""
    settings = {"tls": Tls(root_certificates=authority.certificate)}

    assert call(kind, server.address, "validate", "x", {}, settings=settings).valid
    assert len(call(kind, server.address, "validate_stream", numbered(3), settings=settings)) == 3


@both
def test_certificates_can_be_files(kind: Kind, authority: Authority, tmp_path: Path) -> None:
    """By path, as text or not; here with an identity that the server insists on."""
    identity = authority.identify("client")
    (tmp_path / "ca.pem").write_bytes(authority.certificate)
    (tmp_path / "client.pem").write_bytes(identity.certificate)
    (tmp_path / "client.key").write_bytes(identity.key)
    tls = Tls(
        root_certificates=str(tmp_path / "ca.pem"),
        certificate_chain=tmp_path / "client.pem",
        private_key=tmp_path / "client.key",
    )

    with serve(authority, "127.0.0.1", mutual=True) as server:
        assert call(kind, server.address, "validate", "x", {}, settings={"tls": tls}).valid


@both
def test_a_server_can_be_known_by_another_name(kind: Kind, authority: Authority) -> None:
    """Where its certificate is not for the address."""
    tls = Tls(root_certificates=authority.certificate, server_name="assay.internal")

    with serve(authority, "assay.internal") as server:
        assert call(kind, server.address, "validate", "x", {}, settings={"tls": tls}).valid


@both
@pytest.mark.parametrize("tls", ["another authority", "no tls"])
def test_a_server_that_cannot_be_trusted_gets_nothing(kind: Kind, server: ScriptedServer, tls: str) -> None:
    """No call is made of it; without a timeout to wait for, the error says why."""
    before = len(server.calls)
    stranger = Tls(root_certificates=Authority("another").certificate)
    settings: dict[str, Any] = {"tls": stranger} if tls == "another authority" else {}

    with pytest.raises(UnavailableError):
        call(kind, server.address, "validate", "x", {}, settings={**settings, "timeout": None})
    with pytest.raises(DeadlineExceededError):
        call(kind, server.address, "validate", "x", {}, settings={**settings, "timeout": 0.3})

    assert before == len(server.calls)


@both
def test_a_server_that_insists_on_an_identity_takes_no_one_without(kind: Kind, authority: Authority) -> None:
    """Nor one whose authority it does not know."""
    stranger = Authority("another").identify("client")
    anonymous = Tls(root_certificates=authority.certificate)
    unknown = Tls(root_certificates=authority.certificate, certificate_chain=stranger.certificate, private_key=stranger.key)

    with serve(authority, "127.0.0.1", mutual=True) as server:
        for tls in (anonymous, unknown):
            with pytest.raises(UnavailableError):
                call(kind, server.address, "validate", "x", {}, settings={"tls": tls, "timeout": None})
        assert server.calls == []
