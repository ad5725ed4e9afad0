"""The same check as an HTTP service: FastAPI, the same Pydantic model and the same rule.

`python -m benchmarks.peers.fastapi_service PORT`.
"""

import sys
from datetime import UTC, datetime
from typing import Annotated, Literal

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


class Verdict(BaseModel):
    """The answer."""

    event_id: str
    valid: bool
    processed_at: datetime
    warnings: list[str] = []


app = FastAPI()


@app.post("/validate")
async def validate(event: Event) -> Verdict:
    """Check one event; FastAPI itself answers 422 to one whose shape is wrong."""
    warnings = [] if event.payload.fee <= event.payload.amount else ["the fee is more than the amount"]
    return Verdict(event_id=event.event_id, valid=not warnings, processed_at=datetime.now(UTC), warnings=warnings)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), http="httptools", log_level="error", access_log=False)
