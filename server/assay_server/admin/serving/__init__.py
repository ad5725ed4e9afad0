"""How it stands with a server, in figures and in words: what `Admin` tells of a process that serves.

condition = Condition(engine, baselines)
admin = Admin("127.0.0.1:9464", ServingProcess(condition))
admin.start()
condition.phase = Phase.SERVING
"""

from ._condition import Condition, Reloads
from ._health import details
from ._metrics import Metrics
from ._process import ServingProcess

__all__ = ["Condition", "Metrics", "Reloads", "ServingProcess", "details"]
