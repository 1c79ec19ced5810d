"""Small builders for tests of models: something to be told, and ways to listen."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from companion.conversation import Utterance
from companion.dialogue.engine import Companion
from companion.dialogue.events import Event
from companion.dialogue.model import Briefing, ChatModel, Finish, Message, Piece, Text
from companion.errors import ModelError
from companion.persona.persona import Persona
from companion.storage.sqlite import SqliteStore
from tests.conftest import OSLO

T = TypeVar("T")

ADA = Persona(name="Ada", identity="You are Ada, a program that likes trains.")


def told(words: str = "Hello.", *before: Message) -> Briefing:
    """Return a briefing that ends with these words."""
    messages = (Message("system", ADA.identity), *before, Message("user", words))
    return Briefing(messages, ADA, words, (), datetime(2026, 11, 22, 14, 5, tzinfo=OSLO))


@dataclass(frozen=True, slots=True)
class Listened:
    """What came of a stream: the pieces, and the error that ended it, if one did."""

    pieces: list[Piece]
    error: ModelError | None = None

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Text))

    @property
    def finishes(self) -> list[Finish]:
        return [piece for piece in self.pieces if isinstance(piece, Finish)]


async def listen(model: ChatModel, briefing: Briefing | None = None) -> Listened:
    """Hear one reply out."""
    pieces: list[Piece] = []
    try:
        async for piece in model.stream(briefing or told()):
            pieces.append(piece)  # noqa: PERF401 - what came before an error is asked for
    except ModelError as error:
        return Listened(pieces, error)
    return Listened(pieces)


def listened(model: ChatModel, briefing: Briefing | None = None) -> Listened:
    """Hear one reply out and let go of the model."""

    async def once() -> Listened:
        try:
            return await listen(model, briefing)
        finally:
            await model.aclose()

    return asyncio.run(once())


def run_with(model: ChatModel, work: Coroutine[Any, Any, T]) -> T:
    """Wait for something that a model does, and let go of the model."""

    async def once() -> T:
        try:
            return await work
        finally:
            await model.aclose()

    return asyncio.run(once())


@dataclass(frozen=True, slots=True)
class Talk:
    """A companion with a real memory, and a look into that memory."""

    companion: Companion
    store: SqliteStore

    async def says(self, words: str) -> list[Event]:
        return await everything(self.companion.hear(words))

    async def again(self) -> list[Event]:
        return await everything(self.companion.answer_again())

    @property
    def kept(self) -> list[Utterance]:
        assert self.companion.conversation is not None
        return list(self.store.utterances(self.companion.conversation))


@asynccontextmanager
async def talking(place: Path, model: ChatModel, clock: Callable[[], datetime]) -> AsyncIterator[Talk]:
    """Wake Ada with this model and a memory file in this folder."""
    store = SqliteStore.open(place / "companion.db")
    companion = Companion(ADA, store, model, clock)
    try:
        yield Talk(companion, store)
    finally:
        await companion.aclose()


def talk(
    place: Path,
    model: ChatModel,
    clock: Callable[[], datetime],
    scene: Callable[[Talk], Coroutine[Any, Any, T]],
) -> T:
    """Play a scene with Ada."""

    async def play() -> T:
        async with talking(place, model, clock) as ada:
            return await scene(ada)

    return asyncio.run(play())


async def everything(stream: AsyncGenerator[T]) -> list[T]:
    """Return everything a generator yields."""
    return [item async for item in stream]


def shape(utterances: Iterable[Utterance]) -> list[tuple[str, str, str]]:
    """Return who said what and how it ended."""
    return [(said.speaker, said.text, said.state) for said in utterances]
