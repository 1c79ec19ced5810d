"""What was said, shown again: in the look it had when it was spoken, clean of whatever a screen must not get."""

from collections.abc import Callable, Iterable
from datetime import datetime

from companion.conversation import Speaker, State, Utterance
from companion.memory import dates
from companion.plaintext import one_line, plain
from companion.terminal.styler import Styler
from companion.terminal.theme import Theme
from companion.terminal.wrapping import Wrapping

MARKED = "» "
"""Stands before what was looked for."""


def transcript(
    said: Iterable[Utterance], name: str, theme: Theme, columns: Callable[[], int], *, marked: int = 0
) -> str:
    """Return a talk as text for a screen.

    Args:
        said: the utterances, oldest first.
        name: what she is called.
        theme: how things look.
        columns: returns the width of the window.
        marked: an utterance that is pointed at.
    """
    return "\n".join(_spoken(utterance, name, theme, columns, marked=utterance.id == marked) for utterance in said)


def heading(moment: datetime) -> str:
    """Return the day and the time that a talk began."""
    return f"{dates.day(moment)}, {dates.clock_time(moment)}"


def _spoken(said: Utterance, name: str, theme: Theme, columns: Callable[[], int], *, marked: bool) -> str:
    hers = said.speaker is Speaker.COMPANION
    state = "" if said.state is State.COMPLETE else f", {said.state}"
    who = f"{dates.clock_time(said.said_at)}  {one_line(name) if hers else 'You'}{state}"
    words = Styler(theme, columns) if hers and theme.styled else Wrapping(columns)
    return (
        f"{theme.paint(theme.notice, (MARKED if marked else '') + who)}\n{words.feed(plain(said.text))}{words.end()}\n"
    )
