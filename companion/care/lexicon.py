"""The words behind the frames: rewrites, fillers and the key words that are recognised with a slip of one letter."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SHORTEST_WITH_SLIP = 6
"""Letters; in shorter words one changed letter makes another word too often ("live", "love")."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What `words.txt` holds.

    Attributes:
        rewrites: a word and the words it stands for.
        pairs: two words and the words they stand for.
        fillers: words that only add weight and are left out.
        keys: words that matter, also masked or with a slip.
        small: words that may stand between spaced letters.
        near: words one letter from a key that are words of their own.
        slips: a key with one letter left out, and the keys it may come from.
    """

    rewrites: dict[str, tuple[str, ...]]
    pairs: dict[tuple[str, str], tuple[str, ...]]
    fillers: frozenset[str]
    keys: frozenset[str]
    small: frozenset[str]
    near: frozenset[str]
    slips: dict[str, tuple[str, ...]]

    def slip(self, word: str) -> str | None:
        """Return the key that a word is one slip away from: a letter more, less, other, or two in the wrong order."""
        if not SHORTEST_WITH_SLIP - 1 <= len(word) <= 14:  # noqa: PLR2004 - no key is longer
            return None
        for shorter in (word, *_with_one_left_out(word)):
            for key in self.slips.get(shorter, ()):
                if _one_slip(word, key):
                    return key
        return None


@cache
def lexicon() -> Lexicon:
    """Read the words, once."""
    sections = _sections(files("companion.care").joinpath("frames/words.txt").read_text(encoding="utf-8"))
    rewrites, pairs = {}, {}
    for line in sections["rewrites"]:
        shorts, _, meant = line.partition("=")
        for short in shorts.split(","):
            key = tuple(short.split())
            if len(key) == 1:
                rewrites[key[0]] = tuple(meant.split())
            else:
                pairs[key[0], key[1]] = tuple(meant.split())
    words = {name: frozenset(" ".join(sections[name]).split()) for name in ("fillers", "keys", "small", "near")}
    words["near"] |= _framed()
    return Lexicon(rewrites, pairs, slips=_slips(words["keys"]), **words)


def _framed() -> frozenset[str]:
    """Return every word that a frame is written with: none of them is a slip."""
    frames = files("companion.care").joinpath("frames").iterdir()
    return frozenset(re.findall("[a-z]+", " ".join(file.read_text(encoding="utf-8") for file in frames)))


def _sections(text: str) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("["):
            lines = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return sections


def _slips(keys: frozenset[str]) -> dict[str, tuple[str, ...]]:
    slips: dict[str, tuple[str, ...]] = {}
    for key in sorted(key for key in keys if len(key) >= SHORTEST_WITH_SLIP):
        for shorter in {key, *_with_one_left_out(key)}:
            slips[shorter] = (*slips.get(shorter, ()), key)
    return slips


def _with_one_left_out(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


def _one_slip(word: str, key: str) -> bool:
    """Tell whether the words are at most one edit apart (Damerau 1964: insert, delete, replace, swap neighbours)."""
    if abs(len(word) - len(key)) > 1 or word[0] != key[0]:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, key, strict=False)) if a != b), min(len(word), len(key)))
    a, b = word[start:], key[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
