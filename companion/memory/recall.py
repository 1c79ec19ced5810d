"""What comes to mind: a search, and the pure ranking of what it brought up.

Two figures, kept apart. *How well does it fit the question?* decides the order and is shown as the score. *Is it about
the question at all?* is coverage, the share of the question's information that an utterance and its neighbours speak
of; it decides whether anything comes to mind.

Talk answers across turns: a reply carries the answer, the question before it carries the words. So each term of a
question is worth most where it stands, and less in the turns around it, whichever is more: a window over turns with
soft edges. The worth of a term where it stands is BM25's (Robertson & Zaragoza 2009, "The Probabilistic Relevance
Framework", eq. 3.15), its rarity is counted in windows, and the sum is divided by the root of what the whole question
weighs, so that the soft terms keep their say in long questions. The soft terms are few, small and round; one unit is
the full match of a question of one rare word. tests/benchmarks/recall.py measures them.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest
from itertools import islice
from typing import NamedTuple

from companion.conversation import LISTENER, Speaker, Utterance
from companion.memory import words
from companion.memory.memory import Memory
from companion.memory.periods import Period, names_time, parted, periods
from companion.memory.store import Line, Matches, Meaning, Store

THRESHOLD = 0.5
"""Below this coverage nothing comes to mind: half of the question would be about something else."""

K1, B = 0.5, 0.3
"""Chat turns are short, so repetition and length say little."""

NEARNESS = {0: 1.0, -1: 0.8, 1: 0.5, -2: 0.5, 2: 0.3, -3: 0.3, 3: 0.2, -4: 0.2, 4: 0.15}
"""What a term is worth by where it stands, in turns from the one that is ranked: an answer follows its question (-1),
what a remark was about stands further up, and what follows repeats it. Never across sittings."""

WINDOW = 3
"""A term of so many turns counts as rare or common by the windows it stands in, about three for each turn."""

SMALLEST = 500
"""A smaller memory is taken for a part of one of so many turns: among ten turns, no word can be told to be common."""

SPEAKER = 0.2
"""Who the question is about mostly said it. Soft: people speak of each other, too."""

HER_OWN = 0.05
"""Where the question is about neither, her words stay behind the person's: she shall not live on echoes of herself."""

ASKS = 0.1
"""A turn that only asks tells less."""

ANSWERS = 0.05
"""A turn after a question is an answer, perhaps this one."""

OPENS = 0.1
"""What opens a sitting is news."""

TELLS = 0.08
"""For each e-fold of words with content: what says more answers more."""

DATED = 0.3
"""Said in the time that the question names, or speaking of it."""

JUST_AFTER = 0.5
"""The share of DATED for what was said soon after that time, when people tell of it."""

SOON = (timedelta(days=7), timedelta(days=31))
"""Soon is as long as the time itself, but no less and no more than this."""

MEANING = 0.5
"""For likeness in meaning, where vectors are kept; it ranges over a few tenths among what is found."""

ALIKE = 0.8
"""What lies so near in meaning speaks of all that is asked: half of it, the threshold, is rare by chance."""

TELLS_WHEN = 0.15
"""A question that asks when wants a turn that names a time."""

QUESTION_FACTOR = 0.4
"""A question asked before is no answer now: its coverage stays below the threshold."""

BESIDE = 2
"""Turns between what is known and what goes on about it."""

RECALLED_AT_ONCE = 6

SHORTLIST = 150
"""How many lines are ranked by all terms, beyond as many as are wanted; their words choose them."""

CANDIDATES = 400
"""How many lines the search brings up to be ranked, neighbours included."""

_ASKS_WHEN = re.compile(r"\b(?:when|how long|how old|what (?:year|month|date|day|time))\b", re.IGNORECASE)
_ME = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|us|our|ours)\b")
_YOU = re.compile(r"\b(?:you|you're|you've|you'd|you'll|your|yours|yourself)\b")
_ASKING = re.compile(
    r"\b(?:do|did|can|could|would|will|don't) you (?:still |even |please )*(?:remember|recall|know|tell|think|remind)\b"
)


