"""Names for fields and classes that Python, Pydantic and the drafted module itself allow."""

import keyword
import re

from assay_server.contracts import EventContract

IMPORTED = frozenset(
    {"dt", "Annotated", "Any", "Literal", "UUID", "EventContract", "Sensitive", "rule"}
    | {"AwareDatetime", "BaseModel", "ConfigDict", "EmailStr", "Field", "HttpUrl", "NaiveDatetime"}
)
"""What a drafted module may import."""

_BUILT_IN = frozenset({"bool", "dict", "float", "int", "list", "str", "type", "object"})
_PROTECTED = frozenset(dir(EventContract)) | {"model_config"}
_NOT_FOR_FIELDS = IMPORTED | _BUILT_IN | _PROTECTED
_SENSITIVE = re.compile(
    r"e-?mail|phone|mobile|passw|secret|token|iban|card|ssn|social_?security|tax_?id|passport|birth|dob$|address|street"
    r"|post_?code|zip|latitude|longitude|ip_?addr|first_?name|last_?name|full_?name|surname|maiden|salary|gender|religion"
)


def field_name(key: str, taken: set[str]) -> str:
    """Return the name of a field for a key of JSON: the key itself, where that can be.

    Args:
        key: The key.
        taken: The names that the class has already, among them those of classes; the new one is added.
    """
    name = key if key.isascii() else ""
    if not name.isidentifier() or name.startswith("_"):
        name = re.sub(r"[^0-9A-Za-z]+", "_", key).strip("_") or "field"
    if name[0].isdigit():
        name = f"field_{name}"
    if keyword.iskeyword(name) or name in _NOT_FOR_FIELDS or name.startswith("model_"):
        name = f"{name}_" if not name.startswith("model_") else f"the_{name}"
    return _unique(name, taken)


def class_name(text: str, taken: set[str]) -> str:
    """Return the name of a class for an event type or for the key of an object.

    Args:
        text: The event type or the key.
        taken: The names that the module has already; the new one is added.
    """
    words = re.findall(r"[0-9A-Za-z]+", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text))
    name = "".join(word[0].upper() + word[1:] for word in words) or "Part"
    if name[0].isdigit():
        name = f"Event{name}"
    if keyword.iskeyword(name) or name in IMPORTED or name in _BUILT_IN:
        name = f"{name}Part"
    return _unique(name, taken)


def looks_sensitive(key: str) -> bool:
    """Return whether a key looks as if its values told of a person, or were secret."""
    snake = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", key).lower()
    return _SENSITIVE.search(snake) is not None


def _unique(name: str, taken: set[str]) -> str:
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}_{number}" if not name.endswith("_") else f"{name}{number}", number + 1
    taken.add(unique)
    return unique
