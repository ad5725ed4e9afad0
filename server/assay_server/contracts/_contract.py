"""What an author writes: a contract for one version of one event type."""

import sys
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from ._feature import Feature
from ._markers import Clock, Resource
from ._model_markers import ModelMarker
from ._modules import Package
from ._problems import DeclarationError
from ._reference import Reference


class EventContract(BaseModel):
    """Describes the payload of one event type: a Pydantic model with rules, reference data and more.

    `class FlightArrived(EventContract, event_type="flight.arrived", version="1.0.0")`. A subclass without `event_type`
    is a base for others and describes no event.

    `learn` says what teaches the history that statistical checks compare with: "history", the default, for `assay learn`
    alone; "live", for events that are judged too. A subclass learns as its base does unless it says otherwise.
    """

    model_config = ConfigDict(ignored_types=(Clock, Feature, ModelMarker, Reference, Resource))

    __assay_event_type__: ClassVar[object] = None
    __assay_version__: ClassVar[object] = None
    __assay_learn__: ClassVar[object] = "history"

    def __init_subclass__(
        cls,
        *,
        event_type: str | None = None,
        version: str | None = None,
        learn: Literal["history", "live"] | None = None,
        **options: Any,
    ) -> None:
        try:
            super().__init_subclass__(**options)
        except TypeError:
            if not options:
                raise
            raise DeclarationError(
                f"a contract has no option {', '.join(options)}",
                'Write class …(EventContract, event_type="flight.arrived", version="1.0.0").',
            ) from None
        cls.__assay_event_type__ = event_type
        cls.__assay_version__ = version
        if learn is not None:
            if learn not in {"history", "live"}:
                raise DeclarationError(f"a contract cannot learn from {learn!r}", 'Write learn="history" or learn="live".')
            cls.__assay_learn__ = learn
        package = getattr(sys.modules.get(cls.__module__), "__loader__", None)
        if isinstance(package, Package) and (event_type is not None or version is not None):
            package.declared.append(cls)
