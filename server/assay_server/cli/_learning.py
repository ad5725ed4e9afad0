"""What `assay learn` does."""

import asyncio
import gc
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from assay_server.baselines import AlreadyLearnedError, Baselines, LearnedFile, Store
from assay_server.engine import Engine
from assay_server.files import (
    Digest,
    Renaming,
    Row,
    RowTable,
)

from ._errors import EXIT_FOUND, UserError, user_errors
from ._history import learning_engine, opened_store, series_of, settings_with
from ._judges import problem_verdict
from ._learned import Lesson
from ._left_out import LeftOut
from ._progress import FileProgress
from ._reading import Reading

_PUBLISH_EVERY = 16_384
_SELDOM = 100_000, 50, 100
"""How often to look for garbage: events come and go by the hundred thousand, and hardly any is left in a circle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaching(Reading):
    """What to learn, from what, and where it is to be kept."""

    rejected: str | None = None
    again: bool = False
    replace: bool = False
    contracts: Path | None = None
    data: Path | None = None
    store: str | None = None
    as_json: bool = False


def run(teaching: Teaching) -> int:
    """Teach history what files hold, and return the exit code.

    Raises:
        UserError: If that cannot be done; nothing is learned then.
    """
    with user_errors(), ExitStack() as stack:
        settings = settings_with(teaching.contracts, teaching.data)
        engine, baselines = learning_engine(settings)
        series = series_of(engine, teaching.event_type)
        sources = teaching.sources()
        store = stack.enter_context(opened_store(settings, teaching.store))
        digests = [Digest(source) for source in sources if not source.is_standard_input]
        files = _learned_files(teaching, digests)
        _refuse_known(teaching, store, files)
        lesson = Lesson(event_type=teaching.event_type, store=store.name)
        with LeftOut(teaching.rejected, teaching, sources) as left_out:
            progress = stack.enter_context(FileProgress([] if teaching.query else sources, "events"))
            teacher = _Teacher(engine, Renaming(teaching.names), lesson, left_out)
            asyncio.run(_teach(teacher, baselines, teaching.tables(sources), progress))
            for digest in digests:
                digest.check()
        lesson.taught = [baselines.snapshot[one].history for one in series]
        lesson.refused = baselines.refused
        if lesson.fit:
            store.teach(
                teaching.event_type,
                lesson.taught,
                files,
                again=teaching.again,
                replace=teaching.replace,
                refer=engine.referred,
            )
        lesson.summary.seconds = progress.seconds
        if teaching.as_json:
            sys.stdout.write(json.dumps(lesson.as_json(), ensure_ascii=False, indent=2) + "\n")
        else:
            Console().print(lesson.for_people())
        return 0 if lesson.fit else EXIT_FOUND


@dataclass(frozen=True, slots=True)
class _Teacher:
    """Teaches batches of rows: by columns, as far as they can be taught so, and the others one by one."""

    engine: Engine
    renaming: Renaming
    lesson: Lesson
    left_out: LeftOut

    async def teach(self, batch: list[Row] | RowTable) -> None:
        """Teach a batch."""
        rows = [batch] if isinstance(batch, list) else await self._by_columns(batch)
        for some in rows:
            await self._one_by_one(self.renaming.rows(some))

    async def _by_columns(self, table: RowTable) -> Iterator[list[Row]]:
        """Teach what of a table can be taught by columns; return the other rows."""
        events = table.events()
        if events is None:
            return table.lists()
        left = await self.engine.teach_table(self.renaming.table(events, table.source))
        self.lesson.add_learned(len(table) - len(left), table.source)
        return table.lists(left)

    async def _one_by_one(self, batch: list[Row]) -> None:
        rows = [row for row in batch if row.event.event_type in {self.lesson.event_type, ""}]
        self.lesson.others += len(batch) - len(rows)
        verdicts = iter(await self.engine.teach([row.event for row in rows if row.problem is None]))
        for row in rows:
            verdict = next(verdicts) if row.problem is None else problem_verdict(row)
            self.lesson.add(row, verdict)
            if not verdict.valid:
                self.left_out.write(row)


async def _teach(
    teacher: _Teacher, baselines: Baselines, batches: Iterator[list[Row] | RowTable], progress: FileProgress
) -> None:
    await teacher.engine.start()
    often = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        waiting = 0
        for batch in batches:
            await teacher.teach(batch)
            progress.advance(len(batch))
            waiting += len(batch)
            if waiting >= _PUBLISH_EVERY:
                baselines.publish()
                waiting = 0
        teacher.renaming.finish()
        baselines.publish()
    finally:
        gc.set_threshold(*often)
        await teacher.engine.close()


def _learned_files(teaching: Teaching, digests: list[Digest]) -> list[LearnedFile]:
    """Return what the lesson is recognised by: each file, or the query together with all that it reads."""
    seen: dict[str, str] = {}
    for digest in digests:
        name = digest.source.name
        if digest.value in seen and not teaching.again:
            raise UserError(f"{name} holds the same as {seen[digest.value]}", "Name it once, or say --again to count it twice.")
        seen[digest.value] = name
    if teaching.query is None:
        return [LearnedFile(name, value) for value, name in seen.items()]
    text = "\n".join([" ".join(teaching.query.split()), *sorted(seen)])
    name = f"a query of {', '.join(seen.values())}"
    return [LearnedFile(name, hashlib.sha256(text.encode()).hexdigest())]


def _refuse_known(teaching: Teaching, store: Store, files: list[LearnedFile]) -> None:
    """See that no file has taught before, rather now than after all of it is read."""
    if teaching.again or teaching.replace:
        return
    known = {file.digest for file in store.files(teaching.event_type)}
    if seen := [file.name for file in files if file.digest in known]:
        raise AlreadyLearnedError(seen)
