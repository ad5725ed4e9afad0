"""Columns of events in, a model out: with all that serving it takes.

trained = train(ModelSpec(kind=ModelKind.ISOLATION_FOREST), features, columns, seed=7)
scores = trained.scorer.score(trained.encoding.encode(columns))
"""

from ._canaries import Canaries
from ._errors import TrainingError
from ._estimators import ModelSpec
from ._threshold import threshold_of
from ._train import LEAST_ROWS, Trained, train

__all__ = ["LEAST_ROWS", "Canaries", "ModelSpec", "Trained", "TrainingError", "threshold_of", "train"]
