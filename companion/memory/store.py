"""The port to whatever keeps the words. Adapters live in `companion.storage`; all pass the same contract test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from companion.conversation import Conversation, Speaker, State, Utterance
from companion.memory.facts import Changes
from companion.memory.memory import Memory, Span


@dataclass(frozen=True, slots=True)
class Summary:
    """Where the telling of history begins, and what stands for what came before.

    Attributes:
        before: the first utterance that is still told word by word; everything earlier is not.
        text: what stands for the earlier part; may be empty.
        profile: what was known of the person when it was made; may be empty.
    """

    before: int
    text: str
    profile: str = ""


class Meaning(NamedTuple):
    """Where a text lies among meanings.

    Attributes:
        model: which model sees it so; vectors of different models cannot be compared.
        vector: of unit length.
    """

    model: str
    vector: Sequence[float]


class Embedder(Protocol):
    """Finds where texts lie among meanings. Optional: whatever it is for works without one."""

    @property
    def name(self) -> str:
        """Which model it is; kept with each vector."""
        ...

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Return a vector of unit length for each text; may be cancelled at any time.

        Raises:
            ModelError: it cannot now.
        """
        ...

    def warm(self) -> None:
        """Load whatever is heavy; called from a thread.

        Raises:
            CompanionError: it cannot be woken.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and engines; may be called twice."""
        ...


class Line(NamedTuple):
    """What was said, as the ranking reads it: hundreds are made for a question, so it is no more than that.

    Attributes:
        id: of the utterance.
        speaker: who said it.
        text: the words.
        said_at: when, aware, in the speaker's offset.
        opens: whether it opened its sitting.
        terms: its terms, parted by spaces, as `memory.words` makes them; those of what is known about it besides.
        likeness: how near it lies to the question in meaning, where that is known: 1 is the same, 0 chance.
    """

    id: int
    speaker: str
    text: str
    said_at: datetime
    opens: bool
    terms: str
    likeness: float = 0.0


@dataclass(frozen=True, slots=True)
class Matches:
    """What a search found.

    Attributes:
        total: about how many utterances were searched.
        frequency: for each term asked for, in how many utterances it stands.
        passages: stretches of sittings in which the terms stand, each in its order, in no promised order among them.
    """

    total: int
    frequency: Mapping[str, int]
    passages: tuple[tuple[Line, ...], ...]

    def ids(self) -> list[int]:
        """Return the ids of all lines."""
        return [line.id for passage in self.passages for line in passage]

    def likened(self, likeness: Mapping[int, float]) -> "Matches":
        """Return the same with how near each line lies to the question in meaning."""
        near = (tuple(line._replace(likeness=likeness.get(line.id, 0.0)) for line in p) for p in self.passages)
        return replace(self, passages=tuple(near))

    def without(self, utterance: int) -> "Matches":
        """Return the same without one utterance."""
        kept = (tuple(line for line in passage if line.id != utterance) for passage in self.passages)
        return replace(self, passages=tuple(kept))


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


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a reader has come.

    Attributes:
        reader: who read: `rules` or `model`.
        upto: the last utterance that was read.
    """

    reader: str
    upto: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What a forgetting would take away.

    Attributes:
        memories: which memories go.
        utterances: what was said and goes, oldest first; her answers to it included.
        shortened: how many other things she said lose the sentences that repeat it.
        summaries: how many summaries were built on it, and are emptied.
        backups: copies of the memory file, made before an update of its layout, that hold it as well.
    """

    memories: tuple[Memory, ...]
    utterances: tuple[Utterance, ...] = ()
    shortened: int = 0
    summaries: int = 0
    backups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A place that the person wants to find again.

    Attributes:
        utterance: what was said there.
        note: the person's words about it; may be empty.
    """

    utterance: Utterance
    note: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What the talks with a persona come to, branches included.

    Attributes:
        sittings: how many there were.
        days: on how many days.
        since: when the first word was said; None where nothing was.
        yours: about how many words the person said.
        hers: about how many words she said.
        prompt: tokens that models were told.
        cached: the part of them that was not read anew.
        completion: tokens of her replies.
    """

    sittings: int
    days: int
    since: datetime | None
    yours: int
    hers: int
    prompt: int
    cached: int
    completion: int


