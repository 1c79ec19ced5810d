"""Waiting for a server that is busy, and not for one that is broken."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from companion.dialogue.engine import Companion
from companion.dialogue.events import Failed, Finished, Noticed
from companion.dialogue.model import Briefing, Finish, Piece, Text
from companion.errors import ModelBusy, ModelError, ModelFailed, ReplyCut
from companion.persona.persona import Persona
from companion.storage.sqlite import SqliteStore
from tests.conftest import Clock
from tests.scenes import ending, heard, reply


class Troubled:
    """A model that raises these errors one after the other, and then replies."""

    name = "troubled"

    def __init__(self, *errors: ModelError, after: str = "") -> None:
        self.asked = 0
        self._errors, self._after = list(errors), after

    async def stream(self, _: Briefing) -> AsyncGenerator[Piece]:
        self.asked += 1
        if self._after:
            yield Text(self._after)
        if self._errors:
            raise self._errors.pop(0)
        yield Text("Here I am.")
        yield Finish("stop")

    async def aclose(self) -> None: ...


@pytest.fixture
def meet(tmp_path: Path, persona: Persona, clock: Clock):
    stores: list[SqliteStore] = []

    def meet(model: Troubled, waits: tuple[float, ...] = (0.01, 0.01)) -> Companion:
        stores.append(SqliteStore.open(tmp_path / "companion.db"))
        return Companion(persona, stores[-1], model, clock, waits=waits)

    yield meet
    for store in stores:
        store.close()


def waits(events: list) -> list[str]:
    return [event.text for event in events if isinstance(event, Noticed) and event.kind == "waiting"]


def test_a_busy_server_is_asked_again_and_it_is_said(meet) -> None:
    model = Troubled(ModelBusy("Too much to do."), ModelBusy("Still.", 0.02))
    events = heard(meet(model), "hello")
    assert reply(events) == "Here I am."
    assert isinstance(ending(events), Finished)
    assert (model.asked, len(waits(events))) == (3, 2)


def test_patience_has_an_end(meet) -> None:
    model = Troubled(*(ModelBusy("Too much to do.") for _ in range(9)))
    events = heard(meet(model), "hello")
    assert isinstance(ending(events), Failed)
    assert model.asked == 3


def test_a_server_that_asks_for_too_long_is_not_waited_for(meet) -> None:
    model = Troubled(ModelBusy("Come back tomorrow.", 86400))
    events = heard(meet(model), "hello")
    assert (isinstance(ending(events), Failed), waits(events), model.asked) == (True, [], 1)


@pytest.mark.parametrize("error", [ModelFailed("Broken."), ReplyCut("Cut.")])
def test_what_waiting_does_not_mend_is_not_tried_again(meet, error: ModelError) -> None:
    model = Troubled(error)
    assert isinstance(ending(heard(meet(model), "hello")), Failed)
    assert model.asked == 1


def test_without_waits_nobody_waits(meet) -> None:
    model = Troubled(ModelBusy("Too much to do."))
    assert isinstance(ending(heard(meet(model, waits=()), "hello")), Failed)
    assert model.asked == 1


def test_waiting_can_be_stopped_and_the_words_are_kept(meet) -> None:
    ada = meet(Troubled(ModelBusy("Too much to do.", 25)))

    async def stop_while_waiting() -> None:
        async def listen() -> None:
            async for _ in ada.hear("hello"):
                pass

        turn = asyncio.create_task(listen())
        await asyncio.sleep(0.05)
        turn.cancel()
        await asyncio.gather(turn, return_exceptions=True)

    asyncio.run(asyncio.wait_for(stop_while_waiting(), 5))
    assert ada.said(1) == ("hello",)
