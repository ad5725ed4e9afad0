"""One bad file for each way in which what a contract declares can be bad."""

from tests.unit.contracts.bad import body, header

NESTED = """
class Nested(BaseModel):
    {}
    text: Annotated[str, Field(pattern="a")]
"""
WRAPPING = """
import functools


def wrapping(function):
    @functools.wraps(function)
    def inner(self):
        return function(self)

    return inner
"""
FIELDS = {
    "look-around": body('y: int\nx: Annotated[str, Field(pattern="(?=a)b")]  # here', "look-around", "Rust's regex"),
    "back-reference": body('x: Annotated[str, Field(pattern=r"(a)\\1")]  # here', "backreferences", "Rust's regex"),
    "pattern that is none": body('x: Annotated[str, Field(pattern="(a")]  # here', "unclosed group", "Rust's regex"),
    "compiled pattern": body('y: int\nx: Annotated[str, Field(pattern=re.compile("a"))]  # here', "Python's own", "as a text"),
    "Python's engine on the contract": body(
        'model_config = ConfigDict(regex_engine="python-re")\nx: list[Annotated[str, Field(pattern="a")]]  # here',
        "Python's own regex engine would match the pattern 'a'",
        "leave regex_engine alone",
    ),
    "Python's engine on a model within": body(
        "x: Nested | None  # here",
        "Python's own",
        "leave regex_engine alone",
        before=NESTED.format("model_config = ConfigDict(regex_engine='python-re')"),
    ),
    "type that is not there": body("y: int\nx: list[Missing]  # here", "a field names 'Missing'", "Import or define"),
    "type that only a method knows": body(
        "x: Local  # here", "a field names 'Local'", "Import or define", before="\ndef f():\n    Local = int\n"
    ),
    "type that Pydantic does not know": body("y: int\nx: re.Match  # here", "cannot read the type Match", "Use another"),
    "type that JSON Schema does not know": body(
        "y: int\nx: Callable[[int], int]  # here",
        "JSON Schema cannot describe",
        "WithJsonSchema",
        before="from collections.abc import Callable\n",
    ),
    "Iterable, which nothing checks": body(
        "x: Iterable[float]  # here",
        "not checked before it is read",
        "list[…]",
        before="from collections.abc import Iterable\n",
    ),
    "attribute without annotation": body("y: int\nx = 5  # here", "non-annotated attribute", "line"),
    "field that is a method of Pydantic's": body(
        "y: int\nmodel_dump: str  # here", "conflicts with member", "line", field="model_dump"
    ),
    "Sensitive as a default": body(
        "y: int\nx: str = Sensitive()  # here", "Sensitive() is no default", "Annotated[…, Sensitive()]"
    ),
    "Sensitive that is not called": body("x: Annotated[str, Sensitive]  # here", "not called", "Annotated[…, Sensitive()]"),
    "validator for a field that is not there": body(
        '@field_validator("y")\n@classmethod\ndef x(cls, value): return value  # here', "incorrect fields: a.A.x", "line"
    ),
    "discriminator that is not there": body(
        "x: Annotated[Union[Nested, Other], Field(discriminator='kind')]",
        "discriminator field for key 'kind'",
        "line",
        field="",
        before=NESTED.format("pass") + "\n\nclass Other(BaseModel):\n    kind: Literal['o']\n",
    ),
}

