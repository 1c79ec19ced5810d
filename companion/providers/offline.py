"""No model at all: a listener that follows patterns, remembers, and says openly that it is no more than that.

It hears what a line does (`listener.hearing`), answers from memory or says that it was never told
(`listener.answering`), says back what it hears (`listener.moves`), and speaks in the persona's own phrases
(`listening:` in the YAML). Deterministic: the same talk gets the same replies. ELIZA (Weizenbaum 1966) is its
grandmother.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from companion.care import boundaries
from companion.care.lines import spoken
from companion.care.signs import Kind, Level, Signs, read
from companion.conversation import LISTENER, Speaker, Utterance
from companion.dialogue.model import Briefing, Finish, Piece, Text
from companion.memory import dates, rules
from companion.memory.memory import Kind as MemoryKind
from companion.providers.listener import hearing, moves, questions, statements
from companion.providers.listener.answering import Answer, Clear, answer
from companion.providers.listener.grammar import folded
from companion.providers.listener.hearing import Act
from companion.providers.listener.moves import Talk, quotable
from companion.providers.listener.speaking import NOT_AGAIN_WITHIN, Voice
from companion.providers.listener.turning import turned
from companion.providers.registry import Request

NAME = LISTENER

FIXED: dict[Act, tuple[str, ...]] = {
    Act.FORGET: ("That is in your hands, and it is for good: /forget WORDS shows what would go, and asks you once.",),
}
"""What no persona may put differently."""

READ_FOR_AN_ANSWER = 500
"""Utterances of the talk that are read for statements, the newest; older ones come by recall."""

NO_NAMES = frozenset(
    "hi hello hey yes no nothing ok okay hm hmm why what bye thanks anything whatever fine good tired".split()
)

_GREETED = r"(?:(?:hi|hello|hey)\W+)?"
_NAME = re.compile(rf"{_GREETED}(?:my name is|my name's|call me)\s+([\w'-]+)(?:\W+(?:hi|hello|hey))?\W*", re.IGNORECASE)
_ANSWERED_NAME = re.compile(
    rf"{_GREETED}(?:(?:i'm|i am|it's|it is|this is)\s+)?([^\W\d_][\w'-]*)(?:\W+(?:hi|hello|hey|here))?\W*",
    re.IGNORECASE,
)
_ASKS_FOR_A_NAME = re.compile(r"call you|your name|who's this|whom have i", re.IGNORECASE)


class OfflineModel:
    """Listens, and answers from memory."""

    name = NAME

    async def stream(self, briefing: Briefing) -> AsyncGenerator[Piece]:
        """Answer in one piece."""
        yield Text(reply(briefing))
        yield Finish("stop")

    def wonders(self, words: str) -> tuple[str, ...]:
        """Return what else to look for in memory before these words are answered: a question, in other words."""
        if hearing.act(words) is not Act.ASKED:
            return ()
        asked = questions.read(words, statements.Told())
        return tuple(" ".join((being, *asked.needs[:1])) for being in sorted(asked.beings)[:2]) or asked.needs[:2]

    def warm(self) -> None:
        """Read the grammar and the lexicon."""
        hearing.grammar()
        hearing.act("Where does my sister live?")

    async def aclose(self) -> None:
        """Nothing is held."""


def open_offline(request: Request) -> OfflineModel:  # noqa: ARG001 - the signature of every provider
    """Open `offline`."""
    return OfflineModel()


def reply(briefing: Briefing) -> str:
    """Return her words."""
    signs, talk = read(briefing.words), _talk(briefing)
    if signs.level is not Level.NONE:
        return _to_danger(briefing, signs)
    hers = talk.hers
    voice = Voice(briefing.persona, hers[-NOT_AGAIN_WITHIN:], len(hers))
    if name := _name_given(talk):
        return voice.must("met", name=name)
    act = _act(briefing, signs)
    if act in FIXED:
        return FIXED[act][sum(text in FIXED[act] for text in hers) % len(FIXED[act])]
    if act not in hearing.COURTESIES and act is not Act.ASKED and _said_again(talk):
        return voice.say("again") or voice.must("silence")
    return _to_a_question(act, briefing, talk, voice) or _to_an_act(act, briefing, talk, voice)


def _act(briefing: Briefing, signs: Signs) -> Act:
    """Return what the line does; what care hears in it goes first."""
    if Kind.HUMAN_QUESTION in signs:
        return Act.ABOUT_ME
    heard = hearing.act(briefing.words, briefing.persona.language)
    return Act.GOODBYE if Kind.FAREWELL in signs and heard is not Act.FORGET else heard


_BOUNDS = re.compile(r"\b(?:talk|speak|ask|mention|bring|joke)", re.IGNORECASE)
"""What stands in every line that draws a boundary: the rules are read for those only."""


def _within_bounds(past: Sequence[Utterance]) -> list[Utterance]:
    """Return what was said, without what the person asked to be left alone."""
    drawn = [said for said in past if said.speaker is Speaker.PERSON and _BOUNDS.search(said.text)]
    proposed = (proposal for said in drawn for proposal in rules.read(said.text, said.said_at))
    told = (boundaries.noted(proposal.text) for proposal in proposed if proposal.kind is MemoryKind.BOUNDARY)
    held = [topic for topic in told if topic]
    theirs = [said for said in past if said.speaker is Speaker.PERSON and said not in drawn]
    left = {said.id for said in theirs if boundaries.touched(held, said.text)} if held else set()
    return [said for said in past if said.id not in left]


def _talk(briefing: Briefing) -> Talk:
    """Return the talk; where the briefing shows none, the person's words stand alone."""
    if briefing.talk:
        *past, heard = briefing.talk
        return Talk(tuple(past), heard, briefing.now)
    return Talk((), Utterance(0, 0, None, Speaker.PERSON, briefing.words, briefing.now), briefing.now)


