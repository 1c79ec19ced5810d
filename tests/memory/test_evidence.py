"""The quote gate: only what the person said, in their own words, is evidence."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.conversation import Speaker, Utterance
from companion.memory.evidence import evidence, folded, is_echo, own_words
from tests.conftest import OSLO

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)


def said(text: str, number: int = 1) -> Utterance:
    return Utterance(number, 1, None, Speaker.PERSON, text, NOW)


@pytest.mark.parametrize(
    "quote",
    [
        "I don't like “big” parties",
        'i DON\'T like "big" parties',
        "I don’t  like\n«big» parties",
        ' I don\'t like "big" parties. ',
    ],
)
def test_letter_case_marks_and_spaces_do_not_matter(quote: str) -> None:
    found = evidence(quote, [said('Well. I don’t like "big" parties, really.')])
    assert found is not None
    assert (found.quote, found.start) == ('I don’t like "big" parties', 6)


@pytest.mark.parametrize("quote", ["I like parties", "party", "don", "…", "", "like big parties", "I do not like"])
def test_nothing_else_is_forgiven(quote: str) -> None:
    assert evidence(quote, [said('I don’t like "big" parties')]) is None


@pytest.mark.parametrize(
    "text",
    [
        'Anna wrote: "I live in Oslo and I love it"',
        "> I live in Oslo",
        "```\nI live in Oslo\n```",
        "Look at this mail:\n" + "Hello there\n" * 6 + "I live in Oslo\n" + "bye now\n" * 6,
        "<recalled>\nSunday. They said: I live in Oslo\n</recalled>",
    ],
)
def test_what_is_quoted_or_pasted_is_not_their_own(text: str) -> None:
    assert evidence("I live in Oslo", [said(text)]) is None


def test_what_stands_around_a_quotation_is_their_own() -> None:
    text = 'She said "I live in Oslo now" and I miss her'
    assert [text[start:end] for start, end in own_words(text)] == ["She said ", " and I miss her"]


def test_what_repeats_her_words_is_hers() -> None:
    assert (
        evidence("long evenings by the sea", [said("long evenings by the sea")], ["I like long evenings by the sea."])
        is None
    )
    assert is_echo("Long evenings by the sea!", ["I like long evenings by the sea."])
    assert not is_echo("the sea", ["I like long evenings by the sea."])


def test_the_latest_time_it_was_said_counts() -> None:
    found = evidence("I live in Oslo", [said("I live in Oslo", 1), said("As I said, I live in Oslo.", 5)])
    assert found is not None
    assert (found.utterance, found.start) == (5, 11)


texts = st.text(st.sampled_from("aAbİßﬁ \n\t.,!?'’\"“”<>-–`:1"), max_size=60)


@given(texts, texts)
def test_whatever_is_found_really_stands_there(quote: str, text: str) -> None:
    found = evidence(quote, [said(text)])
    if found is not None:
        assert text[found.start : found.end] == found.quote
        assert folded(quote).strip(" \"'.,;:!?-…") == folded(found.quote)


@given(texts)
def test_own_words_are_in_order_and_apart(text: str) -> None:
    spans = own_words(text)
    flat = [edge for span in spans for edge in span]
    assert flat == sorted(flat)
    assert all(0 <= start < end <= len(text) for start, end in spans)
