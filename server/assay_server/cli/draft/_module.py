"""The text of a drafted module."""

import io
import tokenize
from typing import Any

from ._examples import presentable
from ._literal import literal
from ._names import IMPORTED, class_name, field_name, looks_sensitive
from ._observe import Observation
from ._types import bounds_of, choices_of, type_of

_WIDTH = 120
_SOURCES = {
    "typing": ("Annotated", "Any", "Literal"),
    "uuid": ("UUID",),
    "assay_server.contracts": ("EventContract",),
    "pydantic": ("AwareDatetime", "BaseModel", "ConfigDict", "EmailStr", "Field", "HttpUrl", "NaiveDatetime"),
}


def draft_module(event_type: str, seen: Observation, example: dict[str, Any]) -> str:
    """Return the text of a module with a contract that accepts all samples.

    Args:
        event_type: The event type.
        seen: What was seen in the samples, all of them objects.
        example: One of them.
    """
    return _Drafter(event_type, seen, example).module()


class _Drafter:
    def __init__(self, event_type: str, seen: Observation, example: dict[str, Any]) -> None:
        self._event_type = event_type
        self._seen = seen
        self._example = example
        self._classes: list[str] = []
        self._names: dict[int, dict[str, str]] = {}
        # A field with a default hides a class of its name from the fields below it: no class has the name of a field.
        self._taken = set(IMPORTED)
        self._name_fields(seen)

    def module(self) -> str:
        """Return the module."""
        name = class_name(self._event_type, self._taken)
        fields = self._fields(self._seen)
        example = literal(presentable(self._example, self._seen), " " * 16, _WIDTH)
        contract = "\n".join(
            [
                f'class {name}(EventContract, event_type="{self._event_type}", version="1.0.0"):',
                '    """What has happened: say it in a sentence."""',
                "",
                "    model_config = ConfigDict(",
                "        json_schema_extra={",
                '            "examples": [',
                f"                {example}",
                "            ]",
                "        }",
                "    )",
                "",
                *(fields or ["    pass"]),
            ]
        )
        body = "\n\n\n".join([*self._classes, contract])
        plural = "" if self._seen.objects == 1 else "s"
        return (
            f'"""Drafted from {self._seen.objects:,} sample{plural}: read it, and add what samples cannot tell: '
            'bounds, rules, what is sensitive."""\n\n'
            f"{_imports(body)}\n\n\n{body}\n"
        )

    def _name_fields(self, seen: Observation) -> None:
        """Name the fields of the objects at a place and within it."""
        fields = seen.fields or {}
        taken: set[str] = set()
        # Keys that can be names come first, so that none made up for another key is theirs.
        self._names[id(seen)] = {key: field_name(key, taken) for key in sorted(fields, key=lambda key: not key.isidentifier())}
        self._taken |= taken
        for part in [*fields.values(), *([seen.items] if seen.items else [])]:
            self._name_fields(part)

    def _fields(self, seen: Observation) -> list[str]:
        lines: list[str] = []
        names = self._names[id(seen)]
        for key, part in (seen.fields or {}).items():
            lines += self._field(key, names[key], part, always=part.count == seen.objects)
        return lines

    def _field(self, key: str, name: str, seen: Observation, *, always: bool) -> list[str]:
        sensitive = looks_sensitive(key)

        def class_for(inner: Observation) -> str:
            return self._class(key, inner)

        annotation = type_of(seen, class_for, may_choose=not sensitive)
        default = "" if always else " = None"
        if not always and annotation != "Any" and not annotation.endswith("None"):
            annotation += " | None"
        if name != key:
            annotation = f"Annotated[{annotation}, Field(alias={literal(key, '', _WIDTH)})]"
        remarks = []
        if sensitive:
            remarks.append("personal? With Annotated[…, Sensitive()] its values stay out of findings and logs")
        elif bounds := bounds_of(seen):
            remarks.append(f"in the samples: {bounds}")
        if not sensitive and choices_of(seen):
            remarks.append("are these all?")
        if annotation.startswith("Any") and not (seen.objects or seen.lists):
            remarks.append("only null in the samples")
        line = f"    {name}: {annotation}{default}"
        remark = f"# {'; '.join(remarks)}"
        if not remarks:
            return [line]
        return [f"{line}  {remark}"] if len(line) + len(remark) + 2 <= _WIDTH else [f"    {remark}", line]

    def _class(self, key: str, seen: Observation) -> str:
        name = class_name(key, self._taken)
        fields = self._fields(seen)
        self._classes.append("\n".join([f"class {name}(BaseModel):", *fields]))
        return name


def _imports(body: str) -> str:
    """Return the imports that a module needs: those whose names stand in it."""
    tokens = tokenize.generate_tokens(io.StringIO(body).readline)
    words = {token.string for token in tokens if token.type == tokenize.NAME}
    standard = ["import datetime as dt"] if "dt" in words else []
    others: list[str] = []
    for module, names in _SOURCES.items():
        used = [name for name in names if name in words]
        if used:
            (standard if module in {"typing", "uuid"} else others).append(f"from {module} import {', '.join(used)}")
    return "\n\n".join("\n".join(group) for group in (standard, others) if group)
