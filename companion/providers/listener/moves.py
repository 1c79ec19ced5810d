"""What she does with what was told: she says it back, names what is felt, asks on, or is reminded.

After published practice (Miller & Rollnick, "Motivational Interviewing", 3rd ed. 2013: open questions, affirmations,
reflections, summaries, and at least as many reflections as questions): every answer to a telling carries a reflection,
and a question comes with no more than every other one.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.conversation import Speaker, Utterance
from companion.memory import dates
from companion.memory.moments import moment
from companion.memory.recall import Recollection
from companion.providers.listener import hearing
from companion.providers.listener.hearing import Act, Weight
from companion.providers.listener.lexicon import key
from companion.providers.listener.speaking import Voice
from companion.providers.listener.statements import BEINGS, clauses, sentences
from companion.providers.listener.turning import turned

LONGEST_REFLECTION = 16
"""Words that are said back at most."""

LONG = 60
"""Words from which a person was long, and may be answered longer."""

LOOKED_BACK = 160
"""Utterances in which it is looked what was asked of her, told and left open."""

TELLS_MORE = 8
"""Words from which a line that tells of a loss tells more than that."""

GRIEF_LASTS = 12
"""Lines of the person for which nothing playful is asked after a loss."""

WEIGHT_LASTS = 3
"""The same after a feeling that weighs."""

SUMMED_EVERY = 9
"""Tellings after which she draws together."""

OWN_EVERY = 12
"""Turns after which she may bring up something of her own."""

CLOSE = 0.55
"""The score from which an old recollection fits well enough to be brought in unasked."""

_LEADS = re.compile(
    r"^(?:(?:well|so|oh|and|but|because|yes|yeah|no|ok|okay|anyway|actually|honestly|basically|also|hm+|um+|you know|i mean|i think|i guess|i suppose|to be honest|the thing is|it's just that|sorry|look|today|just|then|hi|hello|hey|thanks|thank you|which|who|that)\b[,.!…: -]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:,? (?:you know|right|i guess|i suppose|i think|though|really|to be honest|lol|haha|huh|or something|and stuff))+$",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\b(?P<det>my|our|the|his|her|their) (?P<noun>(?:(?:old|new|best|little|big|older|younger|first|last|next|\w+ing) )?(?!one\b|today\b|tomorrow\b|tonight\b|yesterday\b|again\b|back\b|now\b|to\b|in\b|on\b|at\b|and\b|but\b|for\b|about\b|with\b|if\b|so\b|too\b|when\b|because\b|that\b|up\b|a\b|the\b|name\b|middle\b|moment\b|words?\b|same\b|first\b|last\b|next\b"
    r"|other\b|way\b|time\b|things?\b|end\b|most\b|rest\b|best\b|own\b|mornings?\b|evenings?\b|days?\b|whole\b|only\b|fact\b|whole\b|old\b|new\b|whole\b)[^\W\d_][\w-]*)"
    r"(?= |$|[,.;!?])(?P<more> (?-i:[A-ZÀ-Þ])[\w-]+)?",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"(?:\s+(?:and|or|but|to|of|in|on|at|for|with|that|which|who|because|so|the|a|an|my|your|is|was|when|if|as|than|about|from|by|into|over))+$",
    re.IGNORECASE,
)
_UNSAID = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Talk:
    """What stands of the talk so far.

    Attributes:
        past: what was said before the person's last words, oldest first, greetings included.
        heard: the person's last words, with their moment.
        now: the moment.
    """

    past: tuple[Utterance, ...]
    heard: Utterance
    now: datetime

    @property
    def hers(self) -> list[str]:
        """Her words, oldest first."""
        return [said.text for said in self.past if said.speaker is Speaker.COMPANION]

    @property
    def theirs(self) -> list[str]:
        """The person's words before the last ones, oldest first."""
        return [said.text for said in self.past if said.speaker is Speaker.PERSON]

    @property
    def here(self) -> tuple[Utterance, ...]:
        """What was said in this sitting, lately."""
        return tuple(said for said in self.past[-LOOKED_BACK:] if said.conversation == self.heard.conversation)

    @property
    def asked(self) -> bool:
        """Whether her last words asked something."""
        return bool(self.past) and self.past[-1].speaker is Speaker.COMPANION and "?" in own(self.past[-1].text)

    @property
    def is_quiet(self) -> bool:
        """Whether she was asked, in this sitting, only to listen, and not since to speak again."""
        for said in reversed(self.here):
            if said.speaker is Speaker.PERSON:
                what = hearing.act(said.text)
                if what in {Act.QUIET, Act.ALOUD}:
                    return what is Act.QUIET
        return False


def own(text: str) -> str:
    """Return her words without what she quotes."""
    return re.sub(r"“[^”]*”", " ", text)


def reflection(line: str) -> str:
    """Return what weighs most in a line, turned round, in at most so many words; empty where nothing can be."""
    found = [part for part in _parts(line) if part]
    if not found:
        return ""
    best = max(found, key=_weight)
    return _shortened(best)


