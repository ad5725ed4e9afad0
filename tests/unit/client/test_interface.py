"""The two clients are one interface, and the package shows no more than it means to."""

import inspect
import subprocess
import sys

import pytest

import assay_client
from assay_client import AsyncClient, Client
from assay_client._async_gathering import AsyncGathering
from assay_client._sync_gathering import SyncGathering

PUBLIC = sorted(name for name in dir(Client) if not name.startswith("_"))


def test_both_clients_have_the_same_public_names() -> None:
    """No drifting twins."""
    assert sorted(name for name in dir(AsyncClient) if not name.startswith("_")) == PUBLIC


def test_both_ways_of_gathering_have_the_same_public_names() -> None:
    """And the same parameters, but for what opens a stream."""
    ours, theirs = (
        {name: value for name, value in vars(kind).items() if name[0] != "_"} for kind in (SyncGathering, AsyncGathering)
    )

    assert ours.keys() == theirs.keys()
    for name in ("room", "ask", "close"):
        assert inspect.signature(ours[name]) == inspect.signature(theirs[name])
    assert list(inspect.signature(SyncGathering).parameters) == list(inspect.signature(AsyncGathering).parameters)


@pytest.mark.parametrize("name", ["__init__", *PUBLIC])
def test_both_clients_take_the_same_parameters(name: str) -> None:
    """By name, kind and default, and with the same types but for an input that may be asynchronous."""
    ours = inspect.signature(getattr(Client, name)).parameters
    theirs = inspect.signature(getattr(AsyncClient, name)).parameters

    assert [(p.name, p.kind, p.default) for p in ours.values()] == [(p.name, p.kind, p.default) for p in theirs.values()]
    for ours_, theirs_ in zip(ours.values(), theirs.values(), strict=True):
        if (name, ours_.name) != ("validate_stream", "events"):
            assert ours_.annotation == theirs_.annotation


def test_the_package_exports_what_it_lists() -> None:
    """Sorted, each described, and nothing else but private modules."""
    assert sorted(assay_client.__all__) == assay_client.__all__
    assert all(getattr(assay_client, name).__doc__ for name in assay_client.__all__)
    assert {name for name in vars(assay_client) if not name.startswith("_")} == set(assay_client.__all__)


def test_importing_the_client_brings_in_neither_the_server_nor_its_dependencies() -> None:
    """`pip install assay` has only gRPC and protobuf."""
    program = (
        "import sys, assay_client; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'assay_server', 'pydantic', 'numpy', 'pyarrow', 'typer'}))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