class MemoryStore(Protocol):
    """Keeps what is worth keeping beyond the words; transactions and errors are as in `Store`."""

    def all(self, persona: str | None = None, *, aspect: str | None = None) -> tuple[Memory, ...]:
        """Return every memory, or those of an aspect, closed and doubtful ones included, oldest first.

        What rests only on words that do not hold (`Utterance.holds`) is left out, and closes nothing.
        """
        ...

    def one(self, memory: int) -> Memory:
        """Return one memory.

        Raises:
            NotRemembered: there is none.
        """
        ...

    def resting_on(self, utterances: Sequence[int]) -> tuple[Memory, ...]:
        """Return the memories that rest on one of these utterances, oldest first."""
        ...

    def read_upto(self, persona: str, reader: str) -> int:
        """Return the last utterance that a reader has read; 0 if it has read nothing."""
        ...

    def unread(self, persona: str, reader: str, limit: int) -> tuple[Utterance, ...]:
        """Return what was said, is whole and holds since a reader came last, oldest first."""
        ...

    def hers(self, persona: str, before: int, limit: int) -> tuple[str, ...]:
        """Return the last things she said before an utterance."""
        ...

    def let_go(self, persona: str) -> tuple[Span, ...]:
        """Return the spans that must not be kept again, since what rested on them was forgotten."""
        ...

    def take_in(
        self, persona: str, changes: Changes, at: datetime, reading: Reading | None = None
    ) -> tuple[Memory, ...]:
        """Make the changes of one reading, note how far it came, and return the new memories.

        Where another process has read as far already, nothing is changed.
        """
        ...

    def came_to_mind(self, utterances: Sequence[int], at: datetime) -> None:
        """Note that what rests on these utterances came to mind; counts once a day."""
        ...

    def pin(self, memory: int, *, pinned: bool) -> None:
        """Hold on to a memory, or no longer; a doubtful one that is pinned is doubted no more."""
        ...

    def reach(self, memories: Sequence[int], *, with_words: bool, utterances: Sequence[int] = ()) -> Reach:
        """Return what forgetting these would take away, without changing anything.

        Raises:
            NotRemembered: one of them is not there.
        """
        ...

    def erase(self, memories: Sequence[int], *, with_words: bool, utterances: Sequence[int] = ()) -> bool:
        """Forget these for good, down to the bytes of the file and of our own copies of it.

        Returns whether no byte is left; False: another program holds the file, and traces go when it lets go.
        """
        ...


class Store(Protocol):
    """Keeps every word. Each call is one transaction: done and durable when it returns, or not done at all.

    All calls raise `StorageError` when the memory file cannot be read or written. Everything that is asked for by
    persona is kept apart by persona.
    """

    @property
    def memories(self) -> "MemoryStore":
        """What is kept beyond the words."""
        ...

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

        Two programs may talk in one sitting; so the person's words follow the newest ones that hold, not those that
        were seen. The path to what is added holds from now on.

        Raises:
            NotRemembered: all of the sitting, or what is answered, was forgotten meanwhile.
        """
        ...

    def turn_to(self, conversation: int, tip: int | None) -> None:
        """Let the path to an utterance of a sitting hold, and nothing beside it; with None, nothing."""
        ...

    def one(self, utterance: int) -> Utterance:
        """Return one utterance.

        Raises:
            NotRemembered: there is none.
        """
        ...

    def bookmark(self, utterance: int, note: str, at: datetime) -> None:
        """Mark a place; a second time, only the note changes."""
        ...

    def bookmarks(self, persona: str) -> tuple[Bookmark, ...]:
        """Return the places that were marked, oldest first."""
        ...

    def tally(self, persona: str) -> Tally:
        """Return what the talks with a persona come to."""
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

    def matching(
        self,
        persona: str,
        asked: Sequence[str],
        limit: int,
        periods: Sequence[tuple[datetime, datetime]] = (),
        meaning: Meaning | None = None,
    ) -> Matches:
        """Find the passages that hold most of the terms asked for (as `memory.words` makes them).

        About `limit` lines, those around the terms included, and some of the sittings that began in one of the
        periods (each a start and an end), or lie near to the meaning. The rarest terms are looked up, as many as is
        quick.
        """
        ...

    def unembedded(self, model: str, limit: int) -> tuple[tuple[int, str], ...]:
        """Return the newest utterances without a vector of this model, each an id and the text to embed."""
        ...

    def embed(self, model: str, found: Mapping[int, Sequence[float]]) -> None:
        """Keep vectors of unit length under the ids of utterances, in place of those of another model."""
        ...

    def told(self, utterances: Sequence[int]) -> Mapping[int, Utterance]:
        """Return utterances by their ids; those that are not there any more are left out."""
        ...

    def search(self, words: str, limit: int, persona: str | None = None) -> tuple[Utterance, ...]:
        """Return the utterances that contain all of the words (in any form), newest first."""
        ...

    def conversations(self, persona: str | None = None) -> tuple[Conversation, ...]:
        """Return all sittings, latest first."""
        ...

    def latest(self, persona: str) -> Utterance | None:
        """Return the newest utterance that holds, of all sittings with a persona."""
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
