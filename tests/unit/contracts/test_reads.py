"""Which rules may read a sensitive field: what they say is not passed on."""

import pytest

from tests.unit.contracts.folders import HEADER, Folder

BEFORE = """
import functools
from operator import attrgetter

from .helpers import Mixin, describe, passing

get = attrgetter("secret")


class Base(Mixin, EventContract):
    def inherited(self):
        return self.secret

    @rule
    def overridden(self):
        return self.secret
"""
HELPERS = """
import functools


class Mixin:
    LIMIT = 3

    def mixed_in(self):
        return self.indirect()

    def indirect(self):
        return self.secret


def describe(event):
    return f"{event.secret}"


def passing(function):
    @functools.wraps(function)
    def inner(self):
        return function(self)

    return inner
"""
FIELDS = """
model_config = ConfigDict(extra="allow")
secret: Annotated[str, Sensitive()] = ""
holder: Optional[Holder] = None
open: int = 0
other: list[int] = []
table = Reference("t.csv", key="k")
place = Resource(print)
MAXIMUM: ClassVar[int] = 3
_private: str = PrivateAttr(default="")

def helper(self): return self.secret
def harmless(self): return self.open
def calls_itself(self): return self.calls_itself() or self.open
def calls_other(self): return self.harmless()
def passes_itself_on(self): return describe(self)
def takes_more(self, value): return value
@property
def shown(self): return self.secret[:1]
@property
def total(self): return sum(self.other)
@functools.cached_property
def cached(self): return self.secret
@computed_field
@property
def computed(self) -> str: return self.secret
@staticmethod
def static(value): return value
"""
HOLDER = """
class Holder(BaseModel):
    secret: Annotated[str, Sensitive()] = ""
    open: int = 0
"""
OPEN_AND_SECRET = "secret: Annotated[str, Sensitive()] = ''\nopen: int = 0"

DISCREET = {
    "direct": "return self.secret",
    "in a text": "return f'{self.secret}'",
    "in a condition": "return 'long' if len(self.secret) > 3 else 'short'",
    "model that holds it": "return str(self.holder)",
    "open part of a model that holds it": "return str(self.holder.open)",
    "helper": "return self.helper()",
    "helper that is not called": "return str(self.helper)",
    "inherited helper": "return self.inherited()",
    "helper of a mixin in another module": "return self.mixed_in()",
    "property": "return self.shown",
    "cached property": "return self.cached",
    "computed field": "return self.computed",
    "super": "return super().overridden()",
    "super with arguments": "return super(A, self).overridden()",
    "passed on": "return describe(self)",
    "passed on by a helper": "return self.passes_itself_on()",
    "passed on as an argument of a helper": "return self.takes_more(self)",
    "another name": "me = self\nreturn me.secret",
    "another name in an expression": "return (me := self) and me.secret",
    "in a tuple": "me, other = self, 1\nreturn me.secret",
    "getattr": "return getattr(self, 'sec' + 'ret')",
    "attrgetter": "return get(self)",
    "lambda": "return (lambda: self.secret)()",
    "default of a lambda": "return (lambda me=self: me.secret)()",
    "nested function": "def inner():\n    return self.secret\nreturn inner()",
    "nested class": "class Inner:\n    value = self.secret\nreturn Inner.value",
    "comprehension": "return ''.join(self.secret for _ in [1])",
    "generator over itself": "return str([value for _, value in self])",
    "model_dump": "return str(self.model_dump())",
    "model_dump of some fields": "return str(self.model_dump(include={'open'}))",
    "__dict__": "return str(self.__dict__)",
    "__getattribute__": "return self.__getattribute__('secret')",
    "repr": "return repr(self)",
    "text of itself": "return f'{self}'",
    "extra key": "return str(self.unknown)",
    "all extra keys": "return str(self.model_extra)",
    "private attribute": "return self._private",
    "locals": "return locals()['self'].secret",
    "vars": "return vars()['self'].secret",
    "eval": "return eval('self.secret')",
    "exec": "found = []\nexec('found.append(self.secret)')\nreturn found[0]",
    "match": "match self:\n    case A(secret=value):\n        return value",
    "match of an attribute": "match self.secret:\n    case value:\n        return value",
    "assignment": "self.open = self.secret\nreturn str(self.open)",
    "deletion": "del self.secret",
    "loop": "for character in self.secret:\n    return character",
    "with": "with self.place as place:\n    return place(self.secret)",
    "key of a table": "return self.table[self.secret].v",
    "static method": "return self.static(self.secret)",
    "raised": "raise ValueError(self.secret)",
    "class cell": "return __class__.helper(self)",
}
OPEN = {
    "nothing": "return 'no'",
    "open field": "return str(self.open)",
    "helper": "return str(self.harmless())",
    "helper through another": "return str(self.calls_other())",
    "helper that calls itself": "return str(self.calls_itself())",
    "property": "return str(self.total)",
    "table": "return str(self.open in self.table)",
    "resource": "return str(self.place(self.open))",
    "constant": "return str(self.open > self.MAXIMUM + self.LIMIT)",
    "the same name of something else": "class Other:\n    secret = 1\nreturn str(Other.secret + self.open)",
    "comprehension": "return str([number for number in self.other])",
}


