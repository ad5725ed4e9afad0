"""What values were seen at each place of the samples."""

from collections.abc import Sequence
from typing import Any

from ._formats import TEXTS, Format

MOST_CHOICES = 10
_MOST_FIELDS = 200
_DEEPEST = 8


class Observation:
    """The values seen at one place. Takes memory for each place, not for each value.

    Args:
        formats: What texts may be.
        depth: How many objects and lists the place is in.
    """

    def __init__(self, formats: Sequence[Format] = TEXTS, depth: int = 0) -> None:
        self.nulls = 0
        self.booleans = 0
        self.integers = 0
        self.floats = 0
        self.texts = 0
        self.lists = 0
        self.objects = 0
        self.lowest: float | int | None = None
        self.highest: float | int | None = None
        self.shortest: int | None = None
        self.longest = 0
        """Of texts, in characters."""
        self.formats = list(formats)
        """What all texts seen are."""
        self.choices: dict[str, int] | None = {}
        """How often each text was seen; None where there are too many different ones."""
        self.items: Observation | None = None
        """What is in the lists."""
        self.fields: dict[str, Observation] | None = {}
        """What is in the objects, by key; None where the keys are data themselves, and `items` has the values."""
        self._all_formats = formats
        self._depth = depth

    @property
    def count(self) -> int:
        """How many values were seen, null included."""
        return self.nulls + self.booleans + self.integers + self.floats + self.texts + self.lists + self.objects

    @property
    def is_deepest(self) -> bool:
        """Whether what is in lists and objects here is not looked at any more."""
        return self._depth >= _DEEPEST

    @property
    def only_some_are_numbers(self) -> bool:
        """Whether the range is one of numbers among texts that are not all numbers."""
        return self.texts > 0 and not (self.formats and self.formats[0].number)

    def add(self, value: Any) -> None:
        """See one more value of JSON."""
        match value:
            case None:
                self.nulls += 1
            case bool():
                self.booleans += 1
            case int():
                self.integers += 1
                self._range(value)
            case float():
                self.floats += 1
                self._range(value)
            case str():
                self.texts += 1
                self._text(value)
            case list():
                self.lists += 1
                for item in value:
                    self._item(item)
            case dict():
                self.objects += 1
                self._object(value)

    def _range(self, value: float) -> None:
        self.lowest = value if self.lowest is None else min(self.lowest, value)
        self.highest = value if self.highest is None else max(self.highest, value)

    def _text(self, value: str) -> None:
        length = len(value)
        self.shortest = length if self.shortest is None else min(self.shortest, length)
        self.longest = max(self.longest, length)
        self.formats = [each for each in self.formats if each.accepts(value)]
        if self.formats and (number := self.formats[0].number) is not None:
            self._range(number(value))
        if self.choices is not None:
            self.choices[value] = self.choices.get(value, 0) + 1
            if len(self.choices) > MOST_CHOICES:
                self.choices = None

    def _item(self, item: Any) -> None:
        if self.is_deepest:
            return
        if self.items is None:
            self.items = self._inner()
        self.items.add(item)

    def _object(self, value: dict[str, Any]) -> None:
        if self.is_deepest:
            return
        for name, part in value.items():
            if self.fields is None:
                self._item(part)
                continue
            if name not in self.fields:
                self.fields[name] = self._inner()
            self.fields[name].add(part)
        if self.fields is not None and len(self.fields) > _MOST_FIELDS:
            self._merge_fields()

    def _merge_fields(self) -> None:
        """Take keys for data: there are more of them than anybody would declare."""
        fields, self.fields = self.fields or {}, None
        for part in fields.values():
            if self.items is None:
                self.items = self._inner()
            self.items.merge(part)

    def merge(self, other: "Observation") -> None:
        """See all that another observation has seen."""
        for kind in ("nulls", "booleans", "integers", "floats", "texts", "lists", "objects"):
            setattr(self, kind, getattr(self, kind) + getattr(other, kind))
        for bound in (other.lowest, other.highest):
            if bound is not None:
                self._range(bound)
        if other.shortest is not None:
            self.shortest = other.shortest if self.shortest is None else min(self.shortest, other.shortest)
        self.longest = max(self.longest, other.longest)
        self.formats = [each for each in self.formats if each in other.formats]
        self.choices = None
        if other.items is not None:
            self.items = self.items or self._inner()
            self.items.merge(other.items)
        if other.fields is None and self.fields is not None:
            self._merge_fields()
        for name, part in (other.fields or {}).items():
            if self.fields is None:
                self.items = self.items or self._inner()
                self.items.merge(part)
            else:
                self.fields.setdefault(name, self._inner()).merge(part)

    def _inner(self) -> "Observation":
        return Observation(self._all_formats, self._depth + 1)
