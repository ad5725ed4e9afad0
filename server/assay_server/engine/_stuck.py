"""Which of an author's code a thread is in."""

from types import FrameType

from assay_server.contracts import Catalog


def running_rule(catalog: Catalog, frame: FrameType) -> str | None:
    """Return the rule that a stack is in, such as "flight.arrived rules.speed_is_plausible".

    For other code of the contracts folder, its file, line and function; None if the stack is in none of it.
    """
    rules = {
        getattr(rule.function, "__code__", None): f"{contract.event_type} rules.{rule.name}"
        for contract in catalog
        for rule in contract.rules
    }
    files = {contract.model.__module__.partition(".")[0] for contract in catalog}
    other: str | None = None
    inner: FrameType | None = frame
    while inner is not None:
        if inner.f_code in rules:
            return rules[inner.f_code]
        if other is None and str(inner.f_globals.get("__name__")).partition(".")[0] in files:
            other = f"{inner.f_code.co_filename}:{inner.f_lineno} {inner.f_code.co_qualname}"
        inner = inner.f_back
    return other
