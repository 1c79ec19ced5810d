"""What is asked of memory: of whom, in which words, and what sort of answer would be one."""

import re
from dataclasses import dataclass
from enum import StrEnum

from companion.providers.listener.lexicon import key, lexicon
from companion.providers.listener.statements import _BEING, _NO_NAMES, _WORDS, ME, NAME, Told


class Wanted(StrEnum):
    """What sort of answer a question wants."""

    WHERE = "where"
    WHEN = "when"
    WHO = "who"
    NAME = "name"
    NUMBER = "number"
    AGE = "age"
    DURATION = "duration"
    WHY = "why"
    WHETHER = "whether"
    ABOUT = "about"
    WHAT = "what"


@dataclass(frozen=True, slots=True)
class Question:
    """A question to memory.

    Attributes:
        wanted: what sort of answer would be one.
        subject: `me`, or whom it speaks of first.
        beings: everybody else it speaks of, as keys.
        needs: the words that an answer must meet, as keys.
        past: whether it asks for what is over.
        denied: whether it asks for what is not so.
        first_person: whether it speaks of the person at all.
        hints: words that need not be met, but tell the better answer: first, older, next.
    """

    wanted: Wanted
    subject: str
    beings: frozenset[str]
    needs: tuple[str, ...]
    past: bool
    denied: bool
    first_person: bool
    hints: frozenset[str] = frozenset()


_LEADS = re.compile(
    r"^(?:(?:so|and|but|well|hey|hi|hello|ok|okay|now|oh|um|hm+|please|say|by the way|just checking|quick question|one question|one more|also|actually|sorry|wait)\b[,.:!…-]* *"
    r"|(?:do|did|would|can|could|will) you (?:still |even |happen to |perhaps |please )*(?:remember|recall|know|tell me|remind me|say|think you remember)(?: again| please)?,? *(?:of )?"
    r"|(?:please )?(?:remind|tell) me(?: again| once more)?,? *|(?:i(?:'ve| have)? )?(?:forgot(?:ten)?|can't (?:remember|recall)|cannot remember|don't remember|wonder(?:ing)?(?: if you (?:remember|know))?)(?: again)?,? *"
    r"|(?:any idea|any memory of|what was it again|have you any idea|you know|i want to know|let me test you|tell me if you (?:know|remember)|what did i (?:say|tell you):?)[,:]? *(?=who|what|where|when|which|how|why|whose)"
    r"|(?:did|have) i (?:ever |already )?(?:tell|told|mention(?:ed)?|say|said)(?: to)?(?: you)? (?=who|what|where|when|which|how|why|whose|whether|if|that)"
    r"|what (?:did|have) i (?:tell|told|say|said)(?: to)?(?: you)? (?=who|what|where|when|which|how|why|that))+",
    re.IGNORECASE,
)
_SORTS: tuple[tuple[Wanted, str], ...] = (
    (Wanted.ABOUT, r"^(?:what (?:did|have|do) (?:i|you|we) (?:ever )?(?:say|said|tell|told|mention(?:ed)?|know|remember|talk(?:ed)?|recall)\b(?: to)?(?: you)?(?: me)?(?: about| of| on| regarding)?|about|(?:did|have) i (?:ever )?(?:tell|told|mention(?:ed)?|talk(?:ed)?)(?: to)?(?: you)?(?: about)?|anything (?:on|about)|what about|how about|what's new with)\b"),
    (Wanted.AGE, r"^(?:how old|what age|at what age)\b"),
    (Wanted.NUMBER, r"^(?:how (?:many|much|tall|far|heavy|big|often|high|deep|large|fast)|what(?:'s| is| was) (?:my|the|our) (?:phone |house |flat |room )?number|(?:what|which) (?:shoe )?size)\b"),
    (Wanted.WHEN, r"^(?:when|(?:on |in |at |by )?(?:what|which) (?:day|date|time|month|year|weekday)|how long ago|since when|until when)\b|^what(?:'s| is| was) (?:my|the|our|their|his|her)?.*\b(?:birthday|date)$"),
    (Wanted.DURATION, r"^(?:for )?how long\b"),
    (Wanted.NAME, r"^what(?:'s| is| are| was|'re| were)\b.*\bnames?\b|^what\b.*\b(?:called|named)$|^what (?:do|did|does) (?:i|we|he|she|they|my \w+) (?:call|name)\b|^(?:the )?names? of\b|^(?:what|which) name\b|^how (?:is|are|was) .* called"),
    (Wanted.WHERE, r"^(?:(?:from |to |in |at )?where(?:abouts)?|(?:in |to |from |at |near )?(?:what|which) (?:city|town|country|place|village|street|region|part of|district|island))\b"),
    (Wanted.WHO, r"^(?:(?:with |to |from |for |by |about )?(?:who|whom|whose)|(?:which|what) (?:person|friend|relative|colleague))\b"),
    (Wanted.WHY, r"^(?:why|how come|what for|for what reason|what(?:'s| is| was) the reason)\b"),
    (Wanted.WHETHER, r"^(?:do|did|does|am|is|are|was|were|have|has|had|can|could|will|would|should|if|whether|isn't|aren't|don't|didn't|doesn't|wasn't)\b"),
)  # fmt: skip
_HIDDEN: tuple[tuple[str, str], ...] = (
    (r"\b(?:where|what|which)\b.*\bfrom$|\bwhere .*\bfrom\b", "origin"),
    (
        r"^what (?:do|does|did) (?:i|we|he|she|they|my [\w' -]+|[\w']+) do(?: for work| all day| professionally| these days| now)?$",
        "work",
    ),
    (r"^what (?:am i|is (?:he|she)|is my [\w ]+) (?:by (?:trade|profession))$", "work"),
    (r"^(?:what|which) (?:food|foods|thing)?.*\b(?:not|n't|avoid|mustn't|can't|cannot)\b.*\beat\b", "allergi"),
    (r"^(?:what|who) (?:can't|cannot|can not) (?:i|we|he|she|they|my \w+) (?:stand|bear|abide)$", "hate"),
    (r"^who(?:m)? (?:am|are) (?:i|we) (?:married|engaged)\b", "marri"),
)
"""What a question means that its words do not say."""

