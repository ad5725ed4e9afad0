"""All commands, as one."""

import signal
from importlib.metadata import version
from types import FrameType
from typing import Annotated, NoReturn

import typer

from ._backtest import backtest
from ._baselines import baselines
from ._check import check
from ._contracts import contracts
from ._errors import EXIT_USAGE, UserError
from ._learn import learn
from ._models import models
from ._new import new
from ._serve import serve
from ._train import train

app = typer.Typer(
    name="assay",
    help="Tells whether events are well-formed, plausible and normal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve)
app.command()(check)
app.command()(learn)
app.command()(backtest)
app.command()(train)
app.add_typer(baselines)
app.add_typer(models)
app.add_typer(contracts)
app.command()(new)


def run() -> None:
    """Run the command that the arguments name, and exit."""
    # Python's own handler would be replaced by asyncio.run, with one that waits for whatever holds up the event loop.
    signal.signal(signal.SIGINT, _interrupt)
    try:
        app(prog_name="assay")
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(EXIT_USAGE) from None


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Interrupt what is under way, such as waiting for standard input."""
    raise KeyboardInterrupt


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"assay {version('assay')}")
        raise typer.Exit


@app.callback()
def root(
    _: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Take what goes before a command."""
