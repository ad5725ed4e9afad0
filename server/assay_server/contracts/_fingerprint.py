"""What tells one state of a contract from another."""

import ast
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from ._modules import Source


def fingerprint_of(json_schema: dict[str, Any], said: Iterable[object], sources: Iterable[Source]) -> str:
    """Return 8 hexadecimal digits that change with whatever a contract judges by, and with nothing else.

    Args:
        json_schema: The payload's schema.
        said: All that it declares besides; told apart by what `repr` gives, which must be the same in every process.
        sources: The modules that it comes from.
    """
    parts = [_canonical(json_schema), *map(repr, said)]
    parts += [f"{source.path}: {ast.dump(source.tree)}" for source in sources]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def _canonical(schema: Any) -> str:
    """Return a JSON Schema as text in which the order of lists does not count: that of a set, as a default, is random."""
    if isinstance(schema, dict):
        return f"{{{', '.join(f'{json.dumps(name)}: {_canonical(schema[name])}' for name in sorted(schema))}}}"
    return f"[{', '.join(sorted(map(_canonical, schema)))}]" if isinstance(schema, list) else json.dumps(schema)
