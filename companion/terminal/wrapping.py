"""Wrapping words as they stream: append-only, by the width that a terminal gives each character."""

import re
from collections.abc import Callable

from wcwidth import wcswidth, wcwidth

WIDEST = 88
"""Columns; longer lines are hard to read, however wide the window is."""

_UNBREAKABLE = "\u00a0\u2007\u202f"
"""Spaces that hold their neighbours together."""

_PART = re.compile(rf"\n|[ \t]+|(?:\S|[{_UNBREAKABLE}])+|\s")
_JOINER = "\u200d"
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_FLAG_LETTERS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))


class Wrapping:
    """Breaks lines between words; holds back no more than the word that is still growing.

    Args:
        columns: returns the width of the terminal now; it is asked anew for every line.
    """

    def __init__(self, columns: Callable[[], int]) -> None:
        self._columns = columns
        self._column = 0
        self._space = ""
        self._word = ""

    def feed(self, text: str) -> str:
        """Take the next piece and return what can be written for good."""
        return "".join(map(self._take, _PART.findall(text)))

    def end(self) -> str:
        """Return what was held back, and begin anew."""
        rest = self._release()
        self._column, self._space = 0, ""
        return rest

    def _take(self, part: str) -> str:
        if part == "\n":
            rest = self._release()
            self._column, self._space = 0, ""
            return f"{rest}\n"
        if part.isspace() and part[0] not in _UNBREAKABLE:
            rest = self._release()
            self._space += part.replace("\t", "    ")
            return rest
        return "".join(map(self._grow, part))

    def _grow(self, char: str) -> str:
        rest = "" if self._holds(char) else self._release()
        self._word += char
        return rest

    def _holds(self, char: str) -> bool:
        """Tell whether a character belongs to the growing word: scripts without spaces may break at any wide one."""
        if wcwidth(char) == 0 or char in _SKIN_TONES or self._word.endswith(_JOINER):
            return True
        if char in _FLAG_LETTERS:
            return self._word in _FLAG_LETTERS
        return wcwidth(char) <= 1 and wcwidth(self._word[:1]) <= 1

    def _release(self) -> str:
        """Return the word that is complete, on this line if it fits and on the next one otherwise."""
        if not self._word:
            return ""
        word, space = self._word, self._space
        self._word, self._space = "", ""
        width, gap = max(0, wcswidth(word)), max(0, wcswidth(space))
        if self._column + gap + width > max(8, min(WIDEST, self._columns() - 1)):
            start = "\n" if self._column else ""
            self._column = width
            return f"{start}{word}"
        self._column += gap + width
        return f"{space}{word}"
