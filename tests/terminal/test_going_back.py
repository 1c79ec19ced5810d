"""Going back on the tree of a sitting, and finding things again: the commands, on a real memory."""

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from companion.conversation import Speaker, State
from companion.dialogue.engine import Companion
from companion.persona.persona import Persona
from companion.providers.scripted import Line, ScriptedModel
from companion.storage.sqlite import SqliteStore
from companion.terminal import commands
from companion.terminal.minds import Minds
from companion.terminal.plain import PlainTalk
from companion.terminal.screen import Screen
from companion.terminal.theme import CALM, PLAIN, named
from tests.conftest import Clock
from tests.scenes import nobody_else

Meet = Callable[..., "Evening"]


class Evening:
    """Somebody at the keyboard, without one."""

    def __init__(self, store: SqliteStore, persona: Persona, clock: Clock, *lines: Line | str) -> None:
        self.model = ScriptedModel(*(lines or ("One.", "Two.", "Three.", "Four.", "Five.")))
        self.companion = Companion(persona, store, self.model, clock)
        self._out = io.StringIO()
        minds = Minds(lambda _: (self.model, 8192), tuple, lambda _: None)
        self.talk = PlainTalk(self.companion, Screen(self._out, self._out, PLAIN, wrapped=False), minds, nobody_else)

    def says(self, line: str) -> str:
        """Say something or give a command, and return what is shown."""
        before = len(self._out.getvalue())
        asyncio.run(self.talk._take(line))
        return self._out.getvalue()[before:]

    def told(self) -> list[str]:
        """Return what the model was told last, without the system message."""
        return [message.content.splitlines()[-1].rpartition("] ")[2] for message in self.model.told[-1][1:]]

    def path(self) -> list[str]:
        """Return the words that hold."""
        return [said.text for said in self.companion.sitting() if said.holds]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "companion.db")
    yield store
    store.close()


@pytest.fixture
def meet(store: SqliteStore, persona: Persona, clock: Clock) -> Meet:
    return lambda *lines: Evening(store, persona, clock, *lines)


def test_every_command_is_there_and_short_enough_for_two_columns() -> None:
    for name, command in commands.COMMANDS.items():
        assert callable(command.run)
        assert len(f"/{name:<10}{command.gist}") <= 38


def test_help_fits_a_small_screen_and_shows_what_applies_now(meet: Meet) -> None:
    evening = meet()
    assert "/undo" not in evening.says("/help")
    evening.says("a")
    shown = evening.says("/help")
    assert "/undo" in shown
    assert "/redo" not in shown
    assert len(shown.splitlines()) < 24
    evening.says("/undo")
    assert "/redo" in evening.says("/help")
    assert "/retry shorter" in evening.says("/help retry")
    assert "did you mean /undo?" in evening.says("/undoo")


def test_an_exchange_is_taken_back_and_brought_back(meet: Meet) -> None:
    evening = meet()
    evening.says("a")
    evening.says("b")
    assert "Taken back: “b”" in evening.says("/undo")
    assert evening.path() == ["a", "One."]
    assert "You are where Ada said: “Two.”" in evening.says("/redo")
    assert evening.path() == ["a", "One.", "b", "Two."]
    evening.says("/undo")
    evening.says("c")
    assert evening.told() == ["a", "One.", "c"]
    assert len(evening.companion.sitting()) == 6
    assert "nothing to bring back" in evening.says("/redo")


def test_everything_can_be_taken_back_step_by_step_and_brought_back(meet: Meet) -> None:
    evening = meet()
    for words in "abc":
        evening.says(words)
    whole = evening.path()
    shown = [evening.says("/undo") for _ in range(3)]
    assert "You are at the beginning." in shown[-1]
    assert evening.path() == []
    assert "Nothing was said yet" in evening.says("/undo")
    for _ in range(3):
        evening.says("/redo")
    assert evening.path() == whole


