"""What a process serves of the models that are kept."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ._errors import ModelRefusedError
from ._registry import Registry
from ._served import Served
from ._state import State, state_bytes
from ._trials import TrialError

_RETRY = 10.0
"""After how many seconds files are looked at again that could not be read."""

_HELD = 4
"""How many models of a check stay in memory, those that do not serve among them, for whoever goes back to them."""

_AT_ONCE = 25
"""How many models are tried together: no new one serves before all of them were tried."""

_MISFIT = "it was trained for other features than the contracts in service have"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A model that a contract in service wants."""

    event_type: str
    name: str
    """The check's name: what comes after "anomaly."."""

    fingerprint: str
    """Which kind and features it must have been trained for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slot:
    """What serves a check."""

    active: Served | None = None
    trial: Served | None = None
    others: Mapping[str, Served] = field(default_factory=dict)
    """What serves contracts with other features than those of the active one, by their fingerprints: two versions of a
    contract may be in service, and for a moment the contracts before and after a change are."""

    mismatch: str | None = None
    """The active version, if it was trained for other features than the contracts in service have, and nothing serves."""

    refused: str | None = None
    """Which version was activated and cannot be taken, and why; the one before serves on, if there is one."""

    def serving(self, fingerprint: str) -> Served | None:
        """Return what serves a contract with certain features."""
        if self.active is not None and self.active.fingerprint == fingerprint:
            return self.active
        return self.others.get(fingerprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What `Shelf.refresh` changed, for the log and the metrics."""

    event_type: str
    name: str
    what: str
    """"active" or "trial" if another version serves, or none; "mismatch" or "refused" for what does not."""

    version: str | None
    """None if there is none, or nobody knows which it should be."""

    reason: str = ""


_EMPTY = Slot()

Key = tuple[str, str]


class _New(NamedTuple):
    """A version that must be tried."""

    key: Key
    version: str
    digest: str


@dataclass(slots=True, eq=False)
class _Check:
    """What is known of the models of a check."""

    state: State = field(default_factory=State)
    seen: tuple[bytes, frozenset[str]] | None = None
    """The state file, and the fingerprints that were wanted, that the slot comes from."""

    again: float | None = None
    """When to look again although neither has changed."""

    held: dict[str, Served] = field(default_factory=dict)
    """Models in memory by version, the latest used last."""

    trouble: str | None = None
    """Why nobody knows what the state is, if it cannot be read."""

    refused: dict[str, str] = field(default_factory=dict)
    """Why versions cannot be taken, until the state changes."""

    told: set[tuple[str | None, str]] = field(default_factory=set)
    """Which of that was said."""


