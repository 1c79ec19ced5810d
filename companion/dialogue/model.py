"""The port to whatever finds the words: a `ChatModel` is told a `Briefing` and streams pieces of a reply."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, runtime_checkable

from companion.conversation import Utterance
from companion.memory.recall import Recollection

if TYPE_CHECKING:  # validation is heavy, and the first prompt must not wait for it
    from pydantic import BaseModel

    from companion.persona.persona import Persona

Form = TypeVar("Form", bound="BaseModel")

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it goes over the wire."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Briefing:
    """Everything a model is told for one reply.

    Attributes:
        messages: the request itself: one system message, then user and assistant in turn.
        persona: who speaks.
        words: what the person just said, bare.
        recollections: what came to mind, best first; those that a model cannot see in `messages` stand there as well.
        now: the moment of the request, aware.
        talk: the same talk as it was said, with speakers and moments, ending with the person's words.
        besides: what else was looked up in memory, for a model that asked for it (`Wondering`).
    """

    messages: tuple[Message, ...]
    persona: "Persona"
    words: str
    recollections: tuple[Recollection, ...]
    now: datetime
    talk: tuple[Utterance, ...] = ()
    besides: tuple[Recollection, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the reply, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the reply cost, in tokens; `cached_tokens` is the part of the prompt that was not read anew."""

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Finish:
    """The reply reached an end; without one it was interrupted, whatever else came.

    Attributes:
        reason: as the Chat Completions protocol names it: `stop`, `length`, `content_filter` …
    """

    reason: str


Piece = Text | Usage | Finish


class ChatModel(Protocol):
    """Finds the words. Adapters live in `companion.providers`; every one passes the same contract test."""

    @property
    def name(self) -> str:
        """How it is shown and kept, as `provider:name`."""
        ...

    def stream(self, briefing: Briefing) -> AsyncGenerator[Piece]:
        """Stream one reply.

        Closing the generator, or cancelling the task that reads it, ends the request at once.

        Raises:
            ModelError: no reply, or not all of it.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and engines; may be called twice."""
        ...


@runtime_checkable
class Wondering(Protocol):
    """A model that cannot put a question in other words by itself, and asks for more to be looked up."""

    def wonders(self, words: str) -> tuple[str, ...]:
        """Return what else to look for in memory before these words are answered."""
        ...


@runtime_checkable
class Writing(Protocol):
    """A model that can be asked for any text, not only for a reply in a conversation."""

    def write(self, messages: Sequence[Message]) -> AsyncGenerator[Piece]:
        """Stream what follows these messages; as `ChatModel.stream` in everything else."""
        ...


@runtime_checkable
class Structured(Protocol):
    """A model that can be asked to fill in a form instead of talking."""

    async def fill(self, messages: Sequence[Message], form: type[Form]) -> Form:
        """Return the form as the model filled it in after these messages; validated, whatever the server promised.

        Raises:
            ModelError: no answer, or none that is such a form.
        """
        ...


@runtime_checkable
class Limited(Protocol):
    """A model that knows, or learns, how much it can hold."""

    @property
    def limit(self) -> int | None:
        """How many tokens prompt and reply may have together; None: that is not known, or not yet."""
        ...


@runtime_checkable
class Warming(Protocol):
    """A model that is slow to wake, and can be woken before it is needed."""

    def warm(self) -> None:
        """Load whatever is heavy; called from a thread, while the person types.

        Raises:
            CompanionError: it cannot be woken.
        """
        ...
