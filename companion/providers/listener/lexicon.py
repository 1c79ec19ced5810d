"""Words that mean much the same: what lets a question meet what was told in other words. The table is lexicon.yaml."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from companion.memory.words import terms

LONGEST_PHRASE = 4
"""Words of the longest entry that counts as one."""


def table(name: str) -> Any:
    """Return a table of the listener, read from its YAML file."""
    text = files("companion.providers.listener").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What meets what.

    Attributes:
        alike: for each word, as a key, the groups that it belongs to.
        kinds: for each word, as a key, the wider words that may ask for it.
        leads: the same for words that ask for it without being wider.
        weak: keys that carry nothing in a question to memory.
        numbers: keys of numbers in words.
        trades: what somebody can be by trade.
        openings: keys with which an entry of several words opens.
    """

    alike: dict[str, frozenset[str]]
    kinds: dict[str, frozenset[str]]
    leads: dict[str, frozenset[str]]
    weak: frozenset[str]
    numbers: frozenset[str]
    trades: tuple[str, ...]
    openings: frozenset[str]

    def keys(self, words: list[str]) -> list[str]:
        """Return the keys of a row of words, several words that count as one joined."""
        single = [key(word) for word in words]
        found, start = [], 0
        while start < len(single):
            longest = LONGEST_PHRASE if single[start] in self.openings else 1
            joined = (
                (n, "_".join(single[start : start + n])) for n in range(longest, 1, -1) if start + n <= len(single)
            )
            length = next((n for n, phrase in joined if phrase in self.alike), 1)
            found.append("_".join(single[start : start + length]))
            start += length
        return found

    def meets(self, asked: str, told: str) -> bool:
        """Tell whether a word that is asked for is met by one that was told."""
        if asked == told or self.alike.get(asked, _NONE) & self.alike.get(told, _NONE):
            return True
        wider = self.kinds.get(told, _NONE) | self.leads.get(told, _NONE)
        return asked in wider or any(key(group) in wider for group in self.alike.get(asked, _NONE))


_NONE: frozenset[str] = frozenset()


@cache
def key(word: str) -> str:
    """Return the key of one word: folded and stemmed."""
    found = terms(word)
    return found[0] if len(found) == 1 else "-".join(found)


@cache
def lexicon() -> Lexicon:
    """Return the lexicon."""
    read = table("lexicon")
    weak = frozenset(_entry(entry) for entry in read["weak"].split())
    alike = _inverted(read["alike"])
    return Lexicon(
        alike=alike,
        kinds=_inverted(read["kinds"], by_key=True),
        leads=_inverted(read["leads"], by_key=True),
        weak=weak,
        numbers=frozenset(map(key, read["numbers"].split())),
        openings=frozenset(entry.partition("_")[0] for entry in alike if "_" in entry),
        trades=tuple(word.replace("_", " ") for word in read["trades"].split()),
    )


def _inverted(groups: dict[str, str], *, by_key: bool = False) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, entries in groups.items():
        for entry in entries.split():
            found.setdefault(_entry(entry), set()).add(key(name) if by_key else name)
    return {entry: frozenset(names) for entry, names in found.items()}


def _entry(entry: str) -> str:
    return "_".join(key(word) for word in entry.split("_"))
