"""What an author declares on a contract besides its fields."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, Literal, Self, TypeVar, cast, overload

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from assay_server._durations import parse_duration

from ._enforcement import Enforcement
from ._problems import DeclarationError

T = TypeVar("T")

EnforcementName = Literal["reject", "warn", "audit"]

SENSITIVE = "assay_sensitive"
"""The key in a core schema's metadata that says that its values are sensitive."""


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Marks a field whose values appear in no finding, evidence, log or metric: `Annotated[str, Sensitive()]`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler | None = None) -> CoreSchema:
        if handler is None:  # It was the class that stood there, so that `self` is the source.
            raise DeclarationError("Sensitive is not called", "Write Annotated[…, Sensitive()].", source.field_name or "")
        schema = handler(source)
        if "ref" in schema or schema["type"] in {"definition-ref", "definitions", "model", "dataclass"}:
            # Such a schema is shared by all fields of its type: mark a wrapper, not the type. It is one that a discriminated
            # union takes as a branch.
            schema = core_schema.no_info_after_validator_function(_unchanged, schema)
        marked: Any = {**schema, "metadata": {**(schema.get("metadata") or {}), SENSITIVE: True}}
        return cast("CoreSchema", marked)


def _unchanged(value: T) -> T:
    return value


class NoField:
    """What stands on a contract but is no field of it, and so has no annotation."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        name = handler.field_name or "…"
        raise DeclarationError(
            f"{cls.__name__} is no type of a field",
            f"Leave out the annotation: {name} = {cls.__name__}(…).",
            handler.field_name or "",
        )


@dataclass(frozen=True, slots=True, init=False)
class Clock(NoField):
    """Says how far an event's timestamp may be from the time at which the server receives it.

    An event beyond either bound, or without a timestamp, gets the finding `envelope.clock_skew`.

    Args:
        max_age: How old an event may be; any age by default.
        max_ahead: How far ahead of the server's clock it may be; any distance by default.
        enforcement: What follows from the finding.

    Raises:
        DeclarationError: If a bound is no duration, or none is given.
    """

    max_age: timedelta | None
    max_ahead: timedelta | None
    enforcement: Enforcement

    def __init__(
        self,
        *,
        max_age: timedelta | str | None = None,
        max_ahead: timedelta | str | None = None,
        enforcement: EnforcementName = "reject",
    ) -> None:
        if max_age is None and max_ahead is None:
            raise DeclarationError("a Clock without bounds checks nothing", 'Give it max_age="7d", max_ahead="5m" or both.')
        try:
            object.__setattr__(self, "max_age", None if max_age is None else parse_duration(max_age))
            object.__setattr__(self, "max_ahead", None if max_ahead is None else parse_duration(max_ahead))
            object.__setattr__(self, "enforcement", Enforcement.parse(enforcement))
        except ValueError as error:
            raise DeclarationError(
                f"this Clock cannot be read: {error}", 'Write Clock(max_age="7d", max_ahead="5m").'
            ) from None


class ResourceClosedError(RuntimeError):
    """A resource is asked for while its contract is not in service."""


@dataclass(eq=False, slots=True)
class Resource(NoField, Generic[T]):
    """Something that rules need for long, such as a pool of connections.

    `open` makes an asynchronous context manager. It is entered when the contract is put in service and left when it is
    taken out; in between, the attribute reads as what the manager gave.
    """

    open: Callable[[], AbstractAsyncContextManager[T]]
    _value: T | None = field(default=None, init=False)
    _entered: bool = field(default=False, init=False)

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        if not self._entered:
            raise ResourceClosedError("this resource is not open: its contract is not in service")
        return self._value  # type: ignore[return-value]  # It is a T once entered.

    def fill(self, value: T) -> None:
        """Make the attribute read as `value`, which `open()` gave."""
        self._value, self._entered = value, True
