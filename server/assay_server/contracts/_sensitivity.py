"""Where in a contract's schema sensitive values may stand."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from pydantic_core import CoreSchema

from ._markers import SENSITIVE


class Sensitivity:
    """Tells for each part of a core schema whether values in it may be sensitive."""

    def __init__(self, schema: CoreSchema) -> None:
        self.definitions: dict[str, Any] = {}
        """The schemas that others refer to, by `schema_ref`."""
        if schema["type"] == "definitions":
            self.definitions = {part["ref"]: part for part in schema["definitions"] if "ref" in part}
        self._known: dict[int, bool] = {}
        self.anywhere = self.within(schema)
        """Whether any value of the contract may be sensitive."""

    @staticmethod
    def marked(schema: Any) -> bool:
        """Return whether a schema itself is marked sensitive."""
        return bool((schema.get("metadata") or {}).get(SENSITIVE))

    def within(self, schema: Any) -> bool:
        """Return whether a schema or any part of it is marked sensitive."""
        key = id(schema)
        if key not in self._known:
            self._known[key] = any(map(self.marked, self._parts(schema)))
        return self._known[key]

    def _parts(self, schema: Any) -> Iterator[dict[str, Any]]:
        """Yield the schemas that a schema is made of, itself too; each once, since they may contain themselves."""
        seen: set[int] = set()
        waiting = [schema]
        while waiting:
            part = waiting.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            if isinstance(part, list | tuple):
                waiting += part
            elif isinstance(part, dict) and not isinstance(part.get("type"), str):
                waiting += part.values()  # A mapping of schemas: the fields of a model, the choices of a union.
            elif isinstance(part, dict):
                yield part
                if part["type"] == "definition-ref":
                    waiting.append(self.definitions.get(part["schema_ref"]))
                waiting += [inner for name, inner in part.items() if name not in {"metadata", "default", "definitions"}]

    def fields(self, schema: CoreSchema) -> frozenset[str]:
        """Return the names of a model's own fields that are or hold anything sensitive."""
        return frozenset(name for name, field in self._fields(schema) if self.within(field))

    def metadata(self, schema: CoreSchema, key: str) -> Iterator[tuple[str, list[Any]]]:
        """Yield the names of a model's own fields, with what the metadata of all that they are made of has under a key."""
        for name, field in self._fields(schema):
            yield name, [found for part in self._parts(field) if (found := (part.get("metadata") or {}).get(key)) is not None]

    def _fields(self, schema: CoreSchema) -> Iterable[tuple[str, Any]]:
        part: Any = schema
        while part["type"] != "model-fields":
            part = part["schema"] if "schema" in part else self.definitions[part["schema_ref"]]
        return cast("dict[str, Any]", part["fields"]).items()
