"""Values of sensitive fields appear nowhere: in no finding, no skipped check, no log, whatever fails."""

import gc
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay_server.engine import Enforcement, Engine, Options
from tests.unit.checks.making import engine_of, found, one, text

TOKEN = "s3cr3t-t0ken"

CONTRACTS = """
class Guarded(BaseModel):
    x: Annotated[str, Sensitive(), Field(max_length=3)]
    kept: Annotated[dict[str, int], Sensitive()] = {}

class Quoting(BaseModel):
    x: str
    kept: dict[str, int] = {}

    @field_validator("x")
    @classmethod
    def never(cls, value):
        raise ValueError(f"not {value}")

class Card(BaseModel):
    kind: Literal["card"]
    number: Annotated[str, Sensitive()]

class Wire(BaseModel):
    kind: Literal["wire"]

class Pair(NamedTuple):
    open: int
    closed: Annotated[int, Sensitive(), AfterValidator(lambda value: 1 / 0)] = 0

class Node(BaseModel):
    pin: Annotated[int | None, Sensitive(), Field(lt=10)] = None
    inner: "Node | dict[str, int] | None" = None

class Overlapping(BaseModel):
    secret: Annotated[str, Sensitive()] = Field("", validation_alias=AliasPath("p", "q"))
    p: Any = None

    @field_validator("p")
    @classmethod
    def never(cls, value):
        raise ValueError(f"not {value}")

def kind_of(value):
    return value.get("kind") if isinstance(value, dict) else str(value)

def quote(value):
    raise ValueError(f"not {value}")

def explode(value):
    raise RuntimeError(f"not {value}")

class Unspeakable(ValueError):
    def __init__(self, value):
        self.value = value

    def __str__(self):
        raise RuntimeError(f"not {self.value}")

def unspeakable(value):
    raise Unspeakable(value)

class A(EventContract, event_type="a", version="1.0.0"):
    secret: Annotated[str | None, Sensitive()] = None
    number: Annotated[int | None, Sensitive(), Field(gt=5)] = None
    matched: Annotated[str | None, Sensitive(), Field(pattern="^a$")] = None
    quoted: Annotated[Any, Sensitive(), AfterValidator(quote)] = None
    quoted_first: Annotated[Any, BeforeValidator(quote), Sensitive()] = None
    quoted_plainly: Annotated[Any, PlainValidator(quote), Sensitive()] = None
    exploding: Annotated[Any, Sensitive(), AfterValidator(explode)] = None
    unspeakable: Annotated[Any, Sensitive(), AfterValidator(unspeakable)] = None
    union: Guarded | Quoting | None = None
    tagged: Annotated[Card | Wire, Field(discriminator="kind")] | None = None
    called: Annotated[Annotated[Card, Tag("card")] | Annotated[Wire, Tag("wire")], Discriminator(kind_of)] = None
    keyed: dict[Annotated[str, Sensitive(), Field(max_length=3)], int] = {}
    listed: list[Annotated[str, Sensitive(), Field(max_length=2)]] = []
    queued: collections.deque[Annotated[str, Sensitive(), AfterValidator(quote)]] = []
    ordered: collections.OrderedDict[str, Annotated[str, Sensitive(), AfterValidator(quote)]] = {}
    pair: Pair | None = None
    choice: Annotated[Literal["x"], Sensitive()] = "x"
    when: Annotated[datetime | None, Sensitive()] = None
    url: Annotated[AnyUrl | None, Sensitive()] = None
    mail: Annotated[EmailStr | None, Sensitive()] = None
    uuid: Annotated[UUID4 | None, Sensitive()] = None
    money: Annotated[Decimal | None, Sensitive(), Field(max_digits=3)] = None
    packed: Annotated[Json[dict[str, int]] | None, Sensitive()] = None
    packed_inside: Json[Card] | None = None
    model: Annotated[Wire | None, Sensitive()] = None
    node: Node | None = None
    overlapping: Overlapping | None = None
    anything: Annotated[Any, Sensitive()] = None
    sees_plain: Any = None
    sees_after: Any = None
    sees_known: Any = None
    sees_named: Any = None
    sees_exploding: Any = None
    whole: int = 0

    @field_validator("sees_plain", mode="plain")
    @classmethod
    def quotes_plain(cls, value, info):
        raise ValueError(f"not with {info.data}")

    @field_validator("sees_after")
    @classmethod
    def quotes_after(cls, value, info):
        raise AssertionError(f"not with {info.data}")

    @field_validator("sees_known")
    @classmethod
    def quotes_known(cls, value, info):
        raise PydanticKnownError("less_than", {"lt": str(info.data)})

    @field_validator("sees_named")
    @classmethod
    def quotes_named(cls, value, info):
        raise PydanticCustomError("missing", "not with {data}", {"data": str(info.data)})

    @field_validator("sees_exploding")
    @classmethod
    def quotes_exploding(cls, value, info):
        raise RuntimeError(f"not with {info.data}")

    @model_validator(mode="after")
    def quotes_whole(self):
        match self.whole:
            case 1:
                raise ValueError(f"not {self}")
            case 2:
                raise PydanticCustomError("missing", "not {this}", {"this": str(self)})
            case 3:
                raise PydanticKnownError("greater_than", {"gt": str(self)})
            case 4:
                raise RuntimeError(f"not {self}")
            case 5:
                raise PydanticCustomError("own", "not {this}", {"this": str(self)})
        return self

    @rule
    def says(self):
        return f"not {self.secret}"

    @rule
    def raises(self):
        raise ValueError(f"not {self.secret}")

    @rule
    def returns(self):
        return self.secret

    @rule(enforcement="warn")
    def says_all(self):
        return f"not {self}"

    @rule
    async def raises_later(self):
        await asyncio.sleep(0)
        raise ValueError(f"not {self.secret}")

    @rule
    async def says_later(self):
        return f"not {self.secret}"

    @rule(blocking=True)
    def raises_elsewhere(self):
        raise OSError(f"not {self.secret}")

    @rule(blocking=True, timeout="20ms")
    def raises_late(self):
        time.sleep(0.1)
        raise ValueError(f"not {self.secret}")

    @field_serializer("secret")
    def cannot_be_written(self, value):
        raise ValueError(f"not {value}")
"""

