"""What a client is told about how to reach a server."""

import json
from pathlib import Path
from typing import Any

import pytest

from assay.v1 import catalog_service_pb2, validation_service_pb2
from assay_client import AsyncClient, Client, Tls
from assay_client._channel import channel_settings, is_local


@pytest.mark.parametrize(
    "address",
    [
        "localhost:50051",
        "localhost",
        "127.0.0.1:1",
        "127.9.9.9:1",
        "[::1]:1",
        "::1",
        "unix:/run/assay.sock",
        "unix:///run/assay.sock",
        "unix-abstract:assay",
        "dns:///localhost:1",
        "dns:localhost:1",
        "dns://10.0.0.1/localhost:1",
        "ipv4:127.0.0.1:1,127.0.0.2:1",
        "ipv6:[::1]:1",
    ],
)
def test_plain_text_is_the_default_on_this_machine(address: str) -> None:
    """Nothing has to be said."""
    assert is_local(address)
    assert channel_settings(address, None, False, None, {}, {}).credentials is None


@pytest.mark.parametrize(
    "address",
    [
        "assay:50051",
        "assay.example.com",
        "10.0.0.1:1",
        "0.0.0.0:1",
        "[2001:db8::1]:1",
        "dns:///assay:1",
        "dns://127.0.0.1/assay:1",
        "ipv4:127.0.0.1:1,10.0.0.1:1",
        "localhost.example.com:1",
        "xds:///localhost",
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_plain_text_to_another_machine_has_to_be_said(address: str, kind: type[Client | AsyncClient]) -> None:
    """The error names both ways out."""
    with pytest.raises(ValueError, match=r"not on this machine: pass tls=Tls\(\).* or plaintext=True"):
        kind(address)

    assert channel_settings(address, None, True, None, {}, {}).credentials is None
    assert channel_settings(address, Tls(), False, None, {}, {}).credentials is not None


def test_tls_and_plain_text_exclude_each_other() -> None:
    """One of the two must be a mistake."""
    with pytest.raises(ValueError, match="exclude each other"):
        Client("localhost:1", tls=Tls(), plaintext=True)


def test_half_an_identity_is_refused() -> None:
    """A certificate is of no use without its key."""
    with pytest.raises(ValueError, match="give both, or neither"):
        Tls(certificate_chain=b"x")


def test_a_file_that_is_not_there_is_found_at_once(tmp_path: Path) -> None:
    """Not at the first call."""
    with pytest.raises(FileNotFoundError, match=r"no\.pem"):
        AsyncClient("localhost:1", tls=Tls(root_certificates=tmp_path / "no.pem"))


def test_a_private_key_is_not_shown() -> None:
    """Settings end up in logs."""
    assert "secret" not in repr(Tls(certificate_chain=b"public", private_key=b"secret"))


def test_the_token_and_metadata_go_with_every_call() -> None:
    """Keys in lower case, as gRPC wants them."""
    settings = channel_settings("localhost:1", None, False, "t0ken", {"X-Team": "data"}, {})

    assert settings.metadata == (("x-team", "data"), ("authorization", "Bearer t0ken"))


def test_channel_options_replace_the_defaults() -> None:
    """Each by its name."""
    settings = channel_settings("localhost:1", None, False, None, {}, {"grpc.max_receive_message_length": 7})

    assert [option for option in settings.options if "receive" in option[0]] == [("grpc.max_receive_message_length", 7)]


def test_only_unary_methods_are_retried_by_the_channel() -> None:
    """For UNAVAILABLE, at most four attempts; names are those of the contract."""
    options = dict(channel_settings("localhost:1", None, False, None, {}, {}).options)
    config: dict[str, Any] = json.loads(str(options["grpc.service_config"]))

    (method_config,) = config["methodConfig"]
    unary = {
        (service.full_name, method.name)
        for file in (validation_service_pb2.DESCRIPTOR, catalog_service_pb2.DESCRIPTOR)
        for service in file.services_by_name.values()
        for method in service.methods
        if not method.client_streaming
    }
    assert unary == {(name["service"], name["method"]) for name in method_config["name"]}
    assert (
        method_config["retryPolicy"]["maxAttempts"],
        method_config["retryPolicy"]["retryableStatusCodes"],
    ) == (4, ["UNAVAILABLE"])