def parts(line: str) -> list[str]:
    """Return everything in a line that can be said back, in its order, turned round."""
    return [_shortened(part) for part in _parts(line) if part]


def _parts(line: str) -> list[str]:
    plain = line.replace("’", "'")
    told = [sentence for sentence in sentences(plain) if not sentence.endswith("?")]
    return [_trimmed(clause) for sentence in told for clause in _clauses_of(sentence)]


def _clauses_of(sentence: str) -> list[str]:
    if len(sentence.split()) <= LONGEST_REFLECTION:
        return [sentence]
    return clauses(sentence)


def _trimmed(clause: str) -> str:
    bare = _LEADS.sub("", clause.strip(" .!…,;:-\"'"), count=1)
    return _TAIL.sub("", bare).strip(" .!…,;:-")


def _weight(part: str) -> float:
    words = part.split()
    felt = 3.0 * bool(hearing.feeling(part))
    mine = 2.0 * bool(re.search(r"\b(?:i|my|me|we|our)\b", part, re.IGNORECASE))
    people = 1.5 * any(key(word) in BEINGS for word in re.findall(r"[\w'-]+", part))
    return felt + mine + people + min(len(words), 10) / 10


def _shortened(part: str) -> str:
    words = part.split()
    if len(words) > LONGEST_REFLECTION:
        cut = " ".join(words[:LONGEST_REFLECTION])
        marked = re.match(r"(.{20,})[,;:–-]\s", cut)
        part = _DANGLING.sub("", marked[1] if marked else cut)
    said = turned(part.lower() if part.isupper() and len(words) > 1 else part, capital=False)
    said = _DANGLING.sub("", said) if len(words) > LONGEST_REFLECTION else said
    return said if said[:2] in {"I ", "I'"} or not _opens_small(part) else said[:1].lower() + said[1:]


def _opens_small(part: str) -> bool:
    """Tell whether the first word has its capital only from where it stands."""
    first = re.match(r"[\w']+", part)
    return first is not None and first[0].lower() in _SMALL


_SMALL = frozenset(
    "there's its fair chocolate because thanks sorry i i'm i've i'd i'll my we we're we've our it it's this that these those there the a an he she they his her their he's she's they're everything nothing everybody nobody someone somebody"
    " something when while after before if not no never always yesterday tomorrow tonight last next in on at for with from still already maybe people life work got had have been was is went had"
    " too very really quite finally such what how all some most many two three four five six one every each as since until then by".split()
)


def topic(line: str) -> str:
    """Return what a line is about as one could name it, turned round: "your sister"; empty where none is clear."""
    found = list(_TOPIC.finditer(line.replace("’", "'")))
    if not found:
        return ""
    best = max(found, key=lambda match: (match["det"].lower() in {"my", "our"}, match.start()))
    if best["noun"].endswith("s") and not best["noun"].endswith(("ss", "us", "is")):
        return ""  # what is asked of one thing is no question about several
    named = best[0].strip()
    return turned(named[:1].lower() + named[1:], capital=False)


def listen(talk: Talk, voice: Voice, recollections: tuple[Recollection, ...]) -> str:
    """Return what she answers to something that was told."""
    line = talk.heard.text
    first = _opening(talk, voice, line)
    asks = "" if _must_not_ask(talk, first) else _question(talk, voice, line)
    reminded = "" if asks or talk.is_quiet else _reminded(talk, voice, recollections)
    rest = reminded or asks or _closing(talk, voice, line, first)
    return " ".join(part for part in (first, rest) if part) or voice.must("silence")


def _opening(talk: Talk, voice: Voice, line: str) -> str:
    """Say back what was said, with what is felt in it."""
    said, felt = reflection(line), hearing.feeling(line)
    if hearing.is_loss(line) and not any(map(hearing.is_loss, talk.theirs[-GRIEF_LASTS:])):
        whom = topic(line)
        named = f"{whom[:1].upper()}{whom[1:]}." if whom else ""
        more = _mirrored(voice, said) if len(line.split()) >= TELLS_MORE else named
        return _joined(voice.say("sorry", without="?"), more)
    if felt and felt.weight is not Weight.GOOD:
        act = "felt_deeply" if felt.weight is Weight.HEAVY else "felt"
        named = voice.say(act, without="?", feeling=felt.word)
        if len(line.split()) >= TELLS_MORE and len(parts(line)) == 1:
            return _mirrored(voice, said)
        cause = max((part for part in _parts(line) if not hearing.feeling(part)), key=_weight, default="")
        return _joined(named, _mirrored(voice, _shortened(cause) if cause else "" if named else said))
    if felt or hearing.has(line, hearing.grammar().good_news):
        return _joined(_mirrored(voice, said), voice.say("glad", without="?"))
    drawn = _summary(talk, voice, line)
    return (
        drawn
        or _mirrored(voice, said)
        or (_mirrored(voice, turned(line, capital=False)) if len(line.split()) <= LONGEST_REFLECTION else "")
        or voice.must("heard")
    )


def _joined(*found: str) -> str:
    return " ".join(part for part in found if part)


