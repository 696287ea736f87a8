"""What a line of a log may say."""

import json
import logging
import sys

import pytest

from config import logs
from tests.config.test_wiring import python

FORMATS = [logs.Plain, logs.Json]


def line(make, message: str, *args: object, exc_info=None) -> str:
    return make().format(
        logging.LogRecord("some.logger", logging.ERROR, "p", 1, message, args, exc_info)
    )


@pytest.mark.parametrize("make", FORMATS)
@pytest.mark.parametrize(
    "planted",
    [
        "1234567890123456",
        "1234 5678 9012 3456",
        "1234-5678-9012-3456",
        "1234 - 5678 - 9012 - 3456",
        "1234%205678%209012%203456",
        "1234_5678_9012_3456",
        "123456789012345678901234",
        "๑๒๓๔ ๕๖๗๘ ๙๐๑๒ ๓๔๕๖",
        "໑໒໓໔ ໕໖໗໘ ໙໐໑໒ ໓໔໕໖",
        "១២៣៤ ៥៦៧៨ ៩០១២ ៣៤៥៦",
        "203.0.113.77",
        "203.0.113.77:55012",
        "2001:db8:85a3::8a2e:370:7334",
        "someone@village.example",
    ],
)
def test_what_may_identify_somebody_is_masked(make, planted):
    for said in (line(make, f"saw {planted} here"), line(make, "saw %s here", planted)):
        assert planted not in said
        assert "saw [" in said


@pytest.mark.parametrize("make", FORMATS)
def test_a_query_string_is_masked_and_its_path_stays(make):
    said = line(make, "Not found: %s", "/th/search/?q=เรือ&page=2")
    assert "/th/search/?[query]" in said
    assert "เรือ" not in said


@pytest.mark.parametrize("make", FORMATS)
def test_ordinary_words_and_numbers_stay(make):
    said = line(make, "A task was given up after %s attempts (%s).", 5, "TimeoutError")
    assert "A task was given up after 5 attempts (TimeoutError)." in said


@pytest.mark.parametrize("make", FORMATS)
def test_an_exception_is_told_by_class_and_place_alone(make):
    try:
        try:
            raise ValueError("row (planted cause)")
        except ValueError as cause:
            raise RuntimeError("planted message") from cause
    except RuntimeError as error:
        said = line(make, "Failed: %s", error, exc_info=sys.exc_info())
    assert "planted" not in said
    assert "Failed: RuntimeError" in said
    assert "builtins.ValueError" in said
    assert "test_logs.py" in said


def test_what_is_hung_on_a_record_is_left_out():
    record = logging.LogRecord("django.request", logging.ERROR, "p", 1, "said", (), None)
    record.request = record.sql = record.params = "planted"
    assert "planted" not in logs.Json().format(record)
    assert "planted" not in logs.Plain().format(record)


def test_a_line_for_machines_is_one_json_object():
    said = json.loads(line(logs.Json, "บรรทัดเดียว\nสองบรรทัด"))
    assert said["level"] == "ERROR"
    assert said["logger"] == "some.logger"
    assert said["message"] == "บรรทัดเดียว\nสองบรรทัด"
    assert {"at", "process"} <= said.keys()


def test_a_message_that_does_not_fit_its_values_quotes_none():
    for make in FORMATS:
        said = line(make, "%d reports", "planted")
        assert "planted" not in said
        assert "does not fit" in said


@pytest.mark.parametrize("make", FORMATS)
def test_an_exception_among_named_values_is_told_by_its_class(make):
    said = line(make, "%(what)s went wrong", {"what": ValueError("planted")})
    assert "ValueError went wrong" in said
    assert "planted" not in said


@pytest.mark.parametrize(
    ("name", "level", "passes"),
    [
        ("django.db.backends", logging.DEBUG, False),
        ("django.db.backends.schema", logging.INFO, False),
        ("django.db.backends", logging.WARNING, True),
        ("django.request", logging.WARNING, False),
        ("django.request", logging.ERROR, True),
        ("django.security.DisallowedHost", logging.ERROR, False),
        ("reporting.views", logging.DEBUG, True),
        ("django", logging.DEBUG, True),
    ],
)
def test_whoever_quotes_is_silent_at_whatever_level_it_was_set_to(name, level, passes):
    record = logging.LogRecord(name, level, "p", 1, "said", (), None)
    assert logs.Quoting().filter(record) is passes


HANDLERS = """
import logging, django
django.setup()
import captcha.conf.settings, django_q.conf
from config import logs
loggers = [logging.root, *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
handlers = {handler for logger in loggers for handler in logger.handlers}
for handler in handlers:
    is_filtered = any(isinstance(each, logs.Quoting) for each in handler.filters)
    print(type(handler).__name__, type(handler.formatter).__name__, is_filtered)
"""


@pytest.mark.parametrize(("module", "format_"), [("production", "Json"), ("demo", "Plain")])
def test_every_handler_of_a_process_formats_here(module, format_):
    """Asked of the process itself: packages may bring handlers of their own."""
    said = python(HANDLERS, DJANGO_SETTINGS_MODULE=f"config.settings.{module}", SECRET_KEY="x" * 60)
    handlers = {line for line in said.stdout.splitlines() if not line.startswith("NullHandler")}
    assert handlers == {f"StreamHandler {format_} True"}, said.stderr


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise ValueError('planted')", "Nobody caught ValueError."),
        ("import warnings; warnings.warn('planted', RuntimeWarning)", "RuntimeWarning at"),
        (
            "from threading import Thread; Thread(target=int, args=['planted']).start()",
            "Nobody caught ValueError.",
        ),
        ("import logging; logging.getLogger('x').error('%d', 'planted')", "does not fit"),
        (
            "class A:\n    def __del__(self): raise ValueError('planted')\nA()",
            "Nobody caught ValueError.",
        ),
    ],
)
def test_what_python_prints_by_itself_has_no_words_either(code, words):
    said = python(
        f"import django; django.setup()\n{code}",
        DJANGO_SETTINGS_MODULE="config.settings.production",
        SECRET_KEY="x" * 60,
    )
    assert words in said.stderr
    assert "planted" not in said.stderr + said.stdout
