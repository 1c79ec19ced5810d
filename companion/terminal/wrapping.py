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

    Attributes:
        ended_at: the column at which the last line ended.
    """

    def __init__(self, columns: Callable[[], int]) -> None:
        self.ended_at = 0
        self._columns = columns
        self._hang = ""
        self._column = 0
        self._space = ""
        self._word = ""
        self._shown = ""  # the word with the marks in it

    def feed(self, text: str) -> str:
        """Take the next piece and return what can be written for good."""
        return "".join(map(self._take, _PART.findall(text)))

    def mark(self, sequence: str) -> None:
        """Write a sequence that takes no room before the next character."""
        self._shown += sequence

    def lead(self, begins: str, hang: str) -> str:
        """Begin a line with these characters, and with others each line that it is broken into; until it ends."""
        self._hang, self._column = hang, _width(begins)
        return begins

    def end(self) -> str:
        """Return what was held back, and begin anew."""
        rest = self._release() + self._shown
        self.ended_at = self._column
        self._column, self._space, self._hang, self._shown = 0, "", "", ""
        return rest

    def _take(self, part: str) -> str:
        if part == "\n":
            return f"{self.end()}\n"
        if part.isspace() and part[0] not in _UNBREAKABLE:
            rest = self._release()
            self._space += part.replace("\t", "    ")
            return rest
        if part.isascii() and self._word.isascii():
            self._word += part
            self._shown += part
            return ""
        return "".join(map(self._grow, part))

    def _grow(self, char: str) -> str:
        rest = "" if self._holds(char) else self._release()
        self._word += char
        self._shown += char
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
        word, shown, space = self._word, self._shown, self._space
        if not word:
            return ""
        self._word, self._shown, self._space = "", "", ""
        width, gap = _width(word), _width(space)
        if self._column + gap + width > max(8, min(WIDEST, self._columns() - 1)):
            start = f"\n{self._hang}" if self._column else ""
            self._column = _width(self._hang) * bool(start) + width
            return f"{start}{shown}"
        self._column += gap + width
        return f"{space}{shown}"


def _width(text: str) -> int:
    return len(text) if text.isascii() else max(0, wcswidth(text))
