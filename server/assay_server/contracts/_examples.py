"""Judges the examples of a contract."""

import numpy as np
from pydantic import ValidationError
from pydantic_core import ErrorDetails, SchemaValidator, to_json

from ._markers import ResourceClosedError
from ._rule import Execution, Rule
from ._strict import branch_of

_BOOLS = (bool, np.bool_)


def judge_example(example: object, validator: SchemaValidator, rules: tuple[Rule, ...]) -> str:
    """Return what is wrong with an example, or an empty text."""
    if not isinstance(example, dict):
        return "it is no object"
    try:
        event = validator.validate_json(to_json(example))
        for rule in rules:
            if rule.execution is Execution.INLINE and (complaint := _apply(rule, event)):
                return f"rules.{rule.name}: {complaint}"
    except ValidationError as error:
        return "; ".join(map(_complaint, error.errors(include_url=False)[:3]))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # An author's own code may raise anything.
        return f"{type(error).__name__}: {error}"
    return ""


def _apply(rule: Rule, event: object) -> str:
    try:
        result = rule.function(event)
    except ResourceClosedError:  # Such a rule can be applied in service only.
        return ""
    if isinstance(result, str):
        return result or rule.description
    if isinstance(result, _BOOLS):
        return "" if result else rule.description
    return "" if result is None else f"it returned {type(result).__name__}: return True, False or a text"


def _complaint(error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"] if branch_of(part) is None)
    return f"{place}: {error['msg']}" if place else error["msg"]
