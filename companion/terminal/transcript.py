"""What was said, shown again: in the look it had when it was spoken, clean of whatever a screen must not get."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from companion.conversation import Speaker, State, Utterance
from companion.memory import dates
from companion.plaintext import one_line, plain
from companion.terminal.styler import Styler
from companion.terminal.theme import Theme
from companion.terminal.wrapping import Wrapping

LONGEST_RECAP = 60
"""Characters of what was said last that are shown after a break."""

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


def recap(said: Sequence[tuple[str, str, datetime]], name: str, now: datetime) -> list[str]:
    """Return where a talk stood, as two lines: speaker, words and moment of the last things said go in."""
    lines = []
    for speaker, text, at in said[-2:]:
        who = f"You, {dates.when(at, now)}" if speaker == Speaker.PERSON else one_line(name)
        words = one_line(text)
        lines.append(f"{who}: {words if len(words) <= LONGEST_RECAP else f'{words[: LONGEST_RECAP - 1]}…'}")
    return lines


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
