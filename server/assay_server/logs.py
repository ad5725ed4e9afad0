"""Logs: structured events, for people or for programs, on standard error."""

import logging
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import EventDict, Processor


def set_up(level: str, style: str, **about: object) -> None:
    """Send the events of structlog, and of the libraries' own loggers, to standard error.

    Args:
        level: The least severe events to show: "debug", "info", "warning" or "error".
        style: "console" for people, "json" for programs, or "auto" for what standard error is.
        **about: What every event is to have: what it is that logs.
    """

    def introduce(_logger: object, _method: str, event: EventDict) -> EventDict:
        event.update(about)
        return event

    shared: Sequence[Processor] = (
        introduce,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(console=console)],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _renderers(*, console: bool) -> Sequence[Processor]:
    if console:
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
