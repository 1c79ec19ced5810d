"""What comes to mind: a search, and the pure ranking of what it brought up.

Two figures, kept apart. *How well does it fit the question?* is BM25 (Robertson & Zaragoza 2009, "The Probabilistic
Relevance Framework", eq. 3.15, with k1 = 0.5 and b = 0.3: chat turns are short, so repetition and length say little)
and decides the order. *Is it about the question at all?* is coverage: the share of the question's information,
counted as inverse document frequency, that the utterance contains. Coverage decides whether anything comes to mind.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from companion.conversation import Speaker, Utterance
from companion.memory import words
from companion.memory.store import Matches, Store

THRESHOLD = 0.5
"""Below this coverage nothing comes to mind: half of the question would be about something else."""

K1, B = 0.5, 0.3

QUESTION_FACTOR = 0.4
"""A question asked before is no answer now; it stays below the threshold."""

HER_OWN_FACTOR = 0.8
"""Her own words come to mind less readily than the person's, so that she does not live on echoes of herself."""


@dataclass(frozen=True, slots=True)
class Recollection:
    """An old utterance that comes to mind.

    Attributes:
        utterance: what was said.
        score: between 0 and 1, how much of the question it speaks of.
        reason: the terms they share, for people who ask why.
    """

    utterance: Utterance
    score: float
    reason: str


RECALLED_AT_ONCE = 6
CANDIDATES = 100
"""How many utterances the search brings up to be ranked."""


def recall(
    store: Store, persona: str, question: str, *, limit: int = RECALLED_AT_ONCE, besides: int = 0
) -> tuple[Recollection, ...]:
    """Return what comes to mind, best first; `besides` is an utterance to leave out."""
    asked = words.asked(question)
    if not asked:
        return ()
    matches = store.matching(persona, asked, CANDIDATES)
    others = tuple(utterance for utterance in matches.utterances if utterance.id != besides)
    return rank(question, replace(matches, utterances=others), limit=limit)


def rank(question: str, matches: Matches, *, limit: int, threshold: float = THRESHOLD) -> tuple[Recollection, ...]:
    """Return what comes to mind of what was found, best first."""
    asked = words.asked(question)
    idf = {term: _idf(matches.frequency.get(term, 0), matches.total) * words.weight(term) for term in asked}
    spoken = [(utterance, Counter(words.terms(utterance.text))) for utterance in matches.utterances]
    average = sum(counts.total() for _, counts in spoken) / max(1, len(spoken))
    ranked = []
    for utterance, counts in spoken:
        score = _coverage(idf, counts) * _shape(utterance)
        if score >= threshold:
            shared = ", ".join(term for term in asked if counts[term])
            fit = _bm25(idf, counts, average) * _shape(utterance)
            ranked.append((fit, utterance.id, Recollection(utterance, round(score, 3), f"shares {shared}")))
    ranked.sort(key=lambda entry: entry[:2], reverse=True)
    return _distinct([recollection for _, _, recollection in ranked])[:limit]


def is_question(text: str) -> bool:
    """Tell whether a text asks rather than tells."""
    return text.rstrip(" \"'”’)").endswith(("?", "？", "؟"))


def _distinct(ranked: Sequence[Recollection]) -> tuple[Recollection, ...]:
    """Drop what says the same again; the best placed stays."""
    seen: dict[tuple[str, ...], Recollection] = {}
    for recollection in ranked:
        seen.setdefault(tuple(words.terms(recollection.utterance.text)), recollection)
    return tuple(seen.values())


def _idf(frequency: int, total: int) -> float:
    return math.log(1 + (max(0, total - frequency) + 0.5) / (frequency + 0.5))


def _coverage(idf: dict[str, float], counts: Counter[str]) -> float:
    whole = sum(idf.values())
    return sum(value for term, value in idf.items() if counts[term]) / whole if whole else 0.0


def _bm25(idf: dict[str, float], counts: Counter[str], average: float) -> float:
    length = 1 - B + B * counts.total() / max(1.0, average)
    return sum(value * counts[t] * (K1 + 1) / (counts[t] + K1 * length) for t, value in idf.items() if counts[t])


def _shape(utterance: Utterance) -> float:
    factor = QUESTION_FACTOR if is_question(utterance.text) else 1.0
    return factor * (HER_OWN_FACTOR if utterance.speaker is Speaker.COMPANION else 1.0)
