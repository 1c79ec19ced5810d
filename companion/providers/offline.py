"""No model at all: a listener that follows a few patterns, remembers, and says openly that it is no more than that.

It answers in the persona's own phrases (`listening:` in the YAML), quotes what was said before with its day, and never
guesses. Deterministic: the same talk gets the same replies.
"""

import re
from collections.abc import AsyncGenerator
from enum import StrEnum

from companion.conversation import Speaker, Utterance
from companion.dialogue.model import Briefing, Finish, Piece, Text
from companion.memory import dates, recall
from companion.providers.registry import Request

NAME = "offline"


class Act(StrEnum):
    """What the person does with a line; each is a list of phrases in the persona."""

    HELLO = "hello"
    GOODBYE = "goodbye"
    THANKS = "thanks"
    ABOUT_ME = "about_me"
    REMEMBERED = "remembered"
    UNKNOWN = "unknown"
    REMINDED = "reminded"
    CANNOT = "cannot"
    HEARD = "heard"


_OPENINGS = {
    Act.HELLO: re.compile(r"(hi|hello|hey|hiya|good (morning|evening|afternoon)|greetings)\b"),
    Act.GOODBYE: re.compile(
        r"(good ?bye|bye|good ?night|see you|see ya|farewell|i('ve| have) (got )?to go|talk (to you )?later)\b"
    ),
    Act.THANKS: re.compile(r"(thanks|thank you|many thanks|cheers)\b"),
}
_LONGEST_COURTESY = 6
"""Words; a longer line that opens with a courtesy is about something else."""

_ABOUT_HER = re.compile(
    r"\b(who|what) are you\b|\bwhat('s| is) your name\b|\bare you (\w+ ){0,3}?"
    r"(real|human|person|an? ai|ai|alive|conscious|machine|robot|bot|software|program|model|there)\b"
)
_TASK = re.compile(
    r"^((please|can you|could you|would you|will you|help me( to)?|i need you to|i want you to) )*"
    r"(write|translate|explain|summari[sz]e|code|program|calculate|compute|draw|compose|draft|rewrite|proofread|list"
    r"|define|solve|search|google|look up|generate|create|recommend|plan)\b"
)
_ASKING = re.compile(
    r"^((and|so|but|well|hey),? )?(who|what|where|when|why|how|which|whose|do|does|did|is|are|was|were|can|could"
    r"|have|has|tell me)\b"
)
_OURS = re.compile(r"\b(i|i'm|i've|i'd|me|my|mine|we|our|us|remember)\b")


class OfflineModel:
    """Listens, and answers from memory."""

    name = NAME

    async def stream(self, briefing: Briefing) -> AsyncGenerator[Piece]:
        """Answer in one piece."""
        act, found = hear(briefing)
        phrases: tuple[str, ...] = getattr(briefing.persona.listening, act)
        spoken_before = sum(message.role == "assistant" for message in briefing.messages)
        yield Text(_filled(phrases[spoken_before % len(phrases)], found, briefing))
        yield Finish("stop")

    async def aclose(self) -> None:
        """Nothing is held."""


def open_offline(request: Request) -> OfflineModel:  # noqa: ARG001 - the signature of every provider
    """Open `offline`."""
    return OfflineModel()


def hear(briefing: Briefing) -> tuple[Act, Utterance | None]:
    """Return what the person's words do, and the old words that answer them or come to mind."""
    said = briefing.words.lower().replace("’", "'").strip()
    for act, opening in _OPENINGS.items():
        if opening.match(said) and len(said.split()) <= _LONGEST_COURTESY and not recall.is_question(said):
            return act, None
    if _ABOUT_HER.search(said):
        return Act.ABOUT_ME, None
    if _TASK.match(said):
        return Act.CANNOT, None
    found = _told_by_them(briefing)
    if recall.is_question(said) or _ASKING.match(said):
        if found:
            return Act.REMEMBERED, found
        return (Act.UNKNOWN if _OURS.search(said) else Act.CANNOT), None
    return (Act.REMINDED, found) if found else (Act.HEARD, None)


def _told_by_them(briefing: Briefing) -> Utterance | None:
    told = (r.utterance for r in briefing.recollections if r.utterance.speaker is Speaker.PERSON)
    return next(told, None)


def _filled(phrase: str, found: Utterance | None, briefing: Briefing) -> str:
    """Fill a persona's phrase by plain replacement: nothing in it or in the quote is ever evaluated."""
    if found is None:
        return phrase
    when = dates.when(found.said_at, briefing.now)
    placed = phrase.replace("{when}", when).replace("{When}", when[:1].upper() + when[1:])
    return placed.replace("{quote}", " ".join(found.text.split()))
