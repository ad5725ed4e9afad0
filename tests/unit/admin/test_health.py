"""What the details of health say."""

from pathlib import Path

import numpy as np

from assay_server.admin import Phase
from assay_server.admin.serving import Condition, details
from assay_server.baselines import Baselines, Series, Store
from tests.unit.checks.making import NOW, engine_of

SERIES = Series(event_type="a", check="c", field="/x")


def condition_of(baselines: Baselines, phase: Phase = Phase.SERVING) -> Condition:
    engine = engine_of('class A(EventContract, event_type="a", version="1.2.0"):\n    x: int = 0\n')
    return Condition(engine, baselines, phase=phase)


def test_it_names_the_phase_and_the_contracts() -> None:
    """By their full versions."""
    for phase in Phase:
        told = details(condition_of(Baselines(), phase))
        assert told["status"] == phase.value
    [contract] = told["contracts"]
    assert (contract["event_type"], contract["version"].partition("+")[0]) == ("a", "1.2.0")
    assert told["contract_reloads"] == {"success": 0, "failure": 0}


def test_a_store_that_was_not_used_is_neither_reachable_nor_not() -> None:
    """No contract needs it."""
    assert details(condition_of(Baselines()))["baseline_store"] == {
        "name": None,
        "reachable": None,
        "error": None,
        "unreachable_since": None,
        "last_exchange": None,
        "values_waiting": 0,
    }


def test_a_store_that_cannot_be_reached_degrades_the_server(tmp_path: Path) -> None:
    """It is said since when, why and how much waits, until it can be; a server that stops is not called degraded."""
    now = [NOW]
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    baselines = Baselines(Store(blocked / "baselines.sqlite3"), clock=lambda: now[0])
    baselines.learn(SERIES, None, np.ones(3), None)
    for _ in range(2):
        baselines.publish()
        baselines.exchange()
        now[0] += 1_500_000_000
    told = details(condition_of(baselines))
    store = told["baseline_store"]
    assert told["status"] == "degraded"
    assert (store["reachable"], store["last_exchange"], store["values_waiting"]) == (False, None, 3)
    assert store["unreachable_since"] == "2023-11-14T22:13:20.000Z"
    assert store["error"]
    assert details(condition_of(baselines, Phase.DRAINING))["status"] == "draining"

    blocked.unlink()
    baselines.exchange()
    told = details(condition_of(baselines))
    assert told["status"] == "serving"
    assert told["baseline_store"] == {
        "name": f"sqlite:///{blocked}/baselines.sqlite3",
        "reachable": True,
        "error": None,
        "unreachable_since": None,
        "last_exchange": "2023-11-14T22:13:23.000Z",
        "values_waiting": 0,
    }
    baselines.close()


def test_a_password_is_not_told() -> None:
    """The store is named by its URL without it."""
    store = Store("postgresql://assay:secret@127.0.0.1:1/events")
    assert "secret" not in str(details(condition_of(Baselines(store))))
