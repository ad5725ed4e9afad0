"""A field marked sensitive is known to be so wherever the mark stands, and no other field is."""

from typing import Any

import pytest

from assay_server.contracts import Contract, Sensitivity
from tests.unit.contracts.folders import Folder, read

MODELS = """
from typing_extensions import TypeAliasType, TypedDict
import dataclasses
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Color(Enum):
    RED = "red"


class Plain(BaseModel):
    a: int = 0


class Holder(BaseModel):
    a: int = 0
    b: Annotated[str, Sensitive()] = ""


class Deep(BaseModel):
    holders: list[Holder] = []


class Secretive(BaseModel):
    a: int = 0
    inner: Annotated[Plain, Sensitive()] = Plain()


class Named(BaseModel):
    metadata: Annotated[str, Sensitive()] = ""


class Default(BaseModel):
    default: Annotated[str, Sensitive()] = ""


class Tree(BaseModel):
    children: list[Tree] = []
    secret: Annotated[str, Sensitive()] = ""


class Clean(BaseModel):
    children: list[Clean] = []


class Even(BaseModel):
    odd: Odd | None = None
    secret: Annotated[str, Sensitive()] = ""


class Odd(BaseModel):
    even: Even | None = None


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]
    chip: Annotated[str, Sensitive()] = ""


class Box(BaseModel, Generic[T]):
    content: T


@dataclasses.dataclass
class Data:
    a: Annotated[int, Sensitive()]


class Dict(TypedDict):
    a: Annotated[int, Sensitive()]


class Tuple(NamedTuple):
    a: Annotated[int, Sensitive()]


class Open(BaseModel):
    __pydantic_extra__: dict[str, Annotated[str, Sensitive()]]
    model_config = ConfigDict(extra="allow")


class Root(RootModel[Annotated[int, Sensitive()]]): ...


class Own(BaseModel):
    b: Annotated[str, Sensitive()] = ""

    def __init__(self, **data):
        super().__init__(**data)


Alias = TypeAliasType("Alias", Annotated[str, Sensitive()])
"""

SENSITIVE = {
    "text": "Annotated[str, Sensitive()]",
    "before a constraint": "Annotated[str, Sensitive(), Field(max_length=5)]",
    "after a constraint": "Annotated[str, Field(max_length=5), Sensitive()]",
    "between validators": "Annotated[str, BeforeValidator(str), Sensitive(), AfterValidator(str)]",
    "around a wrap validator": "Annotated[str, WrapValidator(lambda value, handler: handler(value)), Sensitive()]",
    "within a wrap validator": "Annotated[str, Sensitive(), WrapValidator(lambda value, handler: handler(value))]",
    "plain validator": "Annotated[str, PlainValidator(str), Sensitive()]",
    "anything": "Annotated[Any, Sensitive()]",
    "float": "Annotated[float, Sensitive()]",
    "e-mail": "Annotated[EmailStr, Sensitive()]",
    "enum": "Annotated[Color, Sensitive()]",
    "complex": "Annotated[complex, Sensitive()]",
    "text from numbers": "Annotated[str, Field(coerce_numbers_to_str=True), Sensitive()]",
    "optional within": "Optional[Annotated[str, Sensitive()]]",
    "optional without": "Annotated[str | None, Sensitive()]",
    "branch of a union": "Union[int, Annotated[str, Sensitive()]]",
    "whole union": "Annotated[Union[int, str], Sensitive()]",
    "items": "list[Annotated[str, Sensitive()]]",
    "whole list": "Annotated[list[str], Sensitive()]",
    "values": "dict[str, Annotated[str, Sensitive()]]",
    "keys": "dict[Annotated[str, Sensitive()], int]",
    "one place of a tuple": "tuple[int, Annotated[str, Sensitive()]]",
    "whole model": "Annotated[Plain, Sensitive()]",
    "in a model": "Holder",
    "in a list of models": "list[Holder]",
    "deep": "dict[str, Deep]",
    "model in a model": "Secretive",
    "field called metadata": "Named",
    "field called default": "Default",
    "tree": "Tree",
    "in a circle": "Even",
    "on the other side of a circle": "Odd",
    "tagged union": "Annotated[Union[Cat, Dog], Field(discriminator='kind')]",
    "branch of a tagged union": "Annotated[Union[Annotated[Cat, Sensitive()], Dog], Field(discriminator='kind')]",
    "whole tagged union": "Annotated[Union[Cat, Dog], Field(discriminator='kind'), Sensitive()]",
    "generic model": "Box[Annotated[str, Sensitive()]]",
    "dataclass": "Data",
    "TypedDict": "Dict",
    "NamedTuple": "Tuple",
    "extra keys": "Open",
    "root model": "Root",
    "model with its own __init__": "Own",
    "alias": "Alias",
    "list of an alias": "list[Alias]",
    "text in a JSON text": "Json[Annotated[str, Sensitive()]]",
}
OPEN = {
    "text": "str",
    "model": "Plain",
    "model that somebody else hides": "list[Plain]",
    "tree": "Clean",
    "tagged union": "Annotated[Union[Cat, Annotated[Cat, Field()]], Field()]",
    "generic model": "Box[str]",
    "default of None": "Optional[Plain] = None",
}