HOLDS: list[dict[str, Any]] = [
    {},
    {"number": TOKEN},
    {"matched": TOKEN},
    {"quoted": TOKEN},
    {"quoted_first": [TOKEN]},
    {"quoted_plainly": {TOKEN: TOKEN}},
    {"exploding": TOKEN},
    {"unspeakable": TOKEN},
    {"union": {"x": TOKEN, "kept": {TOKEN: TOKEN}}},
    {"tagged": {"kind": TOKEN}},
    {"tagged": TOKEN},
    {"tagged": {"kind": "card", "number": {TOKEN: 1}}},
    {"called": {"kind": TOKEN}},
    {"called": TOKEN},
    {"keyed": {TOKEN: 1}},
    {"keyed": {TOKEN: "x"}},
    {"listed": [TOKEN]},
    {"queued": [TOKEN]},
    {"ordered": {"a": TOKEN}},
    {"pair": {"open": 1, "closed": TOKEN}},
    {"pair": [1, TOKEN]},
    {"choice": TOKEN},
    {"when": TOKEN},
    {"url": TOKEN},
    {"mail": TOKEN},
    {"uuid": TOKEN},
    {"money": TOKEN},
    {"packed": TOKEN},
    {"packed": f'{{"{TOKEN}": "{TOKEN}"}}'},
    {"packed_inside": f'{{"kind": "card", "number": ["{TOKEN}"]}}'},
    {"model": {"kind": TOKEN}},
    {"model": TOKEN},
    {"node": {"inner": {"inner": {"pin": TOKEN, "inner": {"pin": {TOKEN: 1}}}}}},
    {"overlapping": {"p": {"q": TOKEN}}},
    {"sees_plain": 1},
    {"sees_after": 1},
    {"sees_known": 1},
    {"sees_named": 1},
    {"sees_exploding": 1},
    *({"whole": number} for number in range(1, 6)),
]


class _Collected(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(logging.Formatter().format(record) + repr(record.__dict__))


@pytest.fixture(scope="module")
def log() -> Iterator[_Collected]:
    handler = _Collected()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="module")
