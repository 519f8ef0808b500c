"""The log: one event a line on standard error."""

import sys

from vigie.settings import LogSettings


def set_up_log(log: LogSettings) -> None:
    """Send the log to standard error: lines for people on a terminal, else JSON.

    Standard output is for data; structlog would write there when nobody told it.
    """
    import structlog

    as_json = not sys.stderr.isatty() if log.json_lines is None else log.json_lines
    # Tracebacks without local variables: those hold listings' texts.
    without_locals = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    last: list[structlog.types.Processor] = (
        [
            structlog.processors.ExceptionRenderer(without_locals),
            structlog.processors.JSONRenderer(),
        ]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(log.level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
