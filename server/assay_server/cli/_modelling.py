"""What `assay models` does."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from assay_server.checks import AnomalyCheck, checks_of
from assay_server.contracts import load
from assay_server.models.registry import Entry, Manifest, ModelRefusedError, Registry, RegistryError
from assay_server.settings import Settings

from ._errors import UserError, user_errors
from ._history import settings_with
from ._summary import table_of

_STYLES = {"active": "green", "audit": "yellow", "previous": "dim"}


def list_models(event_type: str | None, data: Path | None, *, as_json: bool) -> None:
    """List the versions that are kept."""
    with _errors():
        entries = Registry(Settings.load(data=data).models).entries(event_type)
    if as_json:
        _print([_as_json(entry) for entry in entries])
        return
    console = Console()
    if not entries:
        console.print("There are no models. Train one with `assay train EVENT_TYPE FILE…`.", highlight=False)
        return
    table = table_of("event type", "model", "version", "", "trained", ">events", ">threshold", "for contract", "serves")
    for entry in entries:
        state, manifest = Text(entry.state, _STYLES.get(entry.state, "")), entry.manifest
        if manifest is None:
            table.add_row(entry.event_type, entry.name, str(entry.version), state, Text(entry.problem, "red"))
            continue
        table.add_row(
            entry.event_type,
            entry.name,
            str(entry.version),
            state,
            f"{manifest.created:%Y-%m-%d %H:%M}",
            f"{manifest.data.rows:,}",
            f"{manifest.threshold:.4g}",
            manifest.contract,
            _form(manifest),
        )
    console.print(table)


def show_model(event_type: str, name: str, version: str | None, data: Path | None, *, as_json: bool) -> None:
    """Show what is known of a version."""
    with _errors():
        registry = Registry(Settings.load(data=data).models)
        found = registry.find(event_type, name, version)
        (entry,) = [one for one in registry.entries(event_type, name) if one.version == found]
        manifest, _ = registry.manifest(event_type, name, str(found))
    if as_json:
        _print({**_as_json(entry), "manifest": manifest.model_dump(mode="json")})
        return
    Console().print(_drawn(entry, manifest), highlight=False)


def activate_model(
    event_type: str, name: str, version: str | None, contracts: Path | None, data: Path | None, *, audit: bool
) -> None:
    """Put a version in service, or on trial."""
    with _errors(f"{event_type} {name} {version or ''}"):
        settings = settings_with(contracts, data)
        fingerprints = _fingerprints(settings, event_type, name)
        registry = Registry(settings.models)
        found = registry.activate(event_type, name, version, audit=audit, fingerprints=fingerprints)
        state = registry.state(event_type, name)
    if audit:
        beside = f", beside {state.active}" if state.active else ""
        typer.echo(f"On trial: {event_type} {name} {found}{beside}.")
        return
    before = f" {state.previous[0]} was before: assay models rollback {event_type} {name}" if state.previous else ""
    typer.echo(f"In service: {event_type} {name} {found}.{before}")


def roll_back(event_type: str, name: str, contracts: Path | None, data: Path | None) -> None:
    """Put the version in service again that was before."""
    with _errors(f"{event_type} {name}"):
        settings = settings_with(contracts, data)
        fingerprints = _fingerprints(settings, event_type, name)
        found = Registry(settings.models).rollback(event_type, name, fingerprints=fingerprints)
    typer.echo(f"In service again: {event_type} {name} {found}.")


def end_audit(event_type: str, name: str, data: Path | None) -> None:
    """End a trial."""
    with _errors():
        found = Registry(Settings.load(data=data).models).end_trial(event_type, name)
    typer.echo(f"Trial ended: {event_type} {name} {found}.")


def prune_models(event_type: str | None, name: str | None, keep: int, data: Path | None, *, yes: bool) -> None:
    """Remove old versions."""
    with _errors():
        registry = Registry(Settings.load(data=data).models)
        of = " ".join(filter(None, (event_type, name))) or "all models"
        if not yes:
            typer.confirm(f"Remove the versions of {of} but the newest {keep} and those that may be needed?", abort=True)
        removed = registry.prune(event_type, name, keep=keep)
    for entry in removed:
        typer.echo(f"Removed: {entry.event_type} {entry.name} {entry.version}.")
    if not removed:
        typer.echo("Nothing to remove.")


def _fingerprints(settings: Settings, event_type: str, name: str) -> set[str]:
    """Return what the contracts of an event type want of a model.

    Raises:
        UserError: If none of them has such a model.
    """
    contracts = [contract for contract in load(settings.contracts) if contract.event_type == event_type]
    wanted = [check.wanted for one in contracts for check in checks_of(one) if isinstance(check, AnomalyCheck)]
    found = {one.fingerprint for one in wanted if one.name == name}
    if not found:
        there = ", ".join(sorted({one.name for one in wanted}))
        raise UserError(
            f"no contract of {event_type} has a model {name!r}",
            f"There is {there}." if there else "Declare one: unusual = IsolationForest(features=(…)).",
        )
    return found


@contextmanager
def _errors(what: str = "the model") -> Iterator[None]:
    """Turn what goes wrong with models into what a user is told."""
    with user_errors():
        try:
            yield
        except RegistryError as error:
            raise UserError(error.message, error.remedy) from None
        except ModelRefusedError as refused:
            raise UserError(f"{what.strip()} is refused: {refused.reason}", "What is in service stays.") from None
        except OSError as error:
            raise UserError(f"the folder of models cannot be used: {error}", "See that it may be read and written.") from None


def _drawn(entry: Entry, manifest: Manifest) -> Group:
    facts = Table.grid(padding=(0, 2))
    data = manifest.data
    when = f", from {data.first:%Y-%m-%d} to {data.last:%Y-%m-%d}" if data.first is not None and data.last is not None else ""
    for what, text in (
        ("state", entry.state or "not in service"),
        ("kind", manifest.kind.value.replace("_", " ")),
        ("features", ", ".join(feature.name for feature in manifest.features)),
        ("trained", f"{manifest.created:%Y-%m-%d %H:%M} through contract {manifest.contract}, seed {manifest.seed}"),
        ("on", f"{data.rows:,} events{when}; {data.held_out:,} later ones held out"),
        ("files", ", ".join(f"{file.name} ({file.rows:,} rows)" for file in data.files)),
        ("threshold", f"{manifest.threshold:.6g}, by {manifest.threshold_by}"),
        ("serves", _form(manifest)),
        ("with", ", ".join(f"{name} {version}" for name, version in sorted(manifest.libraries.items()))),
        *((name.replace("_", " "), _metric(value)) for name, value in manifest.metrics.items()),
    ):
        if text:
            facts.add_row(Text(what, "dim"), Text(text))
    return Group(Text(f"{entry.event_type} {entry.name} {entry.version}", "bold"), "", facts)


def _form(manifest: Manifest) -> str:
    return "compiled" if "model.onnx" in manifest.files else "the estimator itself"


def _metric(value: float | str | bool | None) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _as_json(entry: Entry) -> dict[str, Any]:
    manifest = entry.manifest
    found: dict[str, Any] = {
        "event_type": entry.event_type,
        "name": entry.name,
        "version": str(entry.version),
        "state": entry.state,
        "problem": entry.problem,
    }
    if manifest is not None:
        found |= {
            "created": manifest.created.isoformat(),
            "contract": manifest.contract,
            "fingerprint": manifest.fingerprint,
            "rows": manifest.data.rows,
            "threshold": manifest.threshold,
            "compiled": "model.onnx" in manifest.files,
        }
    return found


def _print(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
