"""Rules: what must hold across the fields of an event."""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from types import FunctionType
from typing import Any, TypeGuard, TypeVar, overload

from assay_server._durations import parse_duration

from ._enforcement import Enforcement
from ._markers import EnforcementName
from ._problems import DeclarationError

DEFAULT_TIMEOUT = timedelta(seconds=1)
"""How long a rule that takes time may take, unless it says otherwise."""

_OPTIONS = "__assay_rule__"

_WRAPPED = ("__wrapped__", "__func__", "fget", "func")
"""Where decorators keep what they stand on."""

F = TypeVar("F", bound=Callable[..., Any])


class Execution(Enum):
    """How a rule runs."""

    INLINE = auto()
    """In the event loop: for arithmetic."""
    BLOCKING = auto()
    """In threads of its own."""
    ASYNC = auto()
    """Awaited, concurrently over a batch."""


@dataclass(frozen=True, slots=True)
class _Options:
    enforcement: Enforcement
    required: bool
    timeout: timedelta | None
    blocking: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of a contract, as the contract declares it."""

    name: str
    function: Callable[[Any], Any]
    execution: Execution
    enforcement: Enforcement
    required: bool
    timeout: timedelta
    description: str
    """The first paragraph of its docstring, or the words of its name."""


@overload
def rule(function: F, /) -> F: ...


@overload
def rule(
    *,
    enforcement: EnforcementName = "reject",
    required: bool | None = None,
    timeout: timedelta | str | None = None,
    blocking: bool = False,
) -> Callable[[F], F]: ...


def rule(
    function: F | None = None,
    /,
    *,
    enforcement: EnforcementName = "reject",
    required: bool | None = None,
    timeout: timedelta | str | None = None,
    blocking: bool = False,
) -> F | Callable[[F], F]:
    """Make a method of a contract a rule: True or None passes, False or a text is a finding, `rules.<method name>`.

    A rule on a `def` runs in line: it is for arithmetic. One on an `async def` is awaited, concurrently over a batch.

    Args:
        function: The method, where the decorator stands without parentheses.
        enforcement: What follows from its findings.
        required: Whether it is a finding too that the rule could not run. By default, where it rejects.
        timeout: How long a blocking or asynchronous rule may take; 1 s by default.
        blocking: Run it in a thread: for a `def` that waits or computes for long.

    Raises:
        DeclarationError: If the options cannot be read, or do not fit the method.
    """
    try:
        parsed = Enforcement.parse(enforcement)
        limit = None if timeout is None else parse_duration(timeout)
    except ValueError as error:
        raise DeclarationError(f"this rule's options cannot be read: {error}", 'Write @rule(enforcement="warn").') from None
    options = _Options(parsed, parsed is Enforcement.REJECT if required is None else required, limit, blocking)

    def mark(method: F) -> F:
        _check_method(method, options)
        setattr(method, _OPTIONS, options)
        return method

    return mark if function is None else mark(function)


def _check_method(method: object, options: _Options) -> None:
    if not isinstance(method, FunctionType):
        raise DeclarationError("@rule stands on something that is no method", "Put it on a def, nearest to it.")
    name = method.__name__
    if inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method):
        raise DeclarationError("a rule cannot be a generator", "Return True, False or a text.", name)
    parameters = list(inspect.signature(method).parameters.values())
    if len(parameters) != 1 or parameters[0].kind not in {parameters[0].POSITIONAL_ONLY, parameters[0].POSITIONAL_OR_KEYWORD}:
        raise DeclarationError("a rule takes the event and nothing else", f"Write def {name}(self).", name)
    if inspect.iscoroutinefunction(method) and options.blocking:
        raise DeclarationError("an async def cannot be blocking", "Leave out blocking=True, or the async.", name)
    if options.timeout and not options.blocking and not inspect.iscoroutinefunction(method):
        raise DeclarationError(
            "a rule that runs in line cannot be timed out", "Add blocking=True, or make it an async def.", name
        )


def rules_of(cls: type) -> tuple[Rule, ...]:
    """Return the rules of a class and its bases, in the order in which they are declared, bases first.

    Raises:
        DeclarationError: If a rule is hidden under another decorator.
    """
    names: dict[str, None] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if name.startswith("__"):
                continue
            if any(map(is_rule, _wrapped(value))):
                raise DeclarationError("another decorator stands above @rule", "Put @rule first, on a plain method.", name)
            if is_rule(value):
                names[name] = None
    return tuple(_rule(name, method) for name in names if is_rule(method := inspect.getattr_static(cls, name)))


def _wrapped(value: object) -> Iterator[object]:
    """Yield what a decorator may stand on."""
    for name in _WRAPPED:
        with contextlib.suppress(Exception):  # Whatever else stands in a class may fail at being asked.
            yield getattr(value, name)


def is_rule(value: object) -> TypeGuard[FunctionType]:
    """Return whether something is a method that is a rule."""
    return isinstance(value, FunctionType) and hasattr(value, _OPTIONS)


def _rule(name: str, method: Callable[..., Any]) -> Rule:
    options: _Options = getattr(method, _OPTIONS)
    execution = Execution.BLOCKING if options.blocking else Execution.INLINE
    if inspect.iscoroutinefunction(method):
        execution = Execution.ASYNC
    paragraph = (inspect.getdoc(method) or "").partition("\n\n")[0]
    return Rule(
        name=name,
        function=method,
        execution=execution,
        enforcement=options.enforcement,
        required=options.required,
        timeout=options.timeout or DEFAULT_TIMEOUT,
        description=" ".join(paragraph.split()) or name.replace("_", " "),
    )
