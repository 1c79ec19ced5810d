"""Asking again where waiting helps: a server with too much to do, or a model that is still loading.

Only before the first word; a reply that has begun is never begun anew behind the person's back. Each wait is announced,
and can be stopped like everything else.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from companion.dialogue.model import Piece
from companion.errors import ModelBusy

WAITS = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before each further try, where the server does not say: half a minute in all, while somebody looks on."""

LONGEST_WAIT = 30.0
"""Seconds; a server that asks for more gets its sentence, and the person decides."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The request will be made again after so many seconds."""

    seconds: float


async def patiently(
    ask: Callable[[], AsyncGenerator[Piece]], waits: Sequence[float]
) -> AsyncGenerator[Piece | Waiting]:
    """Stream a reply, asking again after each of the waits while the server is busy.

    Raises:
        ModelError: as the model; `ModelBusy` once patience is at its end.
    """
    for wait in waits:
        try:
            async with aclosing(ask()) as pieces:
                async for piece in pieces:
                    yield piece
        except ModelBusy as busy:
            seconds = busy.retry_after or wait
            if seconds > LONGEST_WAIT:
                raise
            yield Waiting(seconds)
            await asyncio.sleep(seconds)
        else:
            return
    async with aclosing(ask()) as pieces:
        async for piece in pieces:
            yield piece