def _mirrored(voice: Voice, said: str) -> str:
    """Say something back; when all ways to put it are used up, plainly."""
    if not said:
        return ""
    plain = f"{said[:1].upper()}{said[1:]}."
    return voice.say("reflected", without="?", said=said) or (plain if voice.is_new(plain) else "")


def _must_not_ask(talk: Talk, so_far: str) -> bool:
    """Tell whether a question would be one too many: after another, in quiet, or where somebody grieves."""
    felt = hearing.feeling(talk.heard.text)
    weighs = felt is not None and felt.weight is Weight.HEAVY
    return talk.asked or talk.is_quiet or "?" in so_far or weighs or hearing.is_loss(talk.heard.text)


def grieves(talk: Talk) -> bool:
    """Tell whether the person told of a loss a while ago, or of what weighs on them just now."""
    felt = (hearing.feeling(line) for line in talk.theirs[-WEIGHT_LASTS:])
    weighs = any(one is not None and one.weight is Weight.HEAVY for one in felt)
    return weighs or any(map(hearing.is_loss, talk.theirs[-GRIEF_LASTS:]))


def _question(talk: Talk, voice: Voice, line: str) -> str:
    if any(map(hearing.is_loss, talk.theirs[-GRIEF_LASTS:])):
        return voice.say("gently") if len(talk.hers) % 3 == 0 else ""
    if grieves(talk):
        return ""
    about = topic(line)
    asked = voice.say("asked", topic=about) if about and about not in "".join(talk.hers[-4:]) else ""
    return asked or voice.say("heard", only="?")


def _closing(talk: Talk, voice: Voice, line: str, first: str) -> str:
    """Say a little more, where there is reason to: an effort of theirs, something of her own, or room to go on."""
    if hearing.has(line, hearing.grammar().efforts) and not hearing.is_loss(line):
        return voice.say("affirmed", without="?")
    if len(line.split()) >= LONG:
        others = [part for part in parts(line) if part not in first]
        return _mirrored(voice, others[-1]) if others else ""
    if talk.is_quiet or hearing.feeling(line) or hearing.is_loss(line) or grieves(talk):
        return ""
    turn = len(talk.hers)
    if turn and turn % OWN_EVERY == OWN_EVERY - 1:
        return voice.say("musings", without="?")
    return voice.say("heard", without="?") if turn % 3 == 1 else ""


def _summary(talk: Talk, voice: Voice, line: str) -> str:
    told = [said.text for said in talk.here if said.speaker is Speaker.PERSON and hearing.act(said.text) is Act.TOLD]
    if len(told) % SUMMED_EVERY != SUMMED_EVERY - 1:
        return ""
    weighty = max(told[-SUMMED_EVERY:], key=_weight)
    first, second = reflection(weighty), reflection(line)
    return voice.say("summed", without="?", first=first, second=second) if first and second else ""


def _reminded(talk: Talk, voice: Voice, recollections: tuple[Recollection, ...]) -> str:
    """Bring in something from another day that fits, once."""
    quoted = " ".join(talk.hers[-100:])
    for found in recollections:
        old = found.utterance
        apart = talk.heard.said_at - old.said_at >= timedelta(hours=3)
        text = quotable(old.text)
        if (
            old.speaker is Speaker.PERSON
            and apart
            and found.score >= CLOSE
            and text not in quoted
            and not hearing.asks(old.text)
        ):
            return voice.say("reminded", when=dates.when(old.said_at, talk.now), quote=text)
    return ""


LONGEST_QUOTE = 160
"""Characters."""


def quotable(text: str) -> str:
    """Return words on one line, short enough to be quoted."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1].rsplit(" ", 1)[0] + "…"


A_HALF_DAY = timedelta(hours=12)


def left_open(talk: Talk) -> Utterance | None:
    """Return something that was to happen, has by now, and was not spoken of since; asked after once."""
    sitting = talk.heard.conversation
    past = talk.past[-LOOKED_BACK:]
    for index, said in enumerate(past):
        if (
            said.speaker is not Speaker.PERSON
            or said.conversation == sitting
            or not _PLANS.search(said.text)
            or hearing.asks(said.text)
        ):
            continue
        due = moment(said.text, said.said_at, ahead=True)
        later = past[index + 1 :]
        if due is None or not said.said_at < due.end <= talk.now + A_HALF_DAY:
            continue
        asked = any(f"“{quotable(said.text)}”" in other.text for other in later)
        told = " ".join(other.text for other in later if other.speaker is Speaker.PERSON)
        if not asked and not _came_up(said.text, told):
            return said
    return None


_PLANS = re.compile(
    r"\b(?:interview|exam|test|appointment|surgery|operation|trip|flight|flying|wedding|concert|match|date|meeting|visit|visiting|going to|i'm \w+ing|i'll|i will|we'll|deadline|party|presentation|move|moving|starts?|is coming|are coming)\b",
    re.IGNORECASE,
)


def _came_up(plan: str, later: str) -> bool:
    """Tell whether what was planned was told of afterwards."""
    marked = _PLANS.search(plan)
    return bool(marked and len(marked[0]) > len("going to") and marked[0].lower() in later.lower())
