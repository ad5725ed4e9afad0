"""Where a finding says that something is wrong: an exact JSON Pointer, whatever the schema is made of."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay_server.engine import Engine, Verdict
from tests.unit.checks.making import engine_of, found, one, text, value_at

CONTRACTS = """
class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int

class Dog(BaseModel):
    kind: Literal["dog", "hound"]
    name: Annotated[str, Field(max_length=3)]
    cat: Cat | None = None

class Number(IntEnum):
    ONE = 1
    TWO = 2

class First(BaseModel):
    tag: Literal[Number.ONE]
    first: int

class Second(BaseModel):
    tag: Literal[Number.TWO]
    second: int

def kind_of(value):
    return value.get("species", "cat") if isinstance(value, dict) else "cat"

class Node(BaseModel):
    value: int
    children: list["Node"] = []
    named: dict[str, "Node"] = {}

class Point(NamedTuple):
    x: int
    y: int = 0

class Size(TypedDict):
    wide: int

@dataclass
class Box:
    width: int
    weights: list[int] = ()

class Numbers(RootModel[list[int]]):
    pass

class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int = 0

class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    deep: int = Field(1, validation_alias=AliasPath("p", "q", 0))
    either: int = Field(1, validation_alias=AliasChoices("this", AliasPath("p", "that")))
    dashed: int = Field(1, alias="z-z")

class Checked(BaseModel):
    a: int = 0

    @model_validator(mode="after")
    def positive(self):
        if self.a < 0:
            raise ValueError("negative")
        return self

    @field_validator("a", mode="wrap")
    @classmethod
    def small(cls, value, handler):
        if handler(value) > 100:
            raise PydanticCustomError("too_big", "too big")
        return handler(value)

class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]

class A(EventContract, event_type="a", version="1.0.0"):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    called: Annotated[Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Discriminator(kind_of)] = None
    cat: Annotated[Annotated[Cat, Tag("lives")] | Annotated[Dog, Tag("name")], Discriminator(
        lambda value: "lives" if "lives" in value else "name")] = None
    numbered: Annotated[First | Second, Field(discriminator="tag")] = None
    union: int | list[int] | Cat | dict[str, int] | None = None
    unions: list[int | list[int | bool] | None] = []
    left: Annotated[int | Cat | list[Cat], Field(union_mode="left_to_right")] = 0
    node: Node | None = None
    point: Point = Point(1)
    size: Size = {"wide": 1}
    box: Box | None = None
    numbers: Numbers = Numbers([])
    strict: Strict = Strict()
    aliased: Aliased = Aliased()
    checked: Checked = Checked()
    extra: Extra | None = None
    json_list: Json[list[int | str]] = []
    json_node: Json[Node] | None = None
    pair: tuple[int, str] = (1, "a")
    row: tuple[int, ...] = ()
    some: set[int] = set()
    frozen: frozenset[int] = frozenset()
    queue: collections.deque[int] = []
    sequence: Sequence[int] = []
    by_number: dict[int, int] = {}
    by_short: dict[Annotated[str, Field(max_length=2)], int] = {}
    by_any: dict[Annotated[int, Field(gt=5)] | Literal["x"], int] = {}
    nested: dict[str, dict[str, dict[str, int]]] = {}
    counted: collections.Counter[str] = {}
    ordered: collections.OrderedDict[str, int] = {}
    defaulted: collections.defaultdict[str, list[int]] = {}
    mapping: Mapping[str, int] = {}
    anything: Any = None
    value: JsonValue = None
    any_dict: dict = {}
    any_list: list = []
    money: Decimal = 0
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with engine_of(CONTRACTS) as made:
        yield made


