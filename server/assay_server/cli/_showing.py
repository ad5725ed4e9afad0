"""What `assay contracts list` and `show` do."""

import dataclasses
import json
import sys
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assay_client import EventType

from ._describe import event_type, event_types, example_payload
from ._errors import user_errors
from ._fields import Field, fields_of
from ._grpcurl import grpcurl_call
from ._options import Where
from ._plausible import plausible_payload


def list_contracts(where: Where, *, as_json: bool) -> None:
    """Print the contracts of a folder or a server.

    Raises:
        UserError: If that cannot be done.
    """
    with user_errors():
        found = event_types(where)
        if as_json:
            _print_json([_overview(each) for each in found])
            return
        if not found:
            sys.stdout.write("There are no contracts.\n")
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("event type", "version", "description"):
            table.add_column(heading, overflow="fold")
        for each in found:
            table.add_row(Text(each.event_type), each.contract_version, Text(each.description))
        Console().print(table)


def show_contract(where: Where, name: str, version: str, *, as_json: bool) -> None:
    """Print one contract of a folder or a server.

    Raises:
        UserError: If that cannot be done.
    """
    with user_errors():
        described = event_type(where, name, version)
        schema: dict[str, Any] = json.loads(described.json_schema)
        fields = fields_of(schema)
        example = example_payload(described, list(schema.get("properties", ())))
        call = grpcurl_call(where, name, version, plausible_payload(schema) if example is None else example)
        if as_json:
            details = {
                "fields": [dataclasses.asdict(field) for field in fields],
                "checks": [_check(check) for check in described.checks],
                "examples": [] if example is None else [example],
                "json_schema": schema,
                "example_call": call,
            }
            _print_json({**_overview(described), **details})
            return
        console = Console()
        console.print(Text.assemble((described.event_type, "bold"), " ", described.contract_version))
        if described.description:
            console.print(Text(described.description))
        console.print(_fields_table(fields))
        if described.checks:
            console.print(_checks_table(described))
        if example is None:
            console.print("The contract has no example; this call is made up from its schema:", style="bold")
        else:
            console.print("An example call:", style="bold")
        # No wrapping and no styles: this is to be copied.
        sys.stdout.write(f"\n{call}\n")


def _fields_table(fields: list[Field]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("field", "type", "", "description"):
        table.add_column(heading, overflow="fold")
    for field in fields:
        presence = "required" if field.required else f"default {field.default}" if field.default else "optional"
        kind = f"{field.type}, {field.constraints}" if field.constraints else field.type
        table.add_row(*map(Text, (field.name, kind, presence, field.description)))
    return table


def _checks_table(described: EventType) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("check", "", "field", "what it checks"):
        table.add_column(heading, overflow="fold")
    for check in described.checks:
        what = check.description
        if check.not_ready is not None:
            what += f" (not ready: {check.not_ready.name})"
        table.add_row(*map(Text, (check.check, check.enforcement.name.lower(), check.field, what)))
    return table


def _overview(described: EventType) -> dict[str, Any]:
    return {
        "event_type": described.event_type,
        "contract_version": described.contract_version,
        "description": described.description,
    }


def _check(check: Any) -> dict[str, Any]:
    return {
        "check": check.check,
        "layer": f"LAYER_{check.layer.name}",
        "enforcement": f"ENFORCEMENT_{check.enforcement.name}",
        "field": check.field,
        "description": check.description,
        "not_ready": None if check.not_ready is None else f"SKIP_REASON_{check.not_ready.name}",
    }


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