def engine(log: _Collected) -> Iterator[Engine]:
    with engine_of(CONTRACTS) as made:
        yield made


_ALL = Options(report_from=Enforcement.AUDIT, explain=True)


def assert_silent(engine: Engine, payload: dict[str, Any] | bytes, log: _Collected) -> None:
    verdict = one(engine, payload, _ALL)
    assert verdict.findings
    assert TOKEN not in repr(verdict)
    gc.collect()  # An exception that nobody retrieved is logged when it is freed.
    assert not [line for line in log.lines if TOKEN in line]
    log.lines.clear()


@pytest.mark.parametrize("payload", HOLDS, ids=str)
def test_no_failure_tells_a_sensitive_value(engine: Engine, log: _Collected, payload: dict[str, Any]) -> None:
    """Pydantic's own errors, authors' errors, validators and rules that quote, raise or time out: all keep it back."""
    assert_silent(engine, text({"secret": TOKEN, **payload}), log)
    assert_silent(engine, {"secret": TOKEN, **payload}, log)


_ANYWHERE = st.recursive(
    st.sampled_from([TOKEN, f"a {TOKEN} b", 1, None, f'"{TOKEN}"', f'{{"kind":"card","number":["{TOKEN}"]}}']),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([TOKEN, "x", "kept", "kind", "number", "pin", "inner", "q", "closed"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
_SENSITIVE = sorted({name for payload in HOLDS for name in payload} - {"whole", "sees_plain", "overlapping", "ordered"})


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(st.sampled_from(_SENSITIVE), _ANYWHERE, min_size=1, max_size=4))
def test_no_mixture_of_failures_tells_a_sensitive_value(engine: Engine, log: _Collected, fields: dict[str, Any]) -> None:
    """Whatever stands in fields that are sensitive all the way down, keys included."""
    fields = {name: value for name, value in fields.items() if name not in {"node", "pair", "union", "packed_inside"}}
    assert_silent(engine, text({"secret": TOKEN, "number": 1, **fields}), log)


def test_pointer_ends_at_the_sensitive_field(engine: Engine) -> None:
    """What is wrong inside a sensitive field is told of the field; keys in it are values too."""
    verdict = one(engine, {"packed": '{"a": "x"}', "keyed": {"abcd": 1}, "node": {"inner": {"pin": {"a": 1}}}})
    assert ("schema.int_parsing", "/packed") in found(verdict)
    assert ("schema.string_too_long", "/keyed") in found(verdict)
    assert {field for _, field in found(verdict)} == {"/packed", "/keyed", "/node/inner/pin"}


def test_what_the_schema_says_is_told_of_sensitive_fields_too(engine: Engine) -> None:
    """A message that is the same whatever the value is helps, and quotes nothing."""
    verdict = one(engine, {"number": 1, "matched": "b", "choice": "y", "mail": "nobody"})
    messages = {finding.field: finding.message for finding in verdict.findings}
    assert messages["/number"] == "Input should be greater than 5"
    assert messages["/matched"] == "String should match pattern '^a$'"
    assert messages["/choice"] == "Input should be 'x'"
    assert "withheld" in messages["/mail"]


def test_syntax_errors_are_told_in_full(engine: Engine) -> None:
    """A parser's message quotes nothing; a contract with sensitive fields gets it too."""
    [finding] = one(engine, b'{"secret": "' + TOKEN.encode() + b'" nope}').findings
    assert finding.message.startswith("Invalid JSON: expected")
    assert TOKEN not in finding.message


def test_failures_of_contracts_without_sensitive_fields_are_logged_in_full(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever mends a rule wants to know what it raised; the caller is told no more than that it failed."""
    with engine_of("""
        class A(EventContract, event_type="a", version="1.0.0"):
            x: int

            @rule
            def fails(self):
                raise ValueError(f"x is {self.x}" + "!" * 5000)
    """) as engine:
        verdict = one(engine, {"x": 7})
    assert "7" not in verdict.findings[0].message
    [record] = caplog.records
    assert vars(record)["cause"].startswith("ValueError: x is 7!!!")
    assert len(vars(record)["cause"]) <= 1000
    assert "in fails" in vars(record)["stack"]