EXAMPLES = {
    "example that is not accepted": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": 1}, {"x": "one"}]})  # here\nx: int',
        "example 2 does not pass: x: Input should be a valid integer",
        "Mend the example",
        field="model_config",
    ),
    "example with no branch that accepts it": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": "one"}]})  # here\nx: list[int] | bool',
        "example 1 does not pass: x: Input should be a valid array; x: Input should be a valid boolean",
        "Mend the example",
        field="model_config",
    ),
    "example that a rule does not hold for": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": 1}]})  # here\nx: int\n'
        '@rule\ndef big(self):\n    """It is big.\n\n    Very."""\n    return self.x > 1',
        "example 1 does not pass: rules.big: It is big.",
        "Mend the example",
        field="model_config",
    ),
    "example that a rule has a text for": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": 1}]})  # here\nx: int\n'
        '@rule(enforcement="audit")\ndef big(self): return f"{self.x} is small"',
        "example 1 does not pass: rules.big: 1 is small",
        "Mend the example",
        field="model_config",
    ),
    "example that NumPy finds false": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": 1}]})  # here\nx: int\n'
        "@rule\ndef big(self): return np.float64(self.x) > 1",
        "rules.big: big",
        "Mend the example",
        field="model_config",
        before="import numpy as np\n",
    ),
    "rule that returns a number": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": 1}]})  # here\nx: int\n@rule\ndef big(self): return 1',
        "rules.big: it returned int",
        "Mend the example",
        field="model_config",
    ),
    "rule that raises": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": 0}]})  # here\nx: int\n'
        "@rule\ndef big(self): return 1 / self.x",
        "ZeroDivisionError",
        "Mend the example",
        field="model_config",
    ),
    "rule that exits": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": 0}]})  # here\nx: int\n'
        "@rule\ndef big(self): raise SystemExit(3)",
        "SystemExit: 3",
        "Mend the example",
        field="model_config",
    ),
    "example that is no object": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [5]})  # here\nx: int',
        "no object",
        "Mend the example",
        field="model_config",
    ),
    "examples that are no list": body(
        'model_config = ConfigDict(json_schema_extra={"examples": {"x": 5}})  # here\nx: int',
        "the examples are no list",
        '{"examples": [{…}]}',
        field="model_config",
    ),
    "example that is no JSON": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": re}]})\nx: int',
        "Unable to serialize",
        "Mend",
        field="",
    ),
    "example whose number is not finite": body(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": float("inf")}]})  # here\nx: float',
        "example 1 does not pass",
        "Mend the example",
        field="model_config",
    ),
    "schema that cannot be made": body(
        "model_config = ConfigDict(json_schema_extra=lambda schema: 1 / 0)\nx: int", "ZeroDivisionError", "Mend", field=""
    ),
}

RULES = {
    "enforcement": body('@rule(enforcement="maybe")  # here\ndef x(self): return True', "'maybe' is no enforcement", "warn"),
    "enforcement in place of the method": body('@rule("warn")  # here\ndef x(self): return True', "no method", "def"),
    "timeout in line": body('@rule(timeout="1s")\ndef x(self): return True  # here', "cannot be timed out", "blocking=True"),
    "timeout that is a number": body(
        "@rule(timeout=3, blocking=True)  # here\ndef x(self): return True", "3 is no duration", "@rule"
    ),
    "timeout of nothing": body('@rule(timeout="0s", blocking=True)  # here\ndef x(self): return True', "above zero", "@rule"),
    "timeout beyond all time": body(
        '@rule(timeout="999999999999d", blocking=True)  # here\ndef x(self): return True', "longer than any", "@rule"
    ),
    "blocking and asynchronous": body(
        "@rule(blocking=True)\nasync def x(self): return True  # here", "cannot be blocking", "Leave out"
    ),
    "extra parameter": body("@rule\ndef x(self, y): return True  # here", "nothing else", "def x(self)"),
    "keyword parameter": body("@rule\ndef x(self, *, y=1): return True  # here", "nothing else", "def x(self)"),
    "no parameter": body("@rule\ndef x(): return True  # here", "nothing else", "def x(self)"),
    "any parameters": body("@rule\ndef x(*args): return True  # here", "nothing else", "def x(self)"),
    "generator": body("@rule\ndef x(self): yield True  # here", "generator", "Return"),
    "asynchronous generator": body("@rule\nasync def x(self): yield True  # here", "generator", "Return"),
    **{
        f"rule on a {decorator}": body(
            f"@rule  # here\n@{decorator}\ndef x(self) -> int: return True", "no method", "nearest to it", before=WRAPPING
        )
        for decorator in ("staticmethod", "classmethod", "property", "functools.cached_property", "functools.cache")
    },
    **{
        f"rule under {decorator}": body(
            f"@{decorator}\n@rule\ndef x(self) -> int: return True  # here",
            "another decorator stands above @rule",
            "Put @rule first",
            before=WRAPPING,
        )
        for decorator in (
            *("staticmethod", "classmethod", "property", "computed_field", "functools.cached_property", "functools.cache"),
            "wrapping",
        )
    },
}

