"""What comes to mind, and when nothing does."""

import re
from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.conversation import Speaker
from companion.memory import words
from companion.memory.recall import THRESHOLD, Ranked, is_question, rank, read
from companion.memory.store import Line, Matches
from tests.conftest import OSLO

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)

LIFE = (
    "My sister Anna lives in Oslo.",
    "I work at the harbour.",
    "My cat is called Pixel.",
    "It rained the whole day.",
    "I am afraid of flying.",
    "Work was long today.",
    "I like trains more than planes.",
)


def said(id_: int, text: str, speaker: Speaker = Speaker.PERSON, at: datetime | None = None) -> Line:
    moment = at or datetime(2026, 11, 1, 12, 0, tzinfo=OSLO) + timedelta(hours=id_)
    return Line(id_, speaker, text, moment, opens=False, terms=" ".join(words.terms(text)))


def told(*texts: str) -> list[Line]:
    """Say things on different days: each is a passage of its own."""
    return [said(number, text) for number, text in enumerate(texts, 1)]


def came_to_mind(question: str, *sittings: list[Line], limit: int = 6, apart: bool = True) -> tuple[Ranked, ...]:
    """Rank everything that was said, as a store would that finds all of it."""
    lines = [line for sitting in sittings for line in sitting]
    spoken = Counter(term for line in lines for term in set(line.terms.split()))
    asked = read(question, NOW, {"Ada": Speaker.COMPANION})
    frequency = {term: spoken[term] for term in asked.terms}
    passages = [(line,) for line in lines] if apart else [tuple(sitting) for sitting in sittings]
    return rank(asked, Matches(len(lines), frequency, tuple(passages)), limit=limit)


def talk(*turns: str) -> list[Line]:
    """Have a talk in which she speaks first, then the person, in turn."""
    speakers = (Speaker.COMPANION, Speaker.PERSON)
    return [said(number, text, speakers[number % 2 - 1]) for number, text in enumerate(turns, 1)]


def texts(ranked: tuple[Ranked, ...]) -> list[str]:
    return [entry.line.text for entry in ranked]


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
    asked = read("My sister at the harbour?", NOW, {})
    matches = Matches(2, {"sister": 1}, (told("My sister sings."), told("It rains.")))
    assert [len(rank(asked, matches, limit=6, threshold=threshold)) for threshold in (0.9, 0.1)] == [0, 1]


def test_a_search_that_found_nothing_brings_nothing_to_mind():
    assert rank(read("Where does my sister live?", NOW, {}), Matches(100, {}, ()), limit=6) == ()


def test_what_lies_near_in_meaning_comes_to_mind_without_its_words_and_what_does_not_stays_away():
    near, far = said(1, "I adore felines.")._replace(likeness=0.5), said(2, "I adore trains.")._replace(likeness=0.3)
    asked = read("Do I like cats?", NOW, {})
    (found,) = rank(asked, Matches(2, {}, ((near,), (far,))), limit=6)
    assert found.line == near
    assert "near in meaning +0.25" in found.reason


def test_a_question_that_was_asked_before_is_no_answer_however_near_it_lies():
    before = said(1, "Do I like felines?")._replace(likeness=0.9)
    assert rank(read("Do I like cats?", NOW, {}), Matches(1, {}, ((before,),)), limit=6) == ()


# In which order


def test_what_fits_best_comes_first():
    utterances = told("Anna sings.", "My sister Anna sings in a choir.", *LIFE[1:])
    assert texts(came_to_mind("Does my sister Anna sing in a choir?", utterances))[0] == utterances[1].text


def test_her_own_words_come_after_the_persons_where_the_question_is_about_neither():
    lines = [said(1, "The cat Pixel sleeps.", Speaker.COMPANION), said(2, "The cat Pixel eats.")]
    assert [entry.line.id for entry in came_to_mind("How is Pixel the cat?", lines)] == [2, 1]
    later = [said(1, "The cat Pixel eats."), said(2, "The cat Pixel sleeps.", Speaker.COMPANION)]
    assert [entry.line.id for entry in came_to_mind("How is Pixel the cat?", later)] == [1, 2]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is my favourite book?", Speaker.PERSON),
        ("What is your favourite book?", Speaker.COMPANION),
        ("Ada, which is your favourite book?", Speaker.COMPANION),
        ("Do you remember what my favourite book was?", Speaker.PERSON),
    ],
)
def test_who_is_asked_about_mostly_said_it(question, first):
    for order in (tuple(Speaker), tuple(Speaker)[::-1]):
        lines = [said(number, f"My favourite book is number {number}.", who) for number, who in enumerate(order)]
        assert came_to_mind(question, lines)[0].line.speaker is first


