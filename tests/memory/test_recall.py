"""What comes to mind, and when nothing does."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.conversation import Speaker, Utterance
from companion.memory import words
from companion.memory.recall import THRESHOLD, Recollection, is_question, rank
from companion.memory.store import Matches
from tests.conftest import OSLO

LIFE = (
    "My sister Anna lives in Oslo.",
    "I work at the harbour.",
    "My cat is called Pixel.",
    "It rained the whole day.",
    "I am afraid of flying.",
    "Work was long today.",
    "I like trains more than planes.",
)


def said(id_: int, text: str, speaker: Speaker = Speaker.PERSON) -> Utterance:
    return Utterance(id_, 1, None, speaker, text, datetime(2026, 11, 1, 12, 0, tzinfo=OSLO) + timedelta(hours=id_))


def told(*texts: str) -> list[Utterance]:
    return [said(number, text) for number, text in enumerate(texts, 1)]


def came_to_mind(question: str, utterances: list[Utterance], limit: int = 6) -> tuple[Recollection, ...]:
    """Rank everything that was said, as a store would that finds all of it."""
    spoken = Counter(term for utterance in utterances for term in set(words.terms(utterance.text)))
    frequency = {term: spoken[term] for term in words.asked(question)}
    return rank(question, Matches(len(utterances), frequency, tuple(utterances)), limit=limit)


def texts(recollections: tuple[Recollection, ...]) -> list[str]:
    return [recollection.utterance.text for recollection in recollections]


# Whether anything comes to mind


def test_what_was_told_comes_to_mind_when_it_is_asked_for():
    assert texts(came_to_mind("Where does my sister live?", told(*LIFE))) == ["My sister Anna lives in Oslo."]


@pytest.mark.parametrize(
    "question",
    [
        "Where does my brother live?",
        "What is my dog called?",
        "What is my brother's name?",
        "Am I afraid of spiders?",
        "What do you think?",
        "?",
        "",
    ],
)
def test_nothing_comes_to_mind_of_what_was_never_told(question):
    assert came_to_mind(question, told(*LIFE)) == ()


def test_the_sister_is_no_answer_about_the_brother():
    assert came_to_mind("Where does my brother live?", told("My sister lives in Oslo.")) == ()


def test_nothing_comes_to_mind_of_an_empty_memory():
    assert came_to_mind("Where does my sister live?", []) == ()


def test_a_question_asked_before_is_no_answer():
    assert came_to_mind("Where does my sister live?", told("Where does my sister live?", *LIFE[1:])) == ()


def test_a_lower_threshold_lets_more_come_to_mind():
    matches = Matches(2, {"sister": 1, "harbour": 0}, tuple(told("My sister sings.", "It rains.")))
    assert len(rank("My sister at the harbour?", matches, limit=6, threshold=0.1)) == 1


def test_a_search_that_found_nothing_brings_nothing_to_mind():
    assert rank("Where does my sister live?", Matches(100, {}, ()), limit=6) == ()


# In which order


def test_what_fits_best_comes_first():
    utterances = told("Anna sings.", "My sister Anna sings in a choir.", *LIFE[1:])
    assert texts(came_to_mind("Does my sister Anna sing in a choir?", utterances))[0] == utterances[1].text


def test_her_own_words_come_after_the_persons():
    utterances = [said(1, "Your cat Pixel, again!", Speaker.COMPANION), said(2, "My cat Pixel is ill.")]
    assert [r.utterance.id for r in came_to_mind("How is Pixel the cat?", [*utterances, said(3, "Rain.")])] == [2, 1]


def test_her_own_words_score_lower_than_the_same_words_of_the_person():
    hers, theirs = said(1, "Pixel is a cat.", Speaker.COMPANION), said(2, "Pixel is a cat.")
    (one,), (other,) = (came_to_mind("Who is Pixel?", [who, said(3, "Rain.")]) for who in (hers, theirs))
    assert one.score == pytest.approx(0.8 * other.score)


def test_of_two_that_fit_alike_the_later_comes_first():
    utterances = told("Pixel slept.", "Pixel ate.", "Rain.")
    assert texts(came_to_mind("What about Pixel?", utterances)) == ["Pixel ate.", "Pixel slept."]


def test_the_order_does_not_depend_on_the_order_of_the_search():
    utterances = told(*LIFE, "My sister called.", "Anna and my sister are one.")
    forth, back = (came_to_mind("my sister Anna", order) for order in (utterances, utterances[::-1]))
    assert forth == back


def test_what_says_the_same_again_comes_once():
    utterances = told("Pixel is my cat.", "pixel is my CAT!", "Rain.")
    assert texts(came_to_mind("Who is Pixel?", utterances)) == ["pixel is my CAT!"]


def test_no_more_comes_to_mind_than_asked_for():
    utterances = told(*(f"Pixel did thing number {number}." for number in range(10)), *LIFE)
    assert len(came_to_mind("What did Pixel do?", utterances, limit=3)) == 3


def test_what_is_left_out_at_the_limit_fits_worse():
    utterances = told("Pixel the cat purrs.", "Pixel and so many other things that I saw on that long day.", *LIFE[3:])
    assert texts(came_to_mind("Pixel?", utterances, limit=1)) == ["Pixel the cat purrs."]


# With what reason


def test_the_reason_names_what_is_shared():
    (recollection,) = came_to_mind("Where does my sister live?", told(*LIFE))
    assert recollection.reason == "shares sister, live"


def test_what_holds_all_of_the_question_scores_one():
    (recollection,) = came_to_mind("Where does my sister live?", told(*LIFE))
    assert recollection.score == 1.0


@given(
    st.lists(st.text(st.sampled_from("bcd ?"), max_size=12), max_size=8), st.text(st.sampled_from("bcd "), max_size=9)
)
def test_every_score_lies_between_the_threshold_and_one(said_before, question):
    scores = [recollection.score for recollection in came_to_mind(question, told(*said_before))]
    assert all(THRESHOLD <= score <= 1 for score in scores)


# What is a question


@pytest.mark.parametrize("text", ["Why?", "Why? ", "“Why?”", "(Why?)", "どうして？", "لماذا؟"])
def test_what_ends_with_a_question_mark_asks(text):
    assert is_question(text)


@pytest.mark.parametrize("text", ["", "Why not.", "Who? Me.", "?!"])
def test_anything_else_tells(text):
    assert not is_question(text)
