"""Whole evenings, as they are: golden transcripts, and what must hold in every one of them."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from companion.dialogue.engine import Companion
from companion.persona import loading
from companion.providers.listener import hearing
from companion.providers.listener.hearing import Act
from companion.providers.listener.moves import own
from companion.providers.listener.speaking import NOT_AGAIN_WITHIN, sentences
from companion.providers.offline import OfflineModel
from companion.storage.sqlite import SqliteStore
from tests.conftest import Clock
from tests.scenes import heard, reply

EVENINGS = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "listener" / "evenings.yaml").read_text(encoding="utf-8")
)
SHIPPED = sorted(loading.available([loading.shipped_folder()]))


def evening(folder: Path, name: str, lines: list[str]) -> list[tuple[str, str]]:
    """Return what was said and answered, line by line."""
    persona = loading.load(loading.find(name, [loading.shipped_folder()]))
    clock, spoken = Clock(), []
    companion = Companion(persona, SqliteStore.open(folder / f"{name}.db"), OfflineModel(), clock, 10_000_000)
    for line in lines:
        if line.startswith("+"):
            clock.pass_(days=int(line))
            companion = Companion(persona, SqliteStore.open(folder / f"{name}.db"), OfflineModel(), clock, 10_000_000)
            continue
        clock.pass_(seconds=40)
        spoken.append((line, reply(heard(companion, line))))
    return spoken


@pytest.fixture(scope="module")
def evenings(tmp_path_factory) -> dict[str, list[tuple[str, str]]]:
    return {kind: evening(tmp_path_factory.mktemp("evening"), e["persona"], e["lines"]) for kind, e in EVENINGS.items()}


def test_there_are_two_hundred_turns():
    assert sum(len([line for line in e["lines"] if not line.startswith("+")]) for e in EVENINGS.values()) >= 190


@pytest.mark.parametrize("kind", EVENINGS)
def test_an_evening_reads_so(kind, evenings, snapshot):
    assert "\n".join(f"> {line}\n{answer}" for line, answer in evenings[kind]) == snapshot


@pytest.mark.parametrize("kind", EVENINGS)
def test_no_sentence_of_hers_comes_twice_within_fifty_turns(kind, evenings):
    answers = [sentences(answer) for _, answer in evenings[kind]]
    again = [
        (later, said)
        for index, said in enumerate(answers)
        for later in answers[max(0, index - NOT_AGAIN_WITHIN) : index]
        if later & said
    ]
    assert again == []


@pytest.mark.parametrize("kind", EVENINGS)
def test_she_says_back_at_least_as_much_as_she_asks(kind, evenings):
    told = [(line, answer) for line, answer in evenings[kind] if hearing.act(line) is Act.TOLD]
    asking = sum("?" in own(answer) for _, answer in told)
    assert sum(_echoes(line, answer) for line, answer in told) >= asking


@pytest.mark.parametrize("kind", EVENINGS)
def test_she_does_not_ask_twice_in_a_row(kind, evenings):
    told = [(hearing.act(line), "?" in own(answer)) for line, answer in evenings[kind]]
    assert not any(before[1] and after[1] and after[0] is Act.TOLD for before, after in pairwise(told))


@pytest.mark.parametrize("kind", EVENINGS)
def test_what_was_told_stands_in_the_reply(kind, evenings):
    told = [(line, answer) for line, answer in evenings[kind] if hearing.act(line) is Act.TOLD]
    assert [line for line, answer in told if not _echoes(line, answer)] == []


def _echoes(line: str, answer: str) -> bool:
    """Tell whether a reply has something of what was said in it."""
    said, hers = (set(re.findall(r"[a-z]{3,}", text.lower())) for text in (line, answer))
    return bool(said & hers)
