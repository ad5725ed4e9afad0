"""One event type in three versions."""

from typing import Annotated

from pydantic import Field

from assay_server.contracts import EventContract, rule


class OrderPlaced(EventContract, event_type="order.placed", version="1.0.0"):
    """A customer has placed an order."""

    sku: str


class OrderPlacedWithQuantity(EventContract, event_type="order.placed", version="1.10.0"):
    """A customer has placed an order for several of a kind."""

    sku: str
    quantity: Annotated[int, Field(gt=0)] = 1


class OrderPlacedWithCurrency(EventContract, event_type="order.placed", version="2.0.0"):
    """A customer has placed an order in a currency."""

    sku: str
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"

    @rule
    def no_test_orders(self) -> bool:
        """Test orders stay out of production."""
        return not self.sku.startswith("TEST")
