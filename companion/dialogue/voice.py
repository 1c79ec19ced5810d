"""Her voice, measured over her own past replies: no new model and no long talk makes somebody else of her unnoticed.

A fingerprint is a handful of plain figures: how long a reply is, how long a sentence, how often she asks, which of her
own phrases she uses, which words that never come from her. Two fingerprints, of what she said lately and of what she
said before, are compared with thresholds that ordinary talk does not cross. When they drift apart, the next briefing
carries real past lines of hers, for the sound of them: examples steer a voice better than descriptions do.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from companion.conversation import LISTENER, Speaker, State, Utterance
from companion.persona.persona import Voice

LATELY = 8
"""Replies that are compared with the ones before."""

BEFORE = 200
"""Replies that are listened to as what she was before, at most."""

ENOUGH_BEFORE = 8
"""Replies without which nothing can be said of what she was before."""

LENGTH_FACTOR = 1.8
"""Medians of length, or means of sentences, that are further apart than this are a drift."""

RATE_DIFFERENCE = 0.35
SIGNIFICANT = 2.0
"""For how often she asks: the difference must be large, and beyond two standard errors (pooled two-proportion test)."""

ANCHORS = 3
LONGEST_ANCHOR = 240
"""Characters of a past line; a briefing carries three."""

ANCHOR_AGAIN_AFTER = 6
"""Of her replies, before past lines are told another time."""

_STOCK = re.compile(
    r"\bas an? (ai|artificial intelligence|large language model|ai language model|language model)( language model)?\b"
    r"|\bi('m| am) (just |only )?an? (ai language model|large language model|ai assistant|virtual assistant)\b"
    r"|\b(i('m| am)|i'll be) (always )?here to (help|assist|support)( you)?\b"
    r"|\bhow (can|may) i (help|assist)( you)?( today)?\b"
    r"|\bi hope this (helps|message finds you)\b"
    r"|\b(feel free to|don't hesitate to) (ask|reach out|share)\b"
    r"|\bis there anything else (i can|you'd like|you would like)\b"
    r"|\bthat's a (great|wonderful|fantastic|excellent) question\b|\bgreat question\b"
    r"|\bi('m| am) (so )?(glad|happy) (you|to) (asked|help|assist)\b"
    r"|\b(i )?(do not|don't|cannot|can't) have (personal )?(feelings|emotions|opinions)( or \w+)? (as|like)\b"
    r"|\bit('s| is) important to (note|remember) that\b|\bas a (helpful|friendly) assistant\b",
    re.IGNORECASE,
)
"""What assistants say, whoever they are meant to be."""

_SENTENCE = re.compile("[^.!?…。\uff01？]+")
_WORD = re.compile(r"[^\W_][\w'’-]*")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How she sounds over a number of replies.

    Attributes:
        replies: how many.
        words: in a reply, the median.
        sentence: words in a sentence, the mean.
        questions: the share of replies in which she asks.
        exclamations: the share of replies with an exclamation mark.
        favourites: which of her own phrases came, and how often.
        foreign: what never comes from her, and came: words that her file forbids, and stock phrases of assistants.
    """

    replies: int
    words: float
    sentence: float
    questions: float
    exclamations: float
    favourites: Counter[str]
    foreign: Counter[str]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What she sounds like lately, beside what she was before.

    Attributes:
        now: lately.
        before: before; None if there is too little of it.
        shifts: what has drifted, each a short phrase: `longer`, `asks less` …
        lines: real past lines of hers that sound like her.
    """

    now: Fingerprint
    before: Fingerprint | None
    shifts: tuple[str, ...]
    lines: tuple[str, ...]


def listen(replies: Sequence[Utterance], voice: Voice) -> Hearing:
    """Compare her latest replies with the ones before; `replies` are newest first."""
    hers = [reply for reply in replies if counts(reply)]
    lately = [reply.text for reply in hers[:LATELY]]
    earlier = [reply.text for reply in hers[LATELY:]]
    now = fingerprint(lately, voice)
    before = fingerprint(earlier, voice) if len(earlier) >= ENOUGH_BEFORE else None
    return Hearing(now, before, drift(before, now), characteristic(earlier, voice) if before else ())


def counts(reply: Utterance) -> bool:
    """Tell whether a reply says something of her voice: whole ones do, that a model found the words of."""
    hers = reply.speaker is Speaker.COMPANION and not reply.is_greeting
    return hers and reply.state is State.COMPLETE and reply.model not in {None, LISTENER} and bool(reply.text.strip())


def fingerprint(texts: Sequence[str], voice: Voice) -> Fingerprint:
    """Measure how a number of replies sound."""
    lengths = [len(_WORD.findall(text)) for text in texts]
    sentences = [len(_WORD.findall(s)) for text in texts for s in _SENTENCE.findall(text) if _WORD.search(s)]
    return Fingerprint(
        replies=len(texts),
        words=median(lengths) if lengths else 0.0,
        sentence=sum(sentences) / len(sentences) if sentences else 0.0,
        questions=_share(texts, "?"),
        exclamations=_share(texts, "!"),
        favourites=_phrases(texts, voice.favourites),
        foreign=foreign(texts, voice),
    )


def foreign(texts: Iterable[str], voice: Voice) -> Counter[str]:
    """Return what never comes from her, and came."""
    all_ = list(texts)
    found = Counter({phrase.lower(): number for phrase, number in _phrases(all_, voice.never).items()})
    stock = Counter(match[0].lower() for text in all_ for match in _STOCK.finditer(text.replace("’", "'")))
    return found | stock


def drift(before: Fingerprint | None, now: Fingerprint) -> tuple[str, ...]:
    """Return what has changed beyond the ordinary, each as a short phrase."""
    found = ["words that are not hers"] if now.foreign and now.replies else []
    if before is None or now.replies < LATELY:
        return tuple(found)
    found += _length("shorter", "longer", before.words, now.words)
    found += _length("clipped", "long-winded", before.sentence, now.sentence)
    found += _rate("asks less", "asks more", before, now, before.questions, now.questions)
    found += _rate("calmer", "more exclaiming", before, now, before.exclamations, now.exclamations)
    return tuple(found)


def characteristic(texts: Sequence[str], voice: Voice) -> tuple[str, ...]:
    """Return lines that sound most like all of them: of usual length, nothing foreign in them; newest of equals."""
    usual = math.log1p(median(len(_WORD.findall(text)) for text in texts)) if texts else 0.0

    def distance(text: str) -> float:
        favourite = bool(_phrases([text], voice.favourites))
        return abs(math.log1p(len(_WORD.findall(text))) - usual) - favourite

    fit = [" ".join(t.split()) for t in texts if len(t) <= LONGEST_ANCHOR and not foreign([t], voice)]
    return tuple(sorted(dict.fromkeys(fit), key=distance)[:ANCHORS])


def is_due(window: Sequence[Utterance], model: str, mark: str) -> bool:
    """Tell whether her voice should be listened to before this reply.

    That is so when another model spoke last, and at every few replies; not while past lines, known by `mark`, were told
    only a few replies ago.
    """
    since = 0
    last: Utterance | None = None
    for utterance in reversed(window):
        if utterance.told and mark in utterance.told:
            break
        if counts(utterance):
            since, last = since + 1, last or utterance
    return last is not None and (is_other(last.model or "", model) or since % ANCHOR_AGAIN_AFTER == 0)


def is_other(before: str, now: str) -> bool:
    """Tell whether two names are of different models; a server's name grows when it tells which model it has."""
    return not (before.startswith(now) or now.startswith(before))


