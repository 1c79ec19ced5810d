"""Where her words may come from, as far as the faces can see and ask."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the prompt must stand before she is loaded
    from companion.dialogue.engine import Companion
    from companion.dialogue.model import ChatModel

Report = Callable[[int, int], None]
"""Told how many bytes of a download have come, and of how many."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question that yes or no answers; the answer is kept, so that it is asked once.

    Attributes:
        question: what is asked, in a sentence or two.
        accept: what yes does; may take long, and raises `CompanionError`. Returns the spec of the model to use.
        decline: what no does; returns the spec of the model to use.
    """

    question: str
    accept: Callable[[Report], str]
    decline: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Minds:
    """What the composition root lets the faces do about models; all of it may take a while.

    Attributes:
        open: opens a model by its spec; returns it with how many tokens it may be told.
        known: returns what is here: specs, each with a few words about it.
        propose: returns what the person should be asked before her first words, if anything.
    """

    open: "Callable[[str], tuple[ChatModel, int]]"
    known: Callable[[], Sequence[tuple[str, str]]]
    propose: "Callable[[Companion], Proposal | None]"