class Shelf:
    """The models that a process serves: read by checks on every batch, exchanged by `refresh`.

    Of a check's models the active one serves. Where that cannot be taken, and contracts that have other features than it was
    trained for, the latest one serves that was active before and can be: so all processes that look at one folder serve the
    same, whenever they were started.

    `of` may be called from any thread, and costs nothing. `refresh` blocks, for seconds where there is a new model: it is for
    a thread.

    Args:
        registry: Where they are kept; None to serve none.
        clock: Seconds that go by, for looking again at what could not be read.
    """

    def __init__(self, registry: Registry | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._registry = registry
        self._clock = clock
        self._wanted: Mapping[Key, frozenset[str]] = {}
        self._slots: dict[Key, Slot] = {}
        self._checks: dict[Key, _Check] = {}
        self._refreshing = threading.Lock()

    def use(self, wanted: Iterable[Wanted]) -> None:
        """Name the models that the contracts in service want; the next `refresh` finds them.

        Until then a slot may hold one that was trained for other features: whoever asks it compares the fingerprint.
        """
        found: dict[Key, frozenset[str]] = {}
        for one in wanted:
            key = one.event_type, one.name
            found[key] = found.get(key, frozenset()) | {one.fingerprint}
        self._wanted = found

    def of(self, event_type: str, name: str) -> Slot:
        """Return what serves a check."""
        return self._slots.get((event_type, name), _EMPTY)

    def refresh(self) -> list[Change]:
        """Look at what is kept, try what is new, put it in service, and return what changed."""
        registry = self._registry
        if registry is None:
            return []
        with self._refreshing:
            wanted = self._wanted
            for key in set(self._checks) - set(wanted):
                del self._checks[key]
                self._slots.pop(key, None)
            changed = {
                key: fingerprints for key, fingerprints in wanted.items() if self._has_changed(registry, key, fingerprints)
            }
            while needed := [one for key, prints in changed.items() for one in self._needed(registry, key, prints)]:
                for start in range(0, len(needed), _AT_ONCE):
                    self._load(registry, needed[start : start + _AT_ONCE])
            return [change for key, fingerprints in changed.items() for change in self._fill(key, fingerprints)]

    def _has_changed(self, registry: Registry, key: Key, fingerprints: frozenset[str]) -> bool:
        """Look at a check's state, and return whether its slot must be looked at."""
        check = self._checks.setdefault(key, _Check())
        try:
            data = state_bytes(registry.folder(*key))
            if check.seen == (data, fingerprints) and (check.again is None or self._clock() < check.again):
                return False
            state = State.parse(data) if data else State()
        except ModelRefusedError as refused:  # What serves goes on, and nobody knows what should.
            data, state = refused.reason.encode(), check.state
            if check.seen == (data, fingerprints):
                return False
            check.trouble = refused.reason
        else:
            check.trouble = None
            check.refused.clear()
        if check.seen is None or check.seen[0] != data:
            check.told.clear()
        check.state, check.seen, check.again = state, (data, fingerprints), None
        return True

    def _needed(self, registry: Registry, key: Key, fingerprints: frozenset[str]) -> list[_New]:
        """Return the versions that must be tried before it is known what serves a check."""
        check, needed = self._checks[key], []
        for candidates in ((check.state.active, *check.state.previous), (check.state.audit,)):
            missing = set(fingerprints)
            for version in candidates:
                if not missing:
                    break
                if version is None or version in check.refused:
                    continue
                if version in check.held:
                    missing.discard(check.held[version].fingerprint)
                    continue
                try:
                    manifest, digest = registry.manifest(*key, version)
                except ModelRefusedError as refused:
                    check.refused[version], check.again = refused.reason, self._clock() + _RETRY
                    continue
                if manifest.fingerprint in missing:
                    needed.append(_New(key, version, digest))
                    missing.discard(manifest.fingerprint)
                elif manifest.fingerprint not in fingerprints:
                    check.refused[version] = _MISFIT
        return needed

    def _load(self, registry: Registry, versions: Sequence[_New]) -> None:
        """Have versions tried, and take into memory those that pass."""
        try:
            reasons = registry.verify([(registry.folder(*key) / version, digest) for key, version, digest in versions])
        except TrialError as error:
            reasons = [f"the process that tries it could not be run: {error}"] * len(versions)
            for key, _, _ in versions:
                self._checks[key].again = self._clock() + _RETRY
        for (key, version, digest), reason in zip(versions, reasons, strict=True):
            check = self._checks[key]
            if reason:
                check.refused[version] = reason
                continue
            try:
                check.held[version] = Served.load(registry.read(*key, version, digest))
            except Exception as error:  # noqa: BLE001  # It passed in another process: here something else is wrong.
                check.refused[version] = str(error) or type(error).__name__
                check.again = self._clock() + _RETRY

    def _fill(self, key: Key, fingerprints: frozenset[str]) -> list[Change]:
        """Put in service what a check's state says, as far as it can be, and return what that changes."""
        check, before = self._checks[key], self._slots.get(key, _EMPTY)
        state = check.state
        fitting = {version: served for version, served in check.held.items() if served.fingerprint in fingerprints}
        serving = before.active.version if before.active is not None and state.active is not None else None
        ordered = [fitting[one] for one in (state.active, *state.previous, serving) if one in fitting]
        active = ordered[0] if ordered else None
        others = {served.fingerprint: served for served in reversed(ordered) if served.fingerprint != ordered[0].fingerprint}
        trial = fitting.get(state.audit) if state.audit is not None else None
        reasons: dict[str | None, str] = {
            version: check.refused.get(version, _MISFIT)
            for version, served in ((state.active, active), (state.audit, trial))
            if version is not None and (served is None or served.version != version)
        }
        reason = reasons.get(state.active)
        refused = f"{state.active}: {reason}" if reason is not None else None
        if check.trouble is not None:
            reasons[None] = refused = check.trouble
        self._slots[key] = Slot(
            active=active,
            trial=trial,
            others=others,
            mismatch=state.active if reason == _MISFIT and active is None else None,
            refused=refused,
        )
        for served in filter(None, (*others.values(), active, trial)):
            check.held[served.version] = check.held.pop(served.version)
        while len(check.held) > _HELD:
            del check.held[next(iter(check.held))]
        return self._changes(key, before, reasons)

    def _changes(self, key: Key, before: Slot, reasons: Mapping[str | None, str]) -> list[Change]:
        event_type, name = key
        check, now = self._checks[key], self._slots[key]
        changes = [
            Change(event_type=event_type, name=name, what=what, version=served.version if served is not None else None)
            for what, was, served in (("active", before.active, now.active), ("trial", before.trial, now.trial))
            if was is not served
        ]
        for version, reason in reasons.items():
            if (version, reason) not in check.told:
                check.told.add((version, reason))
                what = "mismatch" if reason == _MISFIT else "refused"
                changes.append(Change(event_type=event_type, name=name, what=what, version=version, reason=reason))
        return changes