def _length(less: str, more: str, before: float, now: float) -> list[str]:
    if not before or not now or max(before / now, now / before) < LENGTH_FACTOR:
        return []
    return [more if now > before else less]


def _rate(less: str, more: str, before: Fingerprint, now: Fingerprint, was: float, is_: float) -> list[str]:
    pooled = (was * before.replies + is_ * now.replies) / (before.replies + now.replies)
    error = math.sqrt(pooled * (1 - pooled) * (1 / before.replies + 1 / now.replies))
    if abs(is_ - was) < RATE_DIFFERENCE or error == 0 or abs(is_ - was) / error < SIGNIFICANT:
        return []
    return [more if is_ > was else less]


def _share(texts: Sequence[str], mark: str) -> float:
    return sum(mark in text for text in texts) / len(texts) if texts else 0.0


def _phrases(texts: Iterable[str], phrases: Iterable[str]) -> Counter[str]:
    """Count phrases, as whole words, in any case."""
    whole = "\n".join(texts).replace("’", "'").casefold()
    found = Counter[str]()
    for phrase in phrases:
        sought = re.escape(phrase.replace("’", "'").casefold().strip())
        number = len(re.findall(rf"(?<!\w){sought}(?!\w)", whole))
        if number:
            found[phrase] = number
    return found
