"""Which type accepts all that was seen at one place."""

from collections.abc import Callable

from ._literal import literal
from ._observe import Observation

_LARGEST_EXACT = 1 << 53
_LARGEST_CHOICE = 40
_FEWEST_FOR_CHOICES = 10
_FEWEST_EACH = 3


def type_of(seen: Observation, class_for: Callable[[Observation], str], *, may_choose: bool = True) -> str:
    """Return an annotation that accepts all values that were seen.

    Args:
        seen: What was seen.
        class_for: Returns the name of a class with the fields of the objects seen.
        may_choose: Whether few different texts may be taken for all that there are.
    """
    types: list[str] = []
    if seen.objects:
        types.append(_object_type(seen, class_for, may_choose=may_choose))
    if seen.lists:
        types.append(f"list[{_item_type(seen, class_for, may_choose=may_choose)}]")
    if seen.booleans:
        types.append("bool")
    types += _number_types(seen)
    if seen.texts:
        types.append(_text_type(seen, may_choose=may_choose))
    if not types:
        return "Any"
    if seen.nulls:
        types.append("None")
    return " | ".join(dict.fromkeys(types))


def choices_of(seen: Observation) -> list[str] | None:
    """Return the texts seen, if they are few enough to be taken for all that there are."""
    choices = seen.choices
    if not choices or len(choices) < 2 or seen.formats:  # noqa: PLR2004  # One is no choice.
        return None
    if seen.texts < max(_FEWEST_FOR_CHOICES, _FEWEST_EACH * len(choices)) or seen.longest > _LARGEST_CHOICE:
        return None
    return sorted(choices)


def bounds_of(seen: Observation) -> str:
    """Return in a few words how large the values seen are; nothing if there is nothing to say."""
    parts = []
    if seen.lowest is not None and seen.highest is not None and not seen.only_some_are_numbers:
        parts.append(_range(f"{seen.lowest:g}", f"{seen.highest:g}"))
    if seen.texts and not seen.formats and choices_of(seen) is None and seen.shortest is not None:
        parts.append(f"{_range(str(seen.shortest), str(seen.longest))} character{'' if seen.longest == 1 else 's'}")
    return ", ".join(parts)


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _object_type(seen: Observation, class_for: Callable[[Observation], str], *, may_choose: bool) -> str:
    if seen.fields is None:
        return f"dict[str, {_item_type(seen, class_for, may_choose=may_choose)}]"
    return class_for(seen) if seen.fields else "dict[str, Any]"


def _item_type(seen: Observation, class_for: Callable[[Observation], str], *, may_choose: bool) -> str:
    return "Any" if seen.items is None else type_of(seen.items, class_for, may_choose=may_choose)


def _number_types(seen: Observation) -> list[str]:
    if not seen.floats:
        return ["int"] if seen.integers else []
    largest = max(abs(seen.lowest or 0), abs(seen.highest or 0))
    # A float does not hold all digits of such a whole number.
    return ["int", "float"] if seen.integers and largest > _LARGEST_EXACT else ["float"]


def _text_type(seen: Observation, *, may_choose: bool) -> str:
    if seen.formats:
        return seen.formats[0].annotation
    choices = choices_of(seen) if may_choose else None
    return f"Literal[{', '.join(literal(choice, '', 0) for choice in choices)}]" if choices else "str"
