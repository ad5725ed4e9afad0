"""An example from the samples, without what looks sensitive."""

from collections.abc import Sequence
from typing import Any

from ._formats import Format
from ._names import looks_sensitive
from ._observe import Observation

_LONGEST = 2000


class ExampleChooser:
    """Keeps one of the samples as the example: the one with the most fields among those that are not too long."""

    def __init__(self) -> None:
        self.example: dict[str, Any] | None = None
        self._rank = (False, 0)

    def add(self, sample: dict[str, Any], size: int) -> None:
        """See one more sample, with so many bytes of JSON."""
        fits = size <= _LONGEST
        rank = (fits, len(sample) if fits else -size)
        if self.example is None or rank > self._rank:
            self.example, self._rank = sample, rank


def presentable(value: Any, seen: Observation | None, key: str = "") -> Any:
    """Return an example with other values in the places of those that look sensitive, and numbers as numbers.

    Args:
        value: The example, or a part of it.
        seen: What was seen at its place; None where nobody looked.
        key: The key that it stands under, in an object with fields.
    """
    if isinstance(value, dict):
        if seen is None or seen.fields is None:  # Its keys are data.
            items = seen.items if seen else None
            return {name: presentable(part, items, key) for name, part in value.items()}
        return {name: presentable(part, seen.fields.get(name), name) for name, part in value.items()}
    if isinstance(value, list):
        return [presentable(item, seen.items if seen else None, key) for item in value]
    formats = seen.formats if seen else ()
    if looks_sensitive(key):
        return _placeholder(value, formats)
    if isinstance(value, str) and formats:
        return _as_read(value, formats[0].annotation)
    return value


def _placeholder(value: Any, formats: Sequence[Format]) -> Any:
    if isinstance(value, str):
        return formats[0].placeholder if formats else "…"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return type(value)(0)
    return value


def _as_read(text: str, annotation: str) -> Any:
    """Return a cell of CSV as what it says."""
    if annotation == "int":
        return int(text)
    if annotation == "float":
        return float(text)
    return text.lower() == "true" if annotation == "bool" else text
