"""A talk that outgrows what a model can be told: summed up between turns, cut in one step, never over the budget."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from companion.dialogue.budget import Budget, tokens
from companion.dialogue.engine import Companion
from companion.dialogue.events import Noticed
from companion.dialogue.model import Briefing, Finish, Message, Piece, Text, Usage
from companion.errors import ModelFailed
from companion.memory.store import Spent
from companion.persona.persona import Persona
from companion.persona.watching import Watch
from companion.providers.offline import OfflineModel
from companion.providers.scripted import ScriptedModel
from companion.storage.sqlite import SqliteStore
from tests.conftest import Clock
from tests.scenes import heard

CONTEXT = 1500
SUMMARY = "They have a sister, Anna, in Oslo, and many small things to tell."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "companion.db")
    yield store
    store.close()


@pytest.fixture
def ada(store: SqliteStore, persona: Persona, clock: Clock) -> Companion:
    model = ScriptedModel("A reply of some length, so that the window fills. " * 2, summary=SUMMARY)
    return Companion(persona, store, model, clock, CONTEXT)


def talk(companion: Companion, turns: int) -> None:
    """Talk, and rest after each turn."""
    for number in range(turns):
        heard(companion, f"Thing number {number}, told at some length. " * 2)
        asyncio.run(companion.rest())


def requests(companion: Companion) -> tuple[list[tuple[Message, ...]], list[tuple[Message, ...]]]:
    """Return what replies were asked with, and what summaries were asked with."""
    summaries = [told for told in companion.model.told if "pause here" in told[-1].content]
    return [told for told in companion.model.told if told not in summaries], summaries


def test_the_summary_is_asked_for_by_appending_to_what_the_server_has_just_read(ada: Companion) -> None:
    talk(ada, 20)
    _, summaries = requests(ada)
    assert summaries
    for asked in summaries:
        before = ada.model.told[ada.model.told.index(asked) - 1]
        assert asked[: len(before)] == before
        assert [message.role for message in asked[len(before) :]] == ["assistant", "user"]


def test_after_a_summary_it_stands_in_the_system_message_and_the_talk_goes_on_from_there(ada: Companion) -> None:
    talk(ada, 20)
    replies, _ = requests(ada)
    assert SUMMARY in replies[-1][0].content
    assert "number 0," not in str(replies[-1])
    assert "number 19," in replies[-1][-1].content


def test_between_summaries_nothing_is_taken_back(ada: Companion) -> None:
    talk(ada, 40)
    replies, summaries = requests(ada)
    broken = sum(after[: len(before)] != before for before, after in pairwise(replies))
    assert broken == len(summaries) <= 5


def test_no_request_is_over_the_budget(ada: Companion) -> None:
    talk(ada, 40)
    replies, summaries = requests(ada)
    assert max(map(tokens, replies)) <= CONTEXT
    assert max(map(tokens, summaries)) <= CONTEXT + 200


def test_a_summary_builds_on_the_one_before(ada: Companion) -> None:
    talk(ada, 40)
    _, summaries = requests(ada)
    assert SUMMARY in summaries[-1][0].content


class Tired:
    """A model that replies, and fails when it is asked for a summary."""

    name = "tired"

    def __init__(self) -> None:
        self.told: list[tuple[Message, ...]] = []

    async def stream(self, briefing: Briefing) -> AsyncGenerator[Piece]:
        self.told.append(briefing.messages)
        yield Text("A reply of some length, so that the window fills. " * 2)
        yield Finish("stop")

    async def write(self, messages: Sequence[Message]) -> AsyncGenerator[Piece]:
        raise ModelFailed(f"no summary of {len(messages)} messages")
        yield Text("")

    async def aclose(self) -> None: ...


def test_without_a_summary_history_is_cut_all_the_same(store: SqliteStore, persona: Persona, clock: Clock) -> None:
    ada = Companion(persona, store, Tired(), clock, CONTEXT)
    talk(ada, 30)
    assert max(map(tokens, ada.model.told)) <= CONTEXT


def test_the_listener_is_not_asked_for_summaries(store: SqliteStore, persona: Persona, clock: Clock) -> None:
    ada = Companion(persona, store, OfflineModel(), clock, CONTEXT)
    talk(ada, 30)
    assert store.summary(store.latest("Ada")).text == ""


def test_resting_may_be_cut_off_and_nothing_has_changed(ada: Companion, store: SqliteStore) -> None:
    async def stop_at_once() -> None:
        resting = asyncio.create_task(ada.rest())
        await asyncio.sleep(0)
        resting.cancel()
        await asyncio.gather(resting, return_exceptions=True)

    for number in range(9):
        heard(ada, f"Thing number {number}, told at some length. " * 2)
    asyncio.run(stop_at_once())
    assert store.summary(store.latest("Ada")) is None


# --- counting as the model counts


class Counting:
    """A model that counts more tokens than we do, or reads less than it is told."""

    name = "counting"

    def __init__(self, count: Callable[[Sequence[Message]], int]) -> None:
        self.told: list[tuple[Message, ...]] = []
        self._count = count

    async def stream(self, briefing: Briefing) -> AsyncGenerator[Piece]:
        self.told.append(briefing.messages)
        yield Text("A reply of some length, so that the window fills. " * 2)
        yield Usage(self._count(briefing.messages), 0, 20)
        yield Finish("stop")

    async def aclose(self) -> None: ...


def test_a_model_that_counts_twice_as_many_tokens_is_told_half_as_much(
    store: SqliteStore, persona: Persona, clock: Clock
) -> None:
    ada = Companion(persona, store, Counting(lambda told: 2 * tokens(told)), clock, 2 * CONTEXT)
    talk(ada, 30)
    assert tokens(ada.model.told[-1]) > CONTEXT * 0.4
    assert max(map(tokens, ada.model.told[2:])) <= CONTEXT


def test_a_server_that_silently_reads_less_is_noticed(store: SqliteStore, persona: Persona, clock: Clock) -> None:
    ada = Companion(persona, store, Counting(lambda told: min(700, tokens(told))), clock, 8192)
    events = [event for number in range(40) for event in heard(ada, f"Thing number {number}. " * 5)]
    notices = [event for event in events if isinstance(event, Noticed) and event.kind == "context"]
    assert "seems to have read only 700 of some" in notices[0].text
    assert "num_ctx" in notices[0].text


@pytest.mark.parametrize(
    ("estimated", "prompt", "scale"), [(100, 150, 1.5), (100, 1000, 4.0), (100, 1, 0.5), (0, 9, 1.0)]
)
def test_what_a_model_counts_corrects_the_estimate_within_reason(estimated: int, prompt: int, scale: float) -> None:
    assert Budget.learned(1000, Spent("m", estimated, prompt, 0, 0)) == Budget(1000, scale)


def test_the_context_tells_what_she_is_told(ada: Companion) -> None:
    talk(ada, 20)
    now = ada.context()
    assert now.persona + now.summary + now.history <= now.budget == CONTEXT
    assert now.summary > 0
    assert now.utterances + now.left_out == 40
    assert now.spent.prompt > 0


class Meanwhile(ScriptedModel):
    """A model during whose summary something else happens."""

    def happens(self) -> None:
        """Nothing, unless a test says otherwise."""

    async def write(self, messages: Sequence[Message]) -> AsyncGenerator[Piece]:
        self.happens()
        async for piece in super().write(messages):
            yield piece


def test_a_summary_stays_with_whom_it_is_about_when_somebody_else_is_talked_to_meanwhile(
    store: SqliteStore, persona: Persona, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "eve.yaml"
    path.write_text("name: Eve\nidentity: You are Eve.\n", encoding="utf-8")
    ada = Companion(persona, store, Meanwhile("A reply of some length, so that it fills. " * 3), clock, CONTEXT)
    ada.model.happens = lambda: ada.become(Watch(path))
    while ada.persona.name == "Ada":
        talk(ada, 1)
    with closing(sqlite3.connect(tmp_path / "companion.db")) as file:
        assert file.execute("SELECT DISTINCT persona FROM summaries").fetchall() == [("Ada",)]
