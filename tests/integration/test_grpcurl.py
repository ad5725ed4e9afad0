"""The server as grpcurl sees it, which is how people debug it."""

import json
import subprocess
from collections.abc import Callable

import pytest

from .conftest import Spawn

SERVICES = {"assay.v1.CatalogService", "assay.v1.ValidationService", "grpc.health.v1.Health"}

Grpcurl = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(grpcurl: str, spawn: Spawn) -> Grpcurl:
    """Runs grpcurl against `assay serve`: flags, and behind the address what to call."""
    address = spawn().address

    def run(*flags: str, call: tuple[str, ...] = (), stdin: str = "") -> "subprocess.CompletedProcess[str]":
        command = [grpcurl, "-plaintext", *flags, address, *call]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=30, check=False)

    return run


def events(*payloads: dict[str, object]) -> str:
    return json.dumps({"events": [{"event_type": "order.placed", "payload": payload} for payload in payloads]})


def parsed(output: str) -> list[dict[str, object]]:
    """Return the JSON objects that stand one behind the other."""
    decoder, found, rest = json.JSONDecoder(), [], output.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found


@pytest.mark.parametrize("reflection", ["v1", "v1alpha"])
def test_services_are_listed_and_described(run: Grpcurl, reflection: str) -> None:
    """Both versions of reflection are among them; what each of them answers is tested without grpcurl, which takes one."""
    assert set(run(call=("list",)).stdout.split()) >= SERVICES | {f"grpc.reflection.{reflection}.ServerReflection"}

    assert "service ServerReflection" in run(call=("describe", f"grpc.reflection.{reflection}.ServerReflection")).stdout
    assert (
        "rpc ValidateStream ( stream .assay.v1.ValidateStreamRequest )"
        in run(call=("describe", "assay.v1.ValidationService")).stdout
    )


def test_a_stream_of_messages_is_answered_in_turn(run: Grpcurl) -> None:
    """One answer a message, each with as many verdicts as there were events."""
    messages = events({"sku": "A1"}) + events({"sku": "A1"}, {"sku": "A"})

    done = run("-d", "@", call=("assay.v1.ValidationService/ValidateStream",), stdin=messages)

    assert done.returncode == 0, done.stderr
    answers = [[verdict.get("valid", False) for verdict in answer["verdicts"]] for answer in parsed(done.stdout)]  # type: ignore[attr-defined]
    assert answers == [[True], [True, False]]


def test_an_empty_stream_and_an_empty_batch_are_answered(run: Grpcurl) -> None:
    """With nothing, and well."""
    stream = run("-d", "@", call=("assay.v1.ValidationService/ValidateStream",))
    batch = run("-d", "{}", call=("assay.v1.ValidationService/ValidateBatch",))

    assert (stream.returncode, stream.stdout.strip()) == (0, "")
    assert (batch.returncode, json.loads(batch.stdout)) == (0, {})


def test_a_failure_is_shown_with_its_reason(run: Grpcurl) -> None:
    """Grpcurl finds what the details of a status are through reflection."""
    done = run("-d", "{}", call=("assay.v1.ValidationService/Validate",))

    assert done.returncode != 0
    assert "Code: InvalidArgument" in done.stderr
    assert '"reason": "MALFORMED_REQUEST"' in done.stderr
    assert '"field": "event"' in done.stderr


def test_health_is_told(run: Grpcurl) -> None:
    """For the server and for each of its services."""
    for service in ("", "assay.v1.ValidationService", "assay.v1.CatalogService"):
        done = run("-d", json.dumps({"service": service}), call=("grpc.health.v1.Health/Check",))
        assert json.loads(done.stdout) == {"status": "SERVING"}


def test_the_catalog_shows_an_example_that_is_valid(run: Grpcurl) -> None:
    """What it shows can be sent as it is."""
    done = run("-d", '{"event_type": "order.placed"}', call=("assay.v1.CatalogService/GetEventType",))
    [example] = json.loads(done.stdout)["eventType"]["examples"]

    verdict = run("-d", json.dumps({"event": example}), call=("assay.v1.ValidationService/Validate",))

    assert json.loads(verdict.stdout)["verdict"]["valid"] is True


def test_baselines_are_not_there_yet(run: Grpcurl) -> None:
    """GetBaseline says which check it does not know."""
    request = '{"event_type": "order.placed", "check": "statistics.three_sigma", "field": "/quantity"}'

    done = run("-d", request, call=("assay.v1.CatalogService/GetBaseline",))

    assert "Code: NotFound" in done.stderr
    assert '"reason": "BASELINE_NOT_FOUND"' in done.stderr
