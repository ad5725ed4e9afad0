"""What goes into a store, and comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assay_server.baselines.history import History, Series


@dataclass(frozen=True, slots=True)
class Flush:
    """What one process learned since its last flush.

    Attributes:
        writer: The process.
        sequence: The number of the flush, one more than that of the last.
        learned: What it learned.
        generations: As of which generation, by series; without those that it has not read yet.
        again: Whether it was tried before, and nobody knows how that ended.
    """

    writer: str
    sequence: int
    learned: Mapping[Series, History]
    generations: Mapping[Series, int]
    again: bool = False

    def repeated(self) -> "Flush":
        """Return it as one that was tried before."""
        return replace(self, again=True)


@dataclass(frozen=True, slots=True)
class Stored:
    """All that the store holds of a series.

    Attributes:
        history: What it was taught.
        generation: How often it was taught at once, or made to forget.
        started: The generation in which all was forgotten last.
    """

    history: History
    generation: int = 0
    started: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What the store holds that a process does not know.

    Attributes:
        revision: The number of the last change; to be named when asking the next time.
        whole: Series that are read whole, which replace what is known of them.
        learned: What others learned, by series, in the order in which they did.
    """

    revision: int
    whole: Mapping[Series, Stored] = field(default_factory=dict)
    learned: Sequence[Mapping[Series, History]] = ()


@dataclass(frozen=True, slots=True)
class LearnedFile:
    """A file that teaches an event type.

    Attributes:
        name: For people.
        digest: What its content is recognised by.
    """

    name: str
    digest: str
