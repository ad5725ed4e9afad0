"""Types, validators and options of Pydantic's work in a contract as Pydantic's users know them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from assay_server.contracts import Contract
from tests.unit.contracts.folders import Folder, read

BEFORE = """
import ipaddress
import uuid
from typing import NamedTuple, NewType

import typing_extensions
from pydantic import dataclasses as pydantic_dataclasses


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog", "hound"]
    name: Annotated[str, Field(min_length=1)]


class Point(NamedTuple):
    x: int
    y: int = 0


class Options(typing_extensions.TypedDict, total=False):
    size: typing_extensions.Required[int]
    color: Color


@pydantic_dataclasses.dataclass
class Box:
    width: float
    height: float = 1.0

    def __post_init__(self):
        self.area = self.width * self.height


class Tree(BaseModel):
    value: int
    children: list[Tree] = []


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    a: int


class Open(BaseModel):
    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)
    a: str = ""


class Exact(BaseModel):
    model_config = ConfigDict(strict=True)
    a: int = 0
    b: Optional[date] = None


class Own(BaseModel):
    a: int
    b: list[float] = []

    def __init__(self, a, **others):
        super().__init__(a=a, **others)


class Root(RootModel[dict[str, int]]): ...


def shape(value):
    if isinstance(value, dict):
        return "object" if "a" in value else "other"
    return "text" if isinstance(value, str) else None


UserId = NewType("UserId", int)
"""

BODY = """
model_config = ConfigDict(populate_by_name=True, validate_default=True)

_calls: int = PrivateAttr(default=0)
_made: list = PrivateAttr(default_factory=list)

text: Annotated[str, Field(min_length=1, max_length=10, pattern="^[a-z]*$")] = "x"
number: Annotated[float, Field(ge=-5, lt=1e6, multiple_of=0.5)] = 0
whole: Annotated[int, Field(gt=-3)] = 0
flag: bool = False
exact: Annotated[int, Strict()] = 0
amount: Annotated[Decimal, Field(max_digits=6, decimal_places=2)] = Decimal("0.10")
day: date = date(2020, 1, 2)
moment: AwareDatetime | None = None
lasts: timedelta = timedelta(seconds=1)
color: Color = Color.RED
level: Level | None = None
email: EmailStr | None = None
url: HttpUrl | None = None
address: ipaddress.IPv4Address | None = None
key: uuid.UUID | None = None
secret: SecretStr | None = None
raw: bytes = b""
pet: Annotated[Union[Cat, Dog], Field(discriminator="kind")] | None = None
shaped: Annotated[
    Union[Annotated[Open, Tag("object")], Annotated[dict[str, int], Tag("other")], Annotated[str, Tag("text")]],
    Discriminator(shape),
] | None = None
smart: Union[int, str, list[int], Frozen, Open] = 0
loose: Union[int, Any] = 0
looser: Union[Any, int] = 0
either: Union[list[Any], list[int]] = []
plain_or: Union[Annotated[int, PlainValidator(int)], str] = 0
in_order: Annotated[Union[float, int, str], Field(union_mode="left_to_right")] = 0
point: Point | None = None
options: Options | None = None
box: Box | None = None
tree: Tree | None = None
strictly: Exact = Exact()
own: Own | None = None
root: Root = Root({})
parsed: Json[list[int]] | None = None
counts: dict[Color, Annotated[int, Field(ge=0)]] = {}
unique: frozenset[int] = frozenset()
anything: Any = None
renamed: Annotated[int, Field(alias="re-named")] = 0
picked: Annotated[int, Field(validation_alias=AliasPath("deep", "list", 0))] = 0
chosen: Annotated[int, Field(validation_alias=AliasChoices("first", AliasPath("deep", "second"), "chosen"))] = 0
fresh: list[int] = Field(default_factory=list)
derived: int = Field(default_factory=lambda data: data.get("whole", 0) + 1)
frozen_field: Annotated[int, Field(frozen=True)] = 0
user: UserId = UserId(0)
stripped: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True)] = ""

@field_validator("whole", mode="before")
@classmethod
def from_text(cls, value):
    return value.count("i") if isinstance(value, str) else value

@field_validator("text", "email")
@classmethod
def lower(cls, value, info):
    return value and value.lower()

@field_validator("flag", mode="wrap")
@classmethod
def lenient(cls, value, handler):
    try:
        return handler(value)
    except ValidationError:
        return value == "ja"

@field_validator("anything", mode="plain")
@classmethod
def no_text(cls, value):
    if isinstance(value, str):
        raise ValueError("no text")
    return value

@computed_field
@property
def double(self) -> float:
    return self.number * 2

def model_post_init(self, context):
    self._calls += 1
