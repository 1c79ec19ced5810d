"""Finding what lies near in meaning, as a help that may fail: whatever happens to the embedder, words still find.

A question waits for its vector no longer than a person notices. What was said gets its vectors between turns, newest
first, a few at a time.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from companion.errors import BriefingTooLong, ModelError, ModelFailed, StorageError
from companion.memory.store import Embedder, Meaning, Store

QUESTION_SECONDS = 0.15
"""How long a question may wait for its vector; some 0.1 s feel instantaneous (Miller 1968; Nielsen 1993)."""

BATCH = 16
"""Texts embedded at once: on a plain processor, a small model is done with them before a person has typed a word."""

LONGEST_TEXTS = (1000, 250)
"""Characters that are embedded of a text; embedders hold 512 tokens or more, fewer of some scripts."""

TRIED_AGAIN_AFTER = timedelta(minutes=1)


class Meanings:
    """What an embedder can say of a store, as long as it can.

    Args:
        embedder: who says it.
        store: where vectors are kept.
        clock: returns the present moment.
        seconds: how long a question may wait.
    """

    def __init__(
        self, embedder: Embedder, store: Store, clock: Callable[[], datetime], seconds: float = QUESTION_SECONDS
    ) -> None:
        self._embedder = embedder
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self._rests_until: datetime | None = None
        self._trouble = ""
        self._told = False

    async def of(self, question: str) -> Meaning | None:
        """Return where a question lies, or None if that is not known in time."""
        if self._is_resting():
            return None
        try:
            async with asyncio.timeout(self._seconds):
                (vector,) = await self._embedder.embed([question[: LONGEST_TEXTS[0]]])
        except TimeoutError:
            return None
        except ModelError as error:
            self._give_up(error)
            return None
        return Meaning(self._embedder.name, vector)

    async def catch_up(self, seconds: float | None = None) -> None:
        """Find the vectors of what was said, newest first, for so long; cancelled, what is done is kept."""
        done = 0
        try:
            async with asyncio.timeout(seconds):
                while not self._is_resting() and (wanting := self._store.unembedded(self._embedder.name, BATCH)):
                    vectors = await self._embedded([text for _, text in wanting])
                    found = {number: vector for (number, _), vector in zip(wanting, vectors, strict=True)}
                    self._store.embed(self._embedder.name, found)
                    done += len(found)
        except ModelError as error:
            self._give_up(error)
        except StorageError:  # a file that is busy for a moment; the rest comes next time
            return
        except TimeoutError:
            self._rests_until = None if done else self._clock() + TRIED_AGAIN_AFTER

    def trouble(self) -> str:
        """Return what the person should know of the embedder; each sitting, it is said once."""
        if not self._trouble or self._told:
            return ""
        self._told = True
        return f"For now she goes by words alone when she remembers. {self._trouble}"

    def warm(self) -> None:
        """Load whatever is heavy."""
        self._embedder.warm()

    async def aclose(self) -> None:
        """Let go of the embedder."""
        await self._embedder.aclose()

    async def _embedded(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Return vectors, of less of each text where it was too much; one text must not keep out all the others."""
        *longer, shortest = LONGEST_TEXTS
        for longest in longer:
            try:
                return await self._embedder.embed([text[-longest:] for text in texts])
            except (ModelFailed, BriefingTooLong):
                continue
        return await self._embedder.embed([text[-shortest:] for text in texts])

    def _is_resting(self) -> bool:
        return self._rests_until is not None and self._clock() < self._rests_until

    def _give_up(self, error: ModelError) -> None:
        self._rests_until = self._clock() + TRIED_AGAIN_AFTER
        self._trouble = str(error)
