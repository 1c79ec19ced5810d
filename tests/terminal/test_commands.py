"""What she keeps, in the person's hands: the commands of the chat."""

import asyncio
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from companion.dialogue.engine import Companion
from companion.errors import CompanionError
from companion.memory.memory import Evidence, Kind, Memory
from companion.persona.persona import Persona
from companion.providers.offline import OfflineModel
from companion.providers.registry import open_model
from companion.storage.sqlite import SqliteStore
from companion.terminal import commands
from companion.terminal.minds import Minds
from companion.terminal.plain import PlainTalk
from companion.terminal.screen import Screen, kept
from companion.terminal.theme import PLAIN
from tests.conftest import Clock
from tests.scenes import an_empty_memory, nobody_else

Type = Callable[[str], str]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(an_empty_memory(tmp_path / "companion.db"))
    yield store
    store.close()


@pytest.fixture
def type_(store: SqliteStore, persona: Persona, clock: Clock) -> Type:
    """Type a line and return what is shown for it."""
    out = io.StringIO()
    companion = Companion(persona, store, OfflineModel(), clock)
    minds = Minds(lambda spec: (open_model(spec, {}, Path()), 8192), list, lambda _: None)
    talk = PlainTalk(companion, Screen(out, out, PLAIN, wrapped=False), minds, nobody_else)

    def type_(line: str) -> str:
        out.seek(0)
        out.truncate()
        asyncio.run(commands.run(talk, line) if commands.is_command(line) else talk.turn(companion.hear(line)))
        return out.getvalue()

    return type_


def test_the_dim_line_says_what_was_kept(type_: Type) -> None:
    assert "(kept: your sister Anna lives in Oslo)\n" in type_("My sister Anna lives in Oslo.")


def test_the_dim_line_is_short(clock: Clock) -> None:
    def memory(text: str) -> Memory:
        return Memory(1, Kind.FACT, text, (Evidence(1, 0, 1, "x", clock()),), "you", "", clock())

    assert kept([memory("Anna lives in Rome")]) == "(kept: Anna lives in Rome)"
    many = [memory(f"You love thing {number}") for number in range(5)]
    assert kept(many) == "(kept: you love thing 0; you love thing 1; and 3 more)"


def test_memories_are_listed_with_kind_day_and_quote(type_: Type) -> None:
    type_("My sister Anna lives in Oslo.")
    assert type_("/memories").splitlines()[0] == (
        "    1  Your sister Anna lives in Oslo. person, you said today at 14:05: “My sister Anna lives in Oslo”"
    )


def test_what_comes_to_mind_stands_beside_what_is_kept(type_: Type) -> None:
    type_("My sister Anna lives in Oslo.")
    type_("Anna bakes every week.")
    shown = type_("/memories Anna").splitlines()
    assert [line.strip()[:10] for line in shown] == ["1  Your si", "today at 1"]
    assert type_("/memories Peru") == "Nothing comes to mind.\n"


def test_why_shows_what_shaped_the_last_reply(type_: Type, clock: Clock) -> None:
    type_("My sister Anna lives in Oslo.")
    assert type_("/why").startswith("Nothing came to mind")
    clock.pass_(days=2)
    type_("Where does my sister live?")
    (line,) = type_("/why").splitlines()
    assert re.fullmatch(
        r"  0\.\d\d  on Sunday, you: “My sister Anna lives in Oslo\.” \(sister 0\.\d\d, live 0\.\d\d.*\)", line
    )


def test_something_is_remembered_in_ones_own_words(type_: Type) -> None:
    assert type_("/remember the blue door sticks") == "(kept: the blue door sticks)\n"
    assert "fact, you said today at 14:05: “the blue door sticks”" in type_("/memories door")


def test_a_memory_is_put_right(type_: Type, store: SqliteStore) -> None:
    type_("My sister Anna lives in Oslo.")
    assert type_("/correct 1 My sister Anna lives in Bergen") == "(kept: your sister Anna lives in Bergen)\n"
    assert "Oslo" not in type_("/memories")
    assert len(store.memories.all("Ada")) == 2


def test_a_pin_is_set_and_taken_off(type_: Type) -> None:
    type_("I love rain.")
    assert type_("/pin 1") == "Pinned. It will not fade.\n"
    assert "(pinned)" in type_("/memories")
    assert type_("/pin 1") == "No longer pinned; it fades like the others.\n"


def test_forgetting_shows_what_goes_and_wants_one_word(type_: Type, store: SqliteStore) -> None:
    type_("My sister Anna lives in Oslo.")
    shown = type_("/forget 1")
    assert "  person: Your sister Anna lives in Oslo\n" in shown
    assert "you said on Sunday 22 November 2026: “My sister Anna lives in Oslo.”" in shown
    assert type_("/forget yes").startswith("Forgotten. The words themselves stay in the history.")
    assert store.memories.all() == ()
    assert len(store.search("Oslo", 5)) >= 1


def test_the_words_can_go_as_well_and_the_talk_goes_on(type_: Type, store: SqliteStore) -> None:
    type_("My sister Anna lives in Oslo.")
    type_("Anna bakes every week.")
    type_("/forget Anna")
    assert type_("/forget words").startswith("Forgotten. What cannot be reached")
    assert store.search("Anna", 5) == ()
    assert type_("Good evening.")


def test_anything_said_in_between_keeps_it(type_: Type, store: SqliteStore) -> None:
    type_("My sister Anna lives in Oslo.")
    for between in ("No, wait.", "/why"):
        type_("/forget 1")
        type_(between)
        with pytest.raises(CompanionError, match="Forget what"):
            type_("/forget yes")
    assert len(store.memories.all()) == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/forget", "Forget what?"),
        ("/forget 7", "There is no memory 7"),
        ("/forget Peru", "There is nothing about “Peru” in the memory."),
        ("/forget yes", "Forget what?"),
        ("/remember", "Remember what?"),
        ("/remember what is my name?", "There is nothing to keep in that"),
        ("/correct", "Which one, and how is it really?"),
        ("/correct 7", "Which one, and how is it really?"),
        ("/correct 7 x", "There is no memory 7"),
        ("/pin", "Which one?"),
        ("/pin 7", "There is no memory 7"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(type_: Type, line: str, sentence: str) -> None:
    with pytest.raises(CompanionError, match=sentence.replace("?", r"\?")):
        type_(line)
