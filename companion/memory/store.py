"""The port to whatever keeps the words. Adapters live in `companion.storage`; all pass the same contract test."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from companion.conversation import Conversation, Speaker, State, Utterance


@dataclass(frozen=True, slots=True)
class Summary:
    """Where the telling of history begins, and what stands for what came before.

    Attributes:
        before: the first utterance that is still told word by word; everything earlier is not.
        text: what stands for the earlier part; may be empty.
    """

    before: int
    text: str


@dataclass(frozen=True, slots=True)
class Matches:
    """What a full-text search found.

    Attributes:
        total: about how many utterances were searched.
        frequency: for each term asked for, in how many utterances it stands.
        utterances: the best candidates, in no promised order.
    """

    total: int
    frequency: dict[str, int]
    utterances: tuple[Utterance, ...]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a reply cost, in tokens.

    Attributes:
        model: which model counted.
        estimated: what we took the prompt for.
        prompt: what it was.
        cached: the part of it that was not read anew.
        completion: the reply.
    """

    model: str
    estimated: int
    prompt: int
    cached: int
    completion: int


class Store(Protocol):
    """Keeps every word. Each call is one transaction: done and durable when it returns, or not done at all.

    All calls raise `StorageError` when the memory file cannot be read or written. Everything that is asked for by
    persona is kept apart by persona.
    """

    def begin(self, persona: str, words: str, at: datetime, *, greeting: str = "") -> Utterance:
        """Begin a sitting with the person's first words, and before them her greeting, where she gave one."""
        ...

    def add(
        self,
        after: Utterance,
        speaker: Speaker,
        text: str,
        at: datetime,
        *,
        state: State = State.COMPLETE,
        model: str | None = None,
    ) -> Utterance:
        """Add what was said in answer to another utterance or, by the person, after what was said last in its sitting.

        Two programs may talk in one sitting; so the person's words follow the newest ones, not those that were seen.
        """
        ...

    def revise(self, utterance: int, text: str, state: State) -> None:
        """Replace the words of a reply that is still being spoken."""
        ...

    def tell(self, utterance: int, told: str) -> None:
        """Keep what the model is told in place of an utterance."""
        ...

    def window(self, upto: Utterance) -> tuple[Utterance, ...]:
        """Return what may be told word by word, oldest first, ending with `upto`.

        That is the path to `upto` through its sitting, and before it the sittings that began earlier, each as it
        ended, from the summary's border on.
        """
        ...

    def summary(self, upto: Utterance) -> Summary | None:
        """Return the summary that `window` begins at: the latest of this sitting, or from before it began."""
        ...

    def summarise(self, persona: str, summary: Summary, at: datetime) -> None:
        """Keep a new summary."""
        ...

    def spend(self, utterance: int, spent: Spent) -> None:
        """Keep what a reply cost."""
        ...

    def spent(self, model: str) -> Spent | None:
        """Return what the latest reply of a model cost."""
        ...

    def told_before(self, persona: str, border: int) -> int:
        """Return how many utterances lie before the border, out of the window."""
        ...

    def matching(self, persona: str, asked: Sequence[str], limit: int) -> Matches:
        """Find the utterances that share the rarest of the terms asked for (as `memory.words` makes them)."""
        ...

    def search(self, words: str, limit: int, persona: str | None = None) -> tuple[Utterance, ...]:
        """Return the utterances that contain all of the words (in any form), newest first."""
        ...

    def conversations(self, persona: str | None = None) -> tuple[Conversation, ...]:
        """Return all sittings, latest first."""
        ...

    def latest(self, persona: str) -> Utterance | None:
        """Return the newest utterance of all sittings with a persona."""
        ...

    def utterances(self, conversation: int) -> tuple[Utterance, ...]:
        """Return everything said in a sitting, branches included, in order.

        Raises:
            NotRemembered: there was no such sitting.
        """
        ...

    def said(self, persona: str, limit: int) -> tuple[str, ...]:
        """Return the person's last words to a persona, newest first, without repetitions in a row."""
        ...

    def replies(self, persona: str, limit: int) -> tuple[Utterance, ...]:
        """Return her last replies in any sitting, newest first, greetings left out."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
