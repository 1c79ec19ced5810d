"""Small builders that let a test read as a scene."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from typing import TypeVar

from companion.dialogue.engine import Companion
from companion.dialogue.events import Event, Failed, Finished, Spoke
from companion.dialogue.model import Piece

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


def pieces(stream: AsyncGenerator[Piece]) -> list[Piece]:
    """Return everything that a model streams."""
    return asyncio.run(_all(stream))


async def _all(stream: AsyncGenerator[T]) -> list[T]:
    return [item async for item in stream]
