"""Versions of a contract."""

import re
from typing import NamedTuple

_NUMBER = r"(?:0|[1-9]\d{0,8})"
_VERSION = re.compile(rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})", re.ASCII)
_PREFIX = re.compile(rf"{_NUMBER}(?:\.{_NUMBER}){{0,2}}", re.ASCII)


class Version(NamedTuple):
    """A version: three numbers, ordered by them."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: object) -> "Version":
        """Return the version that `text` writes, such as "1.2.0".

        Raises:
            ValueError: If it is not three numbers without leading zeros.
        """
        match = _VERSION.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            message = f'{text!r} is no version: write three numbers, such as "1.0.0"'
            raise ValueError(message)
        return cls(*map(int, match.groups()))

    def __str__(self) -> str:
        return ".".join(map(str, self))


def parse_prefix(text: str) -> tuple[int, ...] | None:
    """Return the numbers at which a version asked for begins: (1, 2) for "1.2" and for "1.2+9f3a12c4".

    Build metadata is ignored. None if `text` is neither a version nor the beginning of one up to a dot.
    """
    text = text.partition("+")[0]
    return tuple(map(int, text.split("."))) if _PREFIX.fullmatch(text) else None
