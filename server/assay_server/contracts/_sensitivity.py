"""Where in a contract's schema sensitive values may stand."""

from typing import Any

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
            self._known[key] = False  # Until it is known: a schema that contains itself adds nothing by that.
            self._known[key] = self._within(schema)
        return self._known[key]

    def _within(self, schema: Any) -> bool:
        if isinstance(schema, list | tuple):
            return any(map(self.within, schema))
        if not isinstance(schema, dict):
            return False
        if schema.get("type") == "definition-ref":
            return self.marked(schema) or self.within(self.definitions.get(schema["schema_ref"]))
        if schema.get("type") == "definitions":
            return self.within(schema["schema"])
        if isinstance(schema.get("type"), str) and self.marked(schema):
            return True
        return any(self.within(part) for name, part in schema.items() if name not in {"metadata", "default"})

    def fields(self, schema: CoreSchema) -> frozenset[str]:
        """Return the names of a model's own fields that are or hold anything sensitive."""
        part: Any = schema
        while part["type"] != "model-fields":
            part = part["schema"] if "schema" in part else self.definitions[part["schema_ref"]]
        return frozenset(name for name, field in part["fields"].items() if self.within(field))
