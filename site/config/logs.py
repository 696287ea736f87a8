"""What a line of a log may say. Every handler formats through here, so no logger goes around it.

An exception is named by its class and by where it happened, never by its message: a database
quotes the row that it refused. Of everything else, whatever looks like a receipt, an address, a
mail or a query string is masked. The masks are the second line: code that logs says nothing of
the kind. What Python itself would print goes the same way.
"""

import logging
import logging.config
import os
import re
import sys
import threading
import traceback
import warnings
from types import TracebackType
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

DIGITS = "0-9\u0e50-\u0e59\u0ed0-\u0ed9\u17e0-\u17e9"  # of the four scripts
MASKS = [
    # A receipt: 16 digits, whatever people, or an encoding, put between them.
    (rf"(?:[{DIGITS}](?:[^\w\n]|_){{0,3}}){{15,}}[{DIGITS}]", "[number]"),
    (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "[mail]"),
    (r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?![\d.])", "[address]"),
    (r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])", "[address]"),
    (r"(?<=[\w/])\?[^\s'\"]+=[^\s'\"]*", "?[query]"),
]
# These quote what they were given when they are talkative: rows and their values, words of pages,
# signed requests, what a photograph tells. They never speak below this, whatever asks them to.
NEVER_BELOW = {
    "PIL": "WARNING",
    "boto3": "WARNING",
    "botocore": "WARNING",
    "django.db.backends": "WARNING",
    "django.template": "WARNING",
    "fido2": "WARNING",
    "gunicorn": "WARNING",
    "opensearch": "WARNING",
    "opensearchpy": "WARNING",
    "s3transfer": "WARNING",
    "urllib3": "WARNING",
    # Paths of refused requests tell who looked for what; the status says enough elsewhere.
    "django.request": "ERROR",
    "django.security": "CRITICAL",
    # It would name who failed to sign in, and from where.
    "axes": "CRITICAL",
}
COMPILED = [(re.compile(pattern), mask) for pattern, mask in MASKS]
ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


def masked(text: str) -> str:
    for pattern, mask in COMPILED:
        text = pattern.sub(mask, text)
    return text


def where(exc_info: ExcInfo) -> str:
    """Class and places of an exception and of those that led to it; no message, no value."""
    lines: list[str] = []
    error = exc_info[1]
    while error is not None and len(lines) < 200:
        lines.append(f"{type(error).__module__}.{type(error).__qualname__}")
        lines += [
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__, limit=-15)
        ]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


class Quiet(logging.Formatter):
    """What both formats have in common."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return where(ei)

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's name
        return ""  # it quotes lines of code; the places of an exception are enough

    def format(self, record: logging.LogRecord) -> str:
        return super().format(bare(record))


def bare(record: logging.LogRecord) -> logging.LogRecord:
    """A copy without what others hang on it: requests, SQL with its values, words of exceptions."""
    args = record.args
    if isinstance(args, tuple):
        args = tuple(_named(value) for value in args)
    elif args:
        args = {name: _named(value) for name, value in args.items()}
    try:
        words = str(_named(record.msg)) % args if args else str(_named(record.msg))
    except (TypeError, ValueError, KeyError):  # logging would print the values to tell why
        words = "A message that does not fit its values."
    copy = logging.LogRecord(
        record.name, record.levelno, "", 0, masked(words), None, record.exc_info
    )
    copy.created, copy.msecs, copy.process = record.created, record.msecs, record.process
    return copy


def _named(value: Any) -> Any:
    """An exception or a row stands for its class: its words may be somebody's."""
    is_row = hasattr(value, "_meta") and not isinstance(value, type)
    return type(value).__name__ if is_row or isinstance(value, BaseException) else value


class Plain(Quiet):
    """A line for people."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")


class Json(Quiet, JsonFormatter):
    """A JSON object a line, for machines."""

    def __init__(self) -> None:
        JsonFormatter.__init__(
            self,
            "{asctime}{levelname}{name}{process}{message}",
            style="{",
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger"},
            json_ensure_ascii=False,
        )


class Quoting(logging.Filter):
    """Drops what NEVER_BELOW forbids, even when somebody has turned a logger up."""

    def filter(self, record: logging.LogRecord) -> bool:
        name = record.name
        while name:
            if name in NEVER_BELOW:
                return record.levelno >= logging.getLevelNamesMapping()[NEVER_BELOW[name]]
            name = name.rpartition(".")[0]
        return True


def default_format() -> str:
    """JSON where machines read: in production."""
    module = os.environ.get("DJANGO_SETTINGS_MODULE") or "config.settings.production"
    return "json" if module.endswith(".production") else "plain"


# --- What Python prints by itself -----------------------------------------------------------------

logger = logging.getLogger("python")


def configure(config: dict[str, Any]) -> None:
    """What Django calls with settings.LOGGING, before it loads anything else."""
    logging.config.dictConfig(config)
    take_over()


def take_over() -> None:
    """Warnings, and exceptions that nobody caught, become lines of the log like all others."""
    logging.raiseExceptions = False  # a handler that fails prints the record and its values
    warnings.showwarning = _warned
    threading.excepthook = lambda ended: _ended(*ended[:3])
    sys.unraisablehook = lambda lost: _ended(lost.exc_type, lost.exc_value, lost.exc_traceback)
    # Whoever watches a command that they called may read why it failed.
    if not sys.stderr.isatty():
        sys.excepthook = _ended


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    logger.warning("%s at %s:%s", category.__name__, filename, lineno)


def _ended(
    kind: type[BaseException], error: BaseException | None, place: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    exc_info = (kind, error, place) if error else None
    logger.critical("Nobody caught %s.", kind.__name__, exc_info=exc_info)