CASES: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"pet": {"kind": "dog", "name": "abcd"}}, [("string_too_long", "/pet/name")]),
    ({"pet": {"kind": "hound"}}, [("missing", "/pet/name")]),
    ({"pet": {"kind": "dog", "name": "a", "cat": {"kind": "cat"}}}, [("missing", "/pet/cat/lives")]),
    ({"pet": {"kind": "cow"}}, [("union_tag_invalid", "/pet")]),
    ({"pet": {}}, [("union_tag_not_found", "/pet")]),
    ({"pet": 3}, [("dict_type", "/pet")]),
    ({"called": {"kind": "dog", "species": "dog", "name": "abcd"}}, [("string_too_long", "/called/name")]),
    ({"called": {"species": "cow"}}, [("union_tag_invalid", "/called")]),
    ({"cat": {"lives": "x", "kind": "cat"}}, [("int_parsing", "/cat/lives")]),
    ({"cat": {"name": 1, "kind": "dog"}}, [("string_type", "/cat/name")]),
    ({"numbered": {"tag": 1, "first": "x"}}, [("int_parsing", "/numbered/first")]),
    ({"numbered": {"tag": 2}}, [("missing", "/numbered/second")]),
    ({"numbered": {"tag": 3}}, [("union_tag_invalid", "/numbered")]),
    ({"union": "x"}, [("int_parsing", "/union"), ("list_type", "/union"), ("model_type", "/union"), ("dict_type", "/union")]),
    (
        {"union": {"kind": "cat", "lives": "x"}},
        [
            ("int_type", "/union"),
            ("list_type", "/union"),
            ("int_parsing", "/union/lives"),
            ("int_parsing", "/union/kind"),
            ("int_parsing", "/union/lives"),
        ],
    ),
    ({"unions": [1, "x", [2, "y"]]}, [("int_parsing", "/unions/1"), ("list_type", "/unions/1")]),
    ({"unions": [[1, {}]]}, [("int_type", "/unions/0"), ("int_type", "/unions/0/1"), ("bool_type", "/unions/0/1")]),
    ({"left": [{"kind": "cat"}]}, [("int_type", "/left"), ("model_type", "/left"), ("missing", "/left/0/lives")]),
    (
        {"node": {"value": 1, "children": [{"value": 2, "children": [{"value": "x"}]}]}},
        [("int_parsing", "/node/children/0/children/0/value")],
    ),
    ({"node": {"value": 1, "named": {"a/b~c": {"value": "x"}}}}, [("int_parsing", "/node/named/a~1b~0c/value")]),
    ({"node": {"value": 1, "named": {"": {"value": "x"}}}}, [("int_parsing", "/node/named//value")]),
    ({"node": {"value": 1, "named": {"0": {"value": "x"}}}}, [("int_parsing", "/node/named/0/value")]),
    ({"node": {"value": 1, "named": {"~1": {"value": "x"}}}}, [("int_parsing", "/node/named/~01/value")]),
    ({"node": {"value": 1, "named": {"é\u0301\x00": {}}}}, [("missing", "/node/named/é\u0301\x00/value")]),
    ({"point": {"x": "a"}}, [("int_parsing", "/point/x")]),
    ({"point": ["a", "b"]}, [("int_parsing", "/point/0"), ("int_parsing", "/point/1")]),
    ({"point": {"y": 1}}, [("missing", "/point/x")]),
    ({"size": {"wide": "x"}}, [("int_parsing", "/size/wide")]),
    ({"size": {}}, [("missing", "/size/wide")]),
    ({"box": {"width": "x", "weights": [1, "y"]}}, [("int_parsing", "/box/width"), ("int_parsing", "/box/weights/1")]),
    ({"box": {}}, [("missing", "/box/width")]),
    ({"numbers": [1, "x"]}, [("int_parsing", "/numbers/1")]),
    ({"strict": {"b/": 1}}, [("extra_forbidden", "/strict/b~1")]),
    (
        {"aliased": {"p": {"q": ["x"], "that": "y"}, "z-z": "z"}},
        [("int_parsing", "/aliased/p/q/0"), ("int_parsing", "/aliased/p/that"), ("int_parsing", "/aliased/z-z")],
    ),
    ({"aliased": {"this": "x"}}, [("int_parsing", "/aliased/this")]),
    ({"aliased": {"dashed": "x", "deep": "y"}}, [("int_parsing", "/aliased/deep"), ("int_parsing", "/aliased/dashed")]),
    ({"checked": {"a": -1}}, [("value_error", "/checked")]),
    ({"checked": {"a": 101}}, [("too_big", "/checked/a")]),
    ({"extra": {"q": "x"}}, [("int_parsing", "/extra/q")]),
    ({"json_list": "[1, {}]"}, [("int_type", "/json_list"), ("string_type", "/json_list")]),
    ({"json_list": "[1"}, [("json_invalid", "/json_list")]),
    ({"json_node": '{"children": [{"value": "x"}]}'}, [("missing", "/json_node"), ("int_parsing", "/json_node")]),
    ({"pair": ["x", 1]}, [("int_parsing", "/pair/0"), ("string_type", "/pair/1")]),
    ({"pair": [1]}, [("missing", "/pair/1")]),
    ({"pair": [1, "a", 2]}, [("too_long", "/pair")]),
    ({"row": [1, "x"]}, [("int_parsing", "/row/1")]),
    ({"some": [1, "x"]}, [("int_parsing", "/some/1")]),
    ({"frozen": ["x"]}, [("int_parsing", "/frozen/0")]),
    ({"queue": [1, "x"]}, [("int_parsing", "/queue/1")]),
    ({"sequence": [1, "x"]}, [("int_parsing", "/sequence/1")]),
    ({"by_number": {"1": "x", "y": 1}}, [("int_parsing", "/by_number/1"), ("int_parsing", "/by_number/y")]),
    ({"by_short": {"abc": 1, "ab": "x"}}, [("string_too_long", "/by_short/abc"), ("int_parsing", "/by_short/ab")]),
    ({"by_any": {"1": 1}}, [("greater_than", "/by_any/1"), ("literal_error", "/by_any/1")]),
    ({"nested": {"[key]": {"a": {"b": "x"}}}}, [("int_parsing", "/nested/[key]/a/b")]),
    ({"nested": {"a": {"[key]": {"b": "x"}}}}, [("int_parsing", "/nested/a/[key]/b")]),
    ({"counted": {"a": "x"}}, [("int_parsing", "/counted/a")]),
    ({"ordered": {"a": "x"}}, [("int_parsing", "/ordered/a")]),
    ({"defaulted": {"a": ["x"]}}, [("int_parsing", "/defaulted/a/0")]),
    ({"mapping": {"a": "x"}}, [("int_parsing", "/mapping/a")]),
    (b'{"anything":[1,{"a/b":-1e400}]}', [("finite_number", "/anything/1/a~1b")]),
    (b'{"value":{"list":[1e400]}}', [("finite_number", "/value/list/0")]),
    (b'{"any_dict":{"a":1e400}}', [("finite_number", "/any_dict/a")]),
    (b'{"any_list":[[],[1e400]]}', [("finite_number", "/any_list/1/0")]),
    (b'{"money":1e400}', [("finite_number", "/money")]),
    (b'{"by_number":{"1":1,"1":"x"}}', [("int_parsing", "/by_number/1")]),
]