_AS_A_CHILD = re.compile(
    r" (?:as|when i was) an? (?:small |little |young )?(?:child|kid|boy|girl|teenager|student)\b", re.IGNORECASE
)
_PAST = re.compile(
    r"\b(?:before|first|once|used to|formerly|previously|earlier|back then|was my (?:old|first|last)|in the past|originally)\b"
)
_HINTS = re.compile(
    r"\b(?:first|last|next|new|old|older|oldest|younger|youngest|little|big|best|morning|evening|weekends?|summer|winter|always|every|usually)\b"
)
_NO = re.compile(r"n't\b|\b(?:not|never|cannot)\b")
_FIRST = re.compile(r"\b(?:i|i'm|i've|i'd|me|my|mine|myself|we|our|us|ours)\b")


def bare(text: str) -> str:
    """Return a question without what leads up to it: "do you remember where I live?" asks where."""
    said = " ".join(text.replace("’", "'").split())
    last = max(re.split(r"(?<=[.!])\s+", said), key=lambda part: part.endswith("?")) if "?" in said else said
    asked = _LEADS.sub("", last.strip(), count=1).rstrip(" ?!.…")
    return re.sub(
        r",? (?:again|please|remember|do you (?:know|remember|recall)|did i (?:say|tell you|mention)|you know)$",
        "",
        asked,
        flags=re.IGNORECASE,
    )


def read(text: str, told: Told) -> Question:
    """Read a question."""
    asked = bare(text)
    childhood = bool(_AS_A_CHILD.search(asked))
    asked = _AS_A_CHILD.sub("", asked)
    folded = asked.casefold()
    wanted, rest = _sort(folded)
    hidden = [need for pattern, need in _HIDDEN if re.search(pattern, folded)]
    if childhood and re.search(r"\b(?:live|spend|home|stay|be)\b", folded):
        hidden.append("origin")
    names = {
        key(word.split()[-1]) for word in re.findall(rf"(?<!^)(?<!^.)\b{NAME}", asked) if word.lower() not in _NO_NAMES
    }
    known = {called.name for called in told.names}
    beings = {key(found) for found in re.findall(rf"\b({_BEING})(?:'s)?\b", folded)} | (names & known)
    if re.search(r"\b(?:she|he|they|her|his|him|their)\b", folded) and not beings:
        beings = set(told.meant)
    needs = [
        word
        for word in lexicon().keys(_WORDS.findall(rest))
        if word not in lexicon().weak and word not in beings and word not in {"i'm", "im"}
    ]
    hints = frozenset(key(word) for word in _HINTS.findall(folded))
    if "allergi" in hidden or ("hate" in hidden and "hate" not in needs):
        needs = []
    first = bool(_FIRST.search(folded))
    mine = re.search(
        r"\b(?:do|did|am|was|have|had|can|could|should|will|would|must|'ve|are|were|may|might)n?'?t? (?:i|we)\b|\b(?:i|we) \w+$|^(?:\w+ ){0,3}(?:i|we)\b",
        folded,
    )
    subject = ME if mine or not beings else min(beings)
    denied = bool(_NO.search(folded)) and wanted is not Wanted.WHETHER
    return Question(
        wanted,
        subject,
        frozenset(beings),
        tuple(dict.fromkeys([*needs, *hidden])),
        bool(_PAST.search(folded)),
        denied,
        first,
        hints,
    )


def _sort(folded: str) -> tuple[Wanted, str]:
    """Return what is wanted, and the words that are left of the question then."""
    for wanted, pattern in _SORTS:
        match = re.search(pattern, folded)
        if match:
            whole = wanted in {Wanted.NAME, Wanted.WHETHER} or (wanted is Wanted.NUMBER and "size" in match[0])
            rest = folded if whole or match.end() == len(folded) else folded[match.end() :]
            return wanted, re.sub(r"\b(?:names?|called|named)\b", " ", rest) if wanted is Wanted.NAME else rest
    return Wanted.WHAT, folded