DECLARATIONS = {
    "two Clocks": body('y: int\na = Clock(max_age="1d")\nx = Clock(max_age="2d")  # here', "one Clock", "Keep one of a, x"),
    "Clock without bounds": body("x = Clock()  # here", "checks nothing", "max_age"),
    "Clock with a bad duration": body('x = Clock(max_age="1 day")  # here', "'1 day' is no duration", "7d"),
    "Clock with a bad enforcement": body(
        'x = Clock(max_age="1d", enforcement=None)  # here', "None is no enforcement", "Clock"
    ),
    "Clock with an annotation": body('x: Clock = Clock(max_age="1d")  # here', "no type of a field", "x = Clock(…)"),
    "Reference with an annotation": body(
        'x: Reference = Reference("a.csv", key="k")  # here', "no type of a field", "x = Reference(…)", a_csv="k\n1\n"
    ),
    "Resource with an annotation": body("x: Resource = Resource(print)  # here", "no type of a field", "x = Resource(…)"),
    "reference to a missing file": body('x = Reference("b.csv", key="k")  # here', "b.csv cannot be read: No such file", "Put"),
    "reference out of the folder": body('x = Reference("../b.csv", key="k")  # here', "outside the contracts folder", "beside"),
    "reference by an absolute path": body(
        'x = Reference("/etc/hosts", key="k")  # here', "outside the contracts folder", "beside"
    ),
    "reference that is a folder": body('x = Reference(".", key="k")  # here', "cannot be read: Is a directory", "Put"),
    "reference with a path that is none": body('x = Reference("a\\0.csv", key="k")  # here', "null byte", "Mend"),
    "reference without its key": body(
        'x = Reference("b.csv", key="k")  # here', "no column 'k'", "It has 'i', 'j'", b_csv="i,j\n1,2\n"
    ),
    "reference with a key twice": body(
        'x = Reference("b.csv", key="k")  # here', "has k 'v' twice", "Take", b_csv="k\nv\nw\nv\n"
    ),
    "reference without a key in a row": body(
        'x = Reference("b.csv", key="k")  # here', "row 2 of b.csv has no k", "Give it one", b_csv="k,j\nv,1\n,2\n"
    ),
    "reference of another kind": body(
        'x = Reference("b.json", key="k")  # here', "neither CSV nor Parquet", "ends with", b_json="{}"
    ),
    "reference with too many cells": body(
        'x = Reference("b.csv", key="k")  # here', "Expected 1 columns, got 2", "Mend", b_csv="k\n1\n1,2\n"
    ),
    "reference without anything": body('x = Reference("b.csv", key="k")  # here', "Empty CSV file", "Mend", b_csv=""),
    "reference that is not UTF-8": body(
        'x = Reference("b.csv", key="k")  # here', "invalid UTF8", "Mend", b_csv="k\né\n".encode("latin-1")
    ),
    "reference whose header is not UTF-8": body(
        'x = Reference("b.csv", key="k")  # here', "utf-8", "Mend", b_csv="k,é\n1,2\n".encode("latin-1")
    ),
    "reference that is no Parquet": body(
        'x = Reference("b.parquet", key="k")  # here', "cannot be read", "Mend", b_parquet=b"k\n1\n"
    ),
    "reference with a column of two words": body(
        'x = Reference("b.csv", key="k")  # here', "'full name'", "Rename", b_csv="k,full name\n1,2\n"
    ),
    "reference with a keyword for a column": body(
        'x = Reference("b.csv", key="k")  # here', "'from'", "Rename", b_csv="k,from\n1,2\n"
    ),
    "reference with a column twice": body(
        'x = Reference("b.csv", key="k")  # here', "two columns 'j'", "Rename", b_csv="k,j,j\n1,2,3\n"
    ),
}

