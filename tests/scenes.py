"""Small builders that let a test read as a scene."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

from companion.dialogue.engine import Companion
from companion.dialogue.events import Event, Failed, Finished, Spoke
from companion.dialogue.model import Piece
from companion.errors import PersonaNotFound
from companion.persona.watching import Watch
from companion.storage.sqlite import SqliteStore

T = TypeVar("T")


def heard(companion: Companion, words: str) -> list[Event]:
    """Say something and return everything that the turn yields."""
    return asyncio.run(_all(companion.hear(words)))


def answered_again(companion: Companion) -> list[Event]:
    """Have the last words answered again and return everything that the turn yields."""
    return asyncio.run(_all(companion.answer_again()))


def reply(events: Iterable[Event]) -> str:
    """Return her words."""
    return "".join(event.text for event in events if isinstance(event, Spoke))


def ending(events: list[Event]) -> Finished | Failed:
    """Return how the turn ended."""
    assert isinstance(events[-1], Finished | Failed)
    return events[-1]


def an_empty_memory(place: Path) -> Path:
    """Put a memory file there in which nothing was said yet: laying one out takes longer than a talk."""
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(_laid_out())
    return place


@cache
def _laid_out() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "companion.db"
        SqliteStore.open(place).close()
        return place.read_bytes()


def pieces(stream: AsyncGenerator[Piece]) -> list[Piece]:
    """Return everything that a model streams."""
    return asyncio.run(_all(stream))


async def _all(stream: AsyncGenerator[T]) -> list[T]:
    return [item async for item in stream]


def nobody_else(name: str) -> tuple[Watch, str]:
    """There is one persona here."""
    raise PersonaNotFound(f"There is no {name} here.")
