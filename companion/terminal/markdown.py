"""Emphasis and code within a line, as they stream: what of Markdown a person writes in a letter.

Marks that can be no emphasis stay as they are: `2 * 3`, `snake_case`, a path. What is recognised follows CommonMark's
rules for flanking (https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis), but for marks within a word:
those stay.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wcwidth import wcwidth

_TOKEN = re.compile(r"\*+|_+|~+|`+|\\[^\n]?|[^*_~`\\]+")
_ESCAPABLE = frozenset("*_`~#")
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one look: any of `strong`, `em`, `strike`, `code`."""

    text: str
    looks: frozenset[str]


class Inline:
    """Reads a paragraph piece by piece; holds back a run of marks until the character after it is known."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}  # look -> the mark that began it
        self._code = ""
        self._before = " "
        self._held = ""

    def feed(self, text: str) -> Iterator[Span]:
        """Take the next piece and yield what is decided."""
        tokens = _TOKEN.findall(self._held + text)
        self._held = tokens.pop() if tokens and self._may_grow(tokens[-1]) else ""
        for index, token in enumerate(tokens):
            after = tokens[index + 1] if index + 1 < len(tokens) else self._held
            yield from self._read(token, after[:1])

    def end(self) -> Iterator[Span]:
        """Yield what was held back, and begin a new paragraph."""
        held, self._held = self._held, ""
        if held:
            yield from self._read(held, " ")
        self._open, self._code, self._before = {}, "", " "

    def line_ends(self) -> Iterator[Span]:
        """Yield what was held back; emphasis goes on in the next line."""
        held, self._held = self._held, ""
        if held:
            yield from self._read(held, " ")
        self._before = " "

    def _may_grow(self, last: str) -> bool:
        return last[0] in "*_~`" or last == "\\"

    def _read(self, token: str, after: str) -> Iterator[Span]:
        if token[0] == "`":
            text = self._toggle_code(token)
        elif self._code:
            text = token
        elif token[0] == "\\":
            text = token[1:] if token[1:] in _ESCAPABLE and len(token) > 1 else token
        elif token[0] in "*_~":
            text = self._toggle(token, after)
        else:
            text = token
        if text:
            looks = frozenset({"code"}) if self._code else frozenset(self._open) or _NONE
            yield Span(text, looks)
        self._before = token[-1]

    def _toggle_code(self, token: str) -> str:
        if not self._code:
            self._code = token
            return ""
        if token == self._code:
            self._code = ""
            return ""
        return token

    def _toggle(self, run: str, after: str) -> str:
        """Begin or end what a run of marks begins or ends; return what of it is text."""
        looks = _looks(run)
        if looks and self._before not in {" ", "\n"} and all(self._open.get(look) == run[0] for look in looks):
            for look in looks:
                del self._open[look]
            return ""
        opens = after.strip() and not _is_letter(self._before) and not any(look in self._open for look in looks)
        if not looks or not opens:
            return run
        self._open.update(dict.fromkeys(looks, run[0]))
        return ""


def _looks(run: str) -> tuple[str, ...]:
    if run[0] == "~":
        return ("strike",) if len(run) == 2 else ()  # noqa: PLR2004 - as GitHub writes it
    return {1: ("em",), 2: ("strong",), 3: ("strong", "em")}.get(len(run), ())


def _is_letter(char: str) -> bool:
    """Tell whether a mark after this character stands within a word; scripts without spaces have none."""
    return char.isalnum() and wcwidth(char) == 1