def sensitive_fields(contract: Contract) -> frozenset[str]:
    return Sensitivity(contract.schema).fields(contract.schema)


@pytest.mark.parametrize("annotation", SENSITIVE.values(), ids=SENSITIVE)
def test_a_field_that_is_or_holds_anything_sensitive_is_known(folder: Folder, annotation: str) -> None:
    """And the fields beside it, of the same types, are not."""
    folder.contract(f"x: {annotation}\ny: Union[Plain, Color, Cat, Clean, Box[str], str, complex]", before=MODELS)
    contract = folder.one()
    assert sensitive_fields(contract) == {"x"}
    assert Sensitivity(contract.schema).anywhere


@pytest.mark.parametrize("annotation", OPEN.values(), ids=OPEN)
def test_a_field_that_holds_nothing_sensitive_is_not(folder: Folder, annotation: str) -> None:
    """Although its type is hidden in another field."""
    folder.contract(
        f"x: Annotated[Plain, Sensitive()] = Plain()\nz: Annotated[Clean, Sensitive()]\ny: {annotation}", before=MODELS
    )
    assert sensitive_fields(folder.one()) == {"x", "z"}


def test_a_contract_without_marks_has_nothing_sensitive(folder: Folder) -> None:
    """Nowhere."""
    folder.contract("x: Plain\ny: list[Clean]", before=MODELS)
    contract = folder.one()
    assert not Sensitivity(contract.schema).anywhere
    assert sensitive_fields(contract) == frozenset()


@pytest.mark.parametrize("order", [("odd", "even"), ("even", "odd")])
def test_fields_that_lead_into_one_circle_are_all_known(folder: Folder, order: tuple[str, str]) -> None:
    """In whichever order they are looked at."""
    folder.contract("\n".join(f"{name}: {name.title()}" for name in order), before=MODELS)
    assert sensitive_fields(folder.one()) == {"odd", "even"}


@pytest.mark.parametrize(
    "validator",
    [
        '@model_validator(mode="before")\n@classmethod\ndef v(cls, data): return data',
        '@model_validator(mode="wrap")\n@classmethod\ndef v(cls, data, handler): return handler(data)',
        '@model_validator(mode="after")\ndef v(self): return self',
        "def __init__(self, **data):\n    super().__init__(**data)",
    ],
    ids=["before", "wrap", "after", "init"],
)
def test_validators_of_the_model_hide_nothing(folder: Folder, validator: str) -> None:
    """The fields are found behind them, also where the contract holds itself."""
    folder.contract(f"x: Annotated[str, Sensitive()]\ny: int = 0\nz: list[A] = []\n{validator}")
    assert sensitive_fields(folder.one()) == {"x", "z"}


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("Annotated[Plain, Sensitive()]", {"a": 1}),
        ("Annotated[Union[Annotated[Cat, Sensitive()], Dog], Field(discriminator='kind')]", {"kind": "cat"}),
        ("Annotated[Color, Sensitive()]", "red"),
        ("Annotated[list[Tree], Sensitive()]", [{"children": [{"children": [], "secret": "s"}], "secret": ""}]),
    ],
)
def test_a_mark_changes_nothing_about_how_a_value_is_read_and_written(folder: Folder, annotation: str, value: Any) -> None:
    """Nor about its JSON Schema."""
    folder.contract(f"x: {annotation}", before=MODELS)
    contract = folder.one()
    event = read(contract, f'{{"x": {value!r}}}'.replace("'", '"'))
    assert event.model_dump(mode="json") == {"x": value}
    folder.contract(f"x: {annotation.replace('Sensitive()', 'Field()')}", before=MODELS.replace("Sensitive()", "Field()"))
    assert folder.one().json_schema == contract.json_schema
