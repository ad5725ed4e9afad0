"""Models for servers in tests: trained through the contract on the spot, and kept in a registry."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from assay.v1 import event_pb2
from assay_server.contracts import load
from assay_server.engine import Engine, Event
from assay_server.models.registry import Registry
from tests.unit.checks.modelled import artefact_of

PARCEL = '''
from assay_server.contracts import EventContract, IsolationForest, feature


class ParcelWeighed(EventContract, event_type="parcel.weighed", version="1.0.0"):
    """A parcel was put on the scales."""

    weight: float
    length: float
    depot: str = ""

    unusual = IsolationForest(features=("weight", "length", "density"), contamination=0.01)

    @feature
    def density(self) -> float:
        """Kilograms a metre."""
        return self.weight / self.length
'''
"""A contract with a model."""

EVENT_TYPE, NAME = "parcel.weighed", "unusual"
ODD = {"weight": 90.0, "length": 0.1}


def parcels(number: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return payloads of parcels that are as most are."""
    random = np.random.default_rng(seed)
    columns = random.uniform(1, 3, number).round(3).tolist(), random.uniform(0.5, 1.5, number).round(3).tolist()
    return [{"weight": weight, "length": length} for weight, length in zip(*columns, strict=True)]


def add_model(folder: Path, registry: Registry, *, seed: int = 0) -> str:
    """Train the model of the parcels' contract in a folder, keep it, and return its version."""
    with Engine(load(folder)) as engine:
        events = [Event(EVENT_TYPE, json.dumps(payload), 10**18) for payload in parcels(300, seed)]
        return registry.add(artefact_of(engine, events, EVENT_TYPE, NAME, seed=seed))


def parcel(payload: dict[str, Any], event_id: str = "") -> event_pb2.Event:
    """Return an event."""
    return event_pb2.Event(event_id=event_id, event_type=EVENT_TYPE, payload_json=json.dumps(payload).encode())
