"""The same checks as an HTTP service, as it is commonly written.

FastAPI, the same Pydantic model, the same rule, the mean and deviation of each currency, and, if there is a forest,
scikit-learn in the request.

`python -m benchmarks.peers.fastapi_service PORT LEARNED [FOREST]`: a JSON file with means and deviations, and a forest that
joblib wrote.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import joblib
import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, Field


class Payment(BaseModel):
    """The payload."""

    payment_id: Annotated[str, Field(min_length=1, max_length=40)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    country: Annotated[str, Field(min_length=2, max_length=2)]
    method: Literal["card", "transfer", "wallet"]
    amount: Annotated[float, Field(gt=0)]
    fee: Annotated[float, Field(ge=0)]
    tax: Annotated[float, Field(ge=0)]
    items: Annotated[int, Field(ge=1)]
    account_age: Annotated[int, Field(ge=0)]
    hour: Annotated[int, Field(ge=0, le=23)]
    risk: Annotated[float, Field(ge=0, le=1)]
    velocity: Annotated[float, Field(ge=0)]


class Event(BaseModel):
    """The event around it."""

    event_id: str
    event_type: Literal["payment.made"]
    timestamp: datetime
    payload: Payment


class Warning(BaseModel):  # noqa: A001  # What such a service calls it.
    """Something that was found."""

    check: str
    message: str


class Verdict(BaseModel):
    """The answer."""

    event_id: str
    valid: bool
    processed_at: datetime
    warnings: list[Warning] = []


def service(learned: dict[str, Any], forest: Any = None) -> FastAPI:
    """Return the application."""
    app = FastAPI()
    moments, threshold = learned["moments"], learned["threshold"]

    @app.post("/validate")
    async def validate(event: Event) -> Verdict:
        """Check one event; FastAPI itself answers 422 to one whose shape is wrong."""
        payment, warnings = event.payload, []
        valid = payment.fee <= payment.amount
        if not valid:
            warnings.append(Warning(check="rules.fee_is_below_amount", message="the fee is more than the amount"))
        if valid and payment.currency in moments:
            mean, deviation = moments[payment.currency]
            if abs(payment.amount - mean) > 3 * deviation:
                message = f"{payment.amount} is more than 3 deviations from {mean:.2f}"
                warnings.append(Warning(check="/amount", message=message))
        if valid and forest is not None:
            features = np.array([[getattr(payment, name) for name in _FEATURES]])
            score = -forest.score_samples(features)[0]
            if score >= threshold:
                warnings.append(Warning(check="anomaly.unusual", message=f"the score is {score:.3f}"))
        return Verdict(event_id=event.event_id, valid=valid, processed_at=datetime.now(UTC), warnings=warnings)

    return app


_FEATURES = ("amount", "fee", "tax", "items", "account_age", "hour", "risk", "velocity")


def main(port: str, learned: str, forest: str | None = None) -> None:
    """Serve until killed."""
    app = service(json.loads(Path(learned).read_text()), joblib.load(forest) if forest else None)
    uvicorn.run(app, host="127.0.0.1", port=int(port), http="httptools", log_level="error", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
