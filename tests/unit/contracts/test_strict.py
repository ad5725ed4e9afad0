"""No number comes in that is not finite, and no number that is comes in as another."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from assay_server.contracts import branch_of
from tests.unit.contracts.folders import Folder, read

MODELS = """
import dataclasses
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import typing_extensions
from pydantic import dataclasses as pydantic_dataclasses
from typing_extensions import TypeAliasType


class Loose(BaseModel):
    model_config = ConfigDict(allow_inf_nan=True, extra="allow")
    f: float = 0


class Extras(BaseModel):
    __pydantic_extra__: dict[str, float]
    model_config = ConfigDict(extra="allow")


class Own(BaseModel):
    f: float = 0
    u: Union[float, str] = 0
    inner: Optional[Loose] = None

    def __init__(self, **data):
        super().__init__(**data)


class Wrapped(BaseModel):
    f: Any = 0

    @model_validator(mode="wrap")
    @classmethod
    def build(cls, value, handler):
        return cls.model_construct(**value)


class Root(RootModel[list[float]]): ...


class Tree(BaseModel):
    f: float = 0
    any: Any = None
    children: list[Tree] = []


T = TypeVar("T")


class Box(BaseModel, Generic[T]):
    f: T


@dataclasses.dataclass
class Data:
    f: float


@pydantic_dataclasses.dataclass(config=ConfigDict(allow_inf_nan=True))
class PydanticData:
    f: float


class Dict(typing_extensions.TypedDict):
    f: float


class OpenDict(typing_extensions.TypedDict):
    __pydantic_config__ = ConfigDict(extra="allow")


class Tuple(NamedTuple):
    f: float


class Cat(BaseModel):
    kind: Literal["cat"]
    f: float


class Dog(BaseModel):
    kind: Literal["dog"]
    f: float


