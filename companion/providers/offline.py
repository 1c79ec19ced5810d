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
    MET = "met"
    GOODBYE = "goodbye"
    THANKS = "thanks"
    ABOUT_ME = "about_me"
    REMEMBERED = "remembered"
    UNKNOWN = "unknown"
    REMINDED = "reminded"
    CANNOT = "cannot"
    HEARD = "heard"


_COURTESIES = {
    Act.HELLO: re.compile(r"(hi|hello|hey|hiya|good (morning|evening|afternoon)|greetings)\b|(morning|evening)\W*$"),
    Act.GOODBYE: re.compile(
        r"(good ?bye|bye|good ?night|see (you|ya)|farewell|talk (to you )?later)\b"
        r"|i('ve| have)( got)? to go( now| to bed| to sleep)?\W*$"
    ),
    Act.THANKS: re.compile(r"(thanks|thank you|many thanks|cheers)\b"),
}
_LONGEST_TAIL = {Act.HELLO: 2, Act.GOODBYE: 3, Act.THANKS: 3}
"""Words that may follow a courtesy: with more, the line is about something else ("Hi, my mother died.")."""

_NAME = re.compile(r"(?:(?:hi|hello|hey)\W+)?(?:i'm|i am|my name is|my name's|call me)\s+([\w'-]+)\W*", re.IGNORECASE)
_BARE_NAME = re.compile(r"([^\W\d_][\w'-]*)\W*")
_ASKED_FOR_A_NAME = re.compile(r"^\(You opened .*(call you|your name|who's this)", re.IGNORECASE)

_ABOUT_HER = re.compile(
    r"\b(who|what) are you\b|\bwhat('s| is) your name\b|\b(are|do|can|could|would|were|have|did|don't|aren't) you\b"
    r"|\bwhat do you\b|\bhow are you\b|\byour (favou?rite|opinion|name)\b"
)
_REMEMBERING = re.compile(r"\b(remember|recall|remind|know|did i|have i|i (say|said|tell|told|mention))\b")

_POLITE = r"(please |can you |could you |would you |will you |help me( to)? |i need you to |i want you to )"
_LABOUR = r"(write|code|program|draw|compose|draft|list|define|solve|search|look up|generate|create|recommend|plan"
_TASK = re.compile(
    rf"^{_POLITE}*(translate|explain|summari[sz]e|proofread|rewrite|calculate|compute|google)\b"
    rf"|^{_POLITE}+{_LABOUR})\b"
    rf"|^{_LABOUR})\b (me|us|a|an|the|my|this|that|these|some|all|it|your|our|for|code|python)\b"
)
_ASKING = re.compile(
    r"^((and|so|but|well|hey),? )?((who|what|where|when|why|how|which|whose)"
    r"('s|'re| (is|are|was|were|do|does|did|can|could|will|would|has|have|had|should|old|many|much|often|long|far|time"
    r"|day|year|kind))\b"
    r"|(do|did) you (remember|know|recall)\b|(did|have) i (tell|told|say|said|mention)"
    r"|tell me (about|what|where|who|when|how|why)\b|remind me\b)"
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
    said = " ".join(briefing.words.lower().replace("’", "'").split())
    asking = recall.is_question(said) or bool(_ASKING.match(said))
    if _name_given(briefing):
        return Act.MET, None
    if courtesy := _courtesy(said):
        return courtesy, None
    if _TASK.match(said):
        return Act.CANNOT, None
    if asking and _ABOUT_HER.search(said) and not _REMEMBERING.search(said):
        return Act.ABOUT_ME, None
    found = _told_by_them(briefing)
    if asking and found is None:
        return (Act.UNKNOWN if _OURS.search(said) else Act.CANNOT), None
    if asking:
        return Act.REMEMBERED, found
    return (Act.REMINDED, found) if found else (Act.HEARD, None)


def _courtesy(said: str) -> Act | None:
    """Return the courtesy that a line is, if it is no more than that."""
    for act, opening in _COURTESIES.items():
        match = opening.match(said)
        if (
            match
            and len(re.findall(r"[\w']+", said[match.end() :])) <= _LONGEST_TAIL[act]
            and not recall.is_question(said)
        ):
            return act
    return None


def _name_given(briefing: Briefing) -> str:
    """Return the name that the person gives, or nothing."""
    words = briefing.words.replace("’", "'").strip()
    match = _NAME.fullmatch(words)
    if match is None and _ASKED_FOR_A_NAME.search(briefing.messages[-1].content):
        match = _BARE_NAME.fullmatch(words)
    name = match.group(1) if match else ""
    return name if name[:1].isupper() else ""


def _told_by_them(briefing: Briefing) -> Utterance | None:
    told = (r.utterance for r in briefing.recollections if r.utterance.speaker is Speaker.PERSON)
    return next(told, None)


def _filled(phrase: str, found: Utterance | None, briefing: Briefing) -> str:
    """Fill a persona's phrase by plain replacement: nothing in it or in the quote is ever evaluated."""
    if found is None:
        return phrase.replace("{name}", _name_given(briefing))
    when = dates.when(found.said_at, briefing.now)
    placed = phrase.replace("{when}", when).replace("{When}", when[:1].upper() + when[1:])
    return placed.replace("{quote}", " ".join(found.text.split()))
