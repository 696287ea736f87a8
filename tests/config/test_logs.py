"""What a line of a log may say."""

import json
import logging
import sys

import pytest

from config import logs

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


def test_every_handler_of_every_settings_module_formats_here(settings):
    handlers = settings.LOGGING["handlers"].values()
    made = {settings.LOGGING["formatters"][handler["formatter"]]["()"] for handler in handlers}
    assert made <= {"config.logs.Plain", "config.logs.Json"}