Anything = TypeAliasType("Anything", Any)
Plain = TypeAliasType("Plain", Annotated[Any, PlainValidator(lambda value: value)])
Numbers = TypeAliasType("Numbers", "Union[float, list[Numbers]]")
"""

NUMBERS = {
    "float": "float",
    "constrained float": "Annotated[float, Field(gt=-1e300)]",
    "strict float": "Annotated[float, Strict()]",
    "float that allows them": "Annotated[float, AllowInfNan(True)]",
    "float of a branch": "Union[int, float]",
    "optional float": "Optional[float]",
    "Decimal": "Decimal",
    "Decimal that allows them": "Annotated[Decimal, AllowInfNan(True)]",
    "int": "int",
    "complex": "complex",
    "validated before": "Annotated[float, BeforeValidator(lambda value: value)]",
    "validated after": "Annotated[float, AfterValidator(lambda value: value)]",
    "validated around": "Annotated[float, WrapValidator(lambda value, handler: handler(value))]",
    "converted by a plain validator": "Annotated[float, PlainValidator(float)]",
    "converted around": "Annotated[float, WrapValidator(lambda value, handler: float(value))]",
}
ANYTHING = {
    "Any": "Any",
    "object": "object",
    "JsonValue": "JsonValue",
    "SkipValidation": "SkipValidation[float]",
    "alias of Any": "Anything",
    "alias of a plain validator": "Plain",
    "alias that names itself": "Numbers",
    "plain validator": "Annotated[float, PlainValidator(lambda value: value)]",
    "wrap validator that does not call on": "Annotated[float, WrapValidator(lambda value, handler: value)]",
    "text that takes numbers": "Annotated[str, Field(coerce_numbers_to_str=True)]",
}
# How a type holds the number, and where the error is then.
HOLDERS: dict[str, tuple[str, str, tuple[Any, ...]]] = {
    "list": ("list", "[0, {}]", (1,)),
    "list of floats": ("list[float]", "[0, {}]", (1,)),
    "set": ("set", "[{}]", (0,)),
    "frozen set": ("frozenset", "[{}]", (0,)),
    "tuple": ("tuple", "[0, {}]", (1,)),
    "tuple of floats": ("tuple[int, float]", "[0, {}]", (1,)),
    "deque": ("deque", "[{}]", (0,)),
    "sequence": ("Sequence", "[{}]", (0,)),
    "dict": ("dict", '{{"k": {}}}', ("k",)),
    "dict of floats": ("dict[str, float]", '{{"k": {}}}', ("k",)),
    "mapping": ("Mapping", '{{"k": {}}}', ("k",)),
    "deep in Any": ("Any", '{{"a": [1, {{"b": {}}}]}}', ("a", 1, "b")),
    "deep in a list": ("list", '[[1, {{"b": {}}}]]', (0, 1, "b")),
    "model that allows them": ("Loose", '{{"f": {}}}', ("f",)),
    "extra key": ("Loose", '{{"g": {}}}', ("g",)),
    "deep in an extra key": ("Loose", '{{"g": [{}]}}', ("g", 0)),
    "extra key with a type": ("Extras", '{{"g": {}}}', ("g",)),
    "model with its own __init__": ("Own", '{{"f": {}}}', ("f",)),
    "in a model in one with its own __init__": ("Own", '{{"inner": {{"g": [{}]}}}}', ("inner", "g", 0)),
    "model that validates itself": ("Wrapped", '{{"f": [{}]}}', ("f", 0)),
    "root model": ("Root", "[0, {}]", (1,)),
    "recursive model": ("Tree", '{{"children": [{{"children": [{{"f": {}}}]}}]}}', ("children", 0, "children", 0, "f")),
    "Any of a recursive model": ("Tree", '{{"children": [{{"any": {}}}]}}', ("children", 0, "any")),
    "generic model": ("Box[float]", '{{"f": {}}}', ("f",)),
    "generic model of anything": ("Box", '{{"f": {}}}', ("f",)),
    "dataclass": ("Data", '{{"f": {}}}', ("f",)),
    "Pydantic's dataclass": ("PydanticData", '{{"f": {}}}', ("f",)),
    "TypedDict": ("Dict", '{{"f": {}}}', ("f",)),
    "open TypedDict": ("OpenDict", '{{"f": [{}]}}', ("f", 0)),
    "NamedTuple": ("Tuple", "[{}]", (0,)),
    "tagged union": ('Annotated[Union[Cat, Dog], Field(discriminator="kind")]', '{{"kind": "dog", "f": {}}}', ("dog", "f")),
}


def kinds(folder: Folder, annotation: str, value: str) -> list[tuple[str, tuple[Any, ...]]]:
    """Return kind and place of each error in a value, without the field and the branches of unions; none if it is accepted."""
    folder.contract(f"x: {annotation}", before=MODELS)
    try:
        read(folder.one(), f'{{"x": {value}}}')
    except ValidationError as error:
        parts = error.errors(include_url=False, include_input=False)
        return [(part["type"], tuple(key for key in part["loc"][1:] if branch_of(key) is None)) for part in parts]
    return []


@pytest.mark.parametrize("value", ["1e400", "-1e400", "NaN", "Infinity", "-Infinity", '"nan"', '"inf"', '"-Infinity"'])
@pytest.mark.parametrize("annotation", NUMBERS.values(), ids=NUMBERS)
def test_a_number_is_finite(folder: Folder, annotation: str, value: str) -> None:
    """Whatever the field allows, and whoever reads it; a text is none either where a number is read from it."""
    assert kinds(folder, annotation, value)


@pytest.mark.parametrize("value", ["1e400", "-1e400", "NaN", "Infinity"])
@pytest.mark.parametrize("annotation", ANYTHING.values(), ids=ANYTHING)
def test_where_anything_may_stand_a_number_is_finite_too(folder: Folder, annotation: str, value: str) -> None:
    """The finding is the same as elsewhere."""
    assert ("finite_number", ()) in kinds(folder, annotation, value)


@pytest.mark.parametrize("value", ["1e400", "NaN"])
@pytest.mark.parametrize(("annotation", "text", "place"), HOLDERS.values(), ids=HOLDERS)
def test_a_number_is_finite_however_deep_it_stands(
    folder: Folder, annotation: str, text: str, place: tuple[Any, ...], value: str
) -> None:
    """The finding is at the number itself."""
    assert kinds(folder, annotation, text.format(value)) == [("finite_number", place)]
    assert kinds(folder, annotation, text.format("1")) == []


@pytest.mark.parametrize("text", ['{{"f": "{}"}}', '{{"inner": {{"f": "{}"}}}}'])
def test_a_model_with_its_own_init_reads_no_text_as_infinite(folder: Folder, text: str) -> None:
    """Although Pydantic checks it by another validator than ours."""
    assert [kind for kind, _ in kinds(folder, "Own", text.format("nan"))] == ["finite_number"]


def test_every_number_that_is_not_finite_is_found_in_its_order(folder: Folder) -> None:
    """Not only the first."""
    found = kinds(folder, "Any", '[1e400, {"b": -1e400, "a": [NaN]}, "inf", 1]')
    assert found == [("finite_number", (0,)), ("finite_number", (1, "b")), ("finite_number", (1, "a", 0))]


def test_the_text_of_a_json_text_is_read_as_strictly(folder: Folder) -> None:
    """`Json` and `Json[...]` take NaN in the text that they read."""
    for annotation in ("Json", "Json[Any]", "Json[list[float]]", "Json[list]"):
        for value in ('"[1e400]"', '"[NaN]"'):
            assert kinds(folder, annotation, value) == [("finite_number", (0,))], annotation


def test_models_that_know_each_other_are_searched_once(folder: Folder) -> None:
    """A model with its own `__init__` may hold whatever it likes, itself too."""
    before = """
    class Node(BaseModel):
        f: float = 0
        _up: Any = None
        me: Any = None
        def __init__(self, **data):
            super().__init__(**data)
            self.me = self
    """
    folder.contract("x: Node", before=before)
    contract = folder.one()
    assert read(contract, '{"x": {"f": 1}}').x.me.f == 1
    with pytest.raises(ValidationError, match="finite"):
        read(contract, '{"x": {"f": 1e400}}')


WHOLE = [2**53 + 1, 2**63, 2**64, -(2**64) - 1, 10**400, 10**4299, -(10**4299)]


@pytest.mark.parametrize("annotation", ["int", "Any", "Decimal", "JsonValue", "Union[int, float]", "Union[float, int]"])
@pytest.mark.parametrize("number", WHOLE, ids=lambda number: f"{len(str(number))} digits")
def test_a_whole_number_comes_in_exactly(folder: Folder, annotation: str, number: int) -> None:
    """As large as 4,300 digits, wherever it need not be a float."""
    folder.contract(f"x: {annotation}")
    assert read(folder.one(), f'{{"x": {number}}}').x == number


@pytest.mark.parametrize("annotation", ["int", "float", "Any", "Decimal", "str", "bool", "dict", "Optional[int]"])
def test_more_than_4300_digits_are_a_finding(folder: Folder, annotation: str) -> None:
    """Of the text as a whole: Python's own limit."""
    assert kinds(folder, annotation, "9" * 4301) == [("json_invalid", ())]


