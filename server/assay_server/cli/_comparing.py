"""What one contract, or two of them, would flag of the past: counted as the verdicts come."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from assay_server.contracts import Enforcement
from assay_server.engine import CheckDescription, Layer
from assay_server.files import Row

from ._judges import Verdict

MOST_SHOWN = 5
"""How many of the events on which the two differ are kept."""

WARMING_UP = "WARMING_UP"


class Name(NamedTuple):
    """What a check is called. Those of envelope, schema and rules are one whatever field they find something in."""

    check: str
    field: str = ""

    @classmethod
    def of(cls, finding: Any) -> "Name":
        """Return the name of the check that found something."""
        return cls(finding.check, finding.field if finding.layer > Layer.RULES else "")


Group = tuple[tuple[str, str], ...]
"""The fields that make a group, with their values."""

Found = dict[Name, Enforcement]
"""Which checks found something in an event, and how strict they are."""


@dataclass(slots=True)
class Count:
    """How many events a check compared, and in how many of them it found something."""

    compared: int = 0
    flagged: int = 0


@dataclass(slots=True)
class Tally(Count):
    """What one check made of the events.

    Attributes:
        layer: Which layer it is of.
        enforcement: How strict it is.
        skipped: On how many events it could not run, by the reason.
        groups: What it made of the groups of whose history there was enough, where it goes by any.
        alone: In how many events it found something, and on the other side did not.
    """

    layer: Layer = Layer.SCHEMA
    enforcement: Enforcement = Enforcement.REJECT
    skipped: Counter[str] = field(default_factory=Counter)
    groups: dict[Group, Count] = field(default_factory=dict)
    alone: int = 0


@dataclass(slots=True)
class Side:
    """What one contract made of the events.

    Attributes:
        name: What it is called.
        warned: How many events are valid, with a warning.
        rejected: How many are not valid.
        tallies: What each check made of them.
    """

    name: str
    warned: int = 0
    rejected: int = 0
    tallies: dict[Name, Tally] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, checks: Iterable[CheckDescription]) -> "Side":
        """Return a side that has counted nothing, with these checks; those of the schema come as they find something."""
        side = cls(name)
        for check in checks:
            tally = Tally(layer=check.layer, enforcement=check.enforcement)
            side.tallies.setdefault(Name(check.check, check.field), tally)
        return side

    def add(self, verdict: Verdict) -> Found:
        """Count a verdict, and return what was found."""
        found: Found = {}
        for finding in verdict.findings:
            if finding.skip_reason is None:
                name = Name.of(finding)
                found[name] = max(finding.enforcement, found.get(name, Enforcement.AUDIT))
                self.tallies.setdefault(name, Tally(layer=finding.layer, enforcement=finding.enforcement))
        for seen in verdict.explanations:
            name = Name(seen.check, seen.field)
            tally = self.tallies[name]
            tally.compared += 1
            if group := getattr(seen.evidence, "group", None):
                count = tally.groups.setdefault(tuple(group.items()), Count())
                count.compared += 1
                count.flagged += name in found
        for name in found:
            self.tallies[name].flagged += 1
        for skipped in verdict.skipped_checks:
            self.tallies[Name(skipped.check, skipped.field)].skipped[skipped.reason.name] += 1
        if not verdict.valid:
            self.rejected += 1
        elif Enforcement.WARN in found.values():
            self.warned += 1
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """An event on which the two sides differ.

    Attributes:
        row: Where it stands.
        said: What the sides say of it, in their order: whether it is valid, and the findings that the other has not.
    """

    row: Row
    said: list[tuple[bool, list[Any]]]


@dataclass
class Comparison:
    """What one or two contracts make of the same events. Takes memory for each check and group, not for each event.

    Attributes:
        event_type: What the events are.
        sides: Today's contract, and the candidate if there is one.
        events: How many events count.
        earlier: How many came before those that count, and only taught.
        others: How many events of other types were passed over.
        differing: On how many the two differ.
        differences: The first of them.
        seconds: How long it took.
    """

    event_type: str
    sides: list[Side]
    events: int = 0
    earlier: int = 0
    others: int = 0
    differing: int = 0
    differences: list[Difference] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, row: Row, verdicts: Sequence[Verdict]) -> bool:
        """Count the verdicts of the sides on a row; return whether they differ."""
        self.events += 1
        found = [side.add(verdict) for side, verdict in zip(self.sides, verdicts, strict=True)]
        if len(found) == 1:
            return False
        for side, mine, others in zip(self.sides, found, reversed(found), strict=True):
            for name in mine.keys() - others.keys():
                side.tallies[name].alone += 1
        if found[0] == found[1] and verdicts[0].valid == verdicts[1].valid:
            return False
        self.differing += 1
        if len(self.differences) < MOST_SHOWN:
            said = []
            for verdict, mine, others in zip(verdicts, found, reversed(found), strict=True):
                own = {name for name in mine if mine[name] != others.get(name)}
                said.append((verdict.valid, [finding for finding in verdict.findings if Name.of(finding) in own]))
            self.differences.append(Difference(row, said))
        return True

    @property
    def names(self) -> list[Name]:
        """The checks of the sides, layer by layer."""
        layers = {name: tally.layer for side in self.sides for name, tally in side.tallies.items()}
        return sorted(layers, key=layers.__getitem__)
