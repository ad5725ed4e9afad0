"""Whether what a model's files hold is harmless, before anything is built of it.

estimator = read_estimator(data)
check_compiled(data, width)
"""

from typing import Any

from ._arrays import read_array
from ._document import Document
from ._keeping import attach, detached
from ._types import ASKED_FOR

__all__ = ["check_compiled", "estimator_bytes", "read_array", "read_estimator"]


def estimator_bytes(estimator: Any) -> bytes:
    """Return a fitted estimator as a file.

    Raises:
        ModelRefusedError: If it is made of anything that could not be read back.
    """
    import skops.io  # noqa: PLC0415  # It loads all of scikit-learn.

    data: bytes = skops.io.dumps(detached(estimator))
    Document(data)
    return data


def check_compiled(data: bytes, width: int) -> None:
    """Check a model in ONNX's format.

    Args:
        data: The file.
        width: How many columns its input has.

    Raises:
        ModelRefusedError: If it is none, or has anything in it that is not known to be harmless.
    """
    from . import _compiled  # noqa: PLC0415  # A server asks the runtime alone, and need not load what builds models.

    _compiled.check_compiled(data, width)


def read_estimator(data: bytes) -> Any:
    """Return the estimator that a file holds.

    Raises:
        ModelRefusedError: If it holds anything that is not known to be harmless.
    """
    import skops.io  # noqa: PLC0415  # It loads all of scikit-learn.

    estimator = skops.io.loads(Document(data).rebuilt(), trusted=ASKED_FOR)
    attach(estimator)
    return estimator