CYCLE = """
class Shop(BaseModel):
    country: str = ""
    tax: Annotated[str, Sensitive()] = ""


class Line(BaseModel):
    price: Annotated[float, ThreeSigma()]
"""
STATISTICS = {
    "number check on a text": body("y: int\nx: Annotated[str, ThreeSigma()]  # here", "no number", "takes Novelty"),
    "number check on a bool": body("x: Annotated[bool, RobustSigma()]  # here", "no number", "takes Novelty"),
    "number check on what may be a text": body("x: Annotated[int | str, QuantileRange()]  # here", "no number", "Decimal"),
    "number check on a list": body("x: Annotated[list[int], ThreeSigma()]  # here", "no number", "Decimal"),
    "number check on anything": body("x: Annotated[Any, ThreeSigma()]  # here", "no number", "Decimal"),
    "number check on a model": body("x: Annotated[Shop, ThreeSigma()]  # here", "no number", "Decimal", before=CYCLE),
    "number check on a datetime": body("x: Annotated[datetime, ThreeSigma()]  # here", "no number", "Decimal"),
    "Novelty on a float": body("x: Annotated[float, Novelty()]  # here", "no category", "a Literal, an Enum"),
    "Novelty on a list": body("x: Annotated[list[str], Novelty()]  # here", "no category", "a Literal, an Enum"),
    "Novelty on a sensitive field": body(
        "x: Annotated[str, Sensitive(), Novelty()]  # here", "keeps the categories", "Take Novelty or Sensitive() away"
    ),
    "Novelty on a feature that reads a sensitive field": body(
        "y: Annotated[str, Sensitive()]\n@feature\ndef x(self) -> Annotated[str, Novelty()]: return self.y  # here",
        "keeps the categories",
        "Take Novelty",
    ),
    "marker in a list": body("x: list[Annotated[float, ThreeSigma()]]  # here", "no single value", "@feature"),
    "marker in a model in a list": body("x: list[Line]  # here", "no single value", "@feature", before=CYCLE),
    "marker as a default": body("y: int\nx: float = ThreeSigma()  # here", "is no default", "Annotated[…, ThreeSigma()]"),
    "marker that is not called": body("x: Annotated[float, ThreeSigma]  # here", "not called", "with parentheses"),
    "group by what is not there": body("x: Annotated[float, ThreeSigma(by='y')]  # here", "names 'y'", "Name one of x"),
    "group by a part that is not there": body(
        "x: Annotated[float, ThreeSigma(by='y.town')]  # here\ny: Shop", "names 'y.town'", "y.country", before=CYCLE
    ),
    "group by a sensitive field": body(
        "x: Annotated[float, ThreeSigma(by='y')]  # here\ny: Annotated[str, Sensitive()]", "is sensitive", "Name another"
    ),
    "group by a part that is sensitive": body(
        "x: Annotated[float, ThreeSigma(by='y.tax')]  # here\ny: Shop", "is sensitive", "Name another", before=CYCLE
    ),
    "group by a part of what is sensitive": body(
        "x: Annotated[float, ThreeSigma(by='y.country')]  # here\ny: Annotated[Shop, Sensitive()]",
        "is sensitive",
        "Name another",
        before=CYCLE,
    ),
    "group by a feature that reads a sensitive field": body(
        "x: Annotated[float, ThreeSigma(by='y')]  # here\nz: Annotated[str, Sensitive()]\n"
        "@feature\ndef y(self) -> str: return self.z",
        "is sensitive",
        "Name another",
    ),
    "group by a list": body("x: Annotated[float, ThreeSigma(by='y')]  # here\ny: list[str]", "no single value", "an Enum"),
    "group by a field twice": body("x: Annotated[float, ThreeSigma(by=('y', 'y'))]  # here\ny: str", "each once", "by="),
    "group by nothing": body("x: Annotated[float, ThreeSigma(by='y,')]  # here\ny: str", "names 'y,'", "x, y"),
    "window that is none": body("x: Annotated[float, ThreeSigma(window='quarter')]  # here", "is no duration", "90d"),
    "window of no time": body("x: Annotated[float, ThreeSigma(window='1ms')]  # here", "not between a second", "90d"),
    "window of ages": body("x: Annotated[float, ThreeSigma(window='99999d')]  # here", "not between a second", "90d"),
    "k of nothing": body("x: Annotated[float, ThreeSigma(k=0)]  # here", "k=0 is no number above zero", "k=3"),
    "k that is no number": body("x: Annotated[float, RobustSigma(k='3')]  # here", "no number above zero", "k=3.5"),
    "k that is not finite": body("x: Annotated[float, RobustSigma(float('nan'))]  # here", "no number above zero", "k=3.5"),
    "quantiles in the wrong order": body("x: Annotated[float, QuantileRange(0.9, 0.1)]  # here", "lower one first", "0.001"),
    "quantile above 1": body("x: Annotated[float, QuantileRange(high=99.9)]  # here", "not 0 to 1", "0.001"),
    "margin below zero": body("x: Annotated[float, QuantileRange(margin=-1)]  # here", "margin=-1", "margin=0.5"),
    "count below zero": body("x: Annotated[str, Novelty(-1)]  # here", "min_count=-1", "min_count=1"),
    "share above 1": body("x: Annotated[str, Novelty(min_share=2)]  # here", "min_share=2", "0.001"),
    "Novelty of nothing": body("x: Annotated[str, Novelty(0)]  # here", "finds nothing", "min_count=1"),
    "no samples": body("x: Annotated[float, ThreeSigma(min_samples=0)]  # here", "min_samples=0", "min_samples=30"),
    "enforcement that is none": body("x: Annotated[float, ThreeSigma(enforcement='block')]  # here", "'block'", "warn"),
    "name that is none": body("x: Annotated[float, ThreeSigma(name='too slow')]  # here", "'too slow'", "unusual_delay"),
    "two of one kind on a field": body(
        "x: Annotated[float, ThreeSigma(), ThreeSigma(k=4)]  # here", "two checks statistics.three_sigma of /x", "name="
    ),
    "two of one name on a field": body(
        "x: Annotated[float, ThreeSigma(name='a'), RobustSigma(name='a')]  # here", "two checks statistics.a of /x", "name="
    ),
}

