"""Her words in the look of what they are, append-only: what was written is never touched again.

A small machine over lines: headings, lists, quotes, rules, code and tables are known by how a line begins; emphasis
within a line is `Inline`'s. It holds back the few characters that tell what a line is, and the word that is growing;
a table is held until it is whole, since its last row may be its widest. Lines are broken to the window, but for code:
what one copies must be exact.
"""

import re
from collections.abc import Callable, Iterable

from wcwidth import wcswidth

from companion.terminal.markdown import Inline, Span
from companion.terminal.theme import Theme
from companion.terminal.wrapping import Wrapping

LONGEST_TABLE = 20_000
"""Characters of a table that are held back; what is longer is shown as it was written."""

DEEPEST = 8
"""Columns that the lines of a list item hang in at most; a narrow window has no room for more."""

_BULLET, _BAR, _RULE = "•", "│", "———"

_UNDECIDED = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]*|([-*_+])(?:[ \t]*\1)*[ \t]*|\d{1,9}(?:[.)][ \t]*)?|`{1,2}|~{1,2}|(?:`{3}|~{3}).*|\|.*"
    r"|>[> \t]*)?"
)
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+")
_ITEM = re.compile(r"([ \t]*)([-*+]|\d{1,9}[.)])[ \t]+(?=\S)")
_QUOTE = re.compile(r"[ \t]*(>[> \t]*)")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[^`]*$")
_THEMATIC = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
_ROW = re.compile(r"[ \t]*\|")
_DELIMITERS = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|?)+[ \t]*$")
_CELLS = re.compile(r"(?<!\\)\|")


class Styler:
    """Writes one reply.

    Args:
        theme: how things look.
        columns: returns the width of the terminal now.

    Attributes:
        ended_at: the column at which the last reply ended.
    """

    def __init__(self, theme: Theme, columns: Callable[[], int]) -> None:
        self._theme, self._columns = theme, columns
        self._wrapping = Wrapping(columns)
        self._inline = Inline()
        self._looks: frozenset[str] = frozenset()
        self._heading = False
        self._held: str | None = ""  # the beginning of a line of which it is not known what it is
        self._fence = ""
        self._rows: list[str] = []
        self._began = False
        self.ended_at = 0

    @property
    def holds_a_table(self) -> bool:
        """Whether more than a word is held back."""
        return bool(self._rows)

    def feed(self, text: str) -> str:
        """Take the next piece, clean of control characters, and return what can be written for good."""
        begun = "" if self._began else self._theme.hers
        self._began = True
        return begun + "".join(self._end_line() if part == "\n" else self._take(part) for part in _parts(text))

    def end(self) -> str:
        """Return what was held back, and begin anew."""
        rest = self._decide() + self._write_table() + self._end_block()
        reset, ended_at = self._theme.reset if self._theme.hers else "", self._wrapping.ended_at
        self.__init__(self._theme, self._columns)  # type: ignore[misc] # the next reply knows nothing of this one
        self.ended_at = ended_at
        return rest + reset

    def _take(self, part: str) -> str:
        if self._held is None:
            return part if self._fence else self._write(self._inline.feed(part))
        self._held += part
        if self._fence:
            return "" if set(self._held.strip()) <= {self._fence[0]} else self._release()
        return "" if _UNDECIDED.fullmatch(self._held) else self._decide()

    def _end_line(self) -> str:
        decided = self._decide()
        if self._rows and self._held == "":  # the line was a row
            return decided
        if self._fence:
            self._held = ""
            return f"{decided}\n"
        if self._held == "" or self._heading:
            rest = decided + self._end_block()
        else:
            rest = decided + self._write(self._inline.line_ends()) + self._wrapping.end()
        self._held = ""
        return f"{rest}\n"

    def _end_block(self) -> str:
        """Return what was held back; what comes next begins in the look of her words."""
        rest = self._write(self._inline.end()) + self._wrapping.end()
        styled, self._heading = self._looks or self._heading, False
        return rest + (self._look(frozenset()) if styled else "")

    def _release(self) -> str:
        """Return the beginning of a line as it is."""
        held, self._held = self._held or "", None
        return held

    def _decide(self) -> str:
        """Return the beginning of a line as what it is; it is known by now, or the line is over."""
        line = self._held
        if line is None or (not line and not self._rows):
            return ""
        if self._fence:
            return self._in_code(line)
        if _ROW.match(line) and sum(map(len, self._rows)) < LONGEST_TABLE:
            self._rows.append(line)
            self._held = ""
            return ""
        return self._write_table() + (self._begin(line) if line else "")

    def _in_code(self, line: str) -> str:
        bare = line.strip()
        if set(bare) != {self._fence[0]} or len(bare) < len(self._fence):
            return self._release()
        self._fence, self._held = "", None
        return self._theme.notice + line + self._look(frozenset())

    def _begin(self, line: str) -> str:
        self._held = None
        for pattern, begin in (
            (_FENCE, self._begin_code),
            (_THEMATIC, self._rule),
            (_HEADING, self._begin_heading),
            (_ITEM, self._begin_item),
            (_QUOTE, self._begin_quote),
        ):
            if found := pattern.match(line):
                return self._end_block() + begin(found) + self._write(self._inline.feed(line[found.end() :]))
        return self._write(self._inline.feed(line))

    def _begin_code(self, found: re.Match[str]) -> str:
        self._fence = found[1]
        return self._theme.notice + found[0] + self._look(frozenset())

    def _rule(self, _: re.Match[str]) -> str:
        return self._theme.notice + _RULE + self._look(frozenset())

    def _begin_heading(self, _: re.Match[str]) -> str:
        self._heading = True
        return self._look(frozenset())

    def _begin_item(self, found: re.Match[str]) -> str:
        marker = found[2] if found[2][0].isdigit() else _BULLET
        begins = f"{found[1]}{marker} ".replace("\t", "    ")
        return self._wrapping.lead(begins, " " * min(len(begins), DEEPEST))

    def _begin_quote(self, found: re.Match[str]) -> str:
        bars = f"{_BAR} " * min(found[1].count(">"), DEEPEST // 2)
        return self._wrapping.lead(bars, bars)

    def _write(self, spans: Iterable[Span]) -> str:
        written = []
        for span in spans:
            if span.looks != self._looks:
                self._wrapping.mark(self._look(span.looks))
            written.append(self._wrapping.feed(span.text))
        return "".join(written)

    def _look(self, looks: frozenset[str]) -> str:
        """Return the sequence that leads from the look of now to another."""
        self._looks = looks
        bold = looks | {"strong"} if self._heading else looks
        return self._theme.reset + self._theme.hers + "".join(self._theme.look(look) for look in sorted(bold))

    def _write_table(self) -> str:
        rows, self._rows = self._rows, []
        if not rows:
            return ""
        aligned = _aligned(rows, self._columns() - 1)
        if aligned is None:
            return "".join(f"{row}\n" for row in rows)
        head, *body = aligned
        bold = self._look(frozenset({"strong"})) + head + self._look(frozenset())
        return "\n".join((bold, *body)) + "\n"


def _parts(text: str) -> list[str]:
    return re.findall(r"\n|[^\n]+", text)


def _aligned(rows: list[str], room: int) -> list[str] | None:
    """Return the lines of a table with its columns aligned; None if it is none, or too wide."""
    if len(rows) < 2 or not _DELIMITERS.match(rows[1]):  # noqa: PLR2004 - a head and its rule
        return None
    cells = [_cells(row) for row in (rows[0], *rows[2:])]
    count = max(map(len, cells))
    whole = [[*row, *[""] * (count - len(row))] for row in cells]
    widths = [max(wcswidth(row[column]) for row in whole) for column in range(count)]
    if sum(widths) + 2 * (count - 1) > room:
        return None
    return ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in whole]


def _cells(row: str) -> list[str]:
    return [_bare(cell) for cell in _CELLS.split(row.strip().removeprefix("|").removesuffix("|"))]


def _bare(cell: str) -> str:
    """Return the words of a cell, without the marks of emphasis."""
    inline = Inline()
    return "".join(span.text for span in (*inline.feed(cell.strip().replace("\\|", "|")), *inline.end()))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - max(0, wcswidth(text)))
