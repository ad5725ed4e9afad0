"""The work of every measurement: a payment with twelve fields, about 230 bytes of JSON, eight of them a model's features."""

from typing import Annotated, Literal

from pydantic import Field

from assay_server.contracts import EventContract, IsolationForest, ThreeSigma, rule


class PaymentMade(EventContract, event_type="payment.made", version="1.0.0", learn="live"):
    """A customer has paid."""

    payment_id: Annotated[str, Field(min_length=1, max_length=40)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    country: Annotated[str, Field(min_length=2, max_length=2)]
    method: Literal["card", "transfer", "wallet"]
    amount: Annotated[float, Field(gt=0), ThreeSigma(by="currency")]
    fee: Annotated[float, Field(ge=0)]
    tax: Annotated[float, Field(ge=0)]
    items: Annotated[int, Field(ge=1)]
    account_age: Annotated[int, Field(ge=0)]
    hour: Annotated[int, Field(ge=0, le=23)]
    risk: Annotated[float, Field(ge=0, le=1)]
    velocity: Annotated[float, Field(ge=0)]

    unusual = IsolationForest(features=("amount", "fee", "tax", "items", "account_age", "hour", "risk", "velocity"))

    @rule
    def fee_is_below_amount(self) -> bool:
        """The fee is no more than the amount."""
        return self.fee <= self.amount
