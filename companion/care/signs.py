"""What care sees in what a person writes: the layer that is always on, without a model, a network or a setting.

Frames find clauses; what stands around a clause decides whether it is meant: a quotation, a scene in a story, a thing
of the past, a joke about Monday. Two weak signs of different kinds make one oblique sign.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from companion.care.frames import Finding, find, stands
from companion.care.wording import Sentence, folded, sentences, unquoted


class Kind(StrEnum):
    """What there is to notice."""

    CRISIS = "crisis"
    EATING_DISORDER = "eating_disorder"
    HARM_TO_OTHERS = "harm_to_others"
    ABUSE = "abuse"
    MINOR = "minor"
    FAREWELL = "farewell"
    HUMAN_QUESTION = "human_question"
    DEPENDENCE = "dependence"


DANGERS = (Kind.CRISIS, Kind.EATING_DISORDER, Kind.HARM_TO_OTHERS, Kind.ABUSE)


class Level(StrEnum):
    """How plainly danger is said."""

    NONE = "none"
    OBLIQUE = "oblique"
    EXPLICIT = "explicit"


@dataclass(frozen=True)
class Signs:
    """What was seen in one message.

    Attributes:
        levels: the kinds that were seen, each with its level; what is no danger has none.
        language: the language that danger was said in; empty where none was.
    """

    levels: dict[Kind, Level]
    language: str = ""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that were seen, in the order of `Kind`."""
        return tuple(kind for kind in Kind if kind in self.levels)

    @cached_property
    def level(self) -> Level:
        """The highest level of danger."""
        found = {self.levels[kind] for kind in DANGERS if kind in self.levels}
        return next((level for level in (Level.EXPLICIT, Level.OBLIQUE) if level in found), Level.NONE)

    @property
    def shown(self) -> bool:
        """Whether something is shown to the person for it, before she says a word."""
        return self.level is Level.EXPLICIT or Kind.MINOR in self.levels

    def danger(self, kind: Kind = Kind.CRISIS) -> Level:
        """Return the level of one kind."""
        return self.levels.get(kind, Level.NONE)

    def __contains__(self, kind: Kind) -> bool:
        return kind in self.levels


_LAUGHS = re.compile(
    r"😂|🤣|💀|😆|😅|😹|\b(lol|lmao|lmfao|rofl|ha(ha)+|jk|just kidding|xd|jaja\w*|mdr|ptdr|scherz|kidding)\b"
)
_QUOTES = re.compile(
    r"\b(said|says|sang|sings|quoted?|titled?|called|lyrics?|tweet|posted|post|reads?|words?|phrase|headline|line|goes"
    r"|translat\w+|means?|text|texted|wrote|poster|sign|sagt|sagte|titel|heisst|zitat|dijo|dice|titulo|frase|dit|titre"
    r"|detto|titolo|significa|bedeutet|namens|singt|canta|chante|ubersetze|traduce|traduis|traduci)\b"
)
_OWN_WORDS = re.compile(r"\bi (said|wrote|told|texted|posted)\b")

SHORT = 60
"""Words up to which a message is one scene: a story named anywhere in it covers all of it."""

NEAR = 9
"""Words before a clause among which it says who speaks."""

_DESPAIR = frozenset({"hopeless", "worthless", "pain", "despair"})
_MEANS = frozenset({"bridge", "means"})
_HARD = re.compile(
    r"\b(kill\w*|suicid\w*|die|died|dead|death|dying|alive|exist\w*|born|earth|life|overdos\w*|hang\w*|noose|wrists?"
    r"|myself|pills|sterben|tot|leben|umbring\w*|mourir|mort\w*|vie|tuer|morir\w*|muert\w*|matar\w*|vida|morire|vita)\b"
)
_PLACE = re.compile(r"\b(here|wak\w+|last|final|lethal|around)\b")
_CUT = re.compile(r"\b(cut\w*|burn\w*|hurt\w*|sliced|scratched|geschnitten|coupee?|cort\w+|tagli\w+|bleeding)\b")


def read(words: str) -> Signs:
    """Return what care sees in a message."""
    text = folded(words)
    if _QUOTES.search(text) and not _OWN_WORDS.search(text):
        text = unquoted(text)
    said = sentences(text)
    findings = list(_meant(find(said), said, text))
    spoken = [finding.language for finding in findings if finding.kind in DANGERS]
    return Signs(dict(_levels(findings)), max(spoken, key=spoken.count, default=""))


