"""How a process that stays logs: one JSON object a line on stderr, or text where a person looks on.

Owns the form of a line. What is logged is said where it happens; libraries that use `logging` come out alike.
A traceback never shows local variables: tokens and addresses are among them.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

import msgspec
import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

if TYPE_CHECKING:
    from structlog.typing import Processor

_FRAMES: Final = 50
"""The innermost calls of a traceback that are kept."""

_TALKING: Final = ("arcadia",)
"""Who is heard when nothing is wrong."""


def configure_logs(stream: TextIO = sys.stderr) -> None:
    """From now on every line of this process is one of ours, on `stream`."""
    ours: list[Processor] = [
        structlog.contextvars.merge_contextvars,  # the request id, in threads too
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    form = _text() if stream.isatty() else _json()
    # By way of `logging`, so that lines of ours and of libraries leave through one lock and in one form.
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *ours,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=ours,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *form],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _TALKING:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(True)


def _json() -> list[Processor]:
    frames = ExceptionDictTransformer(show_locals=False, max_frames=_FRAMES)
    return [ExceptionRenderer(frames), structlog.processors.JSONRenderer(serializer=_encoded)]


def _text() -> list[Processor]:
    return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def _encoded(line: Any, **_: object) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()
