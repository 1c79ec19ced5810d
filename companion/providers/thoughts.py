"""Thinking aloud is not speech: what a model writes between <think> and </think> before its reply is left out.

Most servers put it into a field of its own, which is never read; some leave it in the text. Only the beginning of a
reply is looked at: later, the same letters are just what she says.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from companion.dialogue.model import Finish, Piece, Text

OPENS, CLOSES = "<think>", "</think>"


async def without_thoughts(pieces: AsyncGenerator[Piece]) -> AsyncGenerator[Piece]:
    """Pass a reply on without the thoughts that it begins with."""
    held: str | None = ""
    async with aclosing(pieces):
        async for piece in pieces:
            if held is None:
                yield piece
                continue
            held += piece.text if isinstance(piece, Text) else ""
            spoken = _spoken(held, ended=isinstance(piece, Finish))
            if spoken:
                held = None
                yield Text(spoken)
            if not isinstance(piece, Text):
                yield piece


def _spoken(held: str, *, ended: bool) -> str:
    """Return what is speech of the beginning of a reply; nothing while that cannot be told."""
    begun = held.lstrip()
    if not begun.startswith(OPENS):
        undecided = OPENS.startswith(begun) and not ended
        return "" if undecided else held
    return begun.partition(CLOSES)[2].lstrip()
