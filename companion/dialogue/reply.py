"""Her reply while it comes: kept as interrupted until it is known to be whole, and held to what a reply is."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime
from typing import Self

from companion.conversation import Speaker, State, Utterance
from companion.dialogue.model import Finish, Piece, Text, Usage
from companion.errors import ModelError, ModelFailed, ModelSilent, ReplyCut, StorageError
from companion.memory.store import Store

FLUSH_SECONDS = 0.5
"""How often the words of a reply are committed while it comes; a crash loses no more than this."""

LONGEST_REPLY = 64 * 1024
"""Characters after which a reply is stopped: no one speaks that long, a broken model does."""

CUT_SHORT = frozenset({"length", "content_filter"})
"""Finish reasons that end a reply before its end."""


class Reply:
    """One reply, from its first piece to its end; with `begun`, it goes on with a reply that was cut off.

    Attributes:
        kept: what of it is in the memory.
        usage: what it cost, once the model has said so.
    """

    def __init__(
        self, store: Store, heard: Utterance, model: str, clock: Callable[[], datetime], begun: str = ""
    ) -> None:
        self.kept: Utterance | None = None
        self.usage: Usage | None = None
        self._state = State.INTERRUPTED
        self._pieces: list[str] = [begun] if begun else []
        self._begun = begun
        self._store, self._heard, self._model, self._clock = store, heard, model, clock

    async def __aenter__(self) -> Self:
        """Commit what comes every half second while the block runs, also while the model is silent."""
        self._flushing = asyncio.create_task(self._flush())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Commit no more by itself."""
        self._flushing.cancel()
        with suppress(asyncio.CancelledError):
            await self._flushing

    def take(self, piece: Piece) -> None:
        """Take the next piece of it."""
        match piece:
            case Text(text):
                self._pieces.append(self._joint(text) + text)
            case Usage():
                self.usage = piece
            case Finish(reason):
                self._state = State.INTERRUPTED if reason in CUT_SHORT else State.COMPLETE

    def fail(self, error: ModelError) -> None:
        """Note that it ended before its end."""
        self._state = State.INTERRUPTED if isinstance(error, ReplyCut) else State.FAILED

    def keep(self) -> Utterance | None:
        """Commit what has come so far, if anything is new, and return it."""
        text = "".join(self._pieces)
        if text == self._begun:
            return None
        if self.kept is None:
            self.kept = self._store.add(
                self._heard, Speaker.COMPANION, text, self._clock(), state=self._state, model=self._model
            )
        elif (text, self._state) != (self.kept.text, self.kept.state):
            self._store.revise(self.kept.id, text, self._state)
            self.kept = replace(self.kept, text=text, state=self._state)
        return self.kept

    def _joint(self, text: str) -> str:
        """Return the space between what was said before and the first words that go on with it."""
        first = len(self._pieces) == 1 and bool(self._begun)
        return " " if first and not self._begun[-1].isspace() and text[:1].isalnum() else ""

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            with suppress(StorageError):  # a file that is busy for a moment; the last `keep` tells what lasts
                self.keep()


async def checked(pieces: AsyncGenerator[Piece]) -> AsyncGenerator[Piece]:
    """Pass a model's pieces on, and hold it to its word: a reply has an end, has text, and is not endless."""
    length, finished = 0, False
    async with aclosing(pieces):
        async for piece in pieces:
            finished = finished or isinstance(piece, Finish)
            if not isinstance(piece, Text):
                yield piece
                continue
            yield Text(_storable(piece.text[: LONGEST_REPLY - length]))
            length += len(piece.text)
            if length >= LONGEST_REPLY:
                raise ReplyCut(f"Her reply was stopped after {LONGEST_REPLY // 1024} KiB. What had come is kept.")
    if not length and finished:
        raise ModelSilent("The model ended its reply without a word. Your words are kept; try again.")
    if not length:
        raise ModelFailed(
            "The server answered with nothing that is a reply. Is the address right, and does it end in /v1?"
        )
    if not finished:
        raise ReplyCut("The line broke in the middle of the reply. What had come is kept; try again.")


def _storable(text: str) -> str:
    """Replace halves of characters, which JSON can carry and no file can."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
