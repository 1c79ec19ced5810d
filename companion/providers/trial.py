"""Trying a model: one short question, and what came of it."""

import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from pydantic import BaseModel

from companion.dialogue.model import ChatModel, Message, Structured, Text, Usage, Writing
from companion.dialogue.reply import checked
from companion.errors import ModelError

QUESTION = (
    Message("system", "You are having a short conversation. Answer in two or three sentences."),
    Message("user", "Hello. What do you like about the sea?"),
)

FORM = (
    *QUESTION[:1],
    Message(
        "user", 'Fill in a form about this sentence: "My sister Anna lives in Oslo." Name the person and the city.'
    ),
)


class Whereabouts(BaseModel):
    """Who lives where: a form small enough for any model."""

    person: str
    city: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a question.

    Attributes:
        answer: what the model said.
        first_seconds: how long the first words took.
        tokens_per_second: how quickly the rest came; None when there was too little of it.
        streams: whether it came in pieces.
        usage: what the server counted, if it counts.
        structured: whether it can fill in a form.
    """

    answer: str
    first_seconds: float
    tokens_per_second: float | None
    streams: bool
    usage: Usage | None
    structured: bool


async def tried(model: ChatModel, clock: Callable[[], float] = time.monotonic) -> Trial:
    """Ask a model one short question, then have it fill in a form.

    Raises:
        ModelError: it does not answer.
    """
    began = clock()
    heard: list[tuple[float, str]] = []
    usage: Usage | None = None
    if not isinstance(model, Writing):
        raise ModelError(f"{model.name} listens and finds no words of its own, so there is nothing to try.")
    async with aclosing(checked(model.write(QUESTION))) as pieces:
        async for piece in pieces:
            if isinstance(piece, Text):
                heard.append((clock() - began, piece.text))
            usage = piece if isinstance(piece, Usage) else usage
    return Trial(
        answer="".join(text for _, text in heard).strip(),
        first_seconds=heard[0][0],
        tokens_per_second=_speed(heard, usage),
        streams=len(heard) > 1,
        usage=usage,
        structured=await _fills(model),
    )


def _speed(heard: list[tuple[float, str]], usage: Usage | None) -> float | None:
    """Return the tokens in a second after the first piece; pieces stand for tokens where the server does not count."""
    took = heard[-1][0] - heard[0][0]
    count = usage.completion_tokens if usage and usage.completion_tokens else len(heard)
    return (count - 1) / took if count > 1 and took > 0 else None


async def _fills(model: ChatModel) -> bool:
    if not isinstance(model, Structured):
        return False
    try:
        await model.fill(FORM, Whereabouts)
    except ModelError:
        return False
    return True
