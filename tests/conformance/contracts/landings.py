"""Comparisons with history of every kind; what is learned stands in history/landed.ndjson."""

from typing import Annotated

from assay_server.contracts import (
    EventContract,
    Novelty,
    QuantileRange,
    RobustSigma,
    Sensitive,
    ThreeSigma,
    feature,
)


class Landed(EventContract, event_type="landed", version="1.0.0"):
    """A flight has landed: of three carriers, one of them too rarely to tell what is usual for it."""

    carrier: Annotated[str, Novelty()] | None = None
    delay: (
        Annotated[
            float,
            ThreeSigma(by="carrier"),
            ThreeSigma(20, name="absurd", enforcement="reject", required=False),
            RobustSigma(3, name="tried", enforcement="audit"),
        ]
        | None
    ) = None
    distance: Annotated[float, RobustSigma()] | None = None
    weight: Annotated[float, QuantileRange(0.05, 0.95)] | None = None
    engines: Annotated[int, ThreeSigma()] | None = None
    fuel: Annotated[float, Sensitive(), ThreeSigma()] | None = None

    @feature
    def hours(self) -> Annotated[float | None, ThreeSigma()]:
        """The delay in hours; it cannot be told for a delay of 13 minutes."""
        if self.delay == 13:
            raise ValueError("thirteen")
        return None if self.delay is None else self.delay / 60


class TakenOff(EventContract, event_type="taken.off", version="1.0.0"):
    """Nothing has been learned of it."""

    delay: Annotated[float, ThreeSigma(), RobustSigma(enforcement="reject")] = 0
