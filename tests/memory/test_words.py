"""Words as memory knows them: the same whether they were stored or asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.memory.words import asked, terms, weight


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lives", "living"),
        ("SISTER", "sisters"),
        ("Anna", "Anna's"),
        ("Anna's", "Anna’s"),
        ("don't", "dont"),
        ("I'll", "I"),
        ("they’re", "they"),
        ("café", "cafe"),
        ("café", "cafe\u0301"),
        ("Straße", "STRASSE"),
        ("ﬁsh", "fish"),
        ("\uff34\uff4f\uff4b\uff59\uff4f", "Tokyo"),
    ],
)
def test_two_forms_of_a_word_are_one_term(one, other):
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("form", "base"), [("sold", "sell"), ("swum", "swim"), ("Children", "child"), ("bought", "buys")]
)
def test_a_form_that_no_stemmer_reaches_is_one_term_with_its_base(form, base):
    assert terms(form) == terms(base)


def test_words_keep_their_order_and_their_repetitions():
    assert terms("No, no: rain and snow!") == ["no", "no", "rain", "and", "snow"]


def test_figures_are_words():
    assert terms("on 17 May 1814") == ["on", "17", "may", "1814"]


@pytest.mark.parametrize("text", ["", "  ", "?!…", "---", "__", "\U0001f600"])
def test_a_text_without_words_has_no_terms(text):
    assert terms(text) == []


def test_a_script_without_spaces_gives_overlapping_pairs():
    assert terms("東京都") == ["東京", "京都"]


def test_a_lone_character_of_such_a_script_is_a_term():
    assert terms("猫") == ["猫"]


def test_a_question_in_such_a_script_meets_what_was_told():
    assert set(terms("東京に住む")) & set(terms("私は東京が好き"))


def test_other_alphabets_are_folded_too():
    assert terms("ДЯДЯ") == terms("дядя")


@pytest.mark.parametrize(
    ("question", "content"),
    [
        ("Where does my sister live?", ["sister", "live"]),
        ("Do you remember what I told you about Anna?", ["anna"]),
        ("What's my cat called?", ["cat", "call"]),
        ("Anna, Anna and ANNA", ["anna"]),
        ("When was I ill?", ["ill"]),
        ("What'll they say when we've gone?", []),
        ("And what do you think?", []),
        ("", []),
    ],
)
def test_a_question_asks_for_its_content_only(question, content):
    assert asked(question) == content


@pytest.mark.parametrize("word", ["name", "called", "living", "birthday", "years"])
def test_a_word_that_asks_for_a_property_weighs_less(word):
    assert [weight(term) for term in terms(word)] == [0.4]


@pytest.mark.parametrize("word", ["sister", "Oslo", "trains"])
def test_any_other_word_weighs_its_full_weight(word):
    assert [weight(term) for term in terms(word)] == [1.0]


@given(st.text(max_size=60))
def test_terms_are_letters_and_figures_only(text):
    assert all(term and all(char.isalnum() for char in term) for term in terms(text))


@given(st.text(max_size=60))
def test_what_is_asked_is_distinct_and_stands_in_the_text(text):
    content = asked(text)
    assert set(content) <= set(terms(text)) and len(set(content)) == len(content)  # noqa: PT018 - one idea
