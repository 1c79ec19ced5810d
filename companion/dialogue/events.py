"""What a turn yields. Faces render these and know nothing else of the engine."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from companion.conversation import Utterance
from companion.errors import CompanionError

if TYPE_CHECKING:  # the first prompt needs the events, and nothing of what they carry
    from companion.dialogue.model import Usage
    from companion.memory.memory import Memory
    from companion.memory.recall import Recollection


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something the person should know, for a dim line; `kind` names it for programs."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """What came to mind, best first."""

    recollections: "tuple[Recollection, ...]"


@dataclass(frozen=True, slots=True)
class Spoke:
    """The next piece of her reply."""

    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What of the person's words was found worth keeping, and is committed."""

    memories: "tuple[Memory, ...]"


@dataclass(frozen=True, slots=True)
class Finished:
    """The reply is over and kept; `reply.state` says whether it is whole."""

    reply: Utterance
    usage: "Usage | None"


@dataclass(frozen=True, slots=True)
class Failed:
    """The turn ended in an error; the person's words are kept, and so is `reply` where one had begun."""

    error: CompanionError
    reply: Utterance | None


Event = Noticed | Recalled | Spoke | Kept | Finished | Failed
