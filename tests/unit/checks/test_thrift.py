"""Telling what is wrong with a large payload takes time in proportion to it, not to all that could be said of it."""

import pytest

from assay_server.checks._thrift import Thrift
from assay_server.contracts import Sensitivity
from assay_server.engine import Engine
from tests.unit.checks.making import catalog_of, engine_of, found, one

MODELS = """
class One(BaseModel):
    a: int
    b: int
    c: int
    d: int
    e: int = 0

class Two(One): pass
class Three(One): pass
class Four(One): pass
"""
CONTRACT = (
    MODELS
    + """
class A(EventContract, event_type="a", version="1.0.0"):
    items: list[One | Two | Three | Four] = []
    more: list[int | str | None] = []
    keyed: dict[str, list[One]] = {}
    name: str = ""
    node: "Node | None" = None

class Node(BaseModel):
    value: int
    inner: list["Node"] = []

A.model_rebuild()
"""
)


def _errors(engine: Engine, payload: bytes) -> int:
    verdict = one(engine, payload)
    return len(verdict.findings) + verdict.omitted_findings


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_of(CONTRACT)


def test_every_error_is_told_of_a_payload_of_usual_size(engine: Engine) -> None:
    """Sixteen of each item: four models, four fields each."""
    assert _errors(engine, b'{"items":[' + b"{}," * 500 + b"{}]}") == 501 * 16


def test_each_list_ends_with_its_first_bad_item_where_telling_all_would_cost_too_much(engine: Engine) -> None:
    """Every list, wherever it stands; what is not in a list is told as ever."""
    large = b'{"items":[' + b"{}," * 80_000 + b'{}],"more":[1,[],[]],"keyed":{"x":[{},{}],"y":[{}]},"name":1}'
    verdict = one(engine, large)
    assert verdict.omitted_findings == 0
    assert [("schema.missing", f"/items/0/{name}") for _ in range(4) for name in "abcd"] == found(verdict)[:16]
    assert {field for _, field in found(verdict)[16:]} == {"/more/1", *(f"/keyed/x/0/{name}" for name in "abcd"), "/name"}


def test_large_payload_that_is_right_is_valid(engine: Engine) -> None:
    """However it is read."""
    item = b'{"a":1,"b":2,"c":3,"d":4}'
    assert one(engine, b'{"items":[' + b",".join([item] * 9_000) + b'],"node":{"value":1,"inner":[{"value":2}]}}').valid


def test_every_error_is_told_of_a_large_payload_in_which_there_cannot_be_too_many(engine: Engine) -> None:
    """A few long items have few errors, wherever they are."""
    item = b'{"a":1,"b":2,"c":3,"d":4,"unheard_of":"' + b"x" * 300 + b'"},'
    payload = b'{"more":[' + item * 300 + b"1," + item * 300 + b"{}]}"
    assert len(payload) > 200_000
    assert _errors(engine, payload) == 2 * 601


@pytest.mark.parametrize(
    ("annotation", "always"),
    [
        ("int | str | None", float("inf")),
        ("One | Two", float("inf")),
        ("list[int]", 262_144),
        ("dict[str, int] | None", 655_360),
        ("list[One]", 65_536),
        ("list[One | Two | Three | Four]", 16_384),
        ("list[int | str]", 131_072),
        ("list[list[int | str] | list[One]]", 32_768),
        ("list[int | list[int] | dict[str, int] | None]", 87_381),
        ("tuple[One | int, ...]", 52_428.8),
        ("dict[str, Annotated[One | Two, Field(discriminator='tag')]]", 163_840),
        ("list[Annotated[One | None, AfterValidator(str)]]", 65_536),
    ],
)
def test_the_more_errors_an_item_may_make_the_sooner_lists_are_cut(annotation: str, always: float) -> None:
    """Items that make one error each are all told, in any payload of the usual limit."""
    tagged = MODELS.replace("Two(One): pass", "Two(One):\n    tag: Literal[2] = 2").replace(
        "    e: int = 0", "    e: int = 0\n    tag: Literal[1] = 1"
    )
    [contract] = catalog_of(f"{tagged}\nclass A(EventContract, event_type='a', version='1.0.0'):\n    x: {annotation} = None\n")
    thrift = Thrift(contract.schema, Sensitivity(contract.schema).definitions)
    assert thrift.always_up_to == pytest.approx(always, abs=1)
