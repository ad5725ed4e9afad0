"""How good a model is on events that it was not trained on.

earlier, later = split_by_time(times)
evaluation = evaluate(scores, threshold, labels)
"""

from ._evaluate import Evaluation, Histogram, auc, evaluate, most_anomalous
from ._split import HELD_OUT, split_by_time

__all__ = ["HELD_OUT", "Evaluation", "Histogram", "auc", "evaluate", "most_anomalous", "split_by_time"]
