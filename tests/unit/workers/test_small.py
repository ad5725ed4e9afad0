"""How little a supervisor loads."""

import subprocess
import sys

_PROGRAM = """
import sys
from assay_server.app import _supervising
print(*sys.modules)
"""


def test_a_supervisor_loads_nothing_of_what_workers_serve_with() -> None:
    """Its workers can begin at once, and it takes a third of the memory."""
    loaded = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True).stdout.split()
    assert "assay_server.workers._supervisor" in loaded
    heavy = {"grpc", "google", "numpy", "sqlalchemy", "pyarrow", "onnxruntime", "numba", "sklearn", "uvloop"}
    ours = {f"assay_server.{name}" for name in ("contracts", "baselines", "models", "checks", "engine", "rpc", "files")}
    assert not (heavy | ours) & set(loaded)
