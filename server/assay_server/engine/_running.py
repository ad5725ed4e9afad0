"""Runs the checks of a plan on batches of events."""

import asyncio
from collections.abc import Awaitable, Sequence

from assay_server.baselines import Snapshot
from assay_server.checks import Batch, Check, Report

from ._plan import Plan
from ._reading import Accepted


def run(plan: Plan, batch: Batch, report: Report) -> tuple[Plan, Batch] | Awaitable[tuple[Plan, Batch]]:
    """Run all checks on a batch; return what of it was not rejected, or what to await for that if a check takes time."""
    for place, layer in enumerate(plan.layers):
        pending = [awaitable for check in layer if (awaitable := check.run(batch, report)) is not None]
        if pending:
            return _finish(plan, place, pending, batch, report)
        if report.rejected:
            batch = batch.without(report.rejected)
            if not batch:
                break
    return plan, batch


async def _finish(
    plan: Plan, place: int, pending: Sequence[Awaitable[None]], batch: Batch, report: Report
) -> tuple[Plan, Batch]:
    """Wait for the checks of the layer at a place, and run the layers after it."""
    await asyncio.gather(*pending)
    batch = batch.without(report.rejected)
    return await run_slowly(plan, plan.layers[place + 1 :], batch, report) if batch else (plan, batch)


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


def left(plan: Plan, accepted: Accepted, snapshot: Snapshot | None, *, learn: bool) -> Accepted:
    """Return those of a few events that take a closer look; the others, of which there is nothing to say, are learned from."""
    others: Accepted = ([], [], [])
    for one in zip(*accepted, strict=True):
        row, model, time = one
        if plan.passes(model, time, snapshot):
            plan.passed(time, learn=learn)
        else:
            others[0].append(row)
            others[1].append(model)
            others[2].append(time)
    return others