FEATURES = {
    "feature that says no type": body("y: int\n@feature\ndef x(self): return 1  # here", "does not say", "-> float"),
    "feature that returns nothing": body("y: int\n@feature\ndef x(self) -> None: pass  # here", "does not say", "-> float"),
    "feature of a type that is not there": body(
        "y: int\n@feature\ndef x(self) -> Missing: return 1  # here", "'Missing'", "Import or define"
    ),
    "feature with a bad marker": body(
        "y: int\n@feature\ndef x(self) -> Annotated[float, ThreeSigma(k=0)]: return 1  # here", "k=0", "k=3"
    ),
    "feature grouped by what is not there": body(
        "y: int\n@feature\ndef x(self) -> Annotated[float, ThreeSigma(by='z')]: return 1  # here", "names 'z'", "x, y"
    ),
    "feature with a parameter": body("@feature\ndef x(self, y) -> float: return 1  # here", "nothing else", "def x(self)"),
    "feature without self": body("@feature\ndef x() -> float: return 1  # here", "nothing else", "def x(self)"),
    "asynchronous feature": body("@feature\nasync def x(self) -> float: return 1  # here", "asynchronous", "plain def"),
    "feature that yields": body("@feature\ndef x(self) -> float: yield 1  # here", "generator", "plain def"),
    "feature of a property": body("@feature  # here\n@property\ndef x(self) -> float: return 1", "no method", "nearest to it"),
    "feature that is a rule": body("@feature\n@rule\ndef x(self) -> bool: return 1  # here", "a rule and a feature", "two"),
    "rule that is a feature": body("@rule  # here\n@feature\ndef x(self) -> bool: return 1", "no method", "nearest to it"),
    "feature with an annotation": body(
        "def make(self) -> float: return 1\nx: Any = feature(make)  # here", "is a field and a feature", "Rename"
    ),
    "text as a number": body(
        "y: str\n@feature\ndef x(self) -> Annotated[str, ThreeSigma()]: return self.y  # here", "no number", "Novelty"
    ),
}

LEARNING = {
    "learning from what is not there": header(
        'class A(EventContract, event_type="a", version="1.0.0", learn="always"):', "cannot learn from 'always'", "live"
    ),
}
