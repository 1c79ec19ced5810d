"""What was typed, as the frames of care read it: sentences of plain words, whatever disguise or haste they came in.

Case, accents, apostrophes, digits for letters, asterisks, spaced and repeated letters, slang, contractions and slips of
one letter are undone here, so that a frame is written once, in plain words. Time grows with the length of the text and
with nothing else.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from companion.care.lexicon import lexicon

LONGEST_READ = 20_000
"""Characters; of a longer text its beginning and its end are read, where people say what they came for."""

LONGEST_SENTENCE = 40
"""Words; whatever runs on is read in overlapping pieces of this length."""

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019`\u00b4\u02bc\uff07", "'"))
_PART = re.compile(
    r"(?P<word>[@$]?[^\W_]+(?:['*@$!|][^\W_]+|['*@$|]+[^\W_]*)*)|(?P<pause>[,:()\[\]\u2013\u2014]|-(?=\s))|(?P<end>[.!?;…¿¡\n\u3002\uff01\uff1f]+)"
)
_SPACED = re.compile(r"(?<![^\W_])(?:[a-z][ .\-_*]{1,2}){3,40}[a-z](?![^\W_])")
_ELIDED = frozenset("j l d qu n s m t c jusqu lorsqu puisqu quelqu un dell all dall nell sull quest com".split())
_LEET = str.maketrans("@$!|013457", "asiioieast")
_LEET_L = str.maketrans("@$!|013457", "aslloleast")
_QUOTED = re.compile(
    r"\"[^\"\n]{2,400}\"|“[^”\n]{2,400}”|„[^“”\n]{2,400}[“”]|«[^»\n]{2,400}»|(?<![^\W_])'[^'\n]{3,300}'(?![^\W_])"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or a piece of a long one.

    Attributes:
        words: its words in plain form, pauses as a comma, without words that only add weight.
        all_words: the same with them.
        asks: whether it ends with a question mark.
        number: the place of the sentence in the text.
    """

    words: tuple[str, ...]
    all_words: frozenset[str]
    asks: bool
    number: int

    @property
    def text(self) -> str:
        """The words with a space before, between and after them, and marks where it begins and ends."""
        return f" ^ {' '.join(self.words)} $ "


def folded(text: str) -> str:
    """Return a text without case, accents and invisible marks."""
    if len(text) > LONGEST_READ:
        text = f"{text[: LONGEST_READ // 2]}\n{text[-LONGEST_READ // 2 :]}"
    text = text.translate(_APOSTROPHES)
    if text.isascii():
        return text.lower()
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def unquoted(text: str) -> str:
    """Return a text without what stands in quotation marks."""
    return _QUOTED.sub(" , ", text)


def sentences(text: str, *, whole: bool = False) -> tuple[Sentence, ...]:
    """Return the sentences of a folded text; `whole` keeps the words that only add weight."""
    text, left_out = _SPACED.sub(_joined, text), frozenset() if whole else lexicon().fillers
    said = enumerate(_split(text))
    return tuple(piece for number, (words, asks) in said for piece in _pieces(words, left_out, asks, number))


def _split(text: str) -> Iterator[tuple[list[str], bool]]:
    words: list[str] = []
    for part in _PART.finditer(text):
        if part["word"]:
            words.extend(_plain(part["word"]))
        elif part["pause"]:
            words.append(",")
        elif words:
            yield words, "?" in part["end"] or "\uff1f" in part["end"]
            words = []
    if words:
        yield words, False


def _pieces(words: list[str], left_out: frozenset[str], asks: bool, number: int) -> Iterator[Sentence]:  # noqa: FBT001 - a property of the sentence
    words = _paired(words)
    all_words = frozenset(words)
    bare = [word for word in words if word not in left_out]
    for start in range(0, max(1, len(bare) - LONGEST_SENTENCE // 2), LONGEST_SENTENCE // 2):
        yield Sentence(tuple(bare[start : start + LONGEST_SENTENCE]), all_words, asks, number)


def _paired(words: list[str]) -> list[str]:
    """Join what belongs together and is often written apart."""
    pairs = lexicon().pairs
    paired: list[str] = []
    skip = False
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if skip:
            skip = False
        elif (joined := pairs.get((word, after))) is not None:
            paired.extend(joined)
            skip = True
        else:
            paired.append(word)
    return paired


def _joined(spaced: re.Match[str]) -> str:
    """Join letters that were spaced out, if they spell words that matter: "k i l l m y s e l f"."""
    letters = re.sub(r"[^a-z]", "", spaced.group())
    spelled = _spelled(letters)
    return f" {' '.join(spelled)} " if spelled else spaced.group()


def _spelled(letters: str) -> list[str]:
    """Return the words that letters spell, the longest first at each place; none if some are left over."""
    keys, words, start = lexicon().keys | lexicon().small, [], 0
    while start < len(letters):
        word = next((letters[start:end] for end in range(len(letters), start, -1) if letters[start:end] in keys), "")
        if not word:
            return []
        words.append(word)
        start += len(word)
    return words if any(word in lexicon().keys for word in words) else []


@lru_cache(maxsize=20_000)
def _plain(word: str) -> tuple[str, ...]:
    """Return a word as it is meant: rewritten, unmasked, without slips."""
    if len(word) > 40:  # noqa: PLR2004 - no word that means anything here is longer
        return (word[:40],)
    if "'" in word:
        return tuple(_apart(word))
    if not word.isalpha():
        word = _unmasked(word)
    return tuple(_meant(word))


def _apart(word: str) -> Iterable[str]:
    first, _, rest = word.partition("'")
    if first in _ELIDED and rest:
        return (first, *_plain(rest))
    joined = word.replace("'", "")
    return lexicon().rewrites.get(word) or _meant(joined)


def _unmasked(word: str) -> str:
    """Undo digits, signs and asterisks inside a word, if a word that matters comes of it."""
    keys = lexicon().keys
    if "*" in word:
        pattern = re.compile("".join("[a-z]" if char == "*" else re.escape(char) for char in word))
        return next((key for key in sorted(keys) if pattern.fullmatch(key)), word.replace("*", ""))
    for table in (_LEET, _LEET_L):
        bare = word.translate(table)
        if bare in keys or bare in lexicon().rewrites:
            return bare
    return word


def _meant(word: str) -> tuple[str, ...]:
    known = lexicon()
    if word in known.rewrites:
        return known.rewrites[word]
    if word in known.keys or word in known.near:
        return (word,)
    shorter = _without_repeats(word)
    if shorter != word:
        return _meant(shorter)
    return (known.slip(word) or word,)


def _without_repeats(word: str) -> str:
    """Return a word without letters that are held: "diiie", "sooo"."""
    twice = re.sub(r"(.)\1{2,}", r"\1\1", word)
    if twice == word:
        return word
    known = lexicon()
    once = re.sub(r"(.)\1{1,}", r"\1", word)
    return twice if twice in known.keys or twice in known.rewrites else once
