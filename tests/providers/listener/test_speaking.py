"""Speaking: phrases with alternatives, filled by plain replacement, none said twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.persona.persona import Listening, Persona
from companion.providers.listener.speaking import Voice, expanded, filled, sentences


def voice(*said: str, turn: int = 0, **phrases: tuple[str, ...]) -> Voice:
    return Voice(Persona(name="Ada", identity="You are Ada.", listening=Listening(**phrases)), said, turn)


def test_alternatives_are_wordings():
    assert list(expanded("[Hi|Hello] there[, you|].")) == [
        "Hi there, you.",
        "Hi there.",
        "Hello there, you.",
        "Hello there.",
    ]


@pytest.mark.parametrize("quote", ["{when}", "{0.__class__}", "{", "%s", "[a|b]", "\\1"])
def test_what_is_filled_in_is_never_evaluated(quote):
    assert filled("{when}: {quote}", {"when": "today", "quote": quote}) == f"today: {quote}"


def test_a_gap_may_open_a_sentence():
    assert filled("{When}. {Said}.", {"when": "on Tuesday", "said": "you left"}) == "On Tuesday. You left."


def test_a_sentence_is_not_said_again():
    assert voice("I see. One.", heard=("One.", "Two.")).say("heard") == "Two."
    assert voice("One.", heard=("One.",)).say("heard") == ""


def test_what_must_be_said_is_what_was_said_longest_ago():
    assert voice("Two.", "One.", thanks=("One.", "Two.")).must("thanks") == "Two."


def test_the_same_turn_has_the_same_words():
    assert voice().say("heard") == voice().say("heard")


@given(st.text(max_size=80))
def test_any_phrase_can_be_expanded(phrase):
    assert all(isinstance(one, str) for one in expanded(phrase))


def test_what_she_quotes_is_not_her_own_sentence():
    assert sentences("You said: “It rained.” Hm.") == {"you said hm"} or "it rained" not in sentences(
        "You said: “It rained.” Hm."
    )
