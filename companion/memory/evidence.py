"""The quote gate: a memory rests on words that were really said, or it is none.

The gate is code, not a plea to a model. A quote must stand, word for word, in something the person said in their own
words. Letter case, the shape of quotation marks and dashes, and white space do not matter; nothing else is forgiven.
Not the person's own are: what they quote, paste or cite, and what they repeat of hers.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from companion.conversation import Utterance
from companion.memory.memory import Evidence

PASTED_LINES = 10
"""From so many lines on, a text was not typed into a chat: only single lines before and after it are one's own."""

QUOTED_WORDS = 3
"""From so many words on, what stands between quotation marks is somebody else's, or not meant."""

ECHOED_WORDS = 4
"""From so many words on, what she said before is hers when it comes back."""

_ALIKE = str.maketrans(
    {**dict.fromkeys("‘’‚‛`´ʼ", "'"), **dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‐‑‒–—―", "-")}
)
_EDGES = " \"'.,;:!?-…"
_FOREIGN = (
    re.compile(r"```.*?(?:```|\Z)", re.DOTALL),
    re.compile(r"^[ \t]*>.*$", re.MULTILINE),
    re.compile(r"<recalled>.*?(?:</recalled>|\Z)", re.DOTALL | re.IGNORECASE),
)
_BETWEEN_MARKS = re.compile(r'"([^"\n]*)"|“([^”\n]*)”|„([^“”\n]*)[“”]|«([^»\n]*)»|(?<!\w)[\'‘]([^\'’\n]*)[\'’](?!\w)')


def evidence(quote: str, said: Sequence[Utterance], hers: Iterable[str] = ()) -> Evidence | None:
    """Return where the person said something in their own words, the latest first; None if they did not.

    Args:
        quote: what they are said to have said.
        said: what they said, oldest first.
        hers: what she said.
    """
    wanted = folded(quote).strip(_EDGES)
    if not any(char.isalnum() for char in wanted) or is_echo(quote, hers):
        return None
    for utterance in reversed(said):
        for start, end in own_words(utterance.text):
            span = _within(wanted, utterance.text, start, end)
            if span:
                words = utterance.text[span[0] : span[1]]
                return Evidence(utterance.id, *span, words, utterance.said_at)
    return None


def own_words(text: str) -> list[tuple[int, int]]:
    """Return the spans of a text that are the person's own words."""
    foreign = [match.span() for pattern in _FOREIGN for match in pattern.finditer(text)]
    foreign += [m.span() for m in _BETWEEN_MARKS.finditer(text) if len(m.group().split()) >= QUOTED_WORDS]
    foreign += _pasted(text)
    return [(start, end) for start, end in _gaps(sorted(foreign), len(text)) if text[start:end].strip()]


def is_echo(text: str, hers: Iterable[str]) -> bool:
    """Tell whether a text repeats what she said."""
    wanted = _flat(text).strip(_EDGES)
    return len(wanted.split()) >= ECHOED_WORDS and any(wanted in _flat(other) for other in hers)


def folded(text: str) -> str:
    """Return a text as quotes are compared."""
    return "".join(char for char, _ in _folded(text)).strip()


def _folded(text: str) -> Iterator[tuple[str, int]]:
    """Yield each character as quotes are compared, with the place it has in the text."""
    spaced = True
    for place, char in enumerate(text):
        if char.isspace():
            if not spaced:
                yield " ", place
            spaced = True
            continue
        for plain in unicodedata.normalize("NFKC", char.translate(_ALIKE)).casefold():
            yield plain, place
            spaced = False


def _within(wanted: str, text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where a folded quote stands in a part of a text, as whole words."""
    chars = list(_folded(text[start:end]))
    flat = "".join(char for char, _ in chars)
    for match in re.finditer(rf"(?<!\w)(?<!\w'){re.escape(wanted)}(?!'?\w)", flat):
        return start + chars[match.start()][1], start + chars[match.end() - 1][1] + 1
    return None


def _flat(text: str) -> str:
    """Return a text as `folded` does, all at once: where no place in it is asked for."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_ALIKE)).casefold().split())


def _pasted(text: str) -> list[tuple[int, int]]:
    """Return the block of many lines that was pasted, if one was."""
    lines = [(match.start(), match.end()) for match in re.finditer(r"[^\n]+", text)]
    if len(lines) < PASTED_LINES:
        return []
    first, last = lines[0], lines[-1]
    begins = first[1] if text[first[1] :].startswith("\n\n") or text[: first[1]].rstrip().endswith(":") else 0
    ends = last[0] if text[: last[0]].endswith("\n\n") else len(text)
    return [(begins, ends)]


def _gaps(taken: Iterable[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    reached = 0
    for start, end in taken:
        if start > reached:
            yield reached, start
        reached = max(reached, end)
    if reached < length:
        yield reached, length