def _said_again(talk: Talk) -> bool:
    line = folded(talk.heard.text)
    return any(folded(said.text) == line for said in talk.here[-8:] if said.speaker is Speaker.PERSON)


def _to_a_question(act: Act, briefing: Briefing, talk: Talk, voice: Voice) -> str:
    """Return the answer to a question to memory; empty where it was none."""
    if act is Act.WHAT_KNOWN:
        return _all_that_is_known(talk, voice)
    if act is Act.FOREIGN:
        return _to_another_language(briefing, talk, voice)
    if act is not Act.ASKED:
        return ""
    told = _told(briefing, talk)
    asked = questions.read(briefing.words, told)
    found = answer(asked, told)
    if found and (found.clear is not Clear.NEAR or asked.first_person or asked.beings):
        return _answered(found, talk, voice)
    if (
        asked.first_person
        or asked.beings
        or re.search(r"\b(?:remember|she|he|they|her|him|his|their)\b", briefing.words, re.IGNORECASE)
    ):
        return voice.must("unknown")
    about_her = re.search(r"\byou(?:r|rs)?\b", briefing.words, re.IGNORECASE)
    return voice.must("tastes" if about_her else "cannot")


def _told(briefing: Briefing, talk: Talk) -> statements.Told:
    """Return what the person stated: in the talk, and before it as far as it came to mind."""
    said = {utterance.id: utterance for utterance in talk.past[-READ_FOR_AN_ANSWER:]}
    recalled = (found.utterance for found in (*briefing.recollections, *briefing.besides))
    said.update((utterance.id, utterance) for utterance in recalled)
    return statements.read(said[number] for number in sorted(said))


def _answered(found: Answer, talk: Talk, voice: Voice) -> str:
    gaps = _quoted(found.utterance, found.quote, talk)
    if found.clear is Clear.NEAR:
        return voice.must("nearest", **gaps)
    if not found.phrase:
        return voice.must("remembered", **gaps)
    first = voice.must("answered", answer=found.phrase, **gaps)
    if found.before is None:
        return first
    other = voice.must(
        "before", answer=found.before.phrase, **_quoted(found.before.utterance, found.before.quote, talk)
    )
    return f"{first} {other}"


