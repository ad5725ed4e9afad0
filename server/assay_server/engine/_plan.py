"""A contract made ready to judge by."""

from collections.abc import Sequence
from functools import cached_property

from assay_server.baselines import Snapshot
from assay_server.checks import (
    AnomalyCheck,
    Batch,
    Check,
    CheckDescription,
    ClockCheck,
    Layer,
    Limits,
    Past,
    SchemaCheck,
    SchemaColumns,
    StatisticalCheck,
    checks_of,
)
from assay_server.contracts import Contract, Enforcement, EventContract
from assay_server.models.registry import Shelf


class Plan:
    """The checks of one contract, in the order in which they run.

    Attributes:
        contract: The contract.
        clock: What compares timestamps with the server's clock; None where the contract says nothing of it.
        schema: What reads payloads.
        layers: The checks that work on batches, a list a layer.
        rules: Those of them that look at one event alone.
        admitting: Those of these that keep events from teaching history.
        comparisons: The others.
        statistics: Those that compare with history.
        anomalies: Those that ask models, by the name of the model.
        reach: For how many nanoseconds an event surely lies in the windows of those after it; None where no check has a window.
        takes_time: Whether any of them may have to be awaited.
        waits: Whether a rule may: for something outside of this process, for as long as its author lets it.
        order: Where each check stands, by identifier and field.
    """

    def __init__(self, contract: Contract, limits: Limits, past: Past, shelf: Shelf | None) -> None:
        self.contract = contract
        self.version = contract.full_version
        self.clock = ClockCheck(contract.clock) if contract.clock else None
        self.schema = SchemaCheck(contract, limits)
        checks = checks_of(contract, past, shelf)
        self.layers: list[list[Check]] = [
            found for layer in Layer if (found := [check for check in checks if check.description.layer is layer])
        ]
        # Rules that take time never pass, so they are looked at first; those in line last, so that none is applied twice
        # because something else does not pass.
        alone = (check for layer in reversed(self.layers) for check in layer)
        self._checks = sorted(alone, key=lambda check: not (check.takes_time and check.description.layer is Layer.RULES))
        self.rules = [layer for layer in self.layers if layer[0].description.layer <= Layer.RULES]
        self.admitting = [
            [check for check in layer if check.description.enforcement is Enforcement.REJECT] for layer in self.rules
        ]
        self.comparisons = self.layers[len(self.rules) :]
        self.statistics = [check for check in checks if isinstance(check, StatisticalCheck)]
        self.anomalies = {check.declaration.name: check for check in checks if isinstance(check, AnomalyCheck)}
        windowed = [check.series for check in self.statistics if check.series.window is not None]
        self.reach = min((series.reach for series in windowed), default=None)
        self._learns_live = contract.learns_live and past.baselines is not None
        self.takes_time = any(check.takes_time for check in checks)
        self.waits = any(check.takes_time for layer in self.rules for check in layer)
        self.order = {(description.check, description.field): number for number, description in enumerate(self.describe())}

    def describe(self) -> Sequence[CheckDescription]:
        """Return all checks beyond the schema, in the order in which they run."""
        clock = [self.clock.description] if self.clock else []
        return clock + [check.description for layer in self.layers for check in layer]

    def learn_live(self, batch: Batch) -> None:
        """Teach history events that have been judged, if the contract wants that; none of them was rejected."""
        if self._learns_live:
            for check in self.statistics:
                check.learn(batch)

    def passes(self, event: EventContract, time: int, snapshot: Snapshot | None) -> bool:
        """Return whether there is certainly nothing to be said of one event, in a few microseconds; see `Check.passes`."""
        for check in self._checks:  # noqa: SIM110  # A generator for `all` would cost as much as a check.
            if not check.passes(event, time, snapshot):
                return False
        return True

    def passed(self, time: int, *, learn: bool) -> None:
        """Count the event that `passes` has just let pass, and teach history what it has, if the contract wants that."""
        for check in self.statistics:
            check.passed(time, learn=learn and self._learns_live)

    def teach(self, batch: Batch) -> None:
        """Teach history events of the past, as they are."""
        for check in self.statistics:
            check.learn(batch, live=False)

    @cached_property
    def columns(self) -> SchemaColumns:
        """What reads payloads that come in columns."""
        return SchemaColumns(self.contract)

    @cached_property
    def teaches_fields(self) -> bool:
        """Whether fields alone teach, of every event that the schema accepts."""
        features = {feature.name for feature in self.contract.features}
        read = {path.partition(".")[0] for check in self.statistics for path in (check.statistic.path, *check.statistic.by)}
        return not any(self.admitting) and features.isdisjoint(read)

    def close(self) -> None:
        """Let go of what the checks hold."""
        for layer in self.layers:
            for check in layer:
                check.close()
