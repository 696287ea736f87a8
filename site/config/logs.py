"""What a line of a log may say. Every handler formats through here, so no logger goes around it.

An exception is named by its class and by where it happened, never by its message: a database
quotes the row that it refused. Of everything else, whatever looks like a receipt, an address, a
mail or a query string is masked. The masks are the second line: code that logs says nothing of
the kind.
"""

import logging
import re
import traceback
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

DIGITS = "0-9\u0e50-\u0e59\u0ed0-\u0ed9\u17e0-\u17e9"  # of the four scripts
BETWEEN = " .\u00a0\u200b\u2013-"  # what people put between groups of digits
MASKS = [
    # A receipt: 16 digits, whatever stands between them.
    (rf"(?<![{DIGITS}])(?:[{DIGITS}][{BETWEEN}]?){{15}}[{DIGITS}](?![{DIGITS}])", "[number]"),
    (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "[mail]"),
    (r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?![\d.])", "[address]"),
    (r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])", "[address]"),
    (r"(?<=[\w/])\?[^\s'\"]+=[^\s'\"]*", "?[query]"),
]
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
    words = logging.LogRecord("", 0, "", 0, _named(record.msg), args, None).getMessage()
    copy = logging.LogRecord(
        record.name, record.levelno, "", 0, masked(words), None, record.exc_info
    )
    copy.created, copy.msecs, copy.process = record.created, record.msecs, record.process
    return copy


def _named(value: Any) -> Any:
    """An exception stands for its class: its words may be somebody's."""
    return type(value).__name__ if isinstance(value, BaseException) else value


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
