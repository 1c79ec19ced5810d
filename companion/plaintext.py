"""Text with nothing in it but text.

What a model, a file or a person's clipboard gives us may carry terminal control sequences: escape codes that
recolour, retitle, write to the clipboard or answer as if typed; 8-bit forms of the same; marks that reverse the
reading order; invisible tag characters. None of it may reach a screen. Words are stored as they came and cleaned
here whenever they are shown; what the person says is cleaned before it is kept.

A sequence may be split over two pieces of a stream, so `PlainText` remembers where it stands. The grammar is that
of ECMA-48 (5th edition, §5.4 control sequences, §5.6 control strings).
"""

import re

LONGEST_CONTROL_STRING = 4096
"""A control string (such as a window title) that has not ended after this many characters is taken for text."""

_ESC, _BEL, _CSI_8BIT, _ST_8BIT = "\x1b", "\x07", "\x9b", "\x9c"
_STRING_OPENERS = frozenset("PX]^_")  # DCS, SOS, OSC, PM, APC after ESC
_STRING_OPENERS_8BIT = frozenset("\x90\x98\x9d\x9e\x9f")
_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but newline and tab, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that reverse the reading order
    "\u2028\u2029\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f"  # tags
    "]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


class PlainText:
    """Cleans a stream piece by piece; sequences split over pieces are recognised."""

    def __init__(self) -> None:
        self._state = self._text
        self._swallowed = 0
        self._after_return = False

    def feed(self, piece: str) -> str:
        """Take the next piece as it came and return what of it may be shown."""
        shown = "".join(map(self._step, self._newlines(piece)))
        return _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", shown))

    def _newlines(self, piece: str) -> str:
        """Turn CR LF and a lone CR into one newline, also when they are split over two pieces."""
        if self._after_return and piece.startswith("\n"):
            piece = piece[1:]
            self._after_return = False
        if piece:
            self._after_return = piece.endswith("\r")
        return piece.replace("\r\n", "\n").replace("\r", "\n")

    def _step(self, char: str) -> str:
        return self._state(char)

    def _text(self, char: str) -> str:
        if char == _ESC:
            self._state = self._escape
        elif char == _CSI_8BIT:
            self._state = self._control_sequence
        elif char in _STRING_OPENERS_8BIT:
            self._begin_string()
        else:
            return char
        return ""

    def _escape(self, char: str) -> str:
        if char == "[":
            self._state = self._control_sequence
        elif char in _STRING_OPENERS:
            self._begin_string()
        elif " " <= char <= "/" or char == _ESC:
            pass  # intermediate bytes: the sequence goes on
        else:
            self._state = self._text
            return "" if "0" <= char <= "~" else self._text(char)
        return ""

    def _control_sequence(self, char: str) -> str:
        if " " <= char <= "?":
            return ""
        self._state = self._text
        return "" if "@" <= char <= "~" else self._text(char)

    def _begin_string(self) -> None:
        self._state, self._swallowed = self._control_string, 0

    def _control_string(self, char: str) -> str:
        self._swallowed += 1
        if char in (_BEL, _ST_8BIT):
            self._state = self._text
        elif char == _ESC:
            self._state = self._escape  # ESC \ ends the string; any other escape begins anew, as terminals do
        elif char == "\n" or self._swallowed > LONGEST_CONTROL_STRING:
            self._state = self._text
            return char
        return ""


def plain(text: str) -> str:
    """Return a whole text without control sequences; newlines and tabs stay."""
    return PlainText().feed(text)


def one_line(text: str) -> str:
    """Return a whole text cleaned and on one line, for lists and notices."""
    return " ".join(plain(text).split())
