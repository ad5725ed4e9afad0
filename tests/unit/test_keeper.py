"""The pace at which what is learned is kept."""

import pytest

from assay_server._keeper import next_due


@pytest.mark.parametrize("took", [0.0, 0.25, 1.0])
def test_what_a_round_takes_does_not_put_off_the_next(took: float) -> None:
    """Rounds begin an interval apart, however long each takes, up to half of it."""
    assert next_due(10.0, 10.0 + took, 2.0) == 12.0


@pytest.mark.parametrize("took", [1.5, 2.0, 60.0])
def test_long_rounds_leave_half_an_interval_to_the_calls(took: float) -> None:
    """Rounds that were missed are not made up for."""
    assert next_due(10.0, 10.0 + took, 2.0) == 10.0 + took + 1.0
