"""Kinds of text: times, addresses and the like, as Pydantic reads them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, EmailStr, HttpUrl, NaiveDatetime, TypeAdapter, ValidationError

_TIME = r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?"
_DATE = r"\d{4}-\d\d-\d\d"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of text.

    `annotation` is what a field of it is annotated with, `placeholder` stands for a value that is not to be shown.
    """

    annotation: str
    placeholder: Any
    accepts: Callable[[str], bool]
    number: Callable[[str], float] | None = None
    """Returns the number that a text is; None if texts of this kind are none."""


def _format(annotation: str, placeholder: str, shape: str, kind: Any) -> Format:
    pattern = re.compile(shape, re.ASCII)
    validate = TypeAdapter(kind).validate_python

    def accepts(text: str) -> bool:
        # Pydantic takes more than people write, such as "5" for a time: the shape says what they write.
        if not pattern.fullmatch(text):
            return False
        try:
            validate(text)
        except ValidationError:
            return False
        return True

    return Format(annotation, placeholder, accepts)


def _is_int(text: str) -> bool:
    return re.fullmatch(r"-?(0|[1-9]\d{0,17})", text, re.ASCII) is not None


def _is_float(text: str) -> bool:
    return re.fullmatch(r"-?(0|[1-9]\d{0,17})(\.\d{1,17})?([eE][+-]?\d{1,2})?", text, re.ASCII) is not None


TEXTS = (
    _format("AwareDatetime", "2000-01-01T00:00:00Z", rf"{_DATE}[T ]{_TIME}(Z|[+-]\d\d:\d\d)", AwareDatetime),
    _format("NaiveDatetime", "2000-01-01T00:00:00", rf"{_DATE}[T ]{_TIME}", NaiveDatetime),
    _format("dt.date", "2000-01-01", _DATE, date),
    _format("dt.time", "00:00:00", _TIME, time),
    _format("UUID", "00000000-0000-4000-8000-000000000000", r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", UUID),
    _format("EmailStr", "name@example.com", r"[^@\s<>]+@[^@\s<>]+", EmailStr),
    _format("HttpUrl", "https://example.com/", r"https?://\S{1,2000}", HttpUrl),
)
"""What texts may be, anywhere."""

CELLS = (
    Format("int", 0, _is_int, int),
    Format("float", 0.0, _is_float, float),
    Format("bool", True, lambda text: text.lower() in {"true", "false"}),
    *TEXTS,
)
"""What texts may be in CSV, where all is text."""
