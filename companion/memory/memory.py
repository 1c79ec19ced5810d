"""What is kept of a person: frozen values, without a trace of how they are found, stored or shown.

A memory says one thing, in words to the person ("Your sister Anna lives in Oslo"), and rests on evidence: the exact
span of something that was really said. It is never overwritten. What a newer one contradicts is closed: it was true
from `valid_from` to `valid_to`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from companion.memory.words import terms


class Kind(StrEnum):
    """What sort of thing a memory is."""

    FACT = "fact"
    PREFERENCE = "preference"
    DESIRE = "desire"
    PAIN = "pain"
    FEAR = "fear"
    EXPERIENCE = "experience"
    PERSON = "person"
    """Somebody in the person's life."""
    PLAN = "plan"
    PROMISE = "promise"
    BOUNDARY = "boundary"
    """What she is asked to leave alone."""
    SELF = "self"
    """What she has said of herself, so that she stays consistent."""


THE_PERSON = "you"
"""Whom a memory is about, when it is about the person themselves."""

ASPECTS = frozenset("name home work birthday age origin partner feeling".split())
"""What has one value at a time: a newer one closes the older one. All else may stand side by side."""

CORE = frozenset("name birthday origin".split())
"""Aspects of the person that do not fade."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something was said.

    Attributes:
        utterance: which one.
        start: where the quote begins in its text, in characters.
        end: where it ends.
        quote: the words themselves.
        said_at: when, aware, with the speaker's offset.
    """

    utterance: int
    start: int
    end: int
    quote: str
    said_at: datetime

    def overlaps(self, other: "Evidence | Span") -> bool:
        """Tell whether it shares words with a span."""
        return self.utterance == other.utterance and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an utterance."""

    utterance: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that may be worth keeping; whether it is, evidence decides.

    Attributes:
        kind: what sort of thing.
        text: what would be kept, in words to the person.
        quote: what the person is said to have said.
        about: who or what it is about, such as `you`, `sister anna` or, for a feeling, its object.
        aspect: one of `ASPECTS`, or empty when others of its sort may stand beside it.
        valid_from: since when it is true; None: since it was said.
        valid_to: until when it is true; None: for all we know, still.
        doubtful: whether it may be meant otherwise than it says.
    """

    kind: Kind
    text: str
    quote: str
    about: str = THE_PERSON
    aspect: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """One thing that is kept.

    Attributes:
        id: later memories are larger; 0 before it is stored.
        kind: what sort of thing.
        text: what is kept, in words to the person.
        evidence: what it rests on, oldest first; never empty.
        about: who or what it is about.
        aspect: one of `ASPECTS`, or empty.
        valid_from: since when it is true, aware.
        valid_to: until when it was true; None: for all we know, still.
        superseded_by: the memory that took its place.
        recalled: on how many days it has come to mind.
        recalled_at: when it came to mind last.
        pinned: whether the person asked for it to be held on to.
        doubtful: whether it waits for the person to say what is so; she is not told it.
    """

    id: int
    kind: Kind
    text: str
    evidence: tuple[Evidence, ...]
    about: str
    aspect: str
    valid_from: datetime
    valid_to: datetime | None = None
    superseded_by: int | None = None
    recalled: int = 0
    recalled_at: datetime | None = None
    pinned: bool = False
    doubtful: bool = False

    @property
    def quote(self) -> str:
        """The latest words that it rests on."""
        return self.evidence[-1].quote

    @property
    def utterance(self) -> int:
        """The latest utterance that it rests on."""
        return self.evidence[-1].utterance

    @property
    def said_at(self) -> datetime:
        """When it was said last."""
        return self.evidence[-1].said_at

    @property
    def is_core(self) -> bool:
        """Whether it belongs to what one does not forget of somebody: their name, their people, what hurts them."""
        return self.kind in {Kind.PERSON, Kind.BOUNDARY} or (self.about == THE_PERSON and self.aspect in CORE)

    def rests_on(self, utterance: int) -> bool:
        """Tell whether it rests on something that was said."""
        return any(evidence.utterance == utterance for evidence in self.evidence)

    def speaks_of(self, words: str) -> bool:
        """Tell whether all of the words stand in it, in any form."""
        return set(terms(words)) <= set(terms(f"{self.text} {self.quote} {self.about} {self.kind}"))

    def holds(self, moment: datetime) -> bool:
        """Tell whether it was, or will be, true at a moment."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)

    def is_current(self, now: datetime) -> bool:
        """Tell whether it is true for all we know: not closed, not superseded, not doubtful."""
        return not self.doubtful and self.superseded_by is None and (self.valid_to is None or now < self.valid_to)


def known_as(memories: Iterable[Memory]) -> str:
    """Return the name that the person gave last, or nothing."""
    names = [m for m in memories if (m.about, m.aspect) == (THE_PERSON, "name") and not m.doubtful]
    for memory in sorted(names, key=lambda m: m.id, reverse=True):
        if memory.valid_to is None and (name := _NAMED.search(memory.text)):
            return name[1].strip()
    return ""


_NAMED = re.compile(r"(?:\bis|called|call you|named|go by)\s+((?:[^\W\d_][\w’'-]*\s?){1,3})\W*$")
