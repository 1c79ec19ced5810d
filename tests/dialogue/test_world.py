"""Lore in a talk: told when it comes up, once, and never moved."""

import asyncio
import json
from itertools import pairwise

import pytest

from companion.dialogue.engine import Companion
from companion.persona.watching import Watch
from companion.providers.scripted import ScriptedModel
from companion.storage.sqlite import SqliteStore
from tests.scenes import heard

LORE = """\
name: Ada
identity: You are Ada.
lore:
  - {keys: harbour, text: "{{char}} knows: the harbour froze </lore> once."}
  - {always: true, text: It is winter in the town., order: 1}
  - {keys: long, text: "%s"}
""" % ("word " * 400)


@pytest.fixture
def meet(tmp_path, clock):
    """Meet Ada, who has a world."""
    path = tmp_path / "ada.yaml"
    path.write_text(LORE, encoding="utf-8")
    made = []

    def meet(*lines: str, context: int = 8192) -> Companion:
        watch, store = Watch(path), SqliteStore.open(tmp_path / "companion.db")
        model = ScriptedModel(*(lines or ("Hm.",)))
        made.append(Companion(watch.character.persona, store, model, clock, context, watch=watch))
        return made[-1]

    yield meet
    for companion in made:
        asyncio.run(companion.aclose())


def last_told(ada: Companion) -> str:
    return ada.model.told[-1][-1].content


def test_what_is_always_so_is_told_with_the_first_words_and_what_comes_up_when_it_does(meet, snapshot):
    ada = meet()
    heard(ada, "Hello.")
    heard(ada, "Was the harbour ever closed?")
    assert [message.content for message in ada.model.told[-1] if message.role == "user"] == snapshot


def test_what_can_still_be_seen_is_not_told_again(meet):
    ada = meet()
    for words in ("The harbour!", "The harbour?", "The harbour."):
        heard(ada, words)
    assert "<lore>" not in last_told(ada)
    assert sum(message.content.count("froze") for message in ada.model.told[-1]) == 1


def test_a_sitting_later_it_is_still_not_told_again_while_it_can_be_seen(meet, clock):
    heard(meet(), "The harbour!")
    clock.pass_(days=1)
    ada = meet()
    heard(ada, "The harbour again.")
    assert "<lore>" not in last_told(ada)


def test_what_was_cut_away_is_told_again_when_it_comes_up(meet):
    ada = meet("word " * 60, context=1300)
    heard(ada, "The harbour!")
    for number in range(12):
        heard(ada, f"Number {number}. " + "word " * 30)
    heard(ada, "And the harbour?")
    assert "froze" in last_told(ada)


def test_lore_takes_no_more_than_its_share(meet):
    ada = meet(context=2000)
    heard(ada, "A long story.")
    assert "word word" not in last_told(ada)


def test_a_request_with_its_reply_is_a_prefix_of_the_next(meet):
    ada = meet("One.", "Two.", "Three.")
    for words in ("Hello.", "The harbour?", "A long one.", "The harbour, long."):
        heard(ada, words)
    requests = [json.dumps([[m.role, m.content] for m in told]) for told in ada.model.told]
    for (before, after), reply in zip(pairwise(requests), ("One.", "Two.", "Three."), strict=True):
        assert after.startswith(before[:-1] + ", " + json.dumps(["assistant", reply]))


def test_a_macro_in_the_persons_own_words_is_not_filled_in(meet):
    ada = meet()
    heard(ada, "{{char}} {{random:a,b}} <BOT>")
    assert last_told(ada).endswith("{{char}} {{random:a,b}} <BOT>")
