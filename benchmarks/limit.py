"""The limit: the steps of an event that run in compiled code and cannot be left out, in a batch of a thousand.

`python -m benchmarks.limit CONTRACTS FOREST` is a process for the server's core. For each line on standard input, which names
a file with a ValidateStreamRequest, it measures the steps and prints a line of JSON: microseconds of CPU time an event.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import joblib
import numpy as np
from pydantic import ValidationError

from assay.v1.validation_service_pb2 import ValidateStreamRequest, ValidateStreamResponse
from assay.v1.verdict_pb2 import Verdict
from assay_server.contracts import Contract, load

from . import onnx_forest
from .workload import FEATURES

_SECONDS = 0.3
"""How long each step is repeated."""


class Steps:
    """The steps, on one batch.

    Args:
        data: The bytes of the request that the server gets.
        contract: The contract.
        forest: The isolation forest, as scikit-learn has it.
    """

    def __init__(self, data: bytes, contract: Contract, forest: Any) -> None:
        self._data = data
        self._validate = contract.validator.validate_json
        events = ValidateStreamRequest.FromString(data).events
        self._ids = [event.event_id for event in events]
        # What an error costs is no part of the limit.
        self._payloads = [event.payload_json for event in events if self._passes(event.payload_json)]
        payments = [json.loads(payload) for payload in self._payloads]
        self._matrix = np.array([[payment[name] for name in FEATURES] for payment in payments], np.float32)
        self._forest = onnx_forest.depths(forest, len(FEATURES))
        self._shared = Verdict(valid=True, contract_version="1.0.0+0123abcd")
        self._shared.processed_at.GetCurrentTime()
        right = -forest.score_samples(self._matrix)
        if np.abs(onnx_forest.scores(forest, self._score()) - right).max() > 1e-6:  # noqa: PLR2004
            raise RuntimeError("the limit's forest is not scikit-learn's")

    def measure(self) -> dict[str, float]:
        """Return microseconds an event, step by step."""
        gc.collect()
        gc.freeze()
        return {
            "decode": _cost(self._decode, len(self._ids)),
            "pydantic-core": _cost(self._read, len(self._payloads)),
            "forest": _cost(self._score, len(self._payloads)),
            "verdicts": _cost(self._answer, len(self._ids)),
        }

    def _passes(self, payload: bytes) -> bool:
        try:
            self._validate(payload)
        except ValidationError:
            return False
        return True

    def _decode(self) -> Sequence[Any]:
        return ValidateStreamRequest.FromString(self._data).events

    def _read(self) -> list[Any]:
        validate = self._validate
        return [validate(payload) for payload in self._payloads]

    def _score(self) -> Any:
        return self._forest.run(None, {"rows": self._matrix})[0]

    def _answer(self) -> bytes:
        response = ValidateStreamResponse()
        add, shared = response.verdicts.add, self._shared
        for event_id in self._ids:
            verdict = add()
            verdict.CopyFrom(shared)
            verdict.event_id = event_id
        return response.SerializeToString()


def _cost(step: Callable[[], Any], events: int) -> float:
    """Return the median over many calls of what an event takes, in microseconds of CPU time."""
    taken: list[float] = []
    until = time.perf_counter() + _SECONDS
    while time.perf_counter() < until:
        before = time.process_time()
        step()
        taken.append(time.process_time() - before)
    return median(taken) / events * 1e6


def main(contracts: str, forest: str) -> None:
    """Answer lines until there are no more."""
    [contract] = load(Path(contracts))
    estimator = joblib.load(forest)
    for line in sys.stdin:
        steps = Steps(Path(line.strip()).read_bytes(), contract, estimator)
        print(json.dumps(steps.measure()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
