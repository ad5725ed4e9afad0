"""Which of an author's code a thread is in, told from its stack."""

import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from assay_server.engine import Engine, Event
from tests.unit.checks.making import engine_of

CONTRACTS = """
import sys

seen = []

def look(depth=0):
    return look(depth - 1) if depth else seen.append(sys._getframe()) or True

class Helper:
    def method(self):
        return look(2)

class A(EventContract, event_type="a", version="1.0.0"):
    through: str = ""

    @field_validator("through")
    @classmethod
    def checked(cls, value):
        if value == "validator":
            look()
        return value

    @rule
    def direct(self):
        return self.through != "rule" or look()

    @rule
    def indirect(self):
        return self.through != "helper" or Helper().method()

    @rule
    async def later(self):
        return self.through != "async" or look()
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with engine_of(CONTRACTS) as made:
        yield made


def _frame(engine: Engine, through: str) -> FrameType:
    """Return a stack as it was in the midst of judging."""
    module: Any = sys.modules[next(iter(engine.catalog)).model.__module__]
    module.seen.clear()
    engine.judge([Event("a", {"through": through})])
    frame: FrameType = module.seen[0]
    return frame


@pytest.mark.parametrize(
    ("through", "expected"), [("rule", "a rules.direct"), ("helper", "a rules.indirect"), ("async", "a rules.later")]
)
def test_rule_is_named(engine: Engine, through: str, expected: str) -> None:
    """Also where it is in a function that it called."""
    assert engine.running_rule(_frame(engine, through)) == expected


def test_other_code_of_the_contracts_is_named_by_file_line_and_function(engine: Engine) -> None:
    """The innermost of it."""
    named = engine.running_rule(_frame(engine, "validator"))
    assert named is not None
    assert named.endswith("look")
    assert "module0.py:" in named


def test_code_of_nobodys_contract_is_not_named(engine: Engine) -> None:
    """None for a stack without any of it."""
    assert engine.running_rule(sys._getframe()) is None