"""

# With these, Pydantic reads the whole payload as Python's objects, and not as JSON.
MODEL_VALIDATORS = """
@model_validator(mode="before")
@classmethod
def unwrap(cls, data):
    return data["wrapped"] if isinstance(data, dict) and "wrapped" in data else data

@model_validator(mode="wrap")
@classmethod
def around(cls, data, handler):
    made = handler(data)
    made._made.append("around")
    return made

@model_validator(mode="after")
def together(self):
    assert not (self.flag and self.number == 1), "both"
    return self
"""

# What may stand in each field: some of it is right, some is only nearly so.
GOOD: dict[str, list[Any]] = {
    "text": ["abc", "ABC", "", "abcdefghijk", 1],
    "number": [1, 1.5, "2.5", 0.3, -6, 1e6, True, "x"],
    "whole": [1, 1.0, 1.5, "iii", -3, 2**70],
    "flag": [True, 0, "yes", "ja", "nein", 1, 2],
    "exact": [1, 1.0, "1", True],
    "amount": [1, 1.25, "1.25", "1.255", "12345.6", "1e1"],
    "day": ["2020-02-29", "2021-02-29", 0, 86400, "2020-01-01T00:00:00", "2020-01-01T00:00:01"],
    "moment": ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00", 1e9, "2020-01-01T00:00:00+05:30", None],
    "lasts": ["PT5S", 5, "00:00:05", "1 day", 1.5],
    "color": ["red", "blue", "RED", 1],
    "level": [1, 2, 3, "1", "HIGH", None],
    "email": ["A@Example.com", "a@b", "Ada <a@example.com>", None],
    "url": ["https://Example.com", "https://example.com/a?b#c", "ftp://example.com", "example"],
    "address": ["127.0.0.1", 2130706433, "::1"],
    "key": ["12345678-1234-5678-1234-567812345678", "12345678", 5],
    "secret": ["hush", 1],
    "raw": ["text", "é", 1],
    "pet": [
        {"kind": "cat"},
        {"kind": "dog", "name": "Rex"},
        {"kind": "hound", "name": ""},
        {"kind": "cow"},
        {},
        {"kind": "cat", "lives": "7"},
    ],
    "shaped": [{"a": " x "}, {"b": 1}, {"b": "x"}, "text", 5, {}],
    "smart": [1, "1", "x", [1], ["1"], {"a": 1}, {"a": "1"}, {"a": "x"}, {"a": "1", "b": 2}, {}, 1.0, 1.5, True],
    "loose": [1, "1", 1.0, 1.5, [1], None],
    "looser": [1, "1", 1.0, [1], {"a": 1}],
    "either": [[1], ["1"], [None], "x"],
    "plain_or": [1, "1", "x", [1]],
    "in_order": [1, 1.5, "1", "x", []],
    "point": [[1, 2], [1], {"x": 1}, {"x": 1, "y": "2"}, [], [1, 2, 3]],
    "options": [{"size": 1}, {"size": "1", "color": "red"}, {"color": "red"}, {"size": 1, "other": 2}],
    "box": [{"width": 2}, {"width": "2", "height": 3}, {"height": 1}, {"width": 1, "depth": 1}],
    "tree": [{"value": 1}, {"value": 1, "children": [{"value": 2, "children": [{"value": "x"}]}]}],
    "strictly": [{"a": 1}, {"a": "1"}, {"a": 1.0}, {"b": "2020-01-01"}, {"b": 0}],
    "own": [{"a": 1}, {"a": "1", "b": [1, "2"]}, {"b": [1]}, {"a": 1, "b": ["x"]}, 1],
    "root": [{}, {"a": 1}, {"a": "1", "b": "x"}],
    "parsed": ["[1, 2]", '["1"]', "[", 1, '["x"]'],
    "counts": [{"red": 1}, {"green": 1}, {"blue": -1}],
    "unique": [[1, 1, "1"], [], ["x"]],
    "anything": [None, 1, "text", {"a": [1, {"b": 2.5}]}, [[]]],
    "re-named": [1, "x"],
    "renamed": [2, "x"],
    "deep": [{"list": [1]}, {"list": []}, {"list": ["x"]}, {"second": 3}, {"list": [1], "second": 2}, 5],
    "first": [1, "x"],
    "chosen": [2, "x"],
    "fresh": [[1], ["x"]],
    "derived": [5, "x"],
    "frozen_field": [1],
    "user": [5, "5", "x"],
    "stripped": [" a ", 1],
    "wrapped": [{"text": "abc"}, {}, 5],
    "unknown": [1, {"a": 1}],
}

TEXTS = st.sampled_from(
    ["", "a", "A", "1", "1.5", "true", "red", "2020-01-01", "PT1S", "a@b.cd", "https://a.b", "é", "\0", "[1]"]
)
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-10, 10), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "kind", "value", "x", "size"]), inner, max_size=3),
    ),
    max_leaves=6,
)
PAYLOADS = st.lists(st.sampled_from(list(GOOD)), max_size=6, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: st.one_of(st.sampled_from(GOOD[name]), VALUES) for name in names})
)


@pytest.fixture(scope="module", params=[BODY, BODY + MODEL_VALIDATORS], ids=["fields", "fields and model"])
def contract(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    """Give a contract with all that Pydantic has, with and without validators of the model as a whole."""
    folder = Folder(Path(tmp_path_factory.mktemp("contracts")))
    folder.contract(request.param, before=BEFORE)
    yield folder.one()
    folder.close()


def outcome(validate: Any, payload: str) -> Any:
    """Return all there is of a model, or the kinds, messages and inputs of its errors, whose places are named differently."""
    try:
        made = validate(payload)
    except ValidationError as error:
        parts = error.errors(include_url=False)
        return sorted((part["type"], part["msg"], repr(part["input"]), part["loc"][:1]) for part in parts)
    except Exception as error:  # noqa: BLE001  # What a validator raises that is no ValueError goes through Pydantic.
        return type(error), str(error)
    return made, repr(made), made.model_fields_set, made.__pydantic_private__, made.__pydantic_extra__


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PAYLOADS)
def test_a_contract_reads_finite_data_exactly_as_its_model_does(contract: Contract, payload: dict[str, Any]) -> None:
    """Whether it accepts it or not, and down to private attributes, defaults and what was set."""
    text = json.dumps(payload)
    assert outcome(contract.validator.validate_json, text) == outcome(contract.model.model_validate_json, text)


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in GOOD.items() for value in values])
def test_each_type_reads_as_its_model_does(contract: Contract, field: str, value: Any) -> None:
    """One by one, so that none is left to chance."""
    text = json.dumps({field: value})
    assert outcome(contract.validator.validate_json, text) == outcome(contract.model.model_validate_json, text)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "1", '"a"', '{"text": "\\ud800"}', '{"text": "a"} x', "\ufeff{}", '{"text":}']
)
def test_what_is_no_object_is_an_error_as_it_is_to_the_model(contract: Contract, text: str) -> None:
    """The same one."""
    assert outcome(contract.validator.validate_json, text) == outcome(contract.model.model_validate_json, text)


def test_the_last_of_duplicate_keys_wins(contract: Contract) -> None:
    """As documented."""
    assert read(contract, '{"text": "a", "text": "b"}').text == "b"


def test_transformations_are_applied(contract: Contract) -> None:
    """What a rule sees is what the model makes of the payload."""
    event = read(
        contract,
        json.dumps(
            {
                "email": "Ada@EXAMPLE.com",
                "whole": "iii",
                "url": "HTTPS://example.COM",
                "deep": {"list": [4], "second": 5},
                "re-named": 6,
                "stripped": " a ",
                "number": 2,
                "unknown": 1,
            }
        ),
    )
    assert event.email == "ada@example.com"
    assert event.whole == 3
    assert event.derived == 4
    assert str(event.url) == "https://example.com/"
    assert (event.picked, event.chosen, event.renamed, event.stripped, event.double) == (4, 5, 6, "A", 4.0)
    assert event._calls == 1
    assert event._made in ([], ["around"])
    assert not hasattr(event, "unknown")


def test_a_frozen_model_stays_frozen(folder: Folder) -> None:
    """A rule that would change the event fails."""
    folder.contract("model_config = ConfigDict(frozen=True)\nx: int")
    event = read(folder.one(), '{"x": 1}')
    with pytest.raises(ValidationError, match="frozen"):
        event.x = 2


def test_defaults_are_made_anew_for_each_event(folder: Folder) -> None:
    """One event's list is not another's."""
    folder.contract("x: list[int] = []\ny: dict[str, int] = Field(default_factory=dict)")
    contract = folder.one()
    first, second = read(contract, "{}"), read(contract, "{}")
    first.x.append(1)
    first.y["a"] = 1
    assert (second.x, second.y) == ([], {})


def test_a_contract_with_its_own_init_reads_through_it(folder: Folder) -> None:
    """As a model does."""
    folder.contract("x: int\ny: int = 0\ndef __init__(self, x, **others):\n    super().__init__(x=x, y=x + 1)")
    assert read(folder.one(), '{"x": 1}').y == 2


def test_what_a_contract_declares_is_no_part_of_the_event(folder: Folder) -> None:
    """Neither of its schema nor of its payload."""
    folder.contract('x: int\nclock = Clock(max_age="1d")\ntable = Reference("t.csv", key="k")\nplace = Resource(print)')
    folder.write("t.csv", "k\n1\n")
    contract = folder.one()
    assert list(contract.model.model_fields) == ["x"]
    assert read(contract, '{"x": 1, "clock": 1, "table": 2, "place": 3}').model_dump() == {"x": 1}
