"""Turning a sentence round, as properties and by example."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.providers.listener.turning import turned

OPENINGS = [
    "I was afraid {}",
    "I told {}",
    "We hoped {}",
    "I'm sure {}",
    "My brother thinks {}",
    "I've never known why {}",
    "Yesterday I saw that {}",
]
MIDDLES = [
    "my mother would see me",
    "my sister and I were late",
    "our house was cold",
    "I'd hurt myself",
    "nobody would call me back",
    "we were lost",
    "the fault was mine",
    "I wasn't wanted",
    "my dog had followed us home",
    "I am not my father",
    "I had lost my keys again",
]
ENDINGS = [
    "",
    " last night",
    " when I was small",
    " because of me",
    " and I let it be",
    " before we left",
    " in my own house",
]
SENTENCES = [f"{o.format(m)}{e}." for o in OPENINGS for m in MIDDLES for e in ENDINGS]


def test_there_are_a_few_hundred_sentences():
    assert len(SENTENCES) > 500


@pytest.mark.parametrize("opening", OPENINGS)
def test_nothing_of_the_persons_i_is_left(opening):
    for sentence in (s for s in SENTENCES if s.startswith(opening[:8])):
        assert not re.search(r"\b(I|I'm|me|my|mine|myself|we|our|us|am)\b", turned(sentence)), sentence


def test_the_verb_goes_with_its_subject():
    for sentence in SENTENCES:
        assert not re.search(r"\byou (?:was|am|is)\b", turned(sentence)), sentence


@pytest.mark.parametrize(
    ("said", "hers"),
    [
        ("I was afraid my mother would see me", "You were afraid your mother would see you"),
        ("You are kind, and I'm tired.", "I am kind, and you're tired"),
        ("I told you that you were wrong", "You told me that I was wrong"),
        ("I think you don't listen to me", "You think I don't listen to you"),
        ("My brother and I were at home", "Your brother and you were at home"),
        ('He said "I am done" to me', 'He said "I am done" to you'),
        ("Am I mad", "Are you mad"),
        ("The house was ours", "The house was yours"),
        ("My mother was ill", "Your mother was ill"),
    ],
)
def test_a_sentence_comes_back_as_hers_to_say(said, hers):
    assert turned(said) == hers


@given(st.text(max_size=200))
def test_anything_can_be_turned(text):
    assert isinstance(turned(text), str)


@given(st.sampled_from(SENTENCES))
def test_no_word_is_lost(sentence):
    assert len(turned(sentence).split()) == len(sentence.split())
