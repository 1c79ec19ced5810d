"""Hearing: what a line does, by the named rules of hearing.yaml, and what it tells, word by word."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from companion.care.signs import in_danger
from companion.memory.recall import is_question
from companion.providers.listener.grammar import compiled, folded
from companion.providers.listener.lexicon import LONGEST_PHRASE, table
from companion.providers.listener.statements import _BEING, correction, sentences


class Act(StrEnum):
    """What a line does; those that she meets with words of her own have a list of the same name in the persona."""

    IN_DANGER = "in_danger"
    FORGET = "forget"
    MET = "met"
    HELLO = "hello"
    GOODBYE = "goodbye"
    THANKS = "thanks"
    HOW_ARE_YOU = "how_are_you"
    ABOUT_ME = "about_me"
    TASTES = "tastes"
    WHAT_KNOWN = "what_known"
    ASKED = "asked"
    CANNOT = "cannot"
    QUIET = "quiet"
    ALOUD = "aloud"
    LET_BE = "let_be"
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    LAUGHED = "laughed"
    PRAISED = "praised"
    INSULTED = "insulted"
    BORED = "bored"
    SILENCE = "silence"
    CORRECTED = "corrected"
    FOREIGN = "foreign"
    CODE = "code"
    NONSENSE = "nonsense"
    HEARD = "heard"
    TOLD = "told"


COURTESIES = frozenset({Act.HELLO, Act.GOODBYE, Act.THANKS, Act.YES, Act.NO, Act.UNSURE, Act.LAUGHED, Act.PRAISED})


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule of the grammar."""

    name: str
    act: Act
    patterns: tuple[re.Pattern[str], ...]

    def takes(self, line: str) -> bool:
        """Tell whether a folded line is the whole of one of the patterns."""
        return any(pattern.fullmatch(line) for pattern in self.patterns)


class Weight(StrEnum):
    """How a feeling weighs."""

    LIGHT = "light"
    HEAVY = "heavy"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Feeling:
    """What the person says that they feel."""

    word: str
    weight: Weight
    past: bool


@dataclass(frozen=True, slots=True)
class Grammar:
    """The rules and word lists of hearing.yaml."""

    rules: tuple[Rule, ...]
    asking: tuple[re.Pattern[str], ...]
    feelings: dict[str, Weight]
    losses: frozenset[str]
    good_news: frozenset[str]
    efforts: frozenset[str]
    languages: dict[str, frozenset[str]]


@cache
def grammar() -> Grammar:
    """Return the grammar."""
    read = table("hearing")
    classes = read["classes"]
    rules = [
        Rule(rule["name"], Act(rule["act"]), tuple(compiled(says, classes) for says in rule["says"]))
        for rule in read["rules"]
    ]
    feelings = {
        word.replace("_", " "): Weight(weight) for weight, words in read["feelings"].items() for word in words.split()
    }
    losses, good_news, efforts = (
        frozenset(word.replace("_", " ") for word in read[name].split()) for name in ("losses", "good_news", "efforts")
    )
    languages = {name: frozenset(words.split()) for name, words in read["languages"].items()}
    asking = tuple(compiled(pattern, classes) for pattern in read["asking"])
    return Grammar(tuple(rules), asking, feelings, losses, good_news, efforts, languages)


LONGEST_LINE = 300
"""Characters of a line that the rules look at; what is longer tells something."""

