"""Moments in words are resolved against the moment of speaking."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.memory.moments import moment
from tests.conftest import OSLO

SUNDAY = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("I arrived yesterday", "2026-11-21", "2026-11-22"),
        ("I moved last May", "2026-05-01", "2026-06-01"),
        ("I moved in May", "2026-05-01", "2026-06-01"),
        ("I moved in December", "2025-12-01", "2026-01-01"),
        ("it was on Tuesday", "2026-11-17", "2026-11-18"),
        ("it was last Sunday", "2026-11-15", "2026-11-16"),
        ("two weeks ago", "2026-11-08", "2026-11-09"),
        ("three months ago", "2026-08-01", "2026-09-01"),
        ("a year ago", "2025-01-01", "2026-01-01"),
        ("last week", "2026-11-09", "2026-11-16"),
        ("since 2020", "2020-01-01", "2021-01-01"),
        ("since March 2021", "2021-03-01", "2021-04-01"),
        ("on 3 May", "2026-05-03", "2026-05-04"),
        ("May 3rd, 2024", "2024-05-03", "2024-05-04"),
        ("the 24th of December", "2025-12-24", "2025-12-25"),
    ],
)
def test_what_was_is_found_in_the_past(words: str, start: str, end: str) -> None:
    found = moment(words, SUNDAY)
    assert found is not None
    assert (found.start.date().isoformat(), found.end.date().isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("I'm going to Rome on Friday", "2026-11-27", "2026-11-28"),
        ("next Sunday", "2026-11-29", "2026-11-30"),
        ("tomorrow", "2026-11-23", "2026-11-24"),
        ("in two weeks", "2026-12-06", "2026-12-07"),
        ("in May", "2027-05-01", "2027-06-01"),
        ("in December", "2026-12-01", "2027-01-01"),
        ("next month", "2026-12-01", "2027-01-01"),
        ("on the 3rd of May", "2027-05-03", "2027-05-04"),
        ("on 24 December", "2026-12-24", "2026-12-25"),
    ],
)
def test_what_will_be_is_found_in_the_future(words: str, start: str, end: str) -> None:
    found = moment(words, SUNDAY, ahead=True)
    assert found is not None
    assert (found.start.date().isoformat(), found.end.date().isoformat()) == (start, end)


def test_a_moment_is_named_so_that_it_is_understood_later() -> None:
    names = [moment(words, SUNDAY, ahead=True) for words in ("on Friday", "next month", "in 2031")]
    assert [found.named for found in names if found] == [
        "on Friday 27 November 2026", "in December 2026", "in 2031",
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["may I ask", "31 June", "March on", "second", "in the year 0", "Sunday's child", ""])
def test_what_names_no_moment_is_none(words: str) -> None:
    assert moment(words, SUNDAY) is None


@given(
    st.sampled_from(
        ["last May", "on Friday", "in two weeks", "3 days ago", "29 February", "next year", "in 12 months"]
    ),
    st.datetimes(datetime(1971, 1, 1), datetime(2900, 1, 1)),  # noqa: DTZ001 - the zone is added below
    st.booleans(),
)
def test_a_moment_can_be_read_on_any_day(words: str, day: datetime, ahead: bool) -> None:
    found = moment(words, day.replace(tzinfo=OSLO), ahead=ahead)
    assert found is None or found.start < found.end


@given(st.text(max_size=80))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    moment(text, SUNDAY)
