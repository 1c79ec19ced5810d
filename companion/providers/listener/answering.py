"""Answering from memory: the phrase itself where it is clear, the quote where it is not, and never a guess.

A statement answers a question when it speaks of the same one, meets every word that carries the question, and holds
the sort of thing that is asked for. What meets only most of it is no answer; it is named as what comes nearest.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from companion.conversation import Utterance
from companion.memory.dates import DAYS
from companion.memory.moments import moment
from companion.providers.listener.lexicon import key, lexicon
from companion.providers.listener.questions import Question, Wanted
from companion.providers.listener.statements import (
    _NO_NAMES,
    _OWNED,
    _WORDS,
    BEINGS,
    ME,
    NAME,
    TRADE,
    Called,
    Statement,
    Told,
)
from companion.providers.listener.turning import turned

NEAR = 0.5
"""The share of a question below which nothing is said to come near."""

AS_GOOD = 0.45
"""How much less than the best answer another may fit to be told as well."""

LIGHT = frozenset(
    map(
        key,
        "like favourite favorite live work love have hate prefer play best home speak do buy eat call start wear drive see visit".split(),
    )
)
"""Words that many statements meet, so that they weigh less."""

LIGHT_WEIGHT = 0.4


class Clear(Enum):
    """How clear an answer is."""

    PLAIN = auto()
    """The phrase itself is known."""
    QUOTED = auto()
    """The words answer, and which of them is not clear."""
    NEAR = auto()
    """Nothing answers; this comes nearest."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What memory has to say to a question.

    Attributes:
        clear: how clear it is.
        phrase: the answer itself, as a sentence without its full stop; empty unless it is plain.
        said: the statement that it rests on.
        before: another that was true at another time, with its own phrase; or None.
    """

    clear: Clear
    phrase: str
    said: Statement
    before: "Answer | None" = None

    @property
    def quote(self) -> str:
        """The words that it rests on."""
        return self.said.sentence

    @property
    def utterance(self) -> Utterance:
        """Where they were said."""
        return self.said.utterance


def answer(question: Question, told: Told) -> Answer | None:
    """Return the answer, what comes nearest to one, or None when nothing was said."""
    if question.wanted is Wanted.NAME or (question.wanted is Wanted.WHO and question.beings and not question.needs):
        named = _by_name(question, told)
        if named or (question.wanted is Wanted.NAME and not question.needs):
            return named
    scored = [
        (score, index, said)
        for index, said in enumerate(told.statements)
        if (score := _score(question, said, told)) >= NEAR
    ]
    scored.sort(key=lambda entry: entry[:2], reverse=True)
    full = [(score, said) for score, _, said in scored if score >= 1]
    clear = [(score, found) for score, said in full if (found := _answered(question, said, told))]
    if clear:
        return _with_before(question, [found for score, found in clear if score > clear[0][0] - AS_GOOD])
    return Answer(Clear.NEAR, "", scored[0][2]) if scored else None


def _with_before(question: Question, found: Sequence[Answer]) -> Answer:
    """Join what was true at two times: the newest first; what is over comes after what holds."""
    best = found[0]
    if question.wanted not in {Wanted.WHERE, Wanted.AGE, Wanted.WHAT, Wanted.NUMBER, Wanted.WHO, Wanted.WHEN}:
        return best
    current = sorted(
        found,
        key=lambda one: (not one.said.ahead, one.said.past == question.past, one.said.said_at, one.utterance.id),
        reverse=True,
    )
    best = next((one for one in current if one.phrase and one.said.subject == best.said.subject), best)
    other = next(
        (
            one
            for one in current
            if one is not best
            and one.phrase
            and one.phrase.lower() != best.phrase.lower()
            and one.said.sentence != best.said.sentence
        ),
        None,
    )
    return Answer(best.clear, best.phrase, best.said, other)


def _score(question: Question, said: Statement, told: Told) -> float:
    """Return how much of a question a statement meets, as a share; more than 1 where it fits closely."""
    fits = _speaks_of(question, said, told)
    if not fits:
        return 0.0
    if not question.needs:
        return fits if question.beings or question.wanted in {Wanted.AGE, Wanted.ABOUT} else 0.0
    whole = sum(map(_weight, question.needs))
    close = sum(_weight(need) for need in question.needs if _met(need, question, said, said.keys))
    wide = sum(_weight(need) for need in question.needs if _met(need, question, said, said.keys | said.wide))
    if wide < whole:
        return min(0.99, fits * wide / whole)
    hinted = len(question.hints & said.wide) + (
        TRADE in said.keys and any("work" in lexicon().alike.get(need, ()) for need in question.needs)
    )
    return fits + (close == whole) + 0.1 * sum(need in said.keys for need in question.needs) + 0.5 * hinted


def _weight(need: str) -> float:
    return LIGHT_WEIGHT if need in LIGHT else 1.0


def _met(need: str, question: Question, said: Statement, words: frozenset[str]) -> bool:
    """Tell whether a word of the question is met; liking is not met by what is not liked, unless that is asked."""
    groups = lexicon().alike.get(need, frozenset())
    disliked = "hate" in said.keys
    if "like" in groups and disliked:
        return question.wanted is Wanted.WHETHER or question.denied
    if (
        "hate" in groups
        and any("like" in lexicon().alike.get(word, ()) for word in words)
        and question.wanted is Wanted.WHETHER
    ):
        return True
    return any(lexicon().meets(need, word) for word in words)


def _speaks_of(question: Question, said: Statement, told: Told) -> float:
    """Return 1 where a statement speaks of the same ones, less where only in passing, 0 where of others."""
    if question.beings:
        for being in question.beings:
            wanted = told.also({being})
            if not (wanted & said.mentions or any(lexicon().meets(being, other) for other in said.mentions)):
                return 0.0
        if question.subject == ME:
            return 1.0
        wanted = told.also({question.subject})
        as_subject = wanted & said.subject or any(lexicon().meets(question.subject, other) for other in said.subject)
        return 1.0 if as_subject or question.wanted in {Wanted.ABOUT, Wanted.WHO, Wanted.WHEN} else 0.9
    if question.wanted is Wanted.WHO or not question.first_person:
        return 1.0
    others = said.subject - {ME}
    return (
        0.0
        if others
        and ME not in said.subject
        and any(other in BEINGS or other in {c.name for c in told.names} for other in others)
        else 1.0
    )


def _answered(question: Question, said: Statement, told: Told) -> Answer | None:
    """Return a full match as an answer, if it holds the sort of thing that is asked for."""
    if question.wanted is Wanted.WHETHER:
        plain = _is_literal(question, said)
        return Answer(Clear.PLAIN if plain else Clear.QUOTED, _yes_or_no(question, said) if plain else "", said)
    if said.denied and not question.denied and question.wanted not in {Wanted.ABOUT, Wanted.WHY}:
        return None
    if _is_over(question, said):
        return None
    extract = _EXTRACT.get(question.wanted)
    phrase = extract(question, said, told) if extract else ""
    if extract and not phrase and question.wanted in _NEEDS_ITS_SORT:
        return None
    return Answer(Clear.PLAIN if phrase else Clear.QUOTED, phrase[:1].upper() + phrase[1:], said)


def _is_literal(question: Question, said: Statement) -> bool:
    """Tell whether yes or no follows: what is asked stands there itself, or it is a liking."""
    words = said.keys | said.mentions
    literal = all(
        need in words
        or lexicon().alike.get(need, frozenset()) & {"like", "hate", "marry"}
        or any(need in lexicon().kinds.get(word, ()) for word in words)
        for need in question.needs
    )
    return literal and bool(question.needs or question.beings)


def _is_over(question: Question, said: Statement) -> bool:
    """Tell whether a statement speaks of a home or work that is over, where the present one is asked for."""
    if question.past or not said.past or "origin" in question.needs:
        return False
    return question.wanted in {Wanted.WHERE, Wanted.WHAT} and _is_current(question)


def _is_current(question: Question) -> bool:
    return any(
        "live" in lexicon().alike.get(need, ()) or "work" in lexicon().alike.get(need, ()) for need in question.needs
    )


def _yes_or_no(question: Question, said: Statement) -> str:
    asks_hate = any("hate" in lexicon().alike.get(need, ()) for need in question.needs)
    asks_like = any("like" in lexicon().alike.get(need, ()) for need in question.needs)
    if asks_like or asks_hate:
        return "Yes" if ("hate" in said.keys) == asks_hate else "No"
    return "No" if said.denied else "Yes"


def _by_name(question: Question, told: Told) -> Answer | None:
    """Return who goes by which name: names of a being, or the being of a name."""
    wanted = [*question.beings, *question.needs]
    if question.wanted is Wanted.NAME and not wanted and question.first_person:
        wanted = [ME]
    calls = [
        call
        for call in told.names
        if any(one == call.being or (one != ME and lexicon().meets(one, call.being)) for one in wanted)
    ]
    if calls:
        return _called(calls)
    named = [call for call in told.names if call.name in question.beings]
    if named and question.wanted is Wanted.WHO and named[-1].being != ME:
        said = named[-1].said
        return Answer(Clear.PLAIN, f"Your {_spelled(named[-1].being, said)}", said)
    return None


def _called(calls: Sequence[Called]) -> Answer:
    last = calls[-1].said
    together = list(dict.fromkeys(call.written for call in calls))
    names = (
        together if calls[-1].being in _MANY or len({call.said.utterance.id for call in calls}) == 1 else together[-1:]
    )
    return Answer(Clear.PLAIN, names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}", last)


_MANY = frozenset(
    map(
        key,
        "friend sister brother son daughter child kid cat dog cousin aunt uncle niece nephew twin parent hen rabbit".split(),
    )
)


def _spelled(found: str, said: Statement) -> str:
    """Return a key as it was written."""
    return next((word for word in re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", said.sentence) if key(word) == found), found)


_TIME_NOUNS = r"(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|the (?:morning|evening|afternoon|end|beginning|meantime|spring|summer|autumn|winter|past|future|weekend)|spring|summer|autumn|winter|\d{1,4}|a (?:week|month|year|few|couple|while|day)|two|three|four|five|six|seven|eight|nine|ten|noon|midnight|night|first|last|love|time|fact|bed)\b"
_PLACE_WORDS = r"in|at|near|to|from|outside|into|on|above|behind|under|next to|opposite|beside|by|inside|off|around|across from|for|over in|up in|down in"
_PLACE = re.compile(
    rf"\b(?P<prep>{_PLACE_WORDS}) (?P<place>(?:the |a |an |my |our |his |her |their )?(?!{_TIME_NOUNS})[^,.;:!?]+)",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\s+(?:(?:a|one|two|three|four|five|six|seven|eight|nine|ten|\d+) (?:days?|weeks?|months?|years?)\b|since|for|with|because|when|while|where|who|which|that|until|till|after|before|as|so|last|next|this|now|again|today|tomorrow|yesterday|on (?=[A-Z])|in (?=\d|January|February|March|April|May\b|June|July|August|September|October|November|December|a (?:week|month|year)|two|three|the (?:morning|evening))|at (?=\d|six|seven|eight|nine|ten|noon)|every|each|and (?=[a-z])|but|to (?=[a-z]+\b)|these days|nowadays|at the moment|though|together|alone|is|was|are|has|have|years|ago|if|by (?=train|car|bus|bike|plane))\b.*$"
)


def _place(question: Question, said: Statement, told: Told) -> str:  # noqa: ARG001 - one of a table
    for text in dict.fromkeys((said.text, said.sentence)):
        found = [
            (match["prep"].lower(), _STOP.sub("", f"{match['place']} ".rstrip()).strip())
            for match in _overlapping(text)
        ]
        found = [
            (prep, place)
            for prep, place in found
            if place
            and (place[0].isupper() or re.match(r"(?:the|an?|my|our|his|her|their|[a-z]+ (?:of|street|road))\b", place))
        ]
        if not found:
            continue
        origin = "origin" in question.needs or (question.past and re.search(r"\bfrom [A-Z]", text) is not None)
        proper = (
            [one for one in found if re.search(r"[A-Z]", one[1]) and one[0] != "for"]
            or [one for one in found if one[0] not in {"for", "by", "on"}]
            or found
        )
        fitting = [one for one in proper if (one[0] == "from") == origin] or proper
        prep, place = fitting[0]
        return turned(f"{prep} {place}", capital=False)
    corrected = _STANDALONE.search(said.text)
    return corrected["right"] if corrected else ""


_STANDALONE = re.compile(rf"(?P<right>{NAME}(?: {NAME})*)(?: now)?\W*$")


def _overlapping(text: str) -> Iterator[re.Match[str]]:
    start = 0
    while match := _PLACE.search(text, start):
        yield match
        start = match.start() + 1


_RAW_TIME = re.compile(
    r"\b(?:(?:at|around|about|by|before|after|from|until|till) (?:half past |quarter (?:past|to) )?(?:\d{1,2}(?::\d\d)?(?: ?[ap]\.?m\.?)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midnight|lunch|dawn|school|work|breakfast|dinner)"
    r"|\d{1,2}(?::\d\d) ?(?:[ap]m)?|every (?:\w+ )?(?:day|morning|evening|night|week|month|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday|spring|summer|autumn|winter)s?"
    r"|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:in|during|last|this|next|early|late|around|at) (?:the )?(?:early |late )?(?:spring|summer|autumn|winter|christmas|easter|morning|mornings|evening|evenings|afternoon|night|weekend|holidays|new year)"
    r"|when i was (?:\w+)|(?:january|february|march|april|june|july|august|september|october|november|december)|(?:19|20)\d\d|on the \d{1,2}(?:st|nd|rd|th)|the \d{1,2}(?:st|nd|rd|th)|at the weekend|(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|\d+) (?:day|week|month|year)s? (?:ago|before|after|later|from now)|since \w+(?: \w+)?|(?:as|at) (?:a|the age of) (?:child|kid|teenager|student|\w+)|(?:just )?(?:before|after) (?!we\b|i\b|you\b|he\b|she\b|they\b|it\b|that\b|the\b|my\b|a\b)\w+)\b",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(?:was|were|had|did|went|got|met|ago|last|since|\w+ed|came|began|left|bought|won|lost|broke|gave|took|had)\b",
    re.IGNORECASE,
)


def _time(question: Question, said: Statement, told: Told) -> str:  # noqa: ARG001 - one of a table
    for text in dict.fromkeys((said.text, said.sentence)):
        ahead = not _OVER.search(text)
        found = moment(text, said.said_at, ahead=ahead) or moment(_with_on(text), said.said_at, ahead=ahead)
        raw = [match[0] for match in _RAW_TIME.finditer(text)]
        clock = next((one for one in raw if re.match(r"(?:at|around|about) ", one)), "")
        if found:
            return f"{found.named}, {clock}" if clock and clock.lower() not in found.named.lower() else found.named
        if raw:
            return turned(raw[0], capital=False)
    return ""


def _with_on(text: str) -> str:
    return re.sub(rf"(?<!on )(?<!next )(?<!last )(?<!this )\b({'|'.join(DAYS)})\b(?!s)", r"on \1", text)


_UNITS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = (
    "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
)
_COUNT = rf"\d[\d.,:]*\d|\d+|(?:a|{_UNITS}|{_TENS}) (?:hundred|thousand)(?: and (?:{_TENS}|{_UNITS}))?|{_TENS}|{_UNITS}|a dozen|a couple|an only|once|twice"
_NUMBER = re.compile(
    rf"(?P<count>[€$£]?\b(?:{_COUNT})\b)(?P<unit> ?(?:%|euros?|pounds?|dollars?|kilos?|kg|metres?|meters?|cm|centimetres|km|kilometres|miles?|feet|foot|hours?|minutes?|days?|weeks?|months?|years?|times|grand|thousand|k\b))?(?P<noun>(?: (?!and\b|but\b|in\b|at\b|on\b|who\b|is\b|are\b|of\b)[\w'-]+){{0,3}})",
    re.IGNORECASE,
)
_OFTEN = re.compile(
    r"\b(?:every (?:other |second |single )?\w+|(?:once|twice|three times|four times|\w+ times) (?:a|per|every) \w+|daily|weekly|monthly|never|always|each \w+|most \w+|on \w+days)\b",
    re.IGNORECASE,
)


def _number(question: Question, said: Statement, told: Told) -> str:
    often = _OFTEN.search(said.text)
    if often and not (question.needs and _NUMBER.search(said.text)):
        return often[0]
    for text in dict.fromkeys((said.text, said.sentence)):
        found = list(_NUMBER.finditer(text))
        near = [
            m
            for m in found
            if m["noun"]
            and any(
                lexicon().meets(need, word)
                for need in [*question.needs, *question.beings]
                for word in lexicon().keys(_WORDS.findall(m["noun"]))
            )
        ]
        if match := next(iter(near or ([] if question.beings else found)), None):
            return f"{match['count']}{match['unit'] or ''}"
    listed = (
        []
        if question.needs
        else [
            call.name
            for call in told.names
            if call.said.sentence == said.sentence
            and any(lexicon().meets(being, call.being) for being in [*question.beings, *question.needs])
        ]
    )
    return _SMALL.get(len(listed), "")


_SMALL = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
_AGE = re.compile(
    rf"\b(?:is|am|are|was|were|[’'](?:m|s|re)|turn(?:s|ed|ing)?|at|aged|be|just) (?:only |just |about |almost |nearly |already |going to be |turning )*(?P<age>{_COUNT})\b(?! (?:of|kilos|metres|feet|minutes|hours|times|days|o'clock|children|kids|euros|people))|\b(?P<age2>{_COUNT})[- ](?:years?|months?|weeks?)[- ]old|\b(?P<age3>{_COUNT})(?:st|nd|rd|th) birthday",
    re.IGNORECASE,
)


def _age(question: Question, said: Statement, told: Told) -> str:  # noqa: ARG001 - one of a table
    match = _AGE.search(said.text) or re.search(rf"when i was (?P<age>{_COUNT})", said.sentence, re.IGNORECASE)
    return next((group for group in match.groups() if group), "") if match else ""


_LONG = re.compile(
    rf"\b(?:for|since|over|about|nearly|almost|more than|takes?(?: me| us)?|lasts?|in) (?:the (?:last|past) |about |over |almost |nearly |more than |around )*(?:(?:{_COUNT}|a|an|half an|a few|several|many) (?:and a half )?(?:minutes?|hours?|days?|weeks?|months?|years?|decades?)|(?:19|20)\d\d|{'|'.join(DAYS)}|January|February|March|April|May|June|July|August|September|October|November|December|last \w+|childhood|school|i was \w+|ages|forever)|\b(?:{_COUNT}|half an|an) (?:minutes?|hours?|days?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)


def _duration(question: Question, said: Statement, told: Told) -> str:  # noqa: ARG001 - one of a table
    match = _LONG.search(said.text) or _LONG.search(said.sentence)
    return turned(match[0], capital=False) if match else ""


def _known_as(owned: str, told: Told) -> str:
    being = re.fullmatch(_OWNED, owned)
    return next((call.written for call in reversed(told.names) if being and call.being == key(being["being"])), "")


def _person(question: Question, said: Statement, told: Told) -> str:
    known = {key(word) for word in question.needs} | question.beings
    owned = [match[0] for match in re.finditer(rf"{_OWNED}(?: {NAME})?", said.text) if key(match["being"]) not in known]
    named = [
        name
        for name in re.findall(
            rf"(?:(?<=with )|(?<=to )|(?<=by )|(?<=from )|(?<=met )|(?<=is )|(?<=called )|(?<=named )|(?<=and )|^){NAME}(?: {NAME})?",
            said.text,
        )
        if name.split()[0].lower() not in _NO_NAMES and key(name) not in known
    ]
    owned = [f"{one} {name}" if (name := _known_as(one, told)) else one for one in owned]
    found = (
        owned[:1]
        or named[:1]
        or re.findall(
            r"\b(?:a|an|my|the|our) (?:old |new )?(?:friend|man|woman|girl|boy|stranger|colleague|neighbour)\b[^,.]{0,30}",
            said.text,
        )[:1]
    )
    return turned(found[0], capital=False) if found else ""


def _reason(question: Question, said: Statement, told: Told) -> str:  # noqa: ARG001 - one of a table
    match = re.search(r"\b(because|since|so that|in order to)\b (.{4,120})", said.sentence, re.IGNORECASE)
    return turned(f"{match[1].lower()} {match[2].rstrip('.!')}", capital=False) if match else ""


_JOB = re.compile(
    r"\b(?:as|am|'m|is|'s|are|became|be|being) (?P<job>an? (?!bit|lot|fan|mess|big fan|wreck|little|member)[\w -]{3,40}?)(?=$|[,.;!]| (?:at|in|for|and|but|with|now|who|since|these|on|near|by)\b)",
    re.IGNORECASE,
)
_OBJECTS = {
    group: re.compile(rf"{pattern} (?P<thing>(?!you\b|it\b)[^,.;:!?]{{2,50}})", re.IGNORECASE)
    for group, pattern in {
        "like": r"(?:\b(?:lov(?:e|es)|adores?|enjoys?|fond of|keen on|into|crazy about|mad about|fan of|prefers?)|\b(?:i|we|she|he|they|really|also|do|always|still|to) likes?|(?:favou?rite|best) [\w ]{2,25} (?:is|are|was|has always been))",
        "hate": r"\b(?:hates?|loathes?|detests?|dislikes?|can't (?:stand|bear|abide|stomach)|cannot (?:stand|bear|abide)|don't (?:really )?(?:like|enjoy))",
        "fear": r"\b(?:afraid of|scared of|terrified of|frightened of|petrified of|dreads?|fears?|phobia of|phobia about|nervous about)",
        "allergy": r"\b(?:allergic to|intolerant (?:of|to)|allergy to|can't eat|cannot eat|mustn't eat)",
        "wish": r"\b(?:dreams? of|dreams? is|want(?:s)?|wish(?:es)? for|goal is|ambition is|love to|like to|hopes?)",
    }.items()
}
"""How a liking, a fear or a wish takes its object."""


def _thing(question: Question, said: Statement, told: Told) -> str:  # noqa: ARG001 - one of a table
    groups = {group for need in question.needs for group in lexicon().alike.get(need, ())}
    if "work" in groups and (job := _JOB.search(said.text)):
        return turned(job["job"], capital=False)
    if kind := _of_kind(question, said):
        return kind
    for group in ("allergy", "fear", "hate", "like", "wish"):
        if group in groups and (match := _OBJECTS[group].search(said.text)):
            return turned(_STOP.sub("", match["thing"]).strip(), capital=False)
    return ""


def _of_kind(question: Question, said: Statement) -> str:
    """Return the words that are of the kind asked for, with the words right before them that belong to them."""
    for need in question.needs:
        found = [
            turned(match[0], capital=False)
            for match in re.finditer(
                r"(?:(?:the|an?|dark|light|bright|pale|old|green|red|blue|black|white|left|right) )*(?P<word>[^\W_]+(?:['’-][^\W_]+)*)",
                said.text,
            )
            if need in lexicon().kinds.get(key(match["word"]), ())
            and key(match["word"]) not in question.needs
            and not re.search(r"\b(?:my|our) $", said.text[: match.start()], re.IGNORECASE)
        ]
        if found:
            return " and ".join(dict.fromkeys(found[:3]))
    return ""


_EXTRACT: dict[Wanted, Callable[[Question, Statement, Told], str]] = {
    Wanted.WHERE: _place, Wanted.WHEN: _time, Wanted.NUMBER: _number, Wanted.AGE: _age, Wanted.DURATION: _duration,
    Wanted.WHO: _person, Wanted.WHY: _reason, Wanted.WHAT: _thing,
}  # fmt: skip
_NEEDS_ITS_SORT = frozenset({Wanted.WHERE, Wanted.WHEN, Wanted.NUMBER, Wanted.AGE, Wanted.DURATION, Wanted.WHO})
