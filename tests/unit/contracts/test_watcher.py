"""A folder that changes is loaded anew when it has come to rest."""

import asyncio
import os
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from assay_server.contracts import Catalog, ContractsError, Watcher, load
from assay_server.contracts._load import signature_of
from assay_server.contracts._loaded import Signature
from tests.unit.contracts.folders import HEADER, Folder, contract_text

Next = Callable[[], Awaitable[Catalog | ContractsError]]


@pytest.fixture
def watched(folder: Folder) -> Folder:
    """Give a folder with a contract and a table."""
    folder.contract('x: int\ntable = Reference("t.csv", key="k")')
    folder.write("t.csv", "k\n1\n")
    return folder


@asynccontextmanager
async def watching(path: Path, *, rest: float = 0.02) -> AsyncIterator[Next]:
    """Watch a folder; what it gives is asked for by calling what this gives."""
    catalog = load(path)
    changes = Watcher(path, catalog, interval=0.01, rest=rest).changes()
    given: list[Catalog] = [catalog]

    async def following() -> Catalog | ContractsError:
        found = await asyncio.wait_for(anext(changes), timeout=30)
        if isinstance(found, Catalog):
            given.append(found)
        return found

    try:
        yield following
    finally:
        await changes.aclose()
        for found in given:
            found.close()


def types_of(found: Catalog | ContractsError) -> list[str]:
    assert isinstance(found, Catalog), found
    return [f"{contract.event_type} {contract.version}" for contract in found]


def messages_of(found: Catalog | ContractsError) -> list[str]:
    assert isinstance(found, ContractsError)
    return [f"{problem.path}: {problem.message}" for problem in found.problems]


async def test_an_edit_a_new_file_and_a_deletion_are_noticed(watched: Folder) -> None:
    """Each gives the contracts as they are then."""
    async with watching(watched.path) as following:
        watched.contract("y: int", version="1.1.0")
        assert types_of(await following()) == ["a 1.1.0"]
        watched.contract(file="sub/b.py", event_type="b")
        assert types_of(await following()) == ["a 1.1.0", "b 1.0.0"]
        (watched.path / "a.py").unlink()
        assert types_of(await following()) == ["b 1.0.0"]


async def test_an_edit_that_keeps_size_and_time_is_noticed_where_the_file_is_another(watched: Folder) -> None:
    """As when a file is moved over the old one."""
    async with watching(watched.path) as following:
        old = watched.path / "a.py"
        new = watched.path / "a.new"
        new.write_text(old.read_text().replace("1.0.0", "2.0.0"))
        os.utime(new, ns=(old.stat().st_atime_ns, old.stat().st_mtime_ns))
        new.rename(old)
        assert types_of(await following()) == ["a 2.0.0"]


async def test_a_change_of_reference_data_is_noticed(watched: Folder) -> None:
    """In whatever case its suffix is written; the contract's fingerprint stays."""
    watched.contract('x: int\ntable = Reference("T.CSV", key="k")')
    watched.write("T.CSV", "k\n1\n")
    async with watching(watched.path) as following:
        watched.write("T.CSV", "k\n1\n2\n")
        found = await following()
        assert isinstance(found, Catalog)
        [contract] = found
        assert list(contract.references["table"]) == [1, 2]


async def test_a_folder_that_is_replaced_is_noticed(watched: Folder) -> None:
    """Its name counts, not what had it."""
    async with watching(watched.path) as following:
        replacement = Folder(watched.path.parent / "replacement")
        replacement.contract(version="3.0.0")
        watched.path.rename(watched.path.parent / "old")
        replacement.path.rename(watched.path)
        found = await following()
        if isinstance(found, ContractsError):  # It looked between the two.
            found = await following()
        assert types_of(found) == ["a 3.0.0"]


async def test_a_link_that_is_swapped_is_noticed(folder: Folder) -> None:
    """As Kubernetes swaps the folder behind a ConfigMap."""
    for number in (1, 2):
        folder.contract(file=f"..v{number}/sub/a.py", version=f"{number}.0.0")
    (folder.path / "..data").symlink_to("..v1")
    (folder.path / "sub").symlink_to("..data/sub")
    async with watching(folder.path) as following:
        (folder.path / "..new").symlink_to("..v2")
        (folder.path / "..new").rename(folder.path / "..data")
        assert types_of(await following()) == ["a 2.0.0"]


async def test_a_folder_reached_through_a_link_is_watched_through_it(watched: Folder) -> None:
    """The link may change to lead elsewhere."""
    other = Folder(watched.path.parent / "other")
    other.contract(version="4.0.0")
    link = watched.path.parent / "link"
    link.symlink_to(watched.path)
    async with watching(link) as following:
        swap = watched.path.parent / "swap"
        swap.symlink_to(other.path)
        swap.rename(link)
        assert types_of(await following()) == ["a 4.0.0"]


async def test_a_bad_change_is_an_error_and_a_repair_is_noticed(watched: Folder) -> None:
    """Also where the repair brings back exactly what there was."""
    async with watching(watched.path) as following:
        watched.write("bad.py", "1 / 0\n")
        assert messages_of(await following()) == ["bad.py: ZeroDivisionError: division by zero"]
        watched.write("bad.py", "1 / 00\n")
        assert messages_of(await following()) == ["bad.py: ZeroDivisionError: division by zero"]
        (watched.path / "bad.py").unlink()
        assert types_of(await following()) == ["a 1.0.0"]


