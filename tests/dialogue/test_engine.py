"""A turn, step by step, with a real memory file and a model that plays a script."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.conversation import Speaker, State
from companion.dialogue import engine
from companion.dialogue import reply as reply_module
from companion.dialogue.budget import tokens
from companion.dialogue.engine import Companion
from companion.dialogue.events import Failed, Finished, Noticed, Recalled, Spoke
from companion.dialogue.model import Briefing, Finish, Message, Piece, Text
from companion.errors import BriefingTooLong, ModelFailed, ModelSilent, ReplyCut, StorageBusy
from companion.persona.persona import Persona
from companion.providers.scripted import Line, ScriptedModel
from companion.storage.sqlite import SqliteStore
from tests.conftest import Clock
from tests.scenes import answered_again, ending, heard, reply

Meet = Callable[..., Companion]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "companion.db")
    yield store
    store.close()


@pytest.fixture
def meet(store: SqliteStore, persona: Persona, clock: Clock) -> Meet:
    """Meet a companion whose model plays the given lines."""

    def meet(*lines: Line | str, context: int = 8192, **more: object) -> Companion:
        return Companion(persona, store, ScriptedModel(*(lines or ("Hm.",))), clock, context, **more)

    return meet


def said(store: SqliteStore) -> list[tuple[Speaker, str, State]]:
    """Return everything in the memory, oldest sitting first."""
    sittings = sorted(sitting.id for sitting in store.conversations())
    return [(u.speaker, u.text, u.state) for sitting in sittings for u in store.utterances(sitting)]


def test_a_turn_is_kept_on_both_sides(meet: Meet, store: SqliteStore) -> None:
    assert reply(heard(meet("Hello you."), "Hello!")) == "Hello you."
    assert said(store) == [
        (Speaker.PERSON, "Hello!", State.COMPLETE),
        (Speaker.COMPANION, "Hello you.", State.COMPLETE),
    ]


class Witness:
    """A model that looks into the memory at the moment it is asked."""

    name = "witness"

    def __init__(self, store: SqliteStore) -> None:
        self.saw: list[tuple[Speaker, str, State]] = []
        self._store = store

    async def stream(self, _: Briefing) -> AsyncGenerator[Piece]:
        self.saw = said(self._store)
        yield Text("I saw it.")
        yield Finish("stop")

    async def aclose(self) -> None: ...


def test_the_words_are_committed_before_the_model_is_asked(store: SqliteStore, persona: Persona, clock: Clock) -> None:
    witness = Witness(store)
    heard(Companion(persona, store, witness, clock), "Keep this.")
    assert witness.saw == [(Speaker.PERSON, "Keep this.", State.COMPLETE)]


def test_control_sequences_are_not_part_of_what_was_said(meet: Meet, store: SqliteStore) -> None:
    heard(meet(), "hel\x1b[31mlo\x07 \x9b5nyou")
    assert said(store)[0][1] == "hello you"


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t\n", "\x1b[0m", "\x00\x07"])
def test_saying_nothing_does_nothing(meet: Meet, store: SqliteStore, nothing: str) -> None:
    assert heard(meet(), nothing) == []
    assert store.conversations() == ()


def test_a_sitting_opens_with_the_disclosure_and_then_not_again(meet: Meet) -> None:
    ada = meet()
    first, second = heard(ada, "Hello"), heard(ada, "Hello again")
    assert [event.kind for event in first if isinstance(event, Noticed)] == ["disclosure"]
    assert "Ada is software, not a human being" in first[0].text
    assert [event for event in second if isinstance(event, Noticed)] == []


def test_what_was_said_in_an_earlier_sitting_comes_to_mind(meet: Meet, clock: Clock) -> None:
    heard(meet(), "My sister Anna lives in Oslo.")
    clock.pass_(days=2)
    ada = meet("In Oslo.")
    (recalled,) = [event for event in heard(ada, "Where does my sister live?") if isinstance(event, Recalled)]
    assert [r.utterance.text for r in recalled.recollections] == ["My sister Anna lives in Oslo."]


def test_the_question_itself_does_not_come_to_mind(meet: Meet) -> None:
    events = heard(meet(), "Where does my sister live")
    assert not [event for event in events if isinstance(event, Recalled)]


def test_words_already_in_view_are_not_recalled_into_the_briefing(meet: Meet) -> None:
    ada = meet()
    heard(ada, "My sister Anna lives in Oslo.")
    heard(ada, "Where does my sister live?")
    assert "<recalled>" not in ada.model.told[-1][-1].content


def test_the_persons_own_name_says_whom_a_question_is_about(meet: Meet) -> None:
    ada = meet()
    heard(ada, "My name is Theo.")
    heard(ada, "The violin is out of tune.")
    (found,) = ada.recall("Is Theo's violin out of tune?")
    assert "by whom it is about" in found.reason


def test_a_recollection_from_out_of_view_rides_inside_the_persons_message(
    meet: Meet, store: SqliteStore, clock: Clock
) -> None:
    ada = meet(context=700)
    heard(ada, "My sister Anna lives in Oslo.")
    for number in range(12):
        heard(ada, f"Something else, number {number}. " * 5)
    heard(ada, "Where does my sister live?")
    told = ada.model.told[-1]
    assert told[-1].content == (
        "<recalled>\nSunday 22 November 2026. They said: “My sister Anna lives in Oslo.” (person)\n</recalled>\n"
        "[Sunday 22 November, 14:05] Where does my sister live?"
    )
    assert [message.role for message in told].count("system") == 1


def test_words_that_a_cut_puts_out_of_view_are_recalled_in_the_same_turn(meet: Meet) -> None:
    ada = meet(context=1200)
    heard(ada, "My sister Anna lives in Oslo.")
    while ada.model.told[-1][1].content.endswith("Anna lives in Oslo."):
        heard(ada, "Where does my sister Anna live? " + "I keep asking. " * 10)
    assert "They said: “My sister Anna lives in Oslo.”" in ada.model.told[-1][-1].content


def test_her_greeting_is_kept_and_told_with_the_first_words(meet: Meet, store: SqliteStore) -> None:
    ada = meet("Nice to meet you, Theo.")
    ada.greet("Hello. What should I call you?")
    heard(ada, "Theo")
    assert [text for _, text, _ in said(store)] == ["Hello. What should I call you?", "Theo", "Nice to meet you, Theo."]
    _, first = ada.model.told[0]
    assert first == Message(
        "user",
        "(You opened this sitting with: “Hello. What should I call you?”)\n[Sunday 22 November, 14:05] Theo",
    )


def test_a_greeting_that_nobody_answered_is_not_kept(meet: Meet, store: SqliteStore) -> None:
    meet().greet("Hello?")
    assert store.conversations() == ()


def test_a_sitting_is_taken_up_within_half_an_hour_and_not_later(meet: Meet, store: SqliteStore, clock: Clock) -> None:
    heard(meet(), "first")
    clock.pass_(minutes=29)
    soon = meet()
    assert soon.resume(within=engine.SITTING_ENDS_AFTER)
    heard(soon, "second")
    clock.pass_(minutes=31)
    assert not meet().resume(within=engine.SITTING_ENDS_AFTER)
    assert [sitting.utterances for sitting in store.conversations()] == [4]


def test_a_clock_set_back_does_not_end_a_sitting(meet: Meet, clock: Clock) -> None:
    heard(meet(), "first")
    clock.pass_(days=-3)
    assert meet().resume(within=engine.SITTING_ENDS_AFTER)


# --- replies that do not end well


def test_a_reply_without_a_finish_reason_is_interrupted_and_kept(meet: Meet, store: SqliteStore) -> None:
    end = ending(heard(meet(Line("I was about to", finish=None)), "Go on"))
    assert isinstance(end, Failed)
    assert isinstance(end.error, ReplyCut)
    assert said(store)[1] == (Speaker.COMPANION, "I was about to", State.INTERRUPTED)


def test_a_reply_that_ends_in_an_error_is_failed_and_kept(meet: Meet, store: SqliteStore) -> None:
    end = ending(heard(meet(Line("Well,", error="The server is tired.")), "Go on"))
    assert isinstance(end, Failed)
    assert isinstance(end.error, ModelFailed)
    assert said(store)[1] == (Speaker.COMPANION, "Well,", State.FAILED)


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_a_reply_that_was_cut_short_is_interrupted(meet: Meet, reason: str) -> None:
    end = ending(heard(meet(Line("and then and then", finish=reason)), "Go on"))
    assert isinstance(end, Finished)
    assert end.reply.state is State.INTERRUPTED


@pytest.mark.parametrize(("line", "error"), [(Line(""), ModelSilent), (Line("", finish=None), ModelFailed)])
def test_no_reply_at_all_keeps_the_persons_words_alone(
    meet: Meet, store: SqliteStore, line: Line, error: type[Exception]
) -> None:
    end = ending(heard(meet(line), "Anyone?"))
    assert isinstance(end, Failed)
    assert isinstance(end.error, error)
    assert end.reply is None
    assert said(store) == [(Speaker.PERSON, "Anyone?", State.COMPLETE)]


def test_an_endless_reply_is_stopped_and_kept(meet: Meet, store: SqliteStore) -> None:
    end = ending(heard(meet("blah " * 100_000), "Go on"))
    assert isinstance(end, Failed)
    assert isinstance(end.error, ReplyCut)
    (_, text, state) = said(store)[1]
    assert len(text) == reply_module.LONGEST_REPLY
    assert state is State.INTERRUPTED


def test_words_too_long_to_be_told_are_kept_and_said_so(meet: Meet, store: SqliteStore) -> None:
    end = ending(heard(meet(context=600), "word " * 3000))
    assert isinstance(end, Failed)
    assert isinstance(end.error, BriefingTooLong)
    assert len(said(store)) == 1


def test_stopping_her_keeps_what_she_had_said(meet: Meet, store: SqliteStore) -> None:
    async def stop_after_two_words() -> None:
        async with aclosing(meet("one two three four five").hear("Count")) as events:
            words = 0
            async for event in events:
                words += isinstance(event, Spoke)
                if words == 2:
                    break

    asyncio.run(stop_after_two_words())
    assert said(store)[1] == (Speaker.COMPANION, "one two", State.INTERRUPTED)


@pytest.mark.parametrize("after", range(6))
def test_cancelled_at_any_word_the_memory_has_what_was_shown(meet: Meet, store: SqliteStore, after: int) -> None:
    shown: list[str] = []

    async def listen(ada: Companion) -> None:
        async with aclosing(ada.hear("Count")) as events:
            async for event in events:
                if isinstance(event, Spoke):
                    shown.append(event.text)
                    if len(shown) > after:
                        asyncio.current_task().cancel()
                        await asyncio.sleep(0)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(listen(meet("one two three four five six seven")))
    assert said(store)[1] == (Speaker.COMPANION, "".join(shown), State.INTERRUPTED)


def test_a_reply_is_committed_while_it_comes_also_when_the_model_falls_silent(
    meet: Meet, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_module, "FLUSH_SECONDS", 0.02)
    seen: list[tuple[Speaker, str, State]] = []

    async def look_during_the_silence(ada: Companion) -> None:
        async with aclosing(ada.hear("Go on")) as events:
            async for event in events:
                if isinstance(event, Spoke) and not seen:
                    await asyncio.sleep(0.1)
                    seen.extend(said(store))

    asyncio.run(look_during_the_silence(meet(Line("one two", pace=0.01))))
    assert seen[1] == (Speaker.COMPANION, "one", State.INTERRUPTED)
    assert said(store)[1] == (Speaker.COMPANION, "one two", State.COMPLETE)


def test_after_a_failure_the_last_words_can_be_answered_again(meet: Meet, store: SqliteStore) -> None:
    ada = meet(Line("", error="The server is tired."), "Here I am.")
    heard(ada, "Hello?")
    assert reply(answered_again(ada)) == "Here I am."
    assert [text for _, text, _ in said(store)] == ["Hello?", "Here I am."]
    assert ada.model.told[0] == ada.model.told[1]


def test_answering_again_keeps_the_earlier_reply_beside_the_new_one(meet: Meet, store: SqliteStore) -> None:
    ada = meet("First try.", "Second try.", "Third.")
    heard(ada, "Hello?")
    answered_again(ada)
    heard(ada, "Go on")
    assert [text for _, text, _ in said(store)] == ["Hello?", "First try.", "Second try.", "Go on", "Third."]
    assert [message.content for message in ada.model.told[-1] if message.role == "assistant"] == ["Second try."]


def test_answering_again_in_vain_leaves_the_earlier_reply_in_its_place(meet: Meet) -> None:
    ada = meet("Good reply.", Line("", error="Tired."), "Yes.")
    heard(ada, "Hello?")
    answered_again(ada)
    heard(ada, "Go on")
    assert [message.content for message in ada.model.told[-1] if message.role == "assistant"] == ["Good reply."]


def test_a_file_that_is_busy_for_a_moment_does_not_break_the_reply(
    meet: Meet, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_module, "FLUSH_SECONDS", 0.01)
    failing = iter([True])

    class Busy(SqliteStore):
        def revise(self, utterance: int, text: str, state: State) -> None:
            if next(failing, False):
                raise StorageBusy("Somebody holds the file.")
            super().revise(utterance, text, state)

    ada = meet(Line("one two three four five six", pace=0.02))
    ada._store = Busy(store._engine, Path("busy.db"))
    assert isinstance(ending(heard(ada, "Count")), Finished)
    assert said(store)[1] == (Speaker.COMPANION, "one two three four five six", State.COMPLETE)


def test_a_persona_that_is_too_long_is_named_as_what_it_is(meet: Meet) -> None:
    end = ending(heard(meet(context=200), "hi"))
    assert isinstance(end, Failed)
    assert "Who she is takes about" in str(end.error)


def test_with_nothing_said_there_is_nothing_to_answer_again(meet: Meet) -> None:
    assert answered_again(meet()) == []


def test_words_without_an_answer_are_told_together_with_the_next(meet: Meet) -> None:
    ada = meet(Line("", error="Tired."), "Now.")
    heard(ada, "one")
    heard(ada, "two")
    stamp = "[Sunday 22 November, 14:05]"
    assert ada.model.told[1][1:] == (Message("user", f"{stamp} one\n\n{stamp} two"),)


# --- the prompt: written once, never taken back


def test_every_request_begins_with_the_one_before_and_its_reply(meet: Meet, clock: Clock) -> None:
    lines = [f"Reply number {number}, about as long as replies are." for number in range(8)]
    ada = meet(*lines)
    for number in range(8):
        heard(ada, f"My cat number {number} sleeps in the kitchen. Do you remember the cats?")
        clock.pass_(hours=7)
    for before, line, after in zip(ada.model.told, lines, ada.model.told[1:], strict=False):
        assert after[: len(before) + 1] == (*before, Message("assistant", line))


def test_the_prefix_holds_over_a_restart_and_a_new_sitting(meet: Meet, clock: Clock) -> None:
    ada = meet("One.")
    heard(ada, "first")
    clock.pass_(days=1)
    again = meet("Two.")
    again.greet("Hello again.")
    heard(again, "second")
    assert again.model.told[0][: len(ada.model.told[0]) + 1] == (*ada.model.told[0], Message("assistant", "One."))


def test_near_the_budget_history_is_cut_once_to_about_half_and_then_grows_again(meet: Meet) -> None:
    ada = meet("A reply of some length, so that the window fills. " * 3, context=1500)
    for number in range(40):
        heard(ada, f"Words number {number}, of some length as well. " * 2)
    told = ada.model.told
    assert max(map(tokens, told)) <= 1500
    grew = [after[: len(before)] == before for before, after in pairwise(told)]
    assert 1 <= grew.count(False) <= 4
    assert told[-1][0] == told[0][0]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    turns=st.lists(
        st.tuples(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300), st.booleans(), st.booleans()),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_is_said_and_however_it_fails_nothing_told_is_taken_back(turns: list, tmp_path_factory) -> None:
    """Only a cut may take something back, and then the system message stays."""
    clock = Clock()
    store = SqliteStore.open_copy(tmp_path_factory.mktemp("empty") / "none.db")
    model = ScriptedModel(*(Line(text, finish="stop" if ends else None) for _, text, ends, _ in turns))
    ada = Companion(Persona(name="Ada", identity="Ada."), store, model, clock, 1000)
    for words, _, _, anew in turns:
        if anew:
            ada = Companion(ada.persona, store, model, clock, 1000)
        heard(ada, words)
        clock.pass_(minutes=17)
    rendered = ["".join(f"<{m.role}>{m.content}" for m in told) for told in model.told]
    cuts = sum(not after.startswith(before) for before, after in pairwise(rendered))
    assert cuts <= sum(map(len, rendered)) // 1500
    assert all(tokens(told) <= 1000 for told in model.told)
    store.close()


def test_no_clock_and_no_memory_stands_in_the_system_message(meet: Meet, clock: Clock) -> None:
    ada = meet()
    heard(ada, "My sister Anna lives in Oslo.")
    clock.pass_(days=400)
    heard(ada, "Where does she live?")
    first, second = (told[0] for told in ada.model.told)
    assert first == second
    assert "2026" not in first.content
    assert "Anna" not in first.content


def test_the_record_of_a_script_holds_what_was_told(tmp_path: Path, persona: Persona, clock: Clock) -> None:
    record = tmp_path / "told.jsonl"
    store = SqliteStore.open(tmp_path / "companion.db")
    heard(Companion(persona, store, ScriptedModel("Yes.", record=record), clock), "Really?")
    store.close()
    noted = json.loads(record.read_text(encoding="utf-8"))
    assert (noted["reply"], noted["messages"][-1]["content"]) == ("Yes.", "[Sunday 22 November, 14:05] Really?")


def test_her_clock_is_the_one_she_was_given(meet: Meet, clock: Clock) -> None:
    clock.pass_(days=1)
    assert meet().now() - timedelta(days=1) == Clock().now
