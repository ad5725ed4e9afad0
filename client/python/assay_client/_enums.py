"""The numbers that the contract names, open to those that it will name later."""

from enum import IntEnum
from typing import Self


class _OpenEnum(IntEnum):
    """An enum whose unknown numbers, from a newer server, are kept as they are: never an error, never another member."""

    @property
    def known(self) -> bool:
        """Whether this client knows what the number means. UNSPECIFIED means nothing."""
        return self.value != 0 and self.value in type(self)._value2member_map_

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member


class Layer(_OpenEnum):
    """The layers of checks, in the order in which they run."""

    UNSPECIFIED = 0
    """Not a layer."""

    ENVELOPE = 1
    """The event around its payload: type, identifier, clock, size."""

    SCHEMA = 2
    """Types, constraints, defaults and transformations of the payload."""

    RULES = 3
    """Rules across fields, and look-ups in reference data."""

    STATISTICS = 4
    """Comparison with history."""

    ANOMALY = 5
    """Models."""


class Enforcement(_OpenEnum):
    """What follows from a finding. Ordered: a higher number is stricter."""

    UNSPECIFIED = 0
    """Not an enforcement; in options, the server's default."""

    AUDIT = 1
    """Counted, and reported only to callers that ask: a check on trial."""

    WARN = 2
    """Reported; the event stays valid."""

    REJECT = 3
    """Reported; the event is not valid."""


class SkipReason(_OpenEnum):
    """Why a check could not run."""

    UNSPECIFIED = 0
    """Not a reason."""

    WARMING_UP = 1
    """History is still too short for the check's minimum."""

    INPUT_MISSING = 2
    """The event lacks an optional field that the check needs."""

    NO_MODEL = 3
    """No model has been trained or activated for the check."""

    UNAVAILABLE = 4
    """The check itself, or something it depends on, failed, timed out or could not be reached."""

    GROUP_LIMIT = 5
    """The event's group is new, and the server holds as many groups as it may."""

    MODEL_MISMATCH = 6
    """The active model was trained for other features than the contract now has."""
