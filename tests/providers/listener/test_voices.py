"""The shipped personas are told apart by their words alone."""

import math
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from companion.conversation import Speaker, Utterance
from companion.dialogue.model import Briefing, Message
from companion.persona import loading
from companion.persona.persona import Listening, Persona
from companion.providers.offline import reply
from tests.conftest import Clock

EVENINGS = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "listener" / "evenings.yaml").read_text(encoding="utf-8")
)
SHIPPED = {name: loading.load(path) for name, path in sorted(loading.available([loading.shipped_folder()]).items())}
TOLD_BY = 3
"""Replies that are enough to tell who speaks."""


def replies(persona: Persona, lines: list[str]) -> list[str]:
    """Return what a persona answers to the lines of an evening, without a memory."""
    clock, talk, hers = Clock(), [], []
    for number, line in enumerate(line for line in lines if not line.startswith("+")):
        clock.now += timedelta(seconds=40)
        talk.append(Utterance(2 * number + 1, 1, None, Speaker.PERSON, line, clock.now))
        told = Briefing((Message("system", "…"),), persona, line, (), clock.now, tuple(talk))
        hers.append(reply(told))
        talk.append(Utterance(2 * number + 2, 1, None, Speaker.COMPANION, hers[-1], clock.now))
    return hers


@pytest.fixture(scope="module")
def spoken() -> dict[str, dict[str, list[str]]]:
    return {
        kind: {name: replies(persona, evening["lines"]) for name, persona in SHIPPED.items()}
        for kind, evening in EVENINGS.items()
    }


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", re.sub(r"“[^”]*”", " ", text.lower()))


def guess(text: str, counts: dict[str, Counter[str]]) -> str:
    """Return whose words these most likely are (naive Bayes, with words alone)."""
    vocabulary = len(set().union(*counts.values()))
    return max(
        counts,
        key=lambda name: sum(
            math.log((counts[name][word] + 1) / (counts[name].total() + vocabulary)) for word in words(text)
        ),
    )


def test_a_few_replies_tell_who_speaks(spoken):
    """Each evening is guessed by what was said in the four others."""
    right = total = 0
    for kind, by_name in spoken.items():
        others = [other for other in spoken if other != kind]
        counts = {
            name: Counter(word for other in others for text in spoken[other][name] for word in words(text))
            for name in SHIPPED
        }
        for name, said in by_name.items():
            blocks = [" ".join(said[start : start + TOLD_BY]) for start in range(0, len(said) - TOLD_BY + 1, TOLD_BY)]
            total += len(blocks)
            right += sum(guess(block, counts) == name for block in blocks)
    assert right / total >= 0.9, f"{right} of {total}"


@pytest.mark.parametrize("name", SHIPPED)
def test_each_has_more_to_say_than_one_without_phrases(name):
    assert sum(len(lines) for _, lines in SHIPPED[name].listening) > sum(len(lines) for _, lines in Listening())
