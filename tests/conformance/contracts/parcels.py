"""Models: one that serves, one that nobody trained, one that was trained for something else. history/ has what they learn."""

from typing import Annotated

from assay_server.contracts import EventContract, IsolationForest, Sensitive, feature


class ParcelWeighed(EventContract, event_type="parcel.weighed", version="1.0.0"):
    """A parcel was put on the scales; the model was trained for the newer version's features."""

    weight: float
    unusual = IsolationForest(features=("weight",))


class ParcelMeasured(EventContract, event_type="parcel.weighed", version="2.0.0"):
    """A parcel was put on the scales, and measured."""

    weight: float
    length: float | None = None
    price: Annotated[float, Sensitive()] = 1.0

    unusual = IsolationForest(features=("weight", "length", "density", "price"), contamination=0.01)

    @feature
    def density(self) -> float | None:
        """Kilograms a metre; it cannot be told for a parcel without a length."""
        return None if self.length is None else self.weight / self.length


class ParcelLost(EventContract, event_type="parcel.lost", version="1.0.0"):
    """A parcel was lost; no model has been trained."""

    weight: float = 1.0
    unusual = IsolationForest(features=("weight",), enforcement="audit")
    certain = IsolationForest(features=("weight",), enforcement="reject")
