"""What operators look at: metrics and health, over HTTP. Knows nothing of gRPC.

condition = Condition(engine, baselines)
admin = Admin("127.0.0.1:9464", Process(condition))
admin.start()
condition.phase = Phase.SERVING
"""

from ._admin import Admin
from ._condition import Condition, Phase, Reloads
from ._joining import counters, joined_details, joined_metrics
from ._metrics import Metrics
from ._process import Process
from ._source import Source

__all__ = [
    "Admin",
    "Condition",
    "Metrics",
    "Phase",
    "Process",
    "Reloads",
    "Source",
    "counters",
    "joined_details",
    "joined_metrics",
]
