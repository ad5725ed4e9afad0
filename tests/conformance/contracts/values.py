"""Values of every kind that JSON has, and the ways to transform them."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    AliasPath,
    AnyUrl,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    Json,
    field_validator,
    model_validator,
)

from assay_server.contracts import EventContract


class Values(EventContract, event_type="values", version="1.0.0"):
    """Everything is optional."""

    number: float | None = None
    whole: int | None = None
    money: Decimal | None = None
    flag: bool | None = None
    text: str | None = None
    short: Annotated[str, Field(max_length=3)] | None = None
    anything: Any = None
    day: date | None = None
    moment: datetime | None = None
    mail: EmailStr | None = None
    link: AnyUrl | None = None


class Registered(EventContract, event_type="user.registered", version="1.0.0"):
    """Somebody has registered."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    email: EmailStr
    age: Annotated[int, Field(ge=0, le=150)]
    role: str = "user"

    @field_validator("email")
    @classmethod
    def lower_case(cls, value: str) -> str:
        """Addresses are compared in lower case."""
        return value.lower()


class Cat(BaseModel):
    """A branch that a tag chooses."""

    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    """Another branch."""

    kind: Literal["dog"]
    name: Annotated[str, Field(max_length=5)]


class Colour(Enum):
    """An enumeration of texts."""

    RED = "red"
    GREEN = "green"


class Node(BaseModel):
    """A model that contains itself."""

    value: int
    children: list["Node"] = Field(default_factory=list)


class Span(BaseModel):
    """A model that is checked as a whole."""

    start: int
    end: int

    @model_validator(mode="after")
    def in_order(self) -> "Span":
        """A span ends after it starts."""
        if self.end < self.start:
            raise ValueError("it ends before it starts")
        return self


class Strict(BaseModel):
    """A model that takes no keys but its own."""

    model_config = ConfigDict(extra="forbid")

    known: int = 0


class Shapes(EventContract, event_type="shapes", version="1.0.0"):
    """Models, unions and collections, one inside the other."""

    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    union: int | list[int] | None = None
    items: list[int] = Field(default_factory=list)
    keyed: dict[str, Cat] = Field(default_factory=dict)
    numbered: dict[int, int] = Field(default_factory=dict)
    pair: tuple[int, str] | None = None
    unique: set[int] = Field(default_factory=set)
    colour: Colour | None = None
    node: Node | None = None
    span: Span | None = None
    strict: Strict | None = None
    packed: Json[list[int]] | None = None
    renamed: int = Field(0, alias="re-named")
    deep: int = Field(0, validation_alias=AliasPath("a", "b", 0))
    either: int = Field(0, validation_alias=AliasChoices("this", "that"))