def test_words_may_be_said_otherwise_and_the_old_ones_stay_on_a_branch(meet: Meet) -> None:
    evening = meet()
    evening.says("a")
    evening.says("I live in Oslo.")
    assert "/edit I meant Bergen." in evening.says("/edit")
    evening.says("/edit I live in Bergen.")
    assert evening.path() == ["a", "One.", "I live in Bergen.", "Three."]
    shown = evening.says("/branches")
    assert "1  14:05  branches off with you: “I live in Oslo.”" in shown
    assert "you are here" in shown
    evening.says("/branches 1")
    assert evening.path() == ["a", "One.", "I live in Oslo.", "Two."]


def test_a_hint_is_told_before_the_words_once(meet: Meet) -> None:
    evening = meet()
    evening.says("a")
    assert "Two." in evening.says("/retry shorter")
    said = evening.model.told[-1][-1].content
    assert said.splitlines()[0] == "(They ask for another answer to this, with a wish for it: “shorter”)"
    assert said.endswith("] a")
    evening.says("/retry as a poem")
    assert "shorter" not in evening.model.told[-1][-1].content
    evening.says("/retry")
    assert "wish" not in evening.model.told[-1][-1].content


def test_earlier_attempts_are_shown_and_may_be_taken(meet: Meet) -> None:
    evening = meet()
    evening.says("a")
    evening.says("/retry")
    shown = evening.says("/again")
    assert "1, 14:05\nOne.\n" in shown
    assert "2, 14:05 (this one holds)\nTwo.\n" in shown
    evening.says("/again 1")
    assert evening.path() == ["a", "One."]
    assert "There is no number 7" in evening.says("/again 7")


def test_a_reply_that_was_cut_off_is_gone_on_with(meet: Meet) -> None:
    evening = meet(Line("It was the", finish=None), "best of times.", "Yes.")
    evening.says("tell me")
    assert "/continue" in evening.says("/help")
    shown = evening.says("/continue")
    assert shown.strip() == "best of times."
    assert evening.path() == ["tell me", "It was the best of times."]
    assert evening.model.told[-1][-2].content == "It was the"
    assert "had finished" in evening.says("/continue")
    states = [said.state for said in evening.companion.sitting() if said.speaker is Speaker.COMPANION]
    assert states == [State.INTERRUPTED, State.COMPLETE]


def test_what_was_kept_of_words_that_were_taken_back_does_not_hold(meet: Meet) -> None:
    evening = meet()
    evening.says("I live in Oslo.")
    evening.says("I moved to Bergen, I live in Bergen now.")
    kept = evening.companion.memories
    assert [m.text for m in kept.all() if m.is_current(evening.companion.now())] == ["You live in Bergen"]
    evening.says("/undo")
    assert [m.text for m in kept.all() if m.is_current(evening.companion.now())] == ["You live in Oslo"]
    assert evening.companion.recall("Bergen") == ()
    evening.says("/redo")
    assert [m.text for m in kept.all() if m.is_current(evening.companion.now())] == ["You live in Bergen"]
    assert len(evening.companion.recall("Bergen")) == 1


def test_what_was_taken_back_is_not_there_the_next_day(meet: Meet, clock: Clock) -> None:
    evening = meet()
    evening.says("a")
    evening.says("b")
    evening.says("/undo")
    clock.pass_(days=1)
    morning = meet("Hm.")
    morning.says("c")
    assert morning.told() == ["a", "One.", "c"]


def test_what_was_said_is_found_with_its_neighbours_and_read_on(meet: Meet, clock: Clock) -> None:
    evening = meet()
    for words in ("first", "My sister Anna lives in Oslo.", "third"):
        evening.says(words)
    clock.pass_(days=2)
    later = meet("Hm.")
    later.says("hello")
    shown = later.says("/search sister")
    assert "Sunday 22 November 2026, 14:05" in shown
    assert "   Ada: One.\n   you: My sister Anna lives in Oslo.\n   Ada: Two.\n" in shown
    shown = later.says("/search 1")
    assert "» 14:05  You\nMy sister Anna lives in Oslo." in shown
    assert "/resume 1 goes on with that talk" in shown
    assert "Nothing was said with all" in later.says("/search zebra")
    assert "Sunday 22 November 2026" in later.says("/history")
    assert "third" in later.says("/history 1")


