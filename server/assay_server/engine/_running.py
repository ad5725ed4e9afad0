"""Runs the checks of a plan on batches of events."""

import asyncio
from collections.abc import Sequence

from assay_server.checks import Batch, Check, Report

from ._plan import Plan


def run(plan: Plan, batch: Batch, report: Report) -> Batch:
    """Run all checks on a batch; return what of it was not rejected."""
    for layer in plan.layers:
        for check in layer:
            check.run(batch, report)
        if report.rejected:
            batch = batch.without(report.rejected)
            if not batch:
                break
    return batch


async def run_slowly(plan: Plan, layers: Sequence[Sequence[Check]], batch: Batch, report: Report) -> tuple[Plan, Batch]:
    """Run layers of checks on a batch; return what of it was not rejected."""
    for layer in layers:
        pending = [awaitable for check in layer if (awaitable := check.run(batch, report)) is not None]
        if pending:
            await asyncio.gather(*pending)
        batch = batch.without(report.rejected)
        if not batch:
            break
    return plan, batch