def in_danger(words: str) -> bool:
    """Tell whether the words say plainly that the person wants to die or to hurt themselves."""
    return read(words).danger() is Level.EXPLICIT


def _levels(found: list[Finding]) -> Iterator[tuple[Kind, Level]]:
    weak = {finding.level.removeprefix("weak ") for finding in found if finding.level.startswith("weak")}
    for kind in Kind:
        levels = {finding.level for finding in found if finding.kind == kind}
        if kind is Kind.CRISIS:
            levels |= _added_up(weak | levels)
        level = next((level for level in (Level.EXPLICIT, Level.OBLIQUE) if level in levels), None)
        if level or (kind not in DANGERS and levels):
            yield kind, level or Level.NONE


def _added_up(weak: set[str]) -> set[str]:
    """Return what weak signs come to: a plan beside means or despair is plain, two kinds of sign are a hint."""
    despair, means = weak & _DESPAIR, weak & _MEANS
    if "plan" in weak and (means or despair or Level.OBLIQUE in weak):
        return {Level.EXPLICIT}
    return {Level.OBLIQUE} if len(despair) + bool(means) + ("loss" in weak) > 1 else set()


def _meant(findings: Iterable[Finding], said: tuple[Sentence, ...], text: str) -> Iterator[Finding]:
    """Leave out what is not meant, or not now."""
    length = sum(len(sentence.words) for sentence in said)
    whole = " ".join(sentence.text for sentence in said) if length <= SHORT else ""
    laughs = bool(_LAUGHS.search(text))
    for finding in findings:
        if finding.kind not in DANGERS:
            if finding.kind != Kind.FAREWELL or _at_the_end(finding, said):
                yield finding
        elif not (_told_of_others(finding, whole) or _everyday(finding, whole) or (laughs and _small(finding))):
            yield _softened(finding) if laughs and length <= SHORT // 2 else finding


def _told_of_others(finding: Finding, whole: str) -> bool:
    """Tell whether a clause belongs to a story, to somebody else's mouth, or to the past."""
    text = finding.sentence.text
    around = whole or text
    if stands("story", around) and not stands("real", around):
        return True
    if stands("speaker", " ".join(text[: finding.start].split(" ")[-NEAR:]) + " "):
        return True
    if finding.kind != Kind.CRISIS:
        return False
    return (stands("past", text) and not stands("present", text)) or (stands("past", around) and _recovered(around))


def _recovered(text: str) -> bool:
    return stands("recovered", text) and not stands("again", text)


def _everyday(finding: Finding, whole: str) -> bool:
    """Tell whether a clause is about a thing of every day: a hint beside a printer, a cut beside an onion."""
    text = finding.sentence.text
    if _CUT.search(finding.words):
        return stands("accident", text) and not stands("earnest", text)
    if stands("mortified", whole or text) and not stands("earnest", whole or text):
        return True
    without = text.replace(finding.words, "")
    if not stands("everyday", text) or stands("grave", without):
        return False
    if finding.level == Level.EXPLICIT:
        return _could(finding) or bool(_PLACE.search(finding.words) and not _HARD.search(finding.words))
    return finding.level.removeprefix("weak ") not in {*_MEANS, "plan", "loss"}


def _could(finding: Finding) -> bool:
    """Tell whether somebody could kill somebody over a thing of every day: a way to say that one is cross."""
    return finding.kind == Kind.HARM_TO_OTHERS and not stands("earnest", finding.sentence.text)


def _small(finding: Finding) -> bool:
    return stands("small", finding.sentence.text) and not stands("earnest", finding.sentence.text)


def _softened(finding: Finding) -> Finding:
    """Take what is said with a laugh for a hint: it is asked about."""
    level = Level.OBLIQUE if finding.level == Level.EXPLICIT else finding.level
    return replace(finding, level=level)


def _at_the_end(finding: Finding, said: tuple[Sentence, ...]) -> bool:
    """Tell whether a goodbye closes the message: nothing is asked with it or after it."""
    after = [sentence for sentence in said if sentence.number > finding.sentence.number]
    return (
        not any(sentence.asks for sentence in (finding.sentence, *after))
        and sum(len(sentence.words) for sentence in after) <= SHORT // 2
    )
