"""What follows from a finding."""

from enum import IntEnum


class Enforcement(IntEnum):
    """What follows from a check's findings, from the least strict to the strictest."""

    AUDIT = 1
    """On trial: counted, and shown only to callers that ask."""

    WARN = 2
    """Reported; the event stays valid."""

    REJECT = 3
    """Reported; the event is not valid, and the layers after this one do not run."""

    @classmethod
    def parse(cls, text: str) -> "Enforcement":
        """Return the enforcement that an author wrote as `text`.

        Raises:
            ValueError: If it is none of "audit", "warn" and "reject".
        """
        try:
            return cls[text.upper()]
        except (KeyError, AttributeError):
            message = f'{text!r} is no enforcement: write "reject", "warn" or "audit"'
            raise ValueError(message) from None
