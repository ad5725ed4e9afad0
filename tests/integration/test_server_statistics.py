"""A real server and the Python client: warming up, constant history, and values that nobody should learn."""

import json
from math import inf, nextafter
from pathlib import Path

import pytest
from google.protobuf import struct_pb2

from assay_client import Baseline, Client, Event, SkipReason, StatisticalEvidence
from assay_client import Verdict as Answer

from .conftest import Spawn, eventually

PROMPT = {"drain_pause": "0", "drain_timeout": "5s"}

CONTRACT = '''
from typing import Annotated

from assay_server.contracts import EventContract, QuantileRange, RobustSigma, ThreeSigma, feature


class Measured(EventContract, event_type="measured", version="1.0.0", learn="live"):
    """Something was measured."""

    x: Annotated[float, ThreeSigma(), RobustSigma(), QuantileRange()]

    @feature
    def squared(self) -> Annotated[float, ThreeSigma()]:
        """Infinite, where it is too large for a double."""
        return self.x * self.x

    @feature
    def taught(self) -> Annotated[float, ThreeSigma(min_samples=1_000_000)]:
        """The last that an event teaches: with it, all is learned."""
        return 1.0
'''
CHECKS = [
    ("statistics.three_sigma", "/x"),
    ("statistics.robust_sigma", "/x"),
    ("statistics.quantile_range", "/x"),
    ("statistics.three_sigma", "@squared"),
]


GROUPED = '''
from typing import Annotated

from assay_server.contracts import EventContract, ThreeSigma


class Weighed(EventContract, event_type="weighed", version="1.0.0", learn="live"):
    """Something was weighed."""

    depot: str
    weight: Annotated[float, ThreeSigma(by="depot")]
'''


@pytest.fixture
def server(spawn: Spawn, folder: Path) -> str:
    """The address of a server that has learned nothing."""
    (folder / "measured.py").write_text(CONTRACT)
    return spawn(**PROMPT).address


def measured(*values: float) -> list[Event]:
    return [Event("measured", {"x": value}) for value in values]


def learned(client: Client) -> list[Baseline]:
    """Return what history says of x."""
    return [client.get_baseline("measured", check, field=field) for check, field in CHECKS]


async def taken(client: Client, count: int) -> None:
    """Wait until history has as many events."""

    def has_them() -> bool:
        return client.get_baseline("measured", "statistics.three_sigma", field="@taught").sample_count == count

    await eventually(has_them, "it is learned")


def warming_up(answer: Answer) -> list[tuple[str, str]]:
    """Return which checks of x are."""
    found = [(skipped.check, skipped.field) for skipped in answer.skipped_checks if skipped.reason is SkipReason.WARMING_UP]
    assert len(found) == len(answer.skipped_checks)
    return [one for one in found if one in CHECKS]


def evidence(answer: Answer) -> list[StatisticalEvidence]:
    """Return what each finding rests on."""
    found = [finding.evidence for finding in answer.findings]
    assert all(isinstance(one, StatisticalEvidence) for one in found)
    return [one for one in found if isinstance(one, StatisticalEvidence)]


async def test_a_check_warms_up_and_then_a_constant_history_finds_any_other_value(server: str) -> None:
    """Below 30 values it is skipped; from then on, the number next to the only one there was is infinitely far."""
    with Client(server) as client:
        for count in (0, 29):
            client.validate_batch(measured(*[2.5] * count))
            await taken(client, count)
            verdict = client.validate("measured", {"x": 1e6}, dry_run=True)
            assert verdict.valid
            assert not verdict.findings
            assert warming_up(verdict) == CHECKS
        client.validate("measured", {"x": 2.5})
        await taken(client, 30)
        same = client.validate("measured", {"x": 2.5}, dry_run=True)
        assert (same.findings, warming_up(same)) == ((), [])
        for other, deviation in ((nextafter(2.5, inf), inf), (nextafter(2.5, -inf), -inf), (0.0, -inf), (1e308, inf)):
            answer = client.validate("measured", {"x": other}, dry_run=True)
            assert [(finding.check, finding.field) for finding in answer.findings] == CHECKS
            for one in evidence(answer):
                assert (one.deviation, one.lower, one.upper) == (deviation, one.expected, one.expected)


@pytest.mark.parametrize("history", [5, 50], ids=["before warming up", "after warming up"])
async def test_hostile_values_change_nothing(server: str, history: int) -> None:
    """NaN and infinities are rejected, as JSON and in a Struct; what is finite and far too large is judged, and not learned."""
    with Client(server) as client:
        client.validate_batch(measured(*(float(number) for number in range(history))))
        await taken(client, history)
        before = learned(client)
        assert {one.sample_count for one in before} == {history}
        texts = ("NaN", "Infinity", "-Infinity", "1e400", '"nan"', '"-inf"')
        hostile = [Event("measured", f'{{"x": {text}}}') for text in texts]
        for value in (float("nan"), inf, -inf):
            struct = struct_pb2.Struct()
            struct.fields["x"].number_value = value
            hostile.append(Event("measured", struct))
        large = [Event("measured", json.dumps({"x": value})) for value in (1e308, -1e308, 1.5e154, -1.5e154)]
        answers = [*client.validate_batch(hostile), *(verdict for verdict in client.validate_stream(iter(hostile)))]
        assert not any(answer.valid for answer in answers)
        answers = [*client.validate_batch(large), *(verdict for verdict in client.validate_stream(iter(large)))]
        assert all(answer.valid for answer in answers)
        assert all(bool(answer.findings) == (history >= 30) for answer in answers)
        await taken(client, history + 2 * len(large))
        assert learned(client) == before


async def test_a_server_keeps_as_many_groups_as_are_set(spawn: Spawn, folder: Path) -> None:
    """Events of groups beyond that are judged, but not compared."""
    (folder / "weighed.py").write_text(GROUPED)
    address = spawn(**PROMPT, max_groups="1").address

    with Client(address) as client:

        def skipped(depot: str) -> SkipReason:
            return client.validate("weighed", {"depot": depot, "weight": 1.0}).skipped_checks[0].reason

        def known(depot: str) -> int:
            return client.get_baseline(
                "weighed", "statistics.three_sigma", field="/weight", group={"depot": depot}
            ).sample_count

        assert skipped("a") is SkipReason.WARMING_UP
        await eventually(lambda: known("a") == 1, "the one group that is kept is known")
        assert skipped("b") is SkipReason.GROUP_LIMIT
        assert skipped("a") is SkipReason.WARMING_UP