def test_an_answer_comes_to_mind_by_the_words_of_its_question():
    turns = talk("Do you have brothers or sisters?", "One, Anna, in Oslo.", "Nice.", "Yes.")
    first, *_ = came_to_mind("Do I have any sisters or brothers?", turns, apart=False)
    assert (first.line.text, first.leans_on) == ("One, Anna, in Oslo.", 1)


def test_what_the_person_only_asked_does_not_become_known_by_what_follows():
    turns = talk("Yes?", "Where does my brother live?", "I don't know; you never told me.", "Never mind.")
    assert came_to_mind("Where does my brother live?", turns, apart=False) == ()


def test_what_follows_a_remark_of_another_does_not_come_along():
    turns = talk("Tell me.", "My sister Anna lives in Oslo.", "Hm.")
    assert texts(came_to_mind("Where does my sister live?", turns, apart=False)) == ["My sister Anna lives in Oslo."]


def test_what_was_said_in_a_time_that_is_asked_for_comes_first():
    def walked(number: int, place: str, month: int) -> Line:
        return said(number, f"We walked to the {place}.", at=datetime(2026, month, 9, tzinfo=OSLO))

    lines = [walked(1, "harbour", 3), walked(2, "mountain", 5), walked(3, "castle", 9)]
    assert texts(came_to_mind("Where did we walk last May?", lines))[0] == "We walked to the mountain."
    assert texts(came_to_mind("What happened in May?", lines)) == ["We walked to the mountain."]


def test_a_time_that_is_spoken_of_counts_like_one_that_was_spoken_in():
    lines = [
        said(1, "We moved house.", at=datetime(2026, 3, 9, tzinfo=OSLO)),
        said(2, "We moved house last year.", at=datetime(2026, 2, 9, tzinfo=OSLO)),
    ]
    assert texts(came_to_mind("Did we move house in 2025?", lines))[0] == "We moved house last year."


def test_a_question_for_a_time_prefers_what_names_one():
    lines = told("I ran a marathon yesterday.", "I ran a marathon gladly.")
    assert texts(came_to_mind("When was my marathon?", lines))[0] == "I ran a marathon yesterday."


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


def test_the_reason_names_each_term_with_its_source_and_its_worth():
    turns = talk("Where does your sister live?", "Oslo, the big city.")
    (entry,) = came_to_mind("Which city does my sister live in?", turns, apart=False)
    assert entry.reason == (
        "citi 0.55, sister 0.43 (one turn before), live 0.17 (one turn before), by whom it is about +0.20,"
        " answers +0.05, says much +0.11"
    )


def test_the_parts_of_the_reason_add_up_to_the_fit():
    (entry,) = came_to_mind("Where does my sister live?", told(*LIFE))
    assert sum(map(float, re.findall(r"-?\d\.\d\d", entry.reason))) == pytest.approx(entry.fit, abs=0.03)


def test_what_holds_all_of_the_question_covers_it():
    (entry,) = came_to_mind("Where does my sister live?", told(*LIFE))
    assert entry.coverage == 1.0


@given(
    st.lists(st.text(st.sampled_from("bcd ?"), max_size=12), max_size=8), st.text(st.sampled_from("bcd "), max_size=9)
)
def test_every_coverage_lies_between_the_threshold_and_one(said_before, question):
    coverages = [entry.coverage for entry in came_to_mind(question, told(*said_before))]
    assert all(THRESHOLD <= coverage <= 1 for coverage in coverages)


# What is a question


@pytest.mark.parametrize("text", ["Why?", "Why? ", "“Why?”", "(Why?)", "どうして？", "لماذا؟"])
def test_what_ends_with_a_question_mark_asks(text):
    assert is_question(text)


@pytest.mark.parametrize("text", ["", "Why not.", "Who? Me.", "?!"])
def test_anything_else_tells(text):
    assert not is_question(text)
