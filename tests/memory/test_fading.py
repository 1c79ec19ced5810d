"""Fading reorders by a published curve; it loses nothing."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.memory.fading import STABILITY, strength
from companion.memory.memory import Evidence, Kind, Memory
from tests.conftest import OSLO

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)
LIKES = Memory(1, Kind.PREFERENCE, "You love rain", (Evidence(1, 0, 4, "rain", NOW),), "rain", "feeling", NOW)


def test_after_its_stability_nine_tenths_are_left() -> None:
    assert strength(LIKES, NOW) == 1
    assert strength(LIKES, NOW + STABILITY) == pytest.approx(0.9)


def test_what_comes_to_mind_lasts_longer() -> None:
    later = NOW + timedelta(days=200)
    recalled = replace(LIKES, recalled=1, recalled_at=NOW + timedelta(days=40))
    assert strength(recalled, later) > strength(LIKES, later)


def test_what_is_said_on_another_day_lasts_longer_and_within_a_day_does_not() -> None:
    def said_again(after: timedelta) -> Memory:
        return replace(LIKES, evidence=(*LIKES.evidence, Evidence(2, 0, 4, "rain", NOW + after)))

    later = NOW + timedelta(days=400)
    minute, week = said_again(timedelta(minutes=1)), said_again(timedelta(days=7))
    assert strength(minute, later) == pytest.approx(strength(LIKES, later), abs=1e-4)
    assert strength(week, later) > strength(LIKES, later) + 0.05


@pytest.mark.parametrize(
    "more", [{"pinned": True}, {"kind": Kind.PERSON}, {"kind": Kind.BOUNDARY}, {"about": "you", "aspect": "name"}]
)
def test_what_is_pinned_or_at_the_core_does_not_fade(more: dict[str, object]) -> None:
    assert strength(replace(LIKES, **more), NOW + timedelta(days=9999)) == 1


def test_a_clock_that_was_set_back_does_not_make_it_fade() -> None:
    assert strength(LIKES, NOW - timedelta(days=3)) == 1


@given(st.integers(0, 40_000), st.integers(0, 40_000), st.integers(0, 100))
def test_strength_only_falls_with_time_and_stays_above_zero(one: int, other: int, recalled: int) -> None:
    memory = replace(LIKES, recalled=recalled)
    sooner, later = sorted((one, other))
    values = [strength(memory, NOW + timedelta(days=days)) for days in (sooner, later)]
    assert 0 < values[1] <= values[0] <= 1
