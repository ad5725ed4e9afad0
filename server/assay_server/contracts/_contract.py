"""What an author writes: a contract for one version of one event type."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from ._markers import Clock, Resource
from ._reference import Reference


class EventContract(BaseModel):
    """Describes the payload of one event type: a Pydantic model with rules, reference data and more.

    `class FlightArrived(EventContract, event_type="flight.arrived", version="1.0.0")`. A subclass without `event_type`
    is a base for others and describes no event.
    """

    model_config = ConfigDict(ignored_types=(Clock, Reference, Resource))

    __assay_event_type__: ClassVar[object] = None
    __assay_version__: ClassVar[object] = None

    def __init_subclass__(cls, *, event_type: str | None = None, version: str | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.__assay_event_type__ = event_type
        cls.__assay_version__ = version
