"""Compares what came with what was expected, as README.md describes."""

import re
from collections.abc import Iterator
from typing import Any


def differences(expected: Any, actual: Any, where: str, *, whole: bool = False) -> Iterator[str]:
    """Yield a line for each place at which `actual` is not as expected; with `whole`, objects may have no other keys."""
    match expected, actual:
        case {"$matches": str(pattern)}, str():
            if not re.fullmatch(pattern, actual, re.DOTALL):
                yield f"{where}: {actual!r} does not match {pattern!r}"
        case {"$between": [low, high]}, int() | float():
            if not low <= actual <= high:
                yield f"{where}: {actual!r} is not between {low} and {high}"
        case {"$length": int(length)}, list():
            if len(actual) != length:
                yield f"{where}: {len(actual)} and not {length}: {actual!r:.500}"
        case {"$holds": list(wanted)}, list():
            for each in wanted:
                if all(any(differences(each, one, where)) for one in actual):
                    yield f"{where}: nothing matches {each!r} in {actual!r:.1000}"
        case dict(), dict():
            yield from _of_objects(expected, actual, where, whole=whole)
        case list(), list():
            if len(expected) != len(actual):
                yield f"{where}: {len(actual)} and not {len(expected)}: {actual!r:.1000}"
            for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
                yield from differences(one, other, f"{where}[{index}]", whole=whole)
        case _:
            if expected != actual or isinstance(expected, bool) is not isinstance(actual, bool):
                yield f"{where}: {actual!r} and not {expected!r}"


def _of_objects(expected: dict[str, Any], actual: dict[str, Any], where: str, *, whole: bool) -> Iterator[str]:
    if whole and expected.keys() != actual.keys():
        yield f"{where}: {sorted(actual)} and not {sorted(expected)}"
    for key, value in expected.items():
        if value is None and not whole:
            if key in actual:
                yield f"{where}.{key}: {actual[key]!r} and not absent"
        else:
            yield from differences(value, actual.get(key), f"{where}.{key}", whole=whole)
