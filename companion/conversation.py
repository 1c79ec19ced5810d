"""What was said: frozen values, without a trace of how they are stored or shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LISTENER = "offline"
"""The name under which her words are kept that no model found: they say back what the person said, who has said it."""


class Speaker(StrEnum):
    """Who said it."""

    PERSON = "person"
    COMPANION = "companion"


class State(StrEnum):
    """Whether an utterance reached its end."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    """Stopped by the person, by a cut line or by a crash; what had come is kept."""
    FAILED = "failed"
    """Ended by an error of the model; what had come is kept."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing one speaker said, at one moment.

    Attributes:
        id: the order in which things were said; later is larger. Never derived from the clock.
        conversation: the sitting it belongs to.
        parent: what it follows or answers; None opens the sitting. Retrying and editing branch here.
        speaker: who said it.
        text: the words, as they came.
        said_at: when, aware, with the speaker's offset.
        state: whether it reached its end.
        told: for the person's words: what the model was told in their place (recollections and the moment added),
            byte for byte as it was sent. None where no model was told yet.
        model: for her words: the model that found them.
        holds: whether it lies on the path that its sitting has taken; what was taken back, or was answered otherwise,
            does not.
    """

    id: int
    conversation: int
    parent: int | None
    speaker: Speaker
    text: str
    said_at: datetime
    state: State = State.COMPLETE
    told: str | None = None
    model: str | None = None
    holds: bool = True

    @property
    def is_greeting(self) -> bool:
        """Whether she opened the sitting with it, before the person said anything."""
        return self.speaker is Speaker.COMPANION and self.parent is None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One sitting, from hello to goodbye.

    Attributes:
        id: later sittings are larger.
        persona: what the memory of the persona who was talked to is kept under.
        started_at: when the first word was said, aware.
        last_at: when the last word was said, aware.
        utterances: how many things were said.
        opening: the person's first words, for lists.
    """

    id: int
    persona: str
    started_at: datetime
    last_at: datetime
    utterances: int
    opening: str
