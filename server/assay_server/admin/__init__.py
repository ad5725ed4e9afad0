"""What operators look at: metrics and health, over HTTP. Knows nothing of gRPC; what serves is known in `serving` alone.

admin = Admin("127.0.0.1:9464", source)
admin.start()
"""

from ._admin import Admin
from ._joining import counters, joined_details, joined_metrics
from ._phase import Phase
from ._process import Process
from ._source import Source

__all__ = ["Admin", "Phase", "Process", "Source", "counters", "joined_details", "joined_metrics"]