def _ids(case: object) -> str:
    return case.decode() if isinstance(case, bytes) else json.dumps(case)[:60]


@pytest.mark.parametrize(("payload", "expected"), CASES, ids=[_ids(case) for case, _ in CASES])
def test_finding_names_the_exact_place(engine: Engine, payload: Any, expected: list[tuple[str, str]]) -> None:
    """Keys and indices of the payload only: no branch of a union, no tag, no field's own name where it has an alias."""
    verdict = one(engine, payload if isinstance(payload, bytes) else text(payload))
    assert found(verdict) == [(f"schema.{kind}", pointer) for kind, pointer in expected]


def test_pointer_that_would_be_very_long_is_cut_to_one_that_names_a_place(engine: Engine) -> None:
    """What it names holds the place that is meant."""
    payload: Any = {"value": "x"}
    for _ in range(25):
        payload = {"value": 1, "named": {"k" * 90: payload}}
    [finding] = one(engine, text({"node": payload})).findings
    assert 800 < len(finding.field) <= 1000
    assert "named" in json.dumps(value_at({"node": payload}, finding.field))


def test_places_that_senders_make_up_are_not_kept_without_end() -> None:
    """Those that are kept and those that are not are told alike."""
    judging = engine_of('class A(EventContract, event_type="a", version="1.0.0"):\n    named: dict[str, int]')
    [contract] = judging.catalog
    locator = judging._service.plan(contract).schema._locator
    for _ in range(2):
        for key in (*(f"key {number}" for number in range(3000)), "x" * 500):
            assert found(one(judging, {"named": {key: "no"}})) == [("schema.int_parsing", f"/named/{key}")]
    assert 0 < len(locator._places) <= 1024
    assert locator._places.keys() <= {("named", f"key {number}") for number in range(3000)}
    assert max(len(place.pointer) for place in locator._places.values()) < 200


def assert_places_are_real(payload: object, verdict: Verdict) -> None:
    """Check that each finding's pointer leads somewhere in the payload; for something missing, that its parent does."""
    for finding in verdict.findings:
        missing = finding.check == "schema.missing"
        try:
            value_at(payload, finding.field)
            continue
        except (LookupError, ValueError):
            assert missing, f"{finding.check} at {finding.field} is nowhere in {payload!r}"
        value_at(payload, finding.field.rpartition("/")[0])


_KEYS = st.sampled_from(
    [
        "kind",
        "tag",
        "species",
        "lives",
        "name",
        "value",
        "children",
        "named",
        "x",
        "y",
        "wide",
        "width",
        "weights",
        "a",
        "p",
        "q",
        "that",
        "this",
        "z-z",
        "dashed",
        "0",
        "1",
        "",
        "/",
        "~",
        "~1",
        "a/b",
        "cat",
        "dog",
        "é",
        "int",
        "list[int]",
    ]
)
_LEAVES = st.sampled_from([None, True, 0, 1, 2, -1, 1.5, 10**20, "", "x", "cat", "dog", "1", "[1]", '{"value":"x"}', "{}"])
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=12
)
_FIELDS = st.sampled_from(sorted({name for payload, _ in CASES if isinstance(payload, dict) for name in payload}))


@settings(max_examples=300, deadline=None)
@given(payload=st.dictionaries(_FIELDS, _VALUES, max_size=4))
def test_every_pointer_leads_somewhere_in_the_payload(engine: Engine, payload: dict[str, Any]) -> None:
    """Whatever is wrong, and wherever: the place is there, or its parent is, where something is missing."""
    aliased = payload.get("aliased")
    if isinstance(aliased, dict):
        aliased.pop("p", None)  # Of a path that leads through what is not there, the whole is named.
    assert_places_are_real(payload, one(engine, text(payload)))
