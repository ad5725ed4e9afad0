"""Teaching history events that come in columns."""

import asyncio

import numpy as np
import numpy.typing as npt

from assay_server.checks import Batch, ColumnBatch, EventTable, Report

from ._plan import Plan

_AT_ONCE = 256  # Models that stay in the processor's cache.


async def teach_table(plan: Plan, table: EventTable, plain: npt.NDArray[np.bool_]) -> list[int]:
    """Teach history the rows that envelope, schema and rules accept for certain, and return the others.

    Args:
        plan: What the events are judged by.
        table: The events.
        plain: The rows that the envelope accepts.
    """
    rules = [check for layer in plan.admitting for check in layer]
    if not plan.columns.reads(table) or any(rule.takes_time for rule in rules):
        return list(range(len(table)))
    reading = plan.columns.read(table)
    taught = plain & reading.accepted
    if plan.teaches_fields:
        rows = np.flatnonzero(taught)
        plan.teach(ColumnBatch(reading, rows, table.times[rows]))
        return np.flatnonzero(~taught).tolist()
    report = Report(explain=False)
    for rows in np.array_split(found := np.flatnonzero(taught), len(found) // _AT_ONCE + 1):
        batch = Batch(rows.tolist(), plan.columns.models(reading, rows), table.times[rows].tolist())
        for rule in rules:
            rule.run(batch, report)
        plan.teach(batch.without(report.rejected))
        await asyncio.sleep(0)
    taught[list(report.rejected)] = False
    return np.flatnonzero(~taught).tolist()