def test_a_whole_number_too_large_for_a_float_is_a_finding(folder: Folder) -> None:
    """It would be infinite."""
    assert kinds(folder, "float", "1" + "0" * 400) == [("finite_number", ())]


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        ("float", "-0.0", -0.0),
        ("float", "5e-324", 5e-324),
        ("float", "1e-400", 0.0),
        ("float", "1.7976931348623157e308", 1.7976931348623157e308),
        ("Any", "-0.0", -0.0),
        ("Any", '"nan"', "nan"),
        ("str", '"Infinity"', "Infinity"),
        ("int", "-0", 0),
        ("int", '"7"', 7),
        ("int", "7.0", 7),
        ("Decimal", "0.1", Decimal("0.1")),
        ("Decimal", '"1.10"', Decimal("1.10")),
        ("bool", '"yes"', True),
    ],
)
def test_finite_numbers_and_texts_come_in_as_pydantic_reads_them(
    folder: Folder, annotation: str, text: str, value: object
) -> None:
    """Its default coercion, the sign of zero included."""
    folder.contract(f"x: {annotation}")
    assert repr(read(folder.one(), f'{{"x": {text}}}').x) == repr(value)


def test_the_branches_of_a_union_can_be_told_from_keys(folder: Folder) -> None:
    """Whatever a caller calls a key: also a key that looks as a label may have looked."""
    folder.contract("x: Union[int, dict[str, int]]")
    key = "\0branch 1"
    with pytest.raises(ValidationError) as caught:
        read(folder.one(), json.dumps({"x": {"int": "no", key: "no"}}))
    first, second, third = (part["loc"] for part in caught.value.errors())
    assert [branch_of(part) for part in first] == [None, 0]
    assert [branch_of(part) for part in second] == [branch_of(part) for part in third] == [None, 1, None]
    assert (second[2], third[2]) == ("int", key)


@pytest.mark.parametrize("part", ["int", "branch 0", 0, "", None, "\0", "\0branch", "\0branch 0", "\0branch x"])
def test_what_is_no_label_is_no_branch(part: object) -> None:
    """A key or an index is itself."""
    assert branch_of(part) is None


def test_the_classes_of_the_author_stay_as_they_are(folder: Folder) -> None:
    """Strictness is the contract's, not the model's: code that builds one is not bothered."""
    folder.contract("x: float\ny: Any = None")
    model: Any = folder.one().model
    assert model(x="inf").x == float("inf")
    assert model.model_validate_json('{"x": 1e400}').x == float("inf")