def _to_danger(briefing: Briefing, signs: Signs) -> str:
    """Return what is said in danger, in the language it was said in: the direct question once, then that she stays."""
    opening = {Level.EXPLICIT: "stay", Level.OBLIQUE: "ask"}.get(signs.danger(), "stay_again")
    first, again = spoken(opening, signs.language), spoken("stay_again", signs.language)
    return again if any(first in message.content for message in briefing.messages) else first


def _quoted(utterance: Utterance, quote: str, talk: Talk) -> dict[str, str]:
    return {"when": dates.when(utterance.said_at, talk.now), "quote": quotable(quote)}


FEWEST_WORDS = 4
"""Words of a telling that is worth saying back to somebody who asks what she knows."""


def _all_that_is_known(talk: Talk, voice: Voice) -> str:
    """Return the first, the middle and the last of what was told, in the person's words."""
    told = [said for said in talk.past if said.speaker is Speaker.PERSON and len(said.text.split()) >= FEWEST_WORDS]
    told = [said for said in told if hearing.act(said.text) is Act.TOLD]
    if not told:
        return voice.must("unknown")
    chosen = dict.fromkeys((told[0], told[len(told) // 2], told[-1]))
    quotes = [f"{_capital(dates.when(said.said_at, talk.now))}: “{quotable(said.text)}”" for said in chosen]
    return voice.must("what_known", quotes=" ".join(quotes))


def _to_another_language(briefing: Briefing, talk: Talk, voice: Voice) -> str:
    language = hearing.foreign(briefing.words, briefing.persona.language)
    first = voice.must("foreign", language=language, mine=briefing.persona.language)
    found = next((one.utterance for one in briefing.recollections if one.utterance.speaker is Speaker.PERSON), None)
    return f"{first} {voice.must('remembered', **_quoted(found, found.text, talk))}" if found else first


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _to_an_act(act: Act, briefing: Briefing, talk: Talk, voice: Voice) -> str:
    """Return what she says to anything but a question to memory."""
    talk = replace(talk, past=tuple(_within_bounds(talk.past)))
    match act:
        case Act.TOLD:
            return moves.listen(talk, voice, briefing.recollections)
        case Act.HELLO:
            return _to_a_greeting(talk, voice)
        case Act.CORRECTED:
            right = next(
                filter(None, map(statements.correction, statements.sentences(briefing.words.replace("’", "'")))),
                briefing.words,
            )
            return voice.must("corrected", said=turned(right, capital=False))
        case Act.CODE | Act.NONSENSE:
            return voice.must("lost")
        case Act.HEARD:
            return voice.must("heard", without="?")
        case Act.ALOUD:
            return voice.say("musings") or voice.must("tastes")
        case Act.YES | Act.NO | Act.UNSURE:
            return _to_a_short_answer(act, talk, voice)
        case _:
            return voice.must(act.value, without="?" if talk.is_quiet else "")


def _to_a_greeting(talk: Talk, voice: Voice) -> str:
    """Greet, and ask once after something that was left open."""
    open_still = moves.left_open(talk) if not talk.is_quiet else None
    if open_still is None:
        return voice.must("hello")
    return f"{voice.must('hello', without='?')} {voice.must('followed', **_quoted(open_still, open_still.text, talk))}"


def _to_a_short_answer(act: Act, talk: Talk, voice: Voice) -> str:
    """Take a yes or no for what it answers, and let what they told before it stand."""
    before = next((said for said in reversed(talk.theirs) if hearing.act(said) is Act.TOLD), "")
    about = moves.topic(before)
    may_ask = about and not talk.asked and not talk.is_quiet and not moves.grieves(talk)
    more = voice.say("asked", topic=about) if may_ask else ""
    return f"{voice.must(act.value, without='?')} {more}".strip()


def _name_given(talk: Talk) -> str:
    """Return the name that the person gives, or nothing."""
    words = talk.heard.text.replace("’", "'").strip()
    match = _NAME.fullmatch(words)
    asked = talk.past and talk.past[-1].speaker is Speaker.COMPANION and _ASKS_FOR_A_NAME.search(talk.past[-1].text)
    if match is None and asked:
        match = _ANSWERED_NAME.fullmatch(words)
    name = match.group(1) if match else ""
    return "" if name.lower() in NO_NAMES else name[:1].upper() + name[1:]
