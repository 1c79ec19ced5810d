"""Going back: on the tree of the sitting, so that nothing is ever lost."""

from companion.conversation import Speaker, Utterance
from companion.dialogue import paths
from companion.errors import SettingsError
from companion.memory import dates
from companion.plaintext import one_line
from companion.terminal.commands import Talk

LONGEST_LINE = 60
"""Characters of what was said that a list shows."""

NOTHING_YET = "Nothing was said yet in this sitting."


async def retry(talk: Talk, hint: str) -> None:
    """Have the last words answered again, perhaps with a wish for the answer."""
    if paths.last_words(talk.companion.sitting()) is None:
        talk.screen.notice(NOTHING_YET)
        return
    await talk.turn(talk.companion.answer_again(hint))


async def edit(talk: Talk, words: str) -> None:
    """Say the last words otherwise."""
    said = talk.companion.sitting()
    old = paths.last_words(said)
    if old is None:
        talk.screen.notice(NOTHING_YET)
    elif words:
        talk.companion.turn_to(paths.parent(said, old))
        await talk.turn(talk.companion.hear(words))
    elif talk.edit(old):
        talk.screen.notice("Change it and send it; Ctrl-C leaves it as it was.")
    else:
        raise SettingsError("Say it with what should stand instead: /edit I meant Bergen.")


async def undo(talk: Talk, _: str) -> None:
    """Take back the last exchange."""
    said = talk.companion.sitting()
    words = paths.last_words(said)
    if words is None:
        talk.screen.notice(NOTHING_YET)
        return
    talk.companion.turn_to(paths.parent(said, words))
    talk.screen.notice(f"Taken back: “{_short(words)}” /redo brings it back.")
    _where(talk)


async def redo(talk: Talk, _: str) -> None:
    """Bring back what was taken back last."""
    end = paths.taken_back(talk.companion.sitting())
    if end is None:
        talk.screen.notice("There is nothing to bring back here. /branches shows every way this talk went.")
        return
    talk.companion.turn_to(end)
    _where(talk)


async def again(talk: Talk, number: str) -> None:
    """Show every answer to the last words, or go on from one of them."""
    said = talk.companion.sitting()
    attempts = paths.attempts(said)
    if number:
        chosen = _numbered(attempts, number, "/again")
        talk.companion.turn_to(chosen if chosen.holds else paths.end_of(said, chosen))
        _where(talk)
        return
    for index, attempt in enumerate(attempts, 1):
        here = " (this one holds)" if attempt.holds else ""
        talk.screen.dim(f"{index}, {dates.clock_time(attempt.said_at)}{here}")
        talk.screen.reread(attempt.text)
        talk.screen.line()
    if len(attempts) > 1:
        talk.screen.notice("/again NUMBER goes on from another.")
    elif not attempts:
        talk.screen.notice(NOTHING_YET)


async def branches(talk: Talk, number: str) -> None:
    """Show every way this talk went, or go on with one of them."""
    said = talk.companion.sitting()
    ends = paths.ends(said)
    if number:
        talk.companion.turn_to(_numbered(ends, number, "/branches"))
        _where(talk)
        return
    if len(ends) < 2:  # noqa: PLR2004 - one is no choice
        talk.screen.notice("This talk went one way only.")
        return
    for index, end in enumerate(ends, 1):
        first = paths.fork(said, end)
        begins = "you are here" if end.holds else f"branches off with {_who(talk, first)}: “{_short(first)}”"
        talk.screen.line(f"{index:>3}  {dates.clock_time(end.said_at)}  {begins}")
        if first != end or end.holds:
            talk.screen.line(f"            ends with {_who(talk, end)}: “{_short(end)}”")
    talk.screen.notice("/branches NUMBER goes on there.")


async def continue_(talk: Talk, _: str) -> None:
    """Let her go on with a reply that was cut off."""
    if not paths.is_cut(talk.companion.last):
        talk.screen.notice("She had finished. /retry HINT asks for another answer.")
        return
    await talk.turn(talk.companion.go_on())


def _numbered(of: tuple[Utterance, ...], number: str, command: str) -> Utterance:
    if not number.isdecimal() or not 1 <= int(number) <= len(of):
        raise SettingsError(f"There is no number {one_line(number)}; {command} shows them.")
    return of[int(number) - 1]


def _where(talk: Talk) -> None:
    """Show where the talk stands now, in a line or two."""
    end = talk.companion.last
    if end is None:
        talk.screen.notice("You are at the beginning.")
        return
    talk.screen.notice(f"You are where {_who(talk, end)} said: “{_short(end)}”")


def _who(talk: Talk, said: Utterance) -> str:
    return "you" if said.speaker is Speaker.PERSON else one_line(talk.companion.persona.name)


def _short(said: Utterance) -> str:
    line = one_line(said.text)
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
