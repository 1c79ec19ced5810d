"""Wrapping words as they stream: append-only, by the width that a terminal gives each character."""

import re
from collections.abc import Callable

from wcwidth import wcswidth, wcwidth

WIDEST = 88
"""Columns; longer lines are hard to read, however wide the window is."""

_PART = re.compile(r"\n|[ \t]+|[^\s]+|\s")


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
        if part.isspace():
            rest = self._release()
            self._space += part.replace("\t", "    ")
            return rest
        return "".join(map(self._grow, part))

    def _grow(self, char: str) -> str:
        wide = wcwidth(char) > 1
        rest = self._release() if wide else ""  # scripts without spaces may break before any character
        self._word += char
        return rest + (self._release() if wide else "")

    def _release(self) -> str:
        """Return the word that is complete, on this line if it fits and on the next one otherwise."""
        if not self._word:
            return ""
        word, space = self._word, self._space
        self._word, self._space = "", ""
        width, limit = max(0, wcswidth(word)), max(8, min(WIDEST, self._columns() - 1))
        if self._column and self._column + len(space) + width > limit:
            self._column = width
            return f"\n{word}"
        self._column += len(space) + width
        return f"{space}{word}"
