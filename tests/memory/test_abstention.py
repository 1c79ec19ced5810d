"""Recall knows what it was never told: an invented life, a hundred questions it answers and a hundred it does not."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from companion.conversation import Speaker
from companion.memory.recall import Recollection, recall
from companion.storage.sqlite import SqliteStore
from tests.conftest import Clock

LIFE = yaml.safe_load((Path(__file__).parents[1] / "data" / "recall" / "life.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    store = SqliteStore.open_copy(tmp_path_factory.mktemp("life") / "none.db")
    for sitting in LIFE["sittings"]:
        tell(store, sitting["turns"], datetime.fromisoformat(f"{sitting['at']}T19:00:00+01:00"))
    yield store
    store.close()


def tell(store: SqliteStore, turns: list[dict[str, str]], at: datetime) -> None:
    last, greeting = None, ""
    for minute, turn in enumerate(turns):
        ((who, words),) = turn.items()
        moment = at + timedelta(minutes=minute)
        speaker = Speaker.PERSON if who == "p" else Speaker.COMPANION
        if last is None and speaker is Speaker.COMPANION:
            greeting = words
        elif last is None:
            last = store.begin("Ada", words, moment, greeting=greeting)
        else:
            last = store.add(last, speaker, words, moment)


def came_to_mind(store: SqliteStore, question: str) -> tuple[Recollection, ...]:
    return recall(store, "Ada", question, now=Clock()())


def test_of_a_hundred_questions_about_what_was_never_said_at_most_two_bring_something_back(life):
    brought = {
        question: found[0].utterance.text for question in LIFE["never"] if (found := came_to_mind(life, question))
    }
    assert len(LIFE["never"]) == 100
    assert len(brought) <= 2, brought


def test_of_a_hundred_questions_that_were_answered_at_most_five_are_lost(life):
    lost = [
        question
        for question, words in LIFE["answered"]
        if not any(words in recollection.utterance.text for recollection in came_to_mind(life, question))
    ]
    assert len(LIFE["answered"]) == 100
    assert len(lost) <= 5, lost
