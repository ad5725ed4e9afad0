"""The command `assay`.

The client alone, without the server's dependencies, installs the command too: so nothing but the standard library is
imported before it is known what is there.
"""

import sys

__all__ = ["main"]

_OURS = frozenset({"assay", "assay_client", "assay_server"})
_EXIT_USAGE = 2


def main() -> None:
    """Run the command line, and exit."""
    try:
        from ._app import run  # noqa: PLC0415  # It needs what may not be there.

        run()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if not missing or missing in _OURS:
            raise
        sys.stderr.write(
            f"error: assay needs {missing}, which is not installed\n"
            "  The command line comes with the server: pip install 'assay[server]'\n"
        )
        sys.exit(_EXIT_USAGE)
