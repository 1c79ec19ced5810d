"""The date reader."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.memory import words
from companion.memory.periods import names_time, parted, periods
from tests.conftest import OSLO

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)  # a Sunday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("last May", "2026-05-01", "2026-06-01"),
        ("in May", "2026-05-01", "2026-06-01"),
        ("in December", "2025-12-01", "2026-01-01"),
        ("last November", "2025-11-01", "2025-12-01"),
        ("next May", "2027-05-01", "2027-06-01"),
        ("in December 2023", "2023-12-01", "2024-01-01"),
        ("in 2022", "2022-01-01", "2023-01-01"),
        ("on Tuesday", "2026-11-17", "2026-11-18"),
        ("last Sunday", "2026-11-15", "2026-11-16"),
        ("next Friday", "2026-11-27", "2026-11-28"),
        ("8 May 2023", "2023-05-08", "2023-05-09"),
        ("May 8th, 2023", "2023-05-08", "2023-05-09"),
        ("the 24th of December", "2025-12-24", "2025-12-25"),
        ("2023-05-08", "2023-05-08", "2023-05-09"),
        ("yesterday", "2026-11-21", "2026-11-22"),
        ("last night", "2026-11-21", "2026-11-22"),
        ("tomorrow", "2026-11-23", "2026-11-24"),
        ("this week", "2026-11-16", "2026-11-23"),
        ("last weekend", "2026-11-14", "2026-11-16"),
        ("last month", "2026-10-01", "2026-11-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("last summer", "2026-06-01", "2026-09-01"),
        ("last winter", "2025-12-01", "2026-03-01"),
        ("two weeks ago", "2026-11-05", "2026-11-12"),
        ("three days ago", "2026-11-19", "2026-11-20"),
        ("a couple of years ago", "2024-01-01", "2025-01-01"),
    ],
)
def test_a_time_is_read_as_seen_from_the_moment_of_speaking(text, start, end):
    (period,) = periods(f"What happened {text}, then?", NOW)
    assert (f"{period.start:%Y-%m-%d}", f"{period.end:%Y-%m-%d}") == (start, end)


@pytest.mark.parametrize("text", ["What may I do?", "We march on", "9999 years ago", "Sunday roast", "at five", ""])
def test_what_names_no_time_is_read_as_none(text):
    assert periods(text, NOW) == ()


def test_the_words_that_name_a_time_are_parted_from_the_question():
    _, rest = parted("Where did I walk last May?", NOW)
    assert words.asked(rest) == ["walk"]


@pytest.mark.parametrize(
    "text", ["yesterday", "two weeks ago", "in 1999", "on a Monday", "since my birthday last year"]
)
def test_a_text_that_says_when_is_known(text):
    assert names_time(" ".join(words.terms(text)))


@pytest.mark.parametrize("text", ["my sister lives in Oslo", "you may", ""])
def test_a_text_that_does_not_say_when_is_known(text):
    assert not names_time(" ".join(words.terms(text)))


@given(st.text(st.sampled_from("0123456789 -,adegilmnorstuvyJMOSW"), max_size=40))
def test_no_text_is_too_strange_to_read(text):
    assert all(period.end - period.start >= timedelta(days=1) for period in periods(text, NOW))
