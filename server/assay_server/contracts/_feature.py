"""Features: values that a contract derives from an event."""

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, Generic, Self, TypeVar, get_type_hints, overload

from pydantic import TypeAdapter
from pydantic_core import CoreSchema

from ._markers import NoField
from ._problems import DeclarationError
from ._rule import is_rule

T = TypeVar("T")


class Feature(NoField, Generic[T]):
    """A value derived from an event, read as an attribute: rules and other features read `self.speed`.

    It is computed when it is first read, and once for an event: what it gives is kept in the event's `__dict__`, where
    Python finds it before it asks this descriptor, and where Pydantic expects the values of cached properties.

    Attributes:
        name: What it is called.
        function: The method.
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function = function
        self.name = function.__name__
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        value = self.function(instance)
        vars(instance)[self.name] = value
        return value

    @property
    def description(self) -> str:
        """The first paragraph of its docstring, or the words of its name."""
        paragraph = (inspect.getdoc(self.function) or "").partition("\n\n")[0]
        return " ".join(paragraph.split()) or self.name.replace("_", " ")

    def schema(self) -> CoreSchema:
        """Return the core schema of what it returns, with its markers.

        Raises:
            DeclarationError: If it does not say what it returns.
        """
        try:
            hints = get_type_hints(self.function, include_extras=True)
        except NameError as error:
            raise DeclarationError(
                f"a feature returns {error.name!r}, which is not there", "Import or define it in this module.", self.name
            ) from None
        if hints.get("return") in {None, type(None)}:
            raise DeclarationError(
                "a feature does not say what it returns", f"Write def {self.name}(self) -> float, or -> str.", self.name
            )
        try:
            schema: CoreSchema = TypeAdapter(hints["return"]).core_schema
        except DeclarationError as error:
            raise DeclarationError(error.message, error.remedy, self.name) from None
        return schema


def feature(function: Callable[[Any], T]) -> Feature[T]:
    """Make a method of a contract a feature: a value derived from the event, read as an attribute.

    What it returns may have markers, such as `-> Annotated[float, ThreeSigma()]`, and make groups of other checks by its
    name. It is computed once for an event.

    Raises:
        DeclarationError: If it is no method that takes the event and nothing else.
    """
    if not isinstance(function, FunctionType):
        raise DeclarationError("@feature stands on something that is no method", "Put it on a def, nearest to it.")
    name = function.__name__
    if is_rule(function):
        raise DeclarationError("a method cannot be a rule and a feature", "Make it two methods.", name)
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise DeclarationError("a feature cannot be asynchronous, nor a generator", f"Write a plain def {name}(self).", name)
    parameters = list(inspect.signature(function).parameters.values())
    if len(parameters) != 1 or parameters[0].kind not in {parameters[0].POSITIONAL_ONLY, parameters[0].POSITIONAL_OR_KEYWORD}:
        raise DeclarationError("a feature takes the event and nothing else", f"Write def {name}(self).", name)
    return Feature(function)


def features_of(cls: type) -> tuple[Feature[Any], ...]:
    """Return the features of a class and its bases, in the order in which they are declared, bases first."""
    names = {name: None for base in reversed(cls.__mro__) for name, value in vars(base).items() if isinstance(value, Feature)}
    found = (inspect.getattr_static(cls, name) for name in names)
    return tuple(value for value in found if isinstance(value, Feature))
