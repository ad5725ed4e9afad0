"""How to judge, and what comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assay_server.checks import Explanation, Finding, SkippedCheck
from assay_server.contracts import Enforcement


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to check, and what to report; the wire contract's ValidateOptions with its defaults filled in."""

    return_normalized: bool = False
    explain: bool = False
    dry_run: bool = False
    report_from: Enforcement = Enforcement.WARN
    reject_from: Enforcement = Enforcement.REJECT


# Made once for every event, and a frozen dataclass costs several times a plain one to make: a value all the same.
@dataclass(slots=True)
class Verdict:
    """The answer for one event.

    `processed_at` is in nanoseconds since 1970, UTC. `normalized` is the payload after defaults, coercion and
    transformations: JSON text for a payload of text, a dict for a mapping, None unless asked for and accepted by the
    schema. `contract_version` is empty if no contract judged the event.
    """

    event_id: str
    valid: bool
    processed_at: int
    contract_version: str = ""
    findings: Sequence[Finding] = ()
    omitted_findings: int = 0
    skipped_checks: Sequence[SkippedCheck] = ()
    normalized: bytes | dict[str, Any] | None = None
    explanations: Sequence[Explanation] = ()
