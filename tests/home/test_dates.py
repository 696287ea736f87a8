from datetime import date

import pytest
from django.utils import translation

from home.dates import day_element, format_day, format_range, range_element


@pytest.mark.parametrize(("language", "words"), [("th", "17 กรกฎาคม 2566"), ("en", "17 July 2023")])
def test_a_day_is_written_in_the_calendar_of_the_reader(language, words):
    with translation.override(language):
        assert format_day(date(2023, 7, 17)) == words


def test_the_leap_day_and_the_last_day_of_the_year_keep_their_year_in_both_calendars():
    with translation.override("th"):
        assert format_day(date(2024, 2, 29)) == "29 กุมภาพันธ์ 2567"
        assert format_day(date(2024, 12, 31)) == "31 ธันวาคม 2567"


@pytest.mark.parametrize(
    ("start", "end", "thai", "english"),
    [
        (date(2023, 7, 17), date(2023, 7, 17), "17 กรกฎาคม 2566", "17 July 2023"),
        (date(2023, 7, 17), None, "17 กรกฎาคม 2566", "17 July 2023"),
        (date(2023, 7, 17), date(2023, 7, 21), "17–21 กรกฎาคม 2566", "17–21 July 2023"),
        (
            date(2023, 6, 30),
            date(2023, 7, 2),
            "30 มิถุนายน – 2 กรกฎาคม 2566",
            "30 June – 2 July 2023",
        ),
        (
            date(2023, 12, 28),
            date(2024, 1, 3),
            "28 ธันวาคม 2566 – 3 มกราคม 2567",
            "28 December 2023 – 3 January 2024",
        ),
    ],
)
def test_a_range_says_month_and_year_once_where_it_can(start, end, thai, english):
    with translation.override("th"):
        assert format_range(start, end) == thai
    with translation.override("en"):
        assert format_range(start, end) == english


def test_a_known_month_is_not_given_a_day():
    with translation.override("en"):
        words = format_range(date(2024, 6, 1), date(2024, 6, 30), "month")
    assert words == "June 2024 (the day is not known)"


def test_a_period_of_whole_months_names_the_months():
    with translation.override("en"):
        words = format_range(date(2023, 11, 1), date(2024, 2, 29), "period")
    assert words == "November 2023 – February 2024 (the exact days are not known)"


def test_a_period_within_a_month_names_its_days():
    with translation.override("en"):
        words = format_range(date(2024, 6, 10), date(2024, 6, 20), "period")
    assert words == "10–20 June 2024 (the exact days are not known)"


@pytest.mark.parametrize(
    ("start", "certainty"), [(None, "exact"), (None, "month"), (date(2024, 1, 1), "unknown")]
)
def test_an_unknown_date_is_said_in_words(start, certainty):
    with translation.override("en"):
        assert format_range(start, start, certainty) == "The date is not known"
        assert range_element(start, start, certainty) == "The date is not known"


def test_machines_read_iso_dates_beside_thai_words():
    with translation.override("th"):
        assert day_element(date(2023, 7, 17)) == (
            '<time datetime="2023-07-17">17 กรกฎาคม 2566</time>'
        )
        assert range_element(date(2023, 7, 17), date(2023, 7, 21)) == (
            '<time datetime="2023-07-17">17</time>–'
            '<time datetime="2023-07-21">21 กรกฎาคม 2566</time>'
        )


def test_machines_read_a_month_as_a_month():
    with translation.override("en"):
        assert range_element(date(2024, 6, 1), date(2024, 6, 30), "month") == (
            '<time datetime="2024-06">June 2024</time> (the day is not known)'
        )
