"""What operators look at: metrics and health, over HTTP. Knows nothing of gRPC.

condition = Condition(engine, baselines)
admin = Admin("127.0.0.1:9464", condition)
admin.start()
condition.phase = Phase.SERVING
"""

from ._admin import Admin
from ._condition import Condition, Phase, Reloads
from ._metrics import Metrics

__all__ = ["Admin", "Condition", "Metrics", "Phase", "Reloads"]
