"""Speaking: a phrase of the persona, its wording varied, its gaps filled, and none said twice within fifty turns.

The generation grammar is as small as can be: `[a|b|]` in a phrase is one of the alternatives. Which one, and which
phrase, is drawn from a seed of persona, turn and act, so the same talk gets the same words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from random import Random

from companion.persona.persona import Persona

NOT_AGAIN_WITHIN = 50
"""Turns."""

NOT_PUT_SO_WITHIN = 12
"""Turns in which a phrase, whatever fills its gaps, waits until the others had their turn."""

MOST_VARIANTS = 64
"""Wordings of one phrase that are considered."""

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_GAP = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*[”\"]?")


class Voice:
    """One persona's phrases in one turn.

    Args:
        persona: whose phrases.
        said: what she said in the last turns, newest last; no sentence of it is said again.
        turn: which turn of the talk it is.
    """

    def __init__(self, persona: Persona, said: Sequence[str], turn: int) -> None:
        self._persona, self._turn = persona, turn
        self._lately = said[-NOT_PUT_SO_WITHIN:]
        self._used = {sentence: age for age, text in enumerate(said) for sentence in sentences(text)}

    def say(self, act: str, *, only: str = "", without: str = "", **gaps: str) -> str:
        """Return a phrase for an act, filled in; empty where each one would repeat her.

        `only` keeps the phrases with this in them, `without` those that lack it.
        """
        return next((wording for wording in self._wordings(act, gaps, only, without) if self.is_new(wording)), "")

    def must(self, act: str, *, without: str = "", **gaps: str) -> str:
        """Return a phrase for an act even if she said it before: then the one that was longest ago."""
        found = list(self._wordings(act, gaps, "", without)) or list(self._wordings(act, gaps, "", ""))
        return next(filter(self.is_new, found), "") or min(found, key=self._last_said)

    def is_new(self, wording: str) -> bool:
        """Tell whether she has said none of its sentences lately."""
        return not any(sentence in self._used for sentence in sentences(wording))

    def _last_put_so(self, phrase: str) -> int:
        """Return how lately she put something in just this way: the turn, -1 for not lately."""
        parts = _CHOICE.split(phrase)
        literal = [
            ".+?".join(map(re.escape, re.split(r"\{\w+\}", part)))
            if index % 2 == 0
            else f"(?:{'|'.join(map(re.escape, part.split('|')))})"
            for index, part in enumerate(parts)
        ]
        pattern = re.compile(rf"(?:^|[.!?”)] )\s*{''.join(literal)}(?= |$)", re.IGNORECASE)
        return max((turn for turn, text in enumerate(self._lately) if pattern.search(text)), default=-1)

    def _last_said(self, wording: str) -> int:
        return max(self._used.get(sentence, -1) for sentence in sentences(wording))

    def _wordings(self, act: str, gaps: Mapping[str, str], only: str, without: str) -> Iterator[str]:
        phrases: list[str] = [
            phrase
            for phrase in getattr(self._persona.listening, act)
            if only in phrase and not (without and without in phrase)
        ]
        draw = Random(f"{self._persona.id}|{self._turn}|{act}")  # noqa: S311 - variety, no secret
        draw.shuffle(phrases)
        phrases.sort(key=self._last_put_so)
        for phrase in phrases:
            wordings = list(expanded(phrase))
            draw.shuffle(wordings)
            yield from (filled(wording, gaps) for wording in wordings)


def expanded(phrase: str) -> Iterable[str]:
    """Return the wordings of a phrase."""
    parts = _CHOICE.split(phrase)
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    found = ("".join(chosen) for _, chosen in zip(range(MOST_VARIANTS), product(*choices), strict=False))
    return dict.fromkeys(re.sub(r"\s+([.,;!?])", r"\1", " ".join(one.split())) for one in found)


def filled(phrase: str, gaps: Mapping[str, str]) -> str:
    """Fill the gaps of a phrase by plain replacement, in one pass: nothing in what is filled in is ever evaluated.

    `{Said}` is `{said}` with a capital. A gap at the end does not double a mark that the words bring along.
    """

    def gap(match: re.Match[str]) -> str:
        name = match[1]
        if name in gaps:
            return gaps[name]
        low = name[:1].lower() + name[1:]
        return gaps[low][:1].upper() + gaps[low][1:] if low in gaps else match[0]

    return _GAP.sub(gap, phrase)


def sentences(text: str) -> set[str]:
    """Return the sentences of a text in the form in which two are the same; what she quotes is not her own."""
    own = re.sub(r"“[^”]*”", " “” ", text)
    return {bare for found in _SENTENCE.findall(own) if (bare := re.sub(r"[\W_]+", " ", found).strip().lower())}
