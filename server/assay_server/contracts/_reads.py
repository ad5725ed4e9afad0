"""Which fields of an event an author's method may read, found in its syntax tree.

What cannot be followed counts as reading all fields, so that the answer may be too many, never too few.
"""

import ast
from collections.abc import Callable
from types import FunctionType
from typing import Any

from pydantic import BaseModel

from ._feature import Feature
from ._markers import Resource
from ._modules import Package

_REACHING = frozenset({"super", "locals", "vars", "dir", "eval", "exec"})
"""What reaches the event without naming it."""


def fields_read(cls: type[BaseModel], method: Callable[..., Any], package: Package) -> frozenset[str]:
    """Return the names of the fields that a method of `cls` may read, through other methods and properties too."""
    names: set[str] = set()
    everything = frozenset(cls.model_fields)
    seen: set[object] = set()
    waiting: list[object] = [method]
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        attributes = _attributes(function, package) if isinstance(function, FunctionType) else None
        if attributes is None:
            return everything
        for name in attributes:
            if name in cls.model_fields:
                names.add(name)
                continue
            value = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
            if isinstance(value, Resource) or (value is not None and not hasattr(type(value), "__get__")):
                continue  # It is given out as it is, and sees nothing of the event.
            waiting.append(_code_of(value))
    return frozenset(names)


def _code_of(value: object) -> object:
    if isinstance(value, Feature):
        return value.function
    return value.fget if isinstance(value, property) else value


def _attributes(function: FunctionType, package: Package) -> set[str] | None:
    """Return the attributes of its first parameter that a function names; None if the parameter goes elsewhere."""
    node = _definition(function, package)
    if node is None or not (parameters := [*node.args.posonlyargs, *node.args.args]):
        return None
    receiver = parameters[0].arg
    names: set[str] = set()
    followed: set[ast.AST] = set()
    for part in ast.walk(node):
        match part:
            case ast.Attribute(value=ast.Name(id=name) as target, attr=attribute) if name == receiver:
                names.add(attribute)
                followed.add(target)
            case ast.Name(id=name) if name in _REACHING or (name == receiver and part not in followed):
                return None
    return names


def _definition(function: FunctionType, package: Package) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    # A decorator may have given a function the name and module of another, but not its code.
    code = function.__code__
    source = next((found for found in package.sources.values() if found.code.co_filename == code.co_filename), None)
    if source is None:
        return None
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first == code.co_firstlineno:
                return node
    return None
