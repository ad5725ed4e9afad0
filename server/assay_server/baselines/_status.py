"""How it stands with the store."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatus:
    """How it stands with the store.

    Attributes:
        store: Its URL, without the password; None if there is none, so that all is kept in memory only.
        error: Why it could not be reached the last time; None if it could.
        unreachable_since: Since when it could not be reached, in nanoseconds since 1970; None if it could the last time.
        waiting: How many values were learned that it does not hold yet.
        written: When it was last written or read, in nanoseconds since 1970; None if it never was.
        revision: The number of its last change that this process knows; None if it knows none.
    """

    store: str | None = None
    error: str | None = None
    unreachable_since: int | None = None
    waiting: int = 0
    written: int | None = None
    revision: int | None = None

    @property
    def tried(self) -> bool:
        """Whether it was ever used."""
        return self.written is not None or self.error is not None

    @property
    def reachable(self) -> bool:
        """Whether it could be reached the last time."""
        return self.error is None