@dataclass(frozen=True, slots=True)
class Recollection:
    """An old utterance that comes to mind.

    Attributes:
        utterance: what was said.
        score: how well it fits the question, between 0 and 1; decides the order.
        reason: what it was ranked by, each with its source and its worth, for people who ask why.
        before: what it answers, where the words of the question stand there rather than in the utterance.
        memories: what is kept of it, oldest first; what is doubted is left out.
    """

    utterance: Utterance
    score: float
    reason: str
    before: Utterance | None = None
    memories: tuple[Memory, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question as memory reads it.

    Attributes:
        terms: what it is about, each with its weight.
        speaker: whom it is about; None for both or neither.
        periods: the stretches of time that it names.
        asks_when: whether it asks for a time.
    """

    terms: Mapping[str, float]
    speaker: Speaker | None
    periods: tuple[Period, ...]
    asks_when: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """A line in its place.

    Attributes:
        line: what was said.
        fit: how well it answers; decides the order.
        coverage: how much of the question it speaks of, between 0 and 1.
        reason: the terms of `fit`, with their worth.
        leans_on: the line before, where more of the question stands in it than in this one; or None.
    """

    line: Line
    fit: float
    coverage: float
    reason: str
    leans_on: int | None


def recall(  # noqa: PLR0913 - what is known of the question is given by name
    store: Store,
    persona: str,
    question: str,
    *,
    now: datetime,
    names: Mapping[str, Speaker] | None = None,
    limit: int = RECALLED_AT_ONCE,
    besides: int = 0,
    threshold: float = THRESHOLD,
    meaning: Meaning | None = None,
) -> tuple[Recollection, ...]:
    """Return what comes to mind, best first.

    Args:
        store: where to search.
        persona: whose memory.
        question: the person's words, whatever they are.
        now: the moment of asking, aware.
        names: who goes by which name; the persona's own is known.
        limit: how many at most.
        besides: an utterance to leave out.
        threshold: the coverage below which nothing comes to mind.
        meaning: where the question lies among meanings, if an embedder said so in time.
    """
    asked = read(question, now, {persona: Speaker.COMPANION, **(names or {})})
    if not asked.terms and not asked.periods:
        return ()
    told_in = tuple(Period(period.start, period.end + _soon(period)) for period in asked.periods)
    matches = store.matching(persona, tuple(asked.terms), CANDIDATES, told_in, meaning).without(besides)
    ranked = rank(asked, matches, limit=2 * limit, threshold=threshold)
    wanted = {entry.line.id for entry in ranked} | {entry.leans_on for entry in ranked if entry.leans_on}
    said = store.told(sorted(wanted))
    kept = store.memories.resting_on(sorted(said))
    own = (entry for entry in ranked if entry.line.id in said and said[entry.line.id].model != LISTENER)
    return tuple(_recollection(entry, said, kept) for entry in islice(own, limit))


def read(question: str, now: datetime, names: Mapping[str, Speaker]) -> Question:
    """Read a question, asked at `now` by the person.

    A name of one of the two says whom it is about, and is not looked for among the words: people seldom say their own.
    """
    folded = _ASKING.sub(" ", question.casefold().replace("’", "'"))
    called = {part: speaker for name, speaker in names.items() for part in words.terms(name)}
    spoken = words.terms(question)
    about = {called[term] for term in spoken if term in called}
    about |= {speaker for speaker, cue in ((Speaker.PERSON, _ME), (Speaker.COMPANION, _YOU)) if cue.search(folded)}
    named, rest = parted(question, now)
    asked = words.asked(rest)
    terms = [term for term in asked if term not in called] or ([] if named else asked)
    return Question(
        {term: words.weight(term) for term in terms},
        about.pop() if len(about) == 1 else None,
        named,
        bool(_ASKS_WHEN.search(question)),
    )


def rank(asked: Question, matches: Matches, *, limit: int, threshold: float = THRESHOLD) -> tuple[Ranked, ...]:
    """Return what comes to mind of what was found, best first; what says the same again comes once."""
    weights = {
        term: weight * _rarity(matches.frequency.get(term, 0), matches.total) for term, weight in asked.terms.items()
    }
    whole = sum(weights.values()) + bool(asked.periods)
    if not whole:
        return ()
    average = _average_length(matches.passages)
    places = [place for passage in matches.passages for place in _places(passage, weights, average)]
    likely = nlargest(SHORTLIST + limit, places, key=lambda place: (_lexical(asked, weights, place), place.line.id))
    placed = [
        _placed(asked, weights, whole, place) for place in likely if place.found or asked.periods or place.line.likeness
    ]
    fitting = [(_fit(asked, weights, whole, entry), entry) for entry in _known(placed, threshold)]
    fitting.sort(key=lambda pair: (pair[0], pair[1].place.line.id), reverse=True)
    return tuple(_ranked(asked, weights, whole, entry, fit) for fit, entry in _distinct(fitting, limit))


def is_question(text: str) -> bool:
    """Tell whether a text asks rather than tells."""
    return text.rstrip(" \"'”’)").endswith(("?", "？", "؟"))


@dataclass(slots=True)
class _Place:
    """A line in its passage, and for each term of the question what it is worth here and how far off it stands."""

    passage: Sequence[Line]
    index: int
    found: dict[str, tuple[float, int]]

    @property
    def line(self) -> Line:
        return self.passage[self.index]

    @property
    def previous(self) -> Line | None:
        return self.passage[self.index - 1] if self.index else None


class _Placed(NamedTuple):
    """A place with how well it fits the times that are asked for, and how much of the question it speaks of."""

    place: _Place
    dated: float
    coverage: float


def _places(passage: Sequence[Line], weights: Mapping[str, float], average: float) -> list[_Place]:
    """Spread what each term is worth where it stands over the turns around it."""
    places = [_Place(passage, index, {}) for index in range(len(passage))]
    sought = [(term, f" {term} ") for term in weights]
    for index, line in enumerate(passage):
        bounded = f" {line.terms} "
        for term in [term for term, bare in sought if bare in bounded]:  # most lines hold none
            spoken = line.terms.split()
            times = spoken.count(term)
            length = 1 - B + B * len(spoken) / average
            _spread(places, index, term, times * (K1 + 1) / (times + K1 * length))
    return places


def _spread(places: Sequence[_Place], index: int, term: str, worth: float) -> None:
    for offset, nearness in NEARNESS.items():
        at = index - offset
        if 0 <= at < len(places) and worth * nearness > places[at].found.get(term, (0.0, 0))[0]:
            places[at].found[term] = (worth * nearness, offset)


def _known(placed: Sequence[_Placed], threshold: float) -> list[_Placed]:
    """Keep what covers enough of the question, and beside it what covers half as much: it goes on about the same.

    What only asks does not: nobody is helped by being reminded that they wondered about the same.
    """
    known = {entry.place.line.id for entry in placed if entry.coverage >= threshold}

    def beside(place: _Place) -> bool:
        around = place.passage[max(0, place.index - BESIDE) : place.index + BESIDE + 1]
        return not is_question(place.line.text) and any(line.id in known for line in around)

    return [
        entry
        for entry in placed
        if entry.coverage >= threshold or (entry.coverage >= threshold / 2 and beside(entry.place))
    ]


def _lexical(asked: Question, weights: Mapping[str, float], place: _Place) -> float:
    """Return what the words of a line are worth, and the time it was said in: a guess that is quick to make."""
    worth = 0.0
    for term, (here, _) in place.found.items():
        worth += here * weights[term]
    worth += place.line.likeness
    if asked.periods:
        worth += any(period.holds(place.line.said_at) for period in asked.periods)
    return worth


def _placed(asked: Question, weights: Mapping[str, float], whole: float, place: _Place) -> _Placed:
    dated = max((_dated(period, place.line) for period in asked.periods), default=0.0)
    return _Placed(place, dated, _coverage(asked, weights, whole, place, dated))


def _fit(asked: Question, weights: Mapping[str, float], whole: float, entry: _Placed) -> float:
    """Return how well a line answers; only for what is known, since it reads all of the line."""
    lexical = sum(worth * weights[term] for term, (worth, _) in entry.place.found.items()) / math.sqrt(whole)
    return lexical + sum(worth for _, worth in _soft_terms(asked, entry))


def _coverage(asked: Question, weights: Mapping[str, float], whole: float, place: _Place, dated: float) -> float:
    """Return how much of the question a line speaks of, with what its neighbours lend it."""
    known = dated
    for term, (_, offset) in place.found.items():
        if not offset or _lends(asked, place.passage[place.index + offset], place.line, offset):
            known += weights[term] * NEARNESS[offset]
    known = max(known / whole, _alike(asked, place.line))
    return min(1.0, known) * (QUESTION_FACTOR if is_question(place.line.text) else 1.0)


def _alike(asked: Question, line: Line) -> float:
    """Return how much of the question a line speaks of by its meaning; her replies lie near whatever they reply to."""
    echoes = line.speaker == Speaker.COMPANION and asked.speaker is not Speaker.COMPANION
    return 0.0 if echoes else line.likeness / ALIKE


def _lends(asked: Question, neighbour: Line, line: Line, offset: int) -> bool:
    """Tell whether a neighbour's words count as known of a line: it asked the other, who told; or the line goes on.

    That the person asked something does not make it known, unless it was about her, and she said.
    """
    if "?" not in neighbour.text:
        return offset == -1 and neighbour.speaker == line.speaker
    if line.speaker == Speaker.COMPANION:
        return asked.speaker is Speaker.COMPANION and neighbour.speaker == Speaker.PERSON
    return neighbour.speaker == Speaker.COMPANION


def _soft_terms(asked: Question, entry: _Placed) -> Iterable[tuple[str, float]]:
    """Return what else speaks for a line, by name: first what the question wants, then what the line is like."""
    line = entry.place.line
    if asked.speaker is not None and line.speaker == asked.speaker:
        yield "by whom it is about", SPEAKER
    elif asked.speaker is None and line.speaker == Speaker.COMPANION:
        yield "her own words", -HER_OWN
    if asked.periods:
        yield "at that time", DATED * entry.dated
    if asked.asks_when and names_time(line.terms):
        yield "names a time", TELLS_WHEN
    yield "near in meaning", MEANING * line.likeness
    yield from _shape(entry.place)


def _shape(place: _Place) -> Iterable[tuple[str, float]]:
    line = place.line
    if is_question(line.text):
        yield "asks", -ASKS
    if place.previous is not None and "?" in place.previous.text:
        yield "answers", ANSWERS
    if line.opens:
        yield "opens a sitting", OPENS
    yield "says much", TELLS * math.log(1 + words.content(line.terms))


def _soon(period: Period) -> timedelta:
    return min(max(SOON[0], period.end - period.start), SOON[1])


def _dated(period: Period, line: Line) -> float:
    """Return how well a line fits a stretch of time: said in it, soon after it, or speaking of it."""
    if period.holds(line.said_at):
        return 1.0
    if names_time(line.terms) and any(period.names(spoken_of) for spoken_of in periods(line.text, line.said_at)):
        return 1.0
    return JUST_AFTER if period.end <= line.said_at < period.end + _soon(period) else 0.0


def _rarity(frequency: int, total: int) -> float:
    """Return how rare a term is, between 0 and 1: idf by windows, over that of a term never heard."""
    total = max(total, SMALLEST)
    windows = min(total, WINDOW * frequency)
    return math.log(1 + (total - windows + 0.5) / (windows + 0.5)) / math.log(2 + 2 * total)


def _average_length(passages: Sequence[Sequence[Line]]) -> float:
    lengths = [line.terms.count(" ") + 1 for passage in passages for line in passage]
    return sum(lengths) / max(1, len(lengths)) or 1.0


def _distinct(fitting: Iterable[tuple[float, _Placed]], limit: int) -> list[tuple[float, _Placed]]:
    """Keep the first `limit` of what does not say the same again; the best placed stays."""
    seen: dict[str, tuple[float, _Placed]] = {}
    for fit, entry in fitting:
        if len(seen) == limit:
            break
        seen.setdefault(entry.place.line.terms or entry.place.line.text, (fit, entry))
    return list(seen.values())


def _ranked(asked: Question, weights: Mapping[str, float], whole: float, entry: _Placed, fit: float) -> Ranked:
    reason, leans_on = _reason(asked, weights, whole, entry), _leans_on(weights, entry.place)
    return Ranked(entry.place.line, fit, round(entry.coverage, 3), reason, leans_on)


def _reason(asked: Question, weights: Mapping[str, float], whole: float, entry: _Placed) -> str:
    """Say what a line was ranked by: each term with where it stands, each soft term, each with its worth."""
    found = entry.place.found
    terms = [
        f"{term} {worth * weights[term] / math.sqrt(whole):.2f}{_where(offset)}"
        for term, (worth, offset) in sorted(found.items(), key=lambda item: -item[1][0] * weights[item[0]])
    ]
    soft = [f"{name} {worth:+.2f}" for name, worth in _soft_terms(asked, entry) if round(worth, 2)]
    return ", ".join([*terms, *soft])


def _where(offset: int) -> str:
    if not offset:
        return ""
    turns = "one turn" if abs(offset) == 1 else f"{abs(offset)} turns"
    return f" ({turns} {'before' if offset < 0 else 'after'})"


def _leans_on(weights: Mapping[str, float], place: _Place) -> int | None:
    """Return the line before, if more of the question stands in it than in the line itself."""
    own, before = (
        sum(weights[term] for term, (_, offset) in place.found.items() if offset == wanted) for wanted in (0, -1)
    )
    return place.previous.id if place.previous is not None and before > own else None


def _recollection(entry: Ranked, said: Mapping[int, Utterance], kept: Sequence[Memory]) -> Recollection:
    before = said.get(entry.leans_on) if entry.leans_on else None
    score = round(1 - math.exp(-max(0.0, entry.fit)), 3)
    memories = tuple(memory for memory in kept if memory.rests_on(entry.line.id) and not memory.doubtful)
    return Recollection(said[entry.line.id], score, entry.reason, before, memories)