_CODE = re.compile(
    r"```|^\s*(?:def |class |import |from \w+ import|#include|function |const |let |var |public |SELECT |<\?php|<html|\{$)|[;{}]\s*$|=>|\)\s*\{|</\w+>",
    re.MULTILINE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
FEWEST_FOREIGN = 2
"""Little words of another language that tell it."""

_QUOTES = re.compile(r"[“\"][^”\"]*[”\"]")


@lru_cache(maxsize=2_000)
def act(line: str, language: str = "English") -> Act:
    """Return what a line does, what weighs most first."""
    if in_danger(line):
        return Act.IN_DANGER
    if not _WORD.search(line):
        return Act.UNSURE if line.strip().lower() == "k" else Act.SILENCE
    if _CODE.search(line):
        return Act.CODE
    if foreign(line, language):
        return Act.FOREIGN
    return _by_rule(line) or _asked_or_told(line)


def _by_rule(line: str) -> Act | None:
    words = folded(line)
    if len(words) > LONGEST_LINE:
        return None
    ruled = next((rule.act for rule in grammar().rules if rule.takes(words)), None)
    if (
        ruled in {Act.ABOUT_ME, Act.TASTES, Act.HOW_ARE_YOU, Act.WHAT_KNOWN}
        and not asks(line)
        and not words.startswith(("you", "tell", "say"))
    ):
        return None
    if ruled is Act.TASTES and re.search(r"\b(?:remember|know|recall|i|my|me|our|we)\b", words):
        return None
    return ruled


def _asked_or_told(line: str) -> Act:
    if asks(line):
        return Act.ASKED
    if any(correction(sentence) for sentence in sentences(line.replace("’", "'"))[:1]):
        return Act.CORRECTED
    return Act.NONSENSE if is_nonsense(line) else Act.TOLD


def asks(line: str) -> bool:
    """Tell whether a line asks, with its mark or without; a question inside quotation marks is somebody else's."""
    own = _QUOTES.sub(" ", line).strip()
    return is_question(own) or any(pattern.fullmatch(folded(own)) for pattern in grammar().asking)


def is_nonsense(line: str) -> bool:
    """Tell whether a line has no word in it that one could say."""
    words = re.findall(r"[^\W\d_]+", line.lower())
    return bool(words) and not any(
        (
            re.search(r"[aeiouyäöüáéíóúàèøåæ]", word)
            and not re.search(r"[bcdfghjklmnpqrstvwxz]{5,}|(.)\1\1", word)
            and len(word) > 1
        )
        or word in {"i", "a"}
        for word in words
    )


def foreign(line: str, language: str = "English") -> str:
    """Return which other language a line is in, by its little words, or nothing."""
    words = set(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", line.lower()))
    english = len(words & _ENGLISH)
    found = {name: len(words & little) for name, little in grammar().languages.items() if name != language}
    best = max(found, key=lambda name: found[name])
    return best if found[best] >= FEWEST_FOREIGN and found[best] > english else ""


_ENGLISH = frozenset(
    "i the and is was my a to of in it that you for on with he she they we not have had but this are be at me so what where who when how do did his her".split()
)


def feeling(line: str) -> Feeling | None:
    """Return what the person says of their own feeling; what is denied, or somebody else's, is none."""
    matches = _feeling().finditer(f" {line.casefold().replace('’', chr(39))}")
    felt = [_felt(match) for match in matches]
    return max(felt, key=lambda one: one.weight is Weight.HEAVY, default=None)


@cache
def _feeling() -> re.Pattern[str]:
    known = "|".join(sorted(map(re.escape, grammar().feelings), key=len, reverse=True))
    return re.compile(
        rf"(?:\b(?P<verb>i'm|i am|im|i feel|i felt|i've been|i was|i'm feeling|i have been|feeling|makes? me|made me)|^)\s+(?:(?:all|just|really|very|so|quite|rather|too|pretty|still|also|incredibly|absolutely|always|kind of|sort of|feeling|a bit|a little|bit|more|terribly|completely) )*(?P<word>{known})\b"
    )


def _felt(match: re.Match[str]) -> Feeling:
    weight = grammar().feelings[match["word"]]
    if re.search(r"\b(?:a bit|a little|slightly|kind of|sort of)\b", match[0]) and weight is Weight.HEAVY:
        weight = Weight.LIGHT
    return Feeling(match["word"], weight, (match["verb"] or "") in {"i felt", "i was", "made me"})


def has(line: str, words: frozenset[str]) -> bool:
    """Tell whether one of the entries stands in a line, not denied."""
    said = re.findall(r"[\w']+", line.casefold().replace("’", "'"))
    joined = {
        " ".join(said[start : start + length]) for start in range(len(said)) for length in range(1, LONGEST_PHRASE + 1)
    }
    return bool(joined & words) and not re.search(
        r"\b(?:not|never|n't|didn't|haven't|hasn't|wasn't|isn't)\b", " ".join(said)
    )


_MINE = rf"\b(?:(?:my|our) (?:\w+ ){{0,2}}?{_BEING}|my job|i (?:was|got|have been|am|'ve been|'m)|we|(?:he|she|they) (?:left|dumped)|funeral)\b"


def is_loss(line: str) -> bool:
    """Tell whether a line tells of a death or another loss that is near the person."""
    return has(line, grammar().losses) and bool(re.search(_MINE, line.casefold().replace("’", "'")))
