"""Words as memory knows them: folded, stemmed, and told apart from the words that carry a question.

The same function reads what is stored and what is asked, so "Where does my sister live?" meets "Anna lives in Oslo".
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")

COMMON = frozenset(
    """
    a about after again all also always am an and any are as ask at be because been before being but by can cannot cant
    come could d did didnt do does doesnt doing done dont down each else ever every few for from get give go going gone
    got had has hasnt have havent having he her here hers him his how i id if im in into is isnt it its ive just
    know last let like ll long m made make many may maybe me mean might mine more most much must my myself never no nor
    not now of off often oh ok okay on once one only or other our out over own please put quite re really recall
    remember said same say shall she should so some something still such sure take talk tell than that thats the their
    them then there these they thing think this those though thought time to today told too under until up us use used
    very was wasnt way we well went were what whats when where which while who whom whose why will with wont would yes
    yet you your youre yours
    """.split()
)
"""English words that carry no content in a question to memory (closed-class words and verbs of asking)."""

LIGHT = frozenset("call name old age job work live born birthday favourite favorite day week month year kind".split())
"""Words that ask for a property. "What is my sister's name?" is about a sister first, so these weigh less."""


VERSION = 2
"""What `terms` returns is kept in indexes; whoever changes it counts on, and they are made anew."""


def terms(text: str) -> list[str]:
    """Return the words of a text in order, folded and stemmed; unspaced scripts give overlapping pairs."""
    return [term for word in _WORD.findall(_folded(text)) for term in _terms_of(word)]


def asked(text: str) -> list[str]:
    """Return the distinct terms of a question that carry its content."""
    content = [term for term in terms(text) if term not in _common_terms()]
    return list(dict.fromkeys(content))


def weight(term: str) -> float:
    """Return how much of a question a term carries, between 0 and 1."""
    return 0.4 if term in _light_terms() else 1.0


def content(spoken: str) -> int:
    """Return how many different terms with content are among these, parted by spaces."""
    return len(set(spoken.split()) - _common_terms())


def _folded(text: str) -> str:
    """Return a text without case and without accents."""
    text = text.casefold()
    if text.isascii():
        return text
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare)


@lru_cache(maxsize=50_000)
def _terms_of(word: str) -> tuple[str, ...]:
    """Return the terms of one folded word; a word is met again and again, so they are remembered."""
    if _UNSPACED.search(word):
        return tuple(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    bare = re.sub(r"['’](s|ll|d|ve|re|m)$", "", word)
    return (_stem(re.sub(r"['’]", "", bare)),)


def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:
    from snowballstemmer import stemmer  # noqa: PLC0415 - loads its tables, not needed to draw the first prompt

    return stemmer("english")


@cache
def _common_terms() -> frozenset[str]:
    return COMMON | frozenset(map(_stem, COMMON))


@cache
def _light_terms() -> frozenset[str]:
    return frozenset(map(_stem, LIGHT))
