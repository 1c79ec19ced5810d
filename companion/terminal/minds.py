"""Where her words may come from, as far as the faces can see and ask."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the prompt must stand before she is loaded
    from companion.dialogue.engine import Companion, Keeping
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


def _keeps_nothing(key: str, value: str) -> None:
    """Keep nothing; for a talk without settings."""


@dataclass(frozen=True, slots=True)
class Minds:
    """What the composition root lets the faces do about models and choices; all of it may take a while.

    Attributes:
        open: opens a model by its spec; returns it with how many tokens it may be told.
        known: returns what is here: specs, each with a few words about it.
        propose: returns what the person should be asked before her first words, if anything.
        keep: keeps a choice for good, a key of config.yaml and its value.
        remember: whether the person lets her remember, as the settings have it; None: not asked yet.
        forgetful: opens a memory that knows what she knows, and writes nothing.
    """

    open: "Callable[[str], tuple[ChatModel, int]]"
    known: Callable[[], Sequence[tuple[str, str]]]
    propose: "Callable[[Companion], Proposal | None]"
    keep: Callable[[str, str], None] = _keeps_nothing
    remember: str | None = "yes"
    forgetful: "Callable[[], Keeping] | None" = None
