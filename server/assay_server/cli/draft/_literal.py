"""Values of JSON as Python writes them, laid out as a formatter would."""

import json
from typing import Any

_INDENT = "    "


def literal(value: Any, indent: str, width: int) -> str:
    """Return an expression for a value.

    Args:
        value: What JSON can hold.
        indent: What stands before the line that the expression begins on.
        width: How long a line may be, if it can be helped.
    """
    short = _on_one_line(value)
    if len(indent) + len(short) <= width or not isinstance(value, dict | list) or not value:
        return short
    inner = indent + _INDENT
    if isinstance(value, dict):
        parts = [f"{_text(key)}: {literal(part, inner, width)}" for key, part in value.items()]
    else:
        parts = [literal(part, inner, width) for part in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return "\n".join([opening, *(f"{inner}{part}," for part in parts), f"{indent}{closing}"])


def _on_one_line(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_on_one_line(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_on_one_line, value)) + "]"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    # What JSON escapes, Python reads alike; what cannot be seen is better escaped.
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else repr(text)
