"""Loops over bytes and numbers as machine code."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(signature: Any) -> Callable[[F], F]:
    """Compile a function of numbers and arrays, for these types alone, when its module is imported.

    That takes some tenths of a second, once: the machine code is kept where Python keeps its own, beside the module or in the
    user's cache. Where neither can be written, each process compiles for itself.

    Args:
        signature: The types of the arguments and of the result, as Numba has them.
    """

    def decorate(function: F) -> F:
        compiling: Any = numba.njit
        try:
            made: F = compiling(signature, cache=True, nogil=True, error_model="numpy")(function)
        except (OSError, RuntimeError):
            made = compiling(signature, nogil=True, error_model="numpy")(function)
        return made

    return decorate
