"""Showing a turn, append-only: her words as they come, a dim line for what happens behind them."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from companion.conversation import State, Utterance
from companion.dialogue.events import Event, Failed, Finished, Kept, Noticed, Spoke
from companion.errors import CompanionError
from companion.plaintext import PlainText, one_line, plain
from companion.terminal.styler import Styler
from companion.terminal.theme import Theme
from companion.terminal.transcript import recap, transcript
from companion.terminal.wrapping import Wrapping

if TYPE_CHECKING:
    from companion.dialogue.engine import Companion
    from companion.memory.memory import Memory

SHOWN_AS_KEPT = 2
"""Memories that the dim line names; the others are counted."""


class Screen:
    """Writes to a terminal, or to a pair of plain streams.

    Args:
        out: gets her words.
        aside: gets notices and errors; on a terminal the same as `out`.
        theme: how things look.
        wrapped: whether lines are broken to the width of the window.
    """

    def __init__(self, out: TextIO, aside: TextIO, theme: Theme, *, wrapped: bool) -> None:
        self.theme, self.hue = theme, ""
        self._out, self._aside = out, aside
        self._wrapped = wrapped
        self._words = self._fresh()
        self._cleaning = PlainText()
        self._speaking = self._waiting = self._disclosed = self._apart = False

    def show(self, event: Event) -> None:
        """Show one event of a turn."""
        match event:
            case Noticed("disclosure", _) if self._disclosed:
                self._disclosed = False
            case Noticed(_, text):
                if self._speaking:  # it is about what she just said
                    self.end_reply()
                self.notice(text)
                self._apart = self._wrapped
            case Spoke(text):
                self._speak(text)
            case Kept(memories) if memories:
                self.notice(kept(memories))
            case Finished(reply, _):
                self.end_reply("(interrupted)" if reply.state is State.INTERRUPTED else "")
            case Failed(error, _):
                self.end_reply()
                self.error(error)

    def disclose(self, text: str) -> None:
        """Show the disclosure before anything is said; the first turn will not show it a second time."""
        self.notice(text)
        self._disclosed = True

    def wait(self) -> None:
        """Show one quiet sign that she is about to speak; it vanishes with her first word."""
        if self.theme.erase_line:
            self._waiting = True
            self._write(self.theme.paint(self.theme.notice, "…"))

    def end_reply(self, remark: str = "") -> None:
        """Write what was held back, end the line, and perhaps remark on how it ended."""
        waited = self._stop_waiting()
        if not self._speaking:
            if waited and remark:
                self._write(f"{self._dim(remark)}\n")
            return
        rest = self._words.end() if self._words else ""
        self._write(f"{rest}{self._gap(remark) + self._dim(remark) if remark else ''}\n")
        self._speaking, self._cleaning, self._words = False, PlainText(), self._fresh()

    def _gap(self, remark: str) -> str:
        """Return what stands between her words and a remark: a space, or where that has no room, a new line."""
        fits = self._words is None or self._words.ended_at + 1 + len(remark) < self._columns()
        return " " if fits else "\n"

    def line(self, text: str = "") -> None:
        """Write a line or paragraph that is neither hers nor a notice."""
        self._write(self._wrap(plain(text)) + "\n")

    def dress(self, theme: Theme) -> None:
        """Look like this from now on; her colour stays hers."""
        self.theme = theme.hued(self.hue)
        self._words = self._fresh()

    @property
    def columns(self) -> int:
        """The width of the window now."""
        return self._columns()

    def reread(self, text: str) -> None:
        """Write words of hers that were said before, in the look they had."""
        words = self._fresh()
        clean = plain(text)
        self._write((words.feed(clean) + words.end() if words else clean) + "\n")

    def read_again(self, said: Iterable[Utterance], companion: "Companion", marked: int = 0) -> None:
        """Write a part of a talk that was."""
        name = companion.persona.name
        columns = self._columns if self._wrapped else lambda: sys.maxsize
        self._write(transcript(said, name, self.theme, columns, marked=marked))
        self._write("\n")

    def where_we_were(self, said: Sequence[Utterance], companion: "Companion") -> None:
        """Write the last thing each of the two said, in a line each."""
        path = [(utterance.speaker, utterance.text, utterance.said_at) for utterance in said if utterance.holds]
        for line in recap(path, companion.persona.name, companion.now()):
            self.notice(line)

    def dim(self, text: str) -> None:
        """Write a line of an answer that is less than the others."""
        self._write(self._dim(self._wrap(plain(text))) + "\n")

    def notice(self, text: str) -> None:
        """Write a dim line."""
        self._beside(self.theme.notice, text)

    def error(self, error: CompanionError) -> None:
        """Write the sentence of an error."""
        self._beside(self.theme.error, str(error))

    def _beside(self, role: str, text: str) -> None:
        self._stop_waiting()
        if self._speaking:
            self.end_reply()
        self._put(self._aside, self.theme.paint(role, self._wrap(one_line(text))) + "\n")

    def _speak(self, text: str) -> None:
        self._stop_waiting()
        if self._apart:  # a line of air between what is behind the scenes and her words
            self._write("\n")
        self._speaking, self._apart = True, False
        clean = self._cleaning.feed(text)
        self._write(self._words.feed(clean) if self._words else clean)
        if isinstance(self._words, Styler) and self._words.holds_a_table:
            self.wait()

    def _stop_waiting(self) -> bool:
        """Take the sign of waiting away; tell whether it was there."""
        waited, self._waiting = self._waiting, False
        if waited:
            self._write(self.theme.erase_line)
        return waited

    def _fresh(self) -> Styler | Wrapping | None:
        """Return what gives the next reply its look; nothing, where nobody looks."""
        if not self._wrapped:
            return None
        return Styler(self.theme, self._columns) if self.theme.styled else Wrapping(self._columns)

    def _wrap(self, text: str) -> str:
        if not self._wrapped:
            return text
        wrapping = Wrapping(self._columns)
        return wrapping.feed(text) + wrapping.end()

    def _dim(self, text: str) -> str:
        return self.theme.paint(self.theme.notice, text)

    def _write(self, text: str) -> None:
        self._put(self._out, text)

    def _put(self, stream: TextIO, text: str) -> None:
        """Write at once; a terminal that is gone is no reason not to put everything else in order."""
        try:
            stream.write(text)
            stream.flush()
        except OSError as error:
            if isinstance(error, BrokenPipeError) or not self._wrapped:
                raise

    def _columns(self) -> int:
        """Return the width of the window now, whatever the environment says it was."""
        with suppress(OSError, ValueError):
            return os.get_terminal_size(self._out.fileno()).columns or 80
        return 80


def kept(memories: "Sequence[Memory]") -> str:
    """Return the dim line for what was kept, short."""
    shown = "; ".join(
        f"{m.text[:1].lower()}{m.text[1:]}" if _begins_plain(m.text) else m.text for m in memories[:SHOWN_AS_KEPT]
    )
    more = len(memories) - SHOWN_AS_KEPT
    return f"(kept: {shown}{f'; and {more} more' if more > 0 else ''})"


def _begins_plain(text: str) -> bool:
    """Tell whether a text begins with a word that has its capital from its place."""
    return re.match(r"(?:You|Your|The|A|That)\b", text) is not None