def discreet(folder: Folder, body: str, *, before: str = "", decorators: str = "") -> bool:
    """Return whether a rule with this body is discreet."""
    lines = "".join(f"\n    {line}" for line in body.splitlines())
    folder.write("helpers.py", HELPERS)
    folder.write("t.csv", "k,v\n1,2\n")
    folder.contract(f"{FIELDS}\n@rule\n{decorators}def x(self):{lines}", before=BEFORE + HOLDER + before, bases="Base, ")
    contract = folder.one()
    assert contract.discreet_rules <= {"x", "overridden"}
    return "x" in contract.discreet_rules


@pytest.mark.parametrize("body", DISCREET.values(), ids=DISCREET)
def test_a_rule_that_may_read_a_sensitive_field_is_discreet(folder: Folder, body: str) -> None:
    """By whichever way; where the way cannot be followed, it may."""
    assert discreet(folder, body)


@pytest.mark.parametrize("body", OPEN.values(), ids=OPEN)
def test_a_rule_that_reads_none_may_say_what_it_says(folder: Folder, body: str) -> None:
    """Its text helps whoever reads the finding."""
    assert not discreet(folder, body)


@pytest.mark.parametrize("decorators", ["@passing\n", "@passing\n@passing\n", "@plainly\n", "@plainly\n@passing\n"])
def test_a_rule_in_a_decorator_is_discreet(folder: Folder, decorators: str) -> None:
    """What the decorator does with the event is not followed, whatever it calls itself."""
    before = "\ndef plainly(function):\n    def inner(self):\n        return function(self)\n    return inner\n"
    assert discreet(folder, "return str(self.open)", decorators=decorators, before=before)


def test_a_decorator_on_the_line_of_another_method_is_not_taken_for_it(folder: Folder) -> None:
    """The code of a function tells where it comes from, not its name or module."""
    before = "from .leaking import leak\n"
    file = folder.contract(f"{OPEN_AND_SECRET}\n@rule\n@leak\ndef x(self): return str(self.open)", before=before)
    line = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if "@rule" in text)
    head = "import functools\n\ndef leak(function):\n"
    inner = "    @functools.wraps(function)\n    def x(self):\n        return self.secret\n    return x\n"
    folder.write("leaking.py", head + "#\n" * (line - 1 - head.count("\n")) + inner)
    assert folder.one().discreet_rules == {"x"}


def test_a_rule_of_a_mixin_is_followed_in_its_own_module(folder: Folder) -> None:
    """With the fields of the contract that it is part of."""
    folder.write(
        "mixin.py",
        """
        class Mixin:
            @rule
            def reads(self): return self.secret

            @rule
            def does_not(self): return str(self.open)
        """,
        header=HEADER,
    )
    options = {"before": "from .mixin import Mixin\n", "bases": "Mixin, "}
    folder.contract(OPEN_AND_SECRET, **options)
    folder.contract(OPEN_AND_SECRET.replace("Sensitive()", "Field()"), file="b.py", event_type="b", **options)
    marked, unmarked = folder.load()
    assert marked.discreet_rules == {"reads"}
    assert unmarked.discreet_rules == frozenset()


def test_a_rule_without_source_is_discreet(folder: Folder) -> None:
    """A lambda, or a function that comes from elsewhere: nobody can see what it reads."""
    folder.contract(
        "secret: Annotated[str, Sensitive()] = ''\na = rule(lambda self: 'x')\nb = rule(made)",
        before="scope: dict[str, Any] = {}\nexec('def made(self): return 1', scope)\nmade = scope['made']\n",
    )
    assert folder.one().discreet_rules == {"a", "b"}
