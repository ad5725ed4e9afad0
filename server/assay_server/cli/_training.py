"""What `assay train` does."""

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from assay_server.checks import Sample, features_of
from assay_server.contracts import Contract, load
from assay_server.engine import Engine
from assay_server.files import Digest
from assay_server.models.evaluation import split_by_time
from assay_server.models.registry import Artefact, DataFile, Registry, TrainingData
from assay_server.models.scoring import ModelKind
from assay_server.models.training import ModelSpec, TrainingError, train

from ._errors import EXIT_FOUND, UserError, user_errors
from ._events import Events
from ._gathering import Gathered, gather, times_known
from ._history import settings_with
from ._left_out import LeftOut
from ._progress import FileProgress
from ._reading import Reading
from ._trained import Report, as_json, for_people

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(Reading):
    """Which models to train, on what, and what is to become of them."""

    models: tuple[str, ...] = ()
    seed: int = 0
    activate: bool = False
    audit: bool = False
    contracts: Path | None = None
    data: Path | None = None
    shown: int = 5
    rejected: str | None = None
    as_json: bool = False


def run(training: Training) -> int:
    """Train, keep what comes of it, tell of it, and return the exit code.

    Raises:
        UserError: If that cannot be done; nothing is kept then.
    """
    with user_errors():
        settings = settings_with(training.contracts, training.data)
        engine = Engine(load(settings.contracts), limits=settings.limits)
        contract = _contract(engine, training)
        gathered = [Gathered(declaration) for declaration in contract.models if declaration.name in _names(contract, training)]
        sources = training.sources()
        digests = [Digest(source) for source in sources if not source.is_standard_input]
        events = Events(event_type=training.event_type)
        with LeftOut(training.rejected, training, sources) as left_out:
            with FileProgress([] if training.query else sources, "events") as progress:
                asyncio.run(gather(engine, training.batches(sources), events, gathered, left_out, progress))
            for digest in digests:
                digest.check()
        events.summary.seconds = progress.seconds
        files = tuple(
            DataFile(name=digest.source.name, sha256=digest.value, rows=events.rows[digest.source.name]) for digest in digests
        )
        reports = [_train(training, contract, one, files) for one in gathered] if events.fit else []
        registry = Registry(settings.models)
        for report, artefact in reports:
            report.version = registry.add(artefact)
            if training.activate or training.audit:
                registry.activate(training.event_type, report.name, report.version, audit=training.audit)
                report.state = "on trial" if training.audit else "in service"
        found = [report for report, _ in reports]
        if training.as_json:
            sys.stdout.write(json.dumps(as_json(events, found), ensure_ascii=False, indent=2) + "\n")
        else:
            Console().print(for_people(events, found))
        return 0 if reports else EXIT_FOUND


def _contract(engine: Engine, training: Training) -> Contract:
    contract = engine.catalog.find(training.event_type, training.rows.contract_version)
    if contract is None:
        known = ", ".join(sorted({one.event_type for one in engine.catalog}))
        raise UserError(f"no contract describes {training.event_type}", f"There are contracts of {known}." if known else "")
    if not contract.models:
        raise UserError(
            f"the contract of {training.event_type} declares no model",
            'Write one in it, such as unusual = IsolationForest(features=("distance", "speed")).',
        )
    return contract


def _names(contract: Contract, training: Training) -> set[str]:
    """Return the names of the models that are wanted."""
    there = [declaration.name for declaration in contract.models]
    if unknown := [name for name in training.models if name not in there]:
        raise UserError(f"the contract declares no model {unknown[0]!r}", f"It has {', '.join(there)}.")
    return set(training.models or there)


def _train(training: Training, contract: Contract, gathered: Gathered, files: tuple[DataFile, ...]) -> tuple[Report, Artefact]:
    """Train one model on the earlier events, and try it on the later ones."""
    declaration = gathered.declaration
    sample = gathered.sample()
    if sample is None:
        raise UserError(
            f"{declaration.check}: every event lacks a feature or the label", f"They are {', '.join(_wanted(gathered))}."
        )
    earlier, later = split_by_time(sample.times)
    marker = declaration.marker
    kind = ModelKind(declaration.kind)
    chosen = {name: getattr(marker, name) for name in _SETTINGS if hasattr(marker, name)}
    spec = ModelSpec(kind=kind, **chosen)
    status = Console(stderr=True)
    past, held_out = sample.at(earlier), sample.at(later)
    with status.status(declaration.check) as shown:
        try:
            trained = train(
                spec,
                features_of(declaration),
                past.columns,
                labels=past.label,
                seed=training.seed,
                progress=lambda what: shown.update(f"{declaration.check}: {what}"),
            )
        except TrainingError as error:
            raise UserError(f"{declaration.check}: {error}") from None
        shown.update(f"{declaration.check}: trying it on later events")
        report = Report.of(trained, declaration, gathered, held_out, later, training.shown, threshold_by=_threshold_by(spec))
    artefact = Artefact.of(
        trained,
        event_type=training.event_type,
        name=declaration.name,
        contract=contract.full_version,
        threshold_by=report.threshold_by,
        data=_data(sample, len(earlier), files),
        metrics=report.metrics(),
    )
    return report, artefact


_SETTINGS = ("contamination", "factory", "samples", "threshold", "trees")


def _threshold_by(spec: ModelSpec) -> str:
    if spec.threshold is not None:
        return "set by the contract"
    return f"reached by at most {spec.contamination:.6g} of the training events"


def _wanted(gathered: Gathered) -> list[str]:
    declaration = gathered.declaration
    return [feature.name for feature in declaration.features] + ([declaration.label] if declaration.label else [])


def _data(sample: Sample, earlier: int, files: tuple[DataFile, ...]) -> TrainingData:
    times = times_known(sample)
    return TrainingData(
        rows=earlier,
        held_out=len(sample) - earlier,
        first=_when(int(times.min())) if len(times) else None,
        last=_when(int(times.max())) if len(times) else None,
        files=files,
    )


def _when(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
