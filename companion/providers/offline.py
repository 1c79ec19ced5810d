"""No model at all: a listener that follows a few patterns, remembers, and says openly that it is no more than that.

It answers in the persona's own phrases (`listening:` in the YAML), quotes what was said before with its day, and never
guesses. Deterministic: the same talk gets the same replies.
"""

import re
from collections.abc import AsyncGenerator
from enum import StrEnum

from companion.care.lines import spoken
from companion.care.signs import Kind, Level, read
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
    SORRY = "sorry"
    LET_BE = "let_be"
    HEARD = "heard"
    IN_DANGER = "in_danger"
    FORGET = "forget"


FIXED = {
    Act.FORGET: ("That is in your hands, and it is for good: /forget WORDS shows what would go, and asks you once.",),
}
"""What no persona may put differently."""


_COURTESIES = {
    Act.HELLO: re.compile(r"(hi|hello|hey|hiya|good (morning|evening|afternoon)|greetings)\b|(morning|evening)\W*$"),
    Act.GOODBYE: re.compile(
        r"(good ?bye|bye|good ?night|see (you|ya)|farewell|talk (to you )?later)\b"
        r"|i('ve| have)( got)? to go( now| to bed| to sleep)?\W*$"
    ),
    Act.THANKS: re.compile(r"(thanks|thank you|many thanks|cheers)\b"),
}
NO_NAMES = frozenset("hi hello hey yes no nothing ok okay hm hmm why what bye thanks anything whatever".split())

_LONGEST_TAIL = {Act.HELLO: 2, Act.GOODBYE: 3, Act.THANKS: 3}
"""Words that may follow a courtesy: with more, the line is about something else ("Hi, my mother died.")."""

_FORGET = re.compile(
    r"(please )?(forget|delete|erase|don't remember|do not remember) (that|this|it|what|everything|all)\b"
)
_LET_BE = re.compile(
    r"\bi (don't|do not|dont) want to talk\b|^(please )?stop( it| that| asking| this)?\W*$|\bstop asking\b"
    r"|^(just )?listen\W*$|^(leave it|never mind|nevermind|let it be|drop it|change the subject)\b"
)
_LOSS = re.compile(
    r"\b(died|passed away|is dead|funeral|miscarriage|terminal|(he|she|they) (left|dumped) me|broke up|divorce"
    r"|lost my (mother|father|mum|mom|dad|brother|sister|son|daughter|wife|husband|baby|friend|dog|cat|job))\b"
)

_GREETED = r"(?:(?:hi|hello|hey)\W+)?"
_NAME = re.compile(rf"{_GREETED}(?:my name is|my name's|call me)\s+([\w'-]+)(?:\W+(?:hi|hello|hey))?\W*", re.IGNORECASE)
_ANSWERED_NAME = re.compile(
    rf"{_GREETED}(?:(?:i'm|i am|it's|it is|this is)\s+)?([^\W\d_][\w'-]*)(?:\W+(?:hi|hello|hey|here))?\W*",
    re.IGNORECASE,
)
_ASKED_FOR_A_NAME = re.compile(r"^\(You opened .*(call you|your name|who's this)", re.IGNORECASE)

_ABOUT_HER = re.compile(
    r"\b(who|what) are you\b|\bwhat('s| is) your name\b|\b(are|do|can|could|would|were|have|did|don't|aren't) you\b"
    r"|\bwhat do you\b|\bhow are you\b|\byour (favou?rite|opinion|name)\b"
)
_REMEMBERING = re.compile(r"\b(remember|recall|remind|know|did i|have i|i (say|said|tell|told|mention))\b")

_POLITE = r"(please |can you |could you |would you |will you |help me( to)? |i need you to |i want you to )"
_LABOUR = r"(write|code|program|draw|compose|draft|list|define|solve|search|look up|generate|create|recommend|plan"
_TASK = re.compile(
    rf"^tell me a (joke|story|poem|riddle)"
    rf"|^{_POLITE}*(translate|explain|summari[sz]e|proofread|rewrite|calculate|compute|google)\b"
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
        fixed = _to_danger(briefing) if act is Act.IN_DANGER else FIXED.get(act)
        phrases: tuple[str, ...] = fixed or getattr(briefing.persona.listening, act)
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
    if act := _needs_no_memory(said, briefing, asking=asking):
        return act, None
    found = _told_by_them(briefing)
    if asking and found is None:
        return (Act.UNKNOWN if _OURS.search(said) else Act.CANNOT), None
    if asking:
        return Act.REMEMBERED, found
    return (Act.REMINDED, found) if found else (Act.HEARD, None)


def _needs_no_memory(said: str, briefing: Briefing, *, asking: bool) -> Act | None:
    """Return the first of the acts that are met without memory, what weighs most first."""
    signs = read(briefing.words)
    rules = (
        (Act.IN_DANGER, lambda: signs.level is not Level.NONE),
        (Act.ABOUT_ME, lambda: Kind.HUMAN_QUESTION in signs),
        (Act.MET, lambda: _name_given(briefing)),
        (Act.FORGET, lambda: _FORGET.match(said)),
        (Act.LET_BE, lambda: _LET_BE.search(said)),
        (Act.SORRY, lambda: not asking and _LOSS.search(said)),
        (Act.HELLO, lambda: _courtesy(said) is Act.HELLO),
        (Act.GOODBYE, lambda: _courtesy(said) is Act.GOODBYE or Kind.FAREWELL in signs),
        (Act.THANKS, lambda: _courtesy(said) is Act.THANKS),
        (Act.CANNOT, lambda: _TASK.match(said)),
        (Act.ABOUT_ME, lambda: asking and _ABOUT_HER.search(said) and not _REMEMBERING.search(said)),
    )
    return next((act for act, holds in rules if holds()), None)


def _to_danger(briefing: Briefing) -> tuple[str, ...]:
    """Return what is said in danger, in the language it was said in: the direct question once, then that she stays."""
    signs = read(briefing.words)
    opening = {Level.EXPLICIT: "stay", Level.OBLIQUE: "ask"}.get(signs.danger(), "stay_again")
    first, again = spoken(opening, signs.language), spoken("stay_again", signs.language)
    return (again,) if any(first in message.content for message in briefing.messages) else (first,)


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
        match = _ANSWERED_NAME.fullmatch(words)
    name = match.group(1) if match else ""
    return "" if name.lower() in NO_NAMES else name[:1].upper() + name[1:]


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
