"""Moments in words."""

from datetime import datetime, timedelta, timezone

import pytest

from companion.memory import dates
from tests.conftest import OSLO

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)  # a Sunday


def test_a_model_is_told_day_and_time_without_the_year():
    assert dates.stamp(NOW) == "Sunday 22 November, 14:05"


def test_a_day_has_its_year():
    assert dates.day(NOW) == "Sunday 22 November 2026"


def test_the_time_of_day_has_two_digits_each():
    assert dates.clock_time(NOW.replace(hour=7, minute=3)) == "07:03"


@pytest.mark.parametrize("month", range(1, 13))
def test_months_are_english_whatever_the_locale(month):
    english = "January February March April May June July August September October November December".split()
    assert english[month - 1] in dates.day(datetime(2026, month, 1, tzinfo=OSLO))


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(minutes=5), "today at 14:00"),
        (timedelta(hours=14), "today at 00:05"),
        (timedelta(hours=15), "yesterday"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=2), "on Friday"),
        (timedelta(days=6), "on Monday"),
        (timedelta(days=7), "on 15 November"),
        (timedelta(days=325), "on 1 January"),
        (timedelta(days=326), "on 31 December 2025"),
        (timedelta(days=4000), "on 10 December 2015"),
    ],
)
def test_a_day_is_named_as_a_person_would(ago, words):
    assert dates.when(NOW - ago, NOW) == words


def test_the_day_is_that_of_the_speaker_who_said_it():
    tokyo = timezone(timedelta(hours=9))
    assert dates.when(datetime(2026, 11, 22, 1, 30, tzinfo=tokyo), NOW) == "today at 01:30"


def test_what_was_said_in_a_day_still_to_come_was_said_today():
    assert dates.when(NOW + timedelta(days=1), NOW) == "today at 14:05"
