"""Where a server listens, and with whom it speaks."""

import asyncio
import datetime
import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc import aio

from assay_server.rpc import ListenError, TlsError

from .conftest import Start
from .wire import VALIDATE, event, single

REQUEST = single(event())


@dataclass
class Identity:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def key_pem(self) -> bytes:
        """The key, not encrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def certificate_pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def identity(name: str, issuer: Identity | None = None) -> Identity:
    """Return an identity that `issuer` vouches for, or an authority of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    return Identity(key, certificate)


@pytest.fixture
def authority() -> Identity:
    return identity("authority")


@pytest.fixture
def files(tmp_path: Path, authority: Identity) -> dict[str, Path]:
    """The settings for TLS, with files that `authority` has signed."""
    paths = {"tls_certificate": tmp_path / "server.pem", "tls_key": tmp_path / "server.key"}
    write(paths, identity("server", authority))
    return paths


def write(paths: dict[str, Path], server: Identity) -> None:
    paths["tls_certificate"].write_bytes(server.certificate_pem)
    paths["tls_key"].write_bytes(server.key_pem)


def secure(address: str, authority: Identity, client: Identity | None = None) -> Any:
    own = (client.key_pem, client.certificate_pem) if client else (None, None)
    credentials = grpc.ssl_channel_credentials(authority.certificate_pem, *own)
    return aio.secure_channel(address, credentials, options=[("grpc.use_local_subchannel_pool", 1)])


async def answers(channel: Any) -> bool:
    async with channel:
        try:
            return bool(await channel.unary_unary(f"/{VALIDATE}")(REQUEST, timeout=10))
        except aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            return False


async def test_a_unix_socket(start: Start, tmp_path: Path) -> None:
    """Reached by its path; what an earlier server left there is no hindrance."""
    address = f"unix:{tmp_path}/assay.sock"
    local = await start(listen=[address])
    assert [address] == local.server.addresses
    assert await answers(aio.insecure_channel(address))
    await local.server.stop(1)

    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(f"{tmp_path}/assay.sock")
    await start(listen=[address])
    assert await answers(aio.insecure_channel(address))


async def test_several_addresses_at_once(start: Start, tmp_path: Path) -> None:
    """Each is told, with the port that it got."""
    local = await start(listen=["127.0.0.1:0", f"unix:{tmp_path}/assay.sock", "localhost:0"])

    assert len(local.server.addresses) == 3
    assert not any(address.endswith(":0") for address in local.server.addresses)
    for address in local.server.addresses:
        assert await answers(aio.insecure_channel(address))


async def test_an_address_in_use_is_refused(start: Start) -> None:
    """With what to do; two servers never share a port unawares."""
    local = await start()

    with pytest.raises(ListenError) as caught:
        await start(listen=[local.address])

    assert f"cannot listen on {local.address}: it is in use" in str(caught.value)


async def test_servers_that_mean_to_share_a_port(start: Start) -> None:
    """With reuse_port."""
    first = await start(reuse_port=True)
    second = await start(reuse_port=True, listen=[first.address])

    assert first.address == second.address


async def test_tls(start: Start, files: dict[str, Path], authority: Identity) -> None:
    """For callers that trust the authority, and for no others; not in plain text."""
    local = await start(**files)

    assert await answers(secure(local.address, authority))
    assert not await answers(secure(local.address, identity("stranger")))
    assert not await answers(aio.insecure_channel(local.address))


async def test_mutual_tls(start: Start, files: dict[str, Path], authority: Identity, tmp_path: Path) -> None:
    """A caller needs a certificate of the right authority too."""
    callers = identity("authority of callers")
    (tmp_path / "callers.pem").write_bytes(callers.certificate_pem)
    local = await start(**files, tls_client_ca=tmp_path / "callers.pem")

    assert await answers(secure(local.address, authority, identity("caller", callers)))
    assert not await answers(secure(local.address, authority, identity("caller", identity("stranger"))))
    assert not await answers(secure(local.address, authority))


async def test_certificates_are_replaced_without_a_restart(start: Start, files: dict[str, Path], authority: Identity) -> None:
    """New connections get the new ones; half of them, or rubbish, change nothing."""
    local = await start(**files)
    other = identity("another authority")
    replacement = identity("server", other)

    files["tls_certificate"].write_bytes(replacement.certificate_pem)
    assert await answers(secure(local.address, authority))
    files["tls_certificate"].write_bytes(b"rubbish")
    assert await answers(secure(local.address, authority))

    write(files, replacement)
    assert await answers(secure(local.address, other))
    assert not await answers(secure(local.address, authority))

    files["tls_key"].unlink()
    assert await answers(secure(local.address, other))


@pytest.mark.parametrize("broken", ["missing", "rubbish", "other key", "encrypted"])
async def test_certificates_that_cannot_be_used_are_refused(start: Start, files: dict[str, Path], broken: str) -> None:
    """Before anything is listened to."""
    key = files["tls_key"]
    match broken:
        case "missing":
            key.unlink()
        case "rubbish":
            key.write_bytes(b"rubbish")
        case "other key":
            key.write_bytes(identity("other").key_pem)
        case "encrypted":
            encryption = serialization.BestAvailableEncryption(b"secret")
            key.write_bytes(
                identity("other").key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
            )

    with pytest.raises(TlsError, match=r"server\.key"):
        await start(**files)


async def test_a_connection_that_says_nothing_is_closed(start: Start) -> None:
    """After the time that it has to begin."""
    local = await start(handshake_timeout="200ms")
    host, port = local.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))

    async with asyncio.timeout(10):
        await reader.read()  # What the server says first, if anything, and then the end.
        while await reader.read():
            pass
    writer.close()
    await writer.wait_closed()
