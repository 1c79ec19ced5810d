"""Answering from memory: the phrase, the quote, or that it was never told."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from companion.conversation import Speaker, Utterance
from companion.providers.listener import questions, statements
from companion.providers.listener.answering import Answer, Clear, answer
from tests.conftest import OSLO

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)
DATA = Path(__file__).parents[2] / "data" / "listener"


def told(*lines: str, days: int = 0) -> statements.Told:
    at = NOW - timedelta(days=days)
    said = (Utterance(index, 1, None, Speaker.PERSON, line, at) for index, line in enumerate(lines, 1))
    return statements.read(said)


def answered(question: str, *lines: str) -> Answer | None:
    known = told(*lines)
    return answer(questions.read(question, known), known)


@pytest.mark.parametrize(("half", "share"), [("worked", 0.95), ("unseen", 0.9), ("third", 0.9)])
def test_facts_are_found_however_they_are_asked_for(half, share):
    facts = yaml.safe_load((DATA / f"facts_{half}.yaml").read_text(encoding="utf-8"))
    known = told(*facts["told"])
    right = 0
    for asked in facts["asked"]:
        found = answer(questions.read(asked["ask"], known), known)
        wanted = asked["answer"] if isinstance(asked["answer"], list) else [asked["answer"]]
        right += found is not None and any(str(one) in f"{found.phrase} {found.quote}" for one in wanted)
    claimed = [
        asked
        for asked in facts["never"]
        if (found := answer(questions.read(asked, known), known)) and found.clear is not Clear.NEAR
    ]
    assert claimed == []
    assert right >= share * len(facts["asked"])


@pytest.mark.parametrize(
    ("question", "lines", "phrase"),
    [
        ("Where does my sister live?", ["My sister Anna lives in Oslo."], "In Oslo"),
        ("Where is Anna's home?", ["My sister lives in Oslo.", "My sister is called Anna."], "In Oslo"),
        ("Do you remember where I live?", ["My sister lives in Oslo and I live in Bergen."], "In Bergen"),
        ("What's my dog called?", ["We have a dog.", "His name is Rex."], "Rex"),
        ("Who is Anna?", ["My sister Anna sings."], "Your sister"),
        ("When is my interview?", ["I have an interview on Friday."], "On Friday 27 November 2026"),
        ("How many cats do I have?", ["I have two cats and a garden."], "Two"),
        ("Do I like olives?", ["I can't stand olives."], "No"),
        ("Am I married?", ["I got married in May."], "Yes"),
        ("How old is my son?", ["My son is seven."], "Seven"),
    ],
)
def test_a_clear_answer_is_the_phrase_itself(question, lines, phrase):
    found = answered(question, *lines)
    assert found is not None
    assert found.phrase == phrase


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("Where do I live?", "My sister lives in Oslo."),
        ("Where does my brother live?", "My sister lives in Oslo."),
        ("What is my cat's name?", "My dog is called Rex."),
        ("Where do I live?", "If I lived in Oslo, I would ski."),
        ("Where do I live?", "Do I live in Oslo?"),
        ("What do I love?", "I don't like olives."),
        ("Where do I live?", "I used to live in Rome."),
        ("Where do I live?", 'He said "I live in Rome" and laughed.'),
    ],
)
def test_what_was_not_said_is_not_claimed(question, line):
    found = answered(question, line)
    assert found is None or found.clear is Clear.NEAR


def test_a_correction_takes_the_place_of_what_was_wrong():
    found = answered("Where does my sister live?", "My sister lives in Oslo.", "No, Bergen.")
    assert found is not None
    assert (found.phrase, found.before) == ("Bergen", None)


def test_what_was_true_at_another_time_is_told_as_well():
    found = answered("Where do I live?", "I live in Oslo.", "I've moved to Bergen.")
    assert found is not None
    assert found.phrase == "To Bergen"
    assert found.before is not None
    assert found.before.phrase == "In Oslo"
