"""What a gathering client may be told."""

import pytest

from assay_client import GatherTuning


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(("connections", 0), ("max_events_per_message", 0), ("max_bytes_per_message", 0)),
        *(("max_waiting", 0), ("max_waiting_bytes", 0), ("max_delay", -1.0)),
    ],
)
def test_a_tuning_that_makes_no_sense_is_refused(setting: str, value: float) -> None:
    """By name."""
    with pytest.raises(ValueError, match=setting):
        GatherTuning(**{setting: value})  # type: ignore[arg-type]
