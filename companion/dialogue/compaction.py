"""Making room: when a talk outgrows what a model can be told, it is summed up and its beginning is let go.

The summary is asked for by appending one instruction to the very request that the server has just read, so that nearly
all of it is cached; then history is cut in one big step. Rare and big costs a tenth of a little at every turn.
"""

from collections.abc import Sequence
from contextlib import aclosing

from companion.dialogue.model import Finish, Message, Text, Writing
from companion.errors import CompanionError
from companion.prompts import prompt

ROOM_FOR_A_TURN = 0.05
"""The share of the context that is kept free, between turns, for what comes next: some 400 of 8192 tokens."""

LONGEST_SUMMARY = 3000
"""Characters; the instruction asks for some 250 words, and not every model listens."""


def near(taken: int, context: int) -> bool:
    """Tell whether a request of so many tokens leaves too little room for another turn."""
    return taken > context * (1 - ROOM_FOR_A_TURN)


def appended(request: Sequence[Message], instruction: str) -> tuple[Message, ...]:
    """Return a request that a server has read, with an instruction at its end."""
    *before, last = request
    if last.role != "user":
        return (*request, Message("user", instruction))
    return (*before, Message("user", f"{last.content}\n\n{instruction}"))


async def summed_up(model: Writing, request: Sequence[Message], language: str, asked: str = "summary") -> str:
    """Return what the model writes about a request that it has read, or nothing if it did not come whole.

    `asked` names the prompt: a summary for her, or a letter to the person.
    """
    asking = appended(request, prompt(asked).substitute(language=language))
    pieces: list[str] = []
    whole = False
    try:
        async with aclosing(model.write(asking)) as stream:
            async for piece in stream:
                if isinstance(piece, Text):
                    pieces.append(piece.text)
                whole = whole or piece == Finish("stop")
                if sum(map(len, pieces)) > LONGEST_SUMMARY:
                    break
    except CompanionError:  # the talk goes on; history is cut without a summary when it must be
        return ""
    return "".join(pieces).strip() if whole else ""
