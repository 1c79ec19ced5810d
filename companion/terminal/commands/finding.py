"""Finding again: what was said, by its words, its day, or a mark that was left there."""

from companion.conversation import Conversation, Speaker, Utterance
from companion.dialogue import paths
from companion.errors import NotRemembered, SettingsError
from companion.memory import dates
from companion.plaintext import one_line
from companion.terminal.commands import Talk
from companion.terminal.transcript import heading

FOUND_AT_ONCE = 8
SITTINGS_AT_ONCE = 15
READ_AROUND = 6
"""How many utterances before and after a place are shown."""

LONGEST_LINE = 160
LONGEST_CONTEXT = 70


async def search(talk: Talk, words: str) -> None:
    """Find what was said; with a number of the last list, read on there."""
    if not words:
        raise SettingsError("Search for what? /search my sister")
    if words.isdecimal() and 1 <= int(words) <= len(talk.numbered):
        _read_around(talk, talk.numbered[int(words) - 1])
        return
    found = talk.numbered = talk.companion.search(words, FOUND_AT_ONCE)
    for number, said in enumerate(found, 1):
        _show_found(talk, number, said)
    if found:
        talk.screen.notice("/search NUMBER reads on there.")
    else:
        talk.screen.notice("Nothing was said with all of these words.")


def _show_found(talk: Talk, number: int, said: Utterance) -> None:
    sitting = paths.along(talk.companion.store.utterances(said.conversation), said)
    place = next(index for index, other in enumerate(sitting) if other.id == said.id)
    aside = "" if said.holds else ", taken back"
    talk.screen.dim(f"{number}  {heading(said.said_at)}{aside}")
    if place:
        talk.screen.dim(f"   {_line(talk, sitting[place - 1], LONGEST_CONTEXT)}")
    talk.screen.line(f"   {_line(talk, said, LONGEST_LINE)}")
    if place + 1 < len(sitting):
        talk.screen.dim(f"   {_line(talk, sitting[place + 1], LONGEST_CONTEXT)}")


def _read_around(talk: Talk, said: Utterance) -> None:
    shown = paths.along(talk.companion.store.utterances(said.conversation), said)
    place = next(index for index, other in enumerate(shown) if other.id == said.id)
    talk.screen.dim(heading(shown[0].said_at))
    talk.screen.line()
    talk.screen.read_again(shown[max(0, place - READ_AROUND) : place + READ_AROUND + 1], talk.companion, said.id)
    talk.screen.notice(
        f"/resume {said.conversation} goes on with that talk; /history {said.conversation} shows it all."
    )


async def history(talk: Talk, number: str) -> None:
    """List the sittings by day, or show one."""
    sittings = talk.companion.store.conversations(talk.companion.persona.id)
    if number:
        sitting = _sitting(sittings, number)
        talk.screen.dim(heading(sitting.started_at))
        talk.screen.line()
        whole = talk.companion.store.utterances(sitting.id)
        talk.screen.read_again([said for said in whole if said.holds], talk.companion)
        return
    day = ""
    for sitting in reversed(sittings[:SITTINGS_AT_ONCE]):
        if day != (day := dates.day(sitting.started_at)):
            talk.screen.dim(day)
        opening = one_line(sitting.opening)[:LONGEST_CONTEXT]
        talk.screen.line(f"{sitting.id:>5}  {dates.clock_time(sitting.started_at)}  {opening}")
    if sittings:
        talk.screen.notice("/history NUMBER shows one, /resume NUMBER goes on with it.")
    else:
        talk.screen.notice("Nothing was said yet.")


async def resume(talk: Talk, number: str) -> None:
    """Take up an earlier sitting where it ended."""
    sittings = [
        s
        for s in talk.companion.store.conversations(talk.companion.persona.id)
        if number or s.id != talk.companion.conversation
    ]
    if not sittings:
        raise NotRemembered("There is no earlier talk to take up.")
    sitting = _sitting(sittings, number) if number else sittings[0]
    said = talk.companion.store.utterances(sitting.id)
    talk.companion.take_up(paths.tip(said) or said[-1])
    talk.screen.where_we_were(said, talk.companion)


async def bookmark(talk: Talk, note: str) -> None:
    """Mark what was said last."""
    if talk.companion.last is None:
        talk.screen.notice("Nothing was said yet in this sitting. /bookmarks lists what you marked.")
        return
    talk.companion.store.bookmark(talk.companion.last.id, one_line(note), talk.companion.now())
    talk.screen.notice("Marked. /bookmarks lists what you marked.")


async def bookmarks(talk: Talk, _: str) -> None:
    """List what was marked."""
    marks = talk.companion.store.bookmarks(talk.companion.persona.id)
    talk.numbered = [mark.utterance for mark in marks]
    for number, mark in enumerate(marks, 1):
        talk.screen.dim(f"{number}  {heading(mark.utterance.said_at)}  {mark.note}")
        talk.screen.line(f"   {_line(talk, mark.utterance, LONGEST_LINE)}")
    if marks:
        talk.screen.notice("/search NUMBER reads on there.")
    else:
        talk.screen.notice("Nothing is marked yet; /bookmark marks what was said last.")


def _sitting(sittings: "tuple[Conversation, ...] | list[Conversation]", number: str) -> Conversation:
    found = next((sitting for sitting in sittings if str(sitting.id) == number), None)
    if found is None:
        raise NotRemembered(f"There is no sitting {one_line(number)}; /history shows them.")
    return found


def _line(talk: Talk, said: Utterance, longest: int) -> str:
    who = "you" if said.speaker is Speaker.PERSON else one_line(talk.companion.persona.name)
    text = one_line(said.text)
    return f"{who}: {text if len(text) <= longest else f'{text[: longest - 1]}…'}"
