"""Where models are kept, tried before they are trusted, and put in service.

registry = Registry(Path("data/models"))
version = registry.add(artefact)
registry.activate("flight.arrived", "unusual", version)

shelf = Shelf(registry)
shelf.use([Wanted(event_type="flight.arrived", name="unusual", fingerprint="9f3ab2c1")])
shelf.refresh()
shelf.of("flight.arrived", "unusual").active.scorer
"""

from ._artefact import Artefact
from ._entries import Entry
from ._errors import ModelRefusedError, RegistryError
from ._manifest import DataFile, Manifest, TrainingData
from ._names import Version
from ._registry import Registry
from ._served import Served
from ._shelf import Change, Shelf, Slot, Wanted
from ._state import State
from ._trials import TrialError, Trials, TryOut

__all__ = [
    "Artefact",
    "Change",
    "DataFile",
    "Entry",
    "Manifest",
    "ModelRefusedError",
    "Registry",
    "RegistryError",
    "Served",
    "Shelf",
    "Slot",
    "State",
    "TrainingData",
    "TrialError",
    "Trials",
    "TryOut",
    "Version",
    "Wanted",
]
