"""Both clients over TLS, with and without an identity of their own."""

import datetime
import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assay_client import AsyncClient, Client, DeadlineExceededError, Tls, UnavailableError
from tests.unit.client.doing import call, numbered
from tests.unit.client.scripted_server import ScriptedServer

both = pytest.mark.parametrize("kind", [Client, AsyncClient])
Kind = type[Client | AsyncClient]


class Identity(NamedTuple):
    """A certificate and its key, in PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """Signs certificates."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = self._builder(self._name, self._key.public_key())
        signed = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(
            self._key, hashes.SHA256()
        )
        self.certificate = signed.public_bytes(serialization.Encoding.PEM)

    def identify(self, name: str) -> Identity:
        """Return an identity for a DNS name, or an IP address."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            subject: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            subject = x509.DNSName(name)
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key.public_key())
        signed = builder.add_extension(x509.SubjectAlternativeName([subject]), critical=False).sign(self._key, hashes.SHA256())
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return Identity(signed.public_bytes(serialization.Encoding.PEM), private)

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
        )


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
