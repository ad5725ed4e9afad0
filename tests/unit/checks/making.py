"""Engines for tests, made from the text of a module of contracts."""

import asyncio
import json
import tempfile
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assay_server.baselines import Baselines
from assay_server.contracts import Catalog, load
from assay_server.engine import Engine, Event, Limits, Options, Verdict

NOW = 1_700_000_000_000_000_000
"""What the clock of an engine says unless a test sets it: 2023-11-14T22:13:20Z, in nanoseconds since 1970."""

_HEAD = """
import asyncio
import collections
import threading
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, Mapping, NamedTuple, Optional, Sequence, Union

import numpy as np
from pydantic import (
    AfterValidator, AliasChoices, AliasPath, AnyUrl, BaseModel, BeforeValidator, ConfigDict, Discriminator, EmailStr, Field,
    Json, JsonValue, PlainValidator, RootModel, Tag, UUID4, WrapValidator, computed_field, field_serializer, field_validator,
    model_serializer, model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError
from typing_extensions import TypedDict

from assay_server.contracts import (
    Classifier, Clock, Estimator, EventContract, Frequency, Hour, IsolationForest, Novelty, OneHot, QuantileRange, Resource,
    RobustSigma, Sensitive, ThreeSigma, Weekday, feature, rule,
)
"""


def catalog_of(*modules: str) -> Catalog:
    """Return the contracts of modules with these texts; the usual imports stand before each."""
    with tempfile.TemporaryDirectory() as folder:
        for number, module in enumerate(modules):
            (Path(folder) / f"module{number}.py").write_text(_HEAD + textwrap.dedent(module))
        return load(Path(folder))


def engine_of(
    *modules: str,
    limits: Limits | None = None,
    clock: Callable[[], int] = lambda: NOW,
    baselines: Baselines | None = None,
) -> Engine:
    """Return an engine that judges by the contracts of modules with these texts."""
    return Engine(catalog_of(*modules), limits=limits, clock=clock, baselines=baselines)


def one(
    engine: Engine,
    payload: bytes | str | Mapping[str, Any] | None,
    options: Options | None = None,
    *,
    event_type: str = "a",
    timestamp: int | None = None,
    contract_version: str = "",
) -> Verdict:
    """Return the verdict on one event."""
    event = Event(event_type, payload, timestamp, contract_version=contract_version)
    [verdict] = engine.judge([event], options or Options())
    return verdict


def text(payload: object) -> bytes:
    """Return a payload as JSON text."""
    return json.dumps(payload).encode()


def found(verdict: Verdict) -> list[tuple[str, str]]:
    """Return check and field of each finding."""
    return [(finding.check, finding.field) for finding in verdict.findings]


def checks(verdict: Verdict) -> list[str]:
    """Return the check of each finding."""
    return [finding.check for finding in verdict.findings]


def skipped(verdict: Verdict) -> list[tuple[str, str]]:
    """Return each check that could not run, and why."""
    return [(check.check, check.reason.name) for check in verdict.skipped_checks]


def value_at(payload: object, pointer: str) -> object:
    """Return what a JSON Pointer (RFC 6901) points to.

    Raises:
        LookupError, ValueError: If it points to nothing.
    """
    value = payload
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value[key]
        elif isinstance(value, list):
            value = value[int(key)]
        else:
            raise LookupError(f"{pointer} leads into {value!r}")  # noqa: TRY004  # What dict and list raise too.
    return value


async def until(condition: Callable[[], object]) -> None:
    """Let other tasks and threads have their turns until something is so."""
    while not condition():  # noqa: ASYNC110  # What is waited for tells nobody.
        await asyncio.sleep(0)
