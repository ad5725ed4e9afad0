"""Reads arrays that anyone may have made."""

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay_server.models.registry._errors import ModelRefusedError


def read_array(data: bytes, name: str) -> NDArray[Any]:
    """Return the array that a file in NumPy's format holds; one of Python objects, which would be a pickle, is refused.

    Raises:
        ModelRefusedError: If it holds none, or its header tells of other data than there are.
    """
    stream = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ModelRefusedError(f"{name} is no array in a known format")
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
        if dtype.hasobject:
            raise ModelRefusedError(f"{name} holds Python objects, which would be a pickle")
        if math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
            raise ModelRefusedError(f"{name} is truncated, or longer than its header says")
        stream.seek(0)
        array: NDArray[Any] = np.load(stream, allow_pickle=False)
    except (ValueError, TypeError, KeyError, SyntaxError, RecursionError, EOFError) as error:
        raise ModelRefusedError(f"{name} is no array: {str(error).splitlines()[0][:200]}") from None
    return array
