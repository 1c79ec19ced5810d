"""Macros: each rule of the specification, and never a second pass."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.persona.macros import Names, expanded, filled, searchable
from companion.persona.persona import Persona

NAMES = Names("Wren", "Theo")


def said(text: str, seed: int = 1) -> str:
    return expanded(text, NAMES, random.Random(seed))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{char}} and {{user}}", "Wren and Theo"),
        ("{{CHAR}} and {{User}}", "Wren and Theo"),
        ("<BOT>, <char>, <USER>", "Wren, Wren, Theo"),
        ("{{ char }}", "Wren"),
        ("a{{// a note to myself}}b", "ab"),
        ("a{{comment: seen by editors}}b", "ab"),
        ("a{{hidden_key:castle}}b", "ab"),
        ("{{reverse:abc}}", "cba"),
        ("{{original}}x", "x"),
        ("{{unheard_of:1}} {{unheard}}", "{{unheard_of:1}} {{unheard}}"),
        ("{{char", "{{char"),
        ("{char} $char {{}}", "{char} $char {{}}"),
        ("{{roll:0}} {{roll:x}} {{roll:99999999}}", "{{roll:0}} {{roll:x}} {{roll:99999999}}"),
        ("{{roll:1}} {{roll:d1}} {{roll:1d1}}", "1 1 1"),
        ("{{pick:only}} {{random:only}}", "only only"),
    ],
)
def test_a_macro_is_filled_in(text, result):
    assert said(text) == result


def test_random_takes_one_of_its_choices_and_an_escaped_comma_is_a_comma():
    assert {said(r"{{random:a,b\,c,d}}", seed) for seed in range(50)} == {"a", "b,c", "d"}
    assert {said("{{random::a::b}}", seed) for seed in range(50)} == {"a", "b"}


def test_pick_stays_the_same_for_the_same_prompt():
    assert len({said("{{pick:a,b,c,d,e,f,g,h}}", seed) for seed in range(50)}) == 1
    assert len({said(f"{{{{pick:a,b,c,d}}}} {number}")[0] for number in range(50)}) > 1


def test_roll_stays_within_its_sides():
    assert {said("{{roll:3}}", seed) for seed in range(80)} == {"1", "2", "3"}
    assert {said("{{roll:d3}}", seed) for seed in range(80)} == {"1", "2", "3"}


def test_what_a_macro_yields_is_not_looked_at_again():
    assert expanded("{{user}}", Names("Wren", "{{char}}"), random.Random(1)) == "{{char}}"
    assert expanded("{{reverse:}}rahc{{}}", NAMES, random.Random(1)).count("Wren") == 0


def test_for_lore_hidden_keys_are_there_and_comments_are_not():
    assert searchable("{{hidden_key:castle}} {{// dragon}} {{comment:dragon}} {{char}}", NAMES) == "castle   Wren"


@given(st.text(alphabet="{}<>:,/\\ abchrusedotn1", max_size=60))
def test_any_text_is_filled_in_without_trouble(text):
    said(text)
    searchable(text, NAMES)


def test_a_persona_is_told_filled_in_and_says_the_same_every_time():
    wren = Persona(name="Wren", identity="You are {{char}}, {{random:a,b,c,d}}. {{user}} is here.", nickname="Wrenny")
    assert filled(wren).identity == filled(wren).identity
    assert filled(wren).identity.startswith("You are Wrenny, ")
    assert filled(wren).identity.endswith("User is here.")


def test_a_text_that_is_nothing_but_a_note_does_not_make_her_nobody():
    assert filled(Persona(name="Wren", identity="{{// later}}")).identity == "{{// later}}"
