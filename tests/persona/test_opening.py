"""Her first line: by occasion, and before anything heavy is loaded."""

from datetime import timedelta
from pathlib import Path

import pytest

from companion import yaml
from companion.persona import loading
from companion.persona.opening import Opening, occasions, opening
from tests.conftest import Clock

SHIPPED = sorted(loading.available([loading.shipped_folder()]))


def opened(text: str) -> Opening:
    document = yaml.parse(text, Path("ada.yaml"))
    return opening(loading.Written(document, loading.spelled_out(document.value), ()))


def test_the_opening_lines_are_there_before_validation():
    ada = opened("name: Ada\ngreetings:\n  first: [' Hello. ', Hi.]\n  again: Back?\n")
    assert (ada.name, ada.id, ada.greetings) == ("Ada", "Ada", {"first": ("Hello.", "Hi."), "again": ("Back?",)})


@pytest.mark.parametrize("name", SHIPPED)
def test_the_opening_lines_are_those_of_the_validated_persona(name):
    written = loading.read(loading.find(name, [loading.shipped_folder()]))
    persona, early = loading.validate(written), opening(written)
    assert (early.name, early.id) == (persona.name, persona.id)
    assert early.greetings == {occasion: lines for occasion, lines in persona.greetings if lines}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada",
        "- Ada",
        "name: 7",
        "name: [Ada]\ngreetings: 7",
        "greetings: [[Hello.]]",
        "greetings:\n  first: {a: b}",
    ],
)
def test_what_is_broken_in_the_opening_lines_is_left_empty(text, clock):
    early = opened(text)
    assert (early.name, early.line(clock(), None)) == ("", "")


@pytest.mark.parametrize(
    ("hour", "away", "expected"),
    [
        (14, None, ["first"]),
        (14, timedelta(hours=1), ["again"]),
        (8, timedelta(hours=12), ["morning", "again"]),
        (23, timedelta(hours=2), ["night", "again"]),
        (2, timedelta(hours=2), ["night", "again"]),
        (8, timedelta(days=3), ["after_days", "morning", "again"]),
    ],
)
def test_a_meeting_has_its_occasions(clock: Clock, hour, away, expected):
    now = clock().replace(hour=hour)
    assert list(occasions(now, now - away if away else None)) == expected


def test_an_occasion_without_lines_of_its_own_gets_the_next(clock):
    ada = opened("name: Ada\ngreetings: {first: A., again: B., morning: C.}\n")
    morning = clock().replace(hour=8)
    assert ada.line(morning, morning - timedelta(days=9)) == "C."


def test_a_greeting_changes_from_day_to_day_and_not_within_one(clock):
    ada = opened("name: Ada\ngreetings: {first: [A., B.]}\n")
    assert ada.line(clock(), None) == ada.line(clock() + timedelta(hours=5), None)
    assert ada.line(clock(), None) != ada.line(clock() + timedelta(days=1), None)


def test_a_greeting_knows_who_is_meant(clock):
    ada = opened("name: Ada\ncalls_you: captain\ngreetings: '{{char}} here, {{user}}.'\n")
    assert ada.line(clock(), None) == "Ada here, captain."