async def test_an_emptied_folder_is_an_error_as_often_as_it_is_emptied(watched: Folder) -> None:
    """Nobody takes all contracts out of service by mistake; what comes afterwards is taken."""
    async with watching(watched.path) as following:
        for version in ("5.0.0", "6.0.0"):
            (watched.path / "a.py").unlink()
            assert messages_of(await following()) == [f"{watched.path}: the folder has no contracts any more"]
            watched.contract(version=version)
            assert types_of(await following()) == [f"a {version}"]


async def test_a_folder_that_goes_away_is_an_error_until_it_is_back(watched: Folder) -> None:
    """The watcher stays."""
    async with watching(watched.path) as following:
        shutil.rmtree(watched.path)
        assert messages_of(await following()) == [f"{watched.path}: there is no such folder"]
        watched.contract(version="7.0.0")
        found = await following()
        if isinstance(found, ContractsError):  # It looked before the file was there.
            found = await following()
        assert types_of(found) == ["a 7.0.0"]


async def test_a_folder_that_was_empty_from_the_start_may_stay_so(folder: Folder) -> None:
    """Tables without contracts are no reason for an error."""
    async with watching(folder.path) as following:
        folder.write("t.csv", "k\n1\n")
        assert types_of(await following()) == []


async def test_a_file_in_the_midst_of_being_written_is_waited_for(watched: Folder) -> None:
    """However many pieces it comes in: what is loaded is what it is in the end, although all pieces are good modules."""
    pieces = [HEADER, *(contract_text("x: int", event_type=f"b.{number}") for number in range(5))]
    file = watched.path / "b.py"

    class Meanwhile(Watcher):
        """Looks while somebody writes."""

        async def _look(self) -> Signature | None:
            if pieces:
                with file.open("a") as writing:
                    writing.write(pieces.pop(0))
            return await super()._look()

    catalog = load(watched.path)
    changes = Meanwhile(watched.path, catalog, interval=0.01, rest=0.01).changes()
    found = await asyncio.wait_for(anext(changes), timeout=30)
    assert types_of(found) == ["a 1.0.0", *(f"b.{number} 1.0.0" for number in range(5))]
    await changes.aclose()
    catalog.close()
    assert isinstance(found, Catalog)
    found.close()


def test_files_that_no_contract_can_rest_on_change_nothing(watched: Folder) -> None:
    """The folder looks as before to the watcher."""
    before = signature_of(watched.path)
    watched.write("notes.txt", "notes")
    watched.write(".hidden.py", "1 / 0")
    watched.write("..data/a.py", "1 / 0")
    watched.write("__pycache__/a.cpython-311.pyc", b"")
    assert signature_of(watched.path) == before


async def test_a_folder_is_loaded_anew_when_that_is_asked_for(watched: Folder) -> None:
    """Although nothing has changed, and without waiting until it is time to look."""
    catalog = load(watched.path)
    watcher = Watcher(watched.path, catalog, interval=3600, rest=0.01)
    changes = watcher.changes()
    for _ in range(2):
        watcher.ask()
        found = await asyncio.wait_for(anext(changes), timeout=30)
        assert found is not catalog
        assert types_of(found) == types_of(catalog)
        assert isinstance(found, Catalog)
        found.close()
    await changes.aclose()
    catalog.close()


async def test_a_watcher_that_is_cancelled_while_it_loads_leaves_nothing_behind(watched: Folder) -> None:
    """No modules, no finder, once the load that cannot be stopped is over."""
    finders = list(sys.meta_path)
    modules = {name for name in sys.modules if name.startswith("assay_contracts_")}
    catalog = load(watched.path)
    started, go_on = threading.Event(), threading.Event()
    sys.modules["assay_test_gate"] = type(sys)("assay_test_gate")
    sys.modules["assay_test_gate"].__dict__.update(started=started, go_on=go_on)
    try:
        changes = Watcher(watched.path, catalog, interval=0.01, rest=0.01).changes()
        waiting = asyncio.ensure_future(anext(changes))
        watched.contract(version="9.0.0", before="import assay_test_gate as gate\ngate.started.set()\ngate.go_on.wait(30)\n")
        assert await asyncio.to_thread(started.wait, 30)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert len(sys.meta_path) == len(finders) + 2
        go_on.set()
        await asyncio.get_running_loop().shutdown_default_executor()
    finally:
        go_on.set()
        del sys.modules["assay_test_gate"]
    catalog.close()
    assert sys.meta_path == finders
    assert {name for name in sys.modules if name.startswith("assay_contracts_")} == modules


async def test_a_watcher_that_is_cancelled_ends_at_once_and_leaves_no_thread(watched: Folder) -> None:
    """Whatever it was waiting for; its threads are the loop's, and no more than it has."""
    others = set(threading.enumerate())
    catalog = load(watched.path)
    for steps in range(20):
        changes = Watcher(watched.path, catalog, interval=0.001, rest=0.001).changes()
        waiting = asyncio.ensure_future(anext(changes))
        for _ in range(steps):
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    catalog.close()
    await asyncio.get_running_loop().shutdown_default_executor()
    left = set(threading.enumerate()) - others
    assert [thread.name for thread in left if thread.name.startswith("asyncio_")] == []
