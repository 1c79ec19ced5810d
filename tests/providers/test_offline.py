"""No model at all: what she answers, with a real memory behind her."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from companion.dialogue.engine import Companion
from companion.dialogue.model import Briefing, Finish, Message, Text
from companion.persona.persona import Listening, Persona
from companion.providers.offline import FIXED, OfflineModel
from companion.storage.sqlite import SqliteStore
from tests.conftest import OSLO, Clock
from tests.scenes import heard, pieces, reply

Says = Callable[[str], str]


@pytest.fixture
def companion(tmp_path: Path, clock: Clock) -> Companion:
    ada = Persona(name="Ada", identity="You are Ada, a program.")
    return Companion(ada, SqliteStore.open(tmp_path / "memory.db"), OfflineModel(), clock, 10_000_000)


@pytest.fixture
def says(companion: Companion) -> Says:
    return lambda words: reply(heard(companion, words))


def bare(words: str, **phrases: tuple[str, ...]) -> str:
    """Return the reply to words that nothing was said before."""
    from datetime import datetime

    ada = Persona(name="Ada", identity="You are Ada.", listening=Listening(**phrases))
    told = Briefing((Message("system", "…"),), ada, words, (), datetime(2026, 11, 22, 14, 5, tzinfo=OSLO))
    return "".join(piece.text for piece in pieces(OfflineModel().stream(told)) if isinstance(piece, Text))


# In the persona's own phrases


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("hello", "Hi."),
        ("goodbye", "Bye."),
        ("thanks", "Thanks."),
        ("about_me", "Who are you?"),
        ("how_are_you", "How are you?"),
        ("unknown", "Where was I?"),
        ("cannot", "Write a poem."),
        ("cannot", "What is the capital of Peru?"),
        ("silence", "…"),
        ("lost", "xkcdq wrtzp"),
        ("insulted", "You're useless."),
        ("quiet", "Just listen."),
        ("let_be", "Stop."),
        ("heard", "!?"),
    ],
)
def test_the_reply_is_the_personas_phrase(act, words):
    if act == "heard":
        assert bare(words)
    else:
        assert bare(words, **{act: ("In my own words.",)}) == "In my own words."


def test_every_persona_has_something_to_say_to_anything():
    assert all(getattr(Listening(), name) for name in Listening.model_fields)


def test_a_reply_finishes():
    told = Briefing((Message("system", "…"),), Persona(name="A", identity="A."), "Hi.", (), Clock().now)
    assert pieces(OfflineModel().stream(told))[-1] == Finish("stop")


def test_in_danger_no_persona_puts_it_differently():
    assert "I'm staying" in bare("I want to kill myself")
    assert set(FIXED) == {"forget"}  # danger is met by care itself


def test_a_name_is_said_back():
    assert bare("My name's theo.", met=("{name}. Hm.",)) == "Theo. Hm."


# With a memory


def test_an_answer_has_the_phrase_the_day_and_the_quote(says, clock):
    says("My sister Anna lives in Oslo.")
    clock.pass_(days=2)
    answer = says("Where is Anna's home?")
    assert answer.startswith("In Oslo")
    assert "on Sunday" in answer.replace("On", "on")
    assert "“My sister Anna lives in Oslo.”" in answer


def test_what_was_never_told_is_said_to_be_so(says):
    says("My sister Anna lives in Oslo.")
    assert "haven't told me" in says("What is my brother's name?")


def test_a_correction_is_taken(says):
    says("My sister lives in Oslo.")
    says("Where does my sister live?")
    says("No, Bergen.")
    assert says("Where does my sister live?").startswith("Bergen")


def test_another_sitting_long_ago_is_remembered(says, companion, clock):
    says("I'm allergic to hazelnuts.")
    clock.pass_(days=40)
    companion._last = None  # a new sitting
    assert "azelnuts" in says("Do you remember what I am allergic to?")


def test_a_telling_is_said_back_turned_round(says):
    assert "you had a row with your sister" in says("I had a row with my sister.").replace("You", "you")


def test_no_more_than_every_other_reply_asks(says):
    replies = [says(f"I saw my neighbour carry a ladder to house number {number}.") for number in range(20)]
    assert not any("?" in first and "?" in second for first, second in pairwise(replies))


def test_asked_only_to_listen_she_asks_nothing(says):
    says("Please stop asking questions.")
    assert not any("?" in says(f"My brother broke promise number {number}.") for number in range(10))


def test_the_same_line_again_is_noticed(says):
    first = says("My brother is sad.")
    assert says("My brother is sad.") not in {first, ""}


def test_another_language_is_named_and_memory_still_works(says):
    says("Anna bor i Bergen, og hun er ikke syk")
    assert "Norwegian" in says("Hvor bor Anna, og er det ikke i Bergen?")


def test_something_left_open_is_asked_after_once(tmp_path, clock):
    ada = Persona(name="Ada", identity="You are Ada, a program.")

    def sitting(*lines: str) -> list[str]:
        companion = Companion(ada, SqliteStore.open(tmp_path / "memory.db"), OfflineModel(), clock, 10_000_000)
        return [reply(heard(companion, line)) for line in lines]

    sitting("I have an interview at the library on Wednesday.")
    clock.pass_(days=4)
    assert "interview at the library" in sitting("Hello")[0]
    clock.pass_(days=1)
    assert "interview at the library" not in sitting("Hello")[0]


@pytest.mark.parametrize(
    "words",
    [
        "a",
        "?",
        "…",
        "🙂🙂🙂",
        "word " * 1000,
        "AAAAAAAA",
        "{quote} {when}",
        "\\1",
        "x" * 5000,
        "(((",
        "no,",
        "No, .",
        "my",
        "I",
        "“",
        "my sister's",
    ],
)
def test_anything_gets_an_answer(says, words):
    assert says(words).strip()


def test_the_same_talk_gets_the_same_words(tmp_path):
    def talk(name: str) -> list[str]:
        ada = Persona(name="Ada", identity="You are Ada, a program.")
        companion = Companion(ada, SqliteStore.open(tmp_path / name), OfflineModel(), Clock(), 10_000_000)
        return [reply(heard(companion, line)) for line in ("Hi.", "It rained.", "I'm tired.", "Why?")]

    assert talk("one.db") == talk("two.db")


def test_a_question_about_nobody_is_answered_with_whoever_fits(says):
    for number in range(30):
        says(f"My cousin {number} has a boat and I am tired of it.")
    assert says("Who has a boat?")