def test_an_earlier_talk_is_taken_up_and_a_place_marked(meet: Meet, clock: Clock) -> None:
    evening = meet()
    evening.says("My sister Anna lives in Oslo.")
    evening.says("/bookmark Anna's town")
    clock.pass_(days=2)
    later = meet("Hm.")
    later.says("hello")
    assert "Anna's town" in later.says("/bookmarks")
    shown = later.says("/resume")
    assert "You, on Sunday: My sister Anna lives in Oslo.\nAda: One." in shown
    later.says("and on")
    assert later.path() == ["My sister Anna lives in Oslo.", "One.", "and on", "Hm."]


def test_what_the_talks_come_to(meet: Meet, clock: Clock) -> None:
    assert "Nothing was said yet" in meet().says("/stats")
    evening = meet("One two.")
    evening.says("a b c")
    clock.pass_(days=1)
    later = meet("One two.")
    later.says("d")
    shown = later.says("/stats")
    assert "You and Ada: 2 talks on 2 days, the first on Sunday 22 November 2026.\n" in shown
    assert "About 4 words of yours and 4 of hers.\n" in shown
    assert "Models were told " in shown


def test_a_talk_is_written_into_a_file_of_ones_own(meet: Meet, tmp_path: Path) -> None:
    evening = meet("*One.*")
    assert "Nothing was said yet" in evening.says("/export")
    evening.says("a")
    evening.says("b\x1b]0;title\x07")
    evening.says("/undo")
    place = tmp_path / "talk.md"
    assert str(place) in evening.says(f"/export {place}")
    assert place.read_text() == "# Ada, Sunday 22 November 2026\n\n**You**, 14:05\n\n> a\n\n**Ada**, 14:05\n\n*One.*\n"
    assert place.stat().st_mode & 0o777 == 0o600
    assert "already; give another name" in evening.says(f"/export {place}")
    assert "cannot be written (No such file or directory)" in evening.says(f"/export {tmp_path}/none/talk.md")
    as_json = tmp_path / "talk.json"
    evening.says(f"/export {as_json}")
    assert [said["text"] for said in json.loads(as_json.read_text())["utterances"]] == ["a", "*One.*"]


def test_off_the_record_nothing_is_written_and_the_talk_goes_on_after(meet: Meet, tmp_path: Path) -> None:
    evening = meet("One.", "Two.", "Three.", "Four.")
    evening.says("My sister Anna lives in Oslo.")
    assert "nothing of what is said now is kept" in evening.says("/off")
    assert "Two." in evening.says("A xylophone, and my sister.")
    assert "/on " in evening.says("/help")
    assert "On the record again." in evening.says("/on")
    assert evening.path() == ["My sister Anna lives in Oslo.", "One."]
    evening.says("/off The xylophone again.")
    evening.says("And on.")
    assert evening.told()[-1] == "And on."
    assert "xylophone" not in "".join(message.content for message in evening.model.told[-1])
    assert b"xylophone" not in b"".join(path.read_bytes() for path in tmp_path.glob("companion.db*"))
    assert "/off leaves it" in evening.says("/on")


def test_her_words_have_the_colour_that_her_file_names() -> None:
    assert CALM.hued("cyan").hers == "\x1b[36m"
    assert PLAIN.hued("cyan") == PLAIN
    assert named("none").hued("cyan").hers == ""


def test_a_theme_is_chosen_and_kept(meet: Meet) -> None:
    evening = meet()
    kept = {}
    evening.talk.minds = replace(evening.talk.minds, keep=kept.__setitem__)
    assert "dark, light, none" in evening.says("/theme")
    evening.says("/theme dark")
    assert kept == {"theme": "dark"}
    assert "There is no theme 'pink'" in evening.says("/theme pink")


def test_a_layout_from_before_branches_keeps_the_newest_path(meet: Meet, store: SqliteStore) -> None:
    evening = meet()
    evening.says("a")
    evening.says("/retry")
    evening.says("b")
    with store._writing() as session:
        session.connection().exec_driver_sql("UPDATE utterances SET holds = 1")
        from companion.storage.migrations.versions.m0008_which_path_holds import ASIDE

        session.connection().exec_driver_sql(ASIDE)
    assert evening.path() == ["a", "Two.", "b", "Three."]
