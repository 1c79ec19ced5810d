"""Her memory of the person: what is kept, what came to mind, putting right, forgetting."""

from datetime import datetime
from typing import TYPE_CHECKING

from companion.conversation import Speaker
from companion.errors import NotRemembered, SettingsError
from companion.memory import dates, forgetting
from companion.plaintext import one_line
from companion.terminal import screen
from companion.terminal.commands import Talk

if TYPE_CHECKING:
    from companion.memory.memory import Memory

GOODBYE = """\
You can end this whenever you like, in the way that suits you; nothing here will ask you to stay.
  a letter from her      /goodbye letter
  just leave             /quit; everything stays as it is, and waits for nothing
  your words, or none    everything is in the one file that `companion paths` shows: keep it, copy it, or delete it
Whatever you choose, she sends nothing after you."""

LONGEST_LINE = 200
"""Characters of an old utterance that a list shows."""

LONGEST_LIST = 30
"""Memories that a list shows; `companion memories list` shows all."""

FORGOTTEN_AT_ONCE = 50
"""Things said that one /forget takes."""


async def memories(talk: Talk, about: str) -> None:
    """Show what she keeps of the person; with words, what comes to mind about them."""
    now = talk.companion.now()
    every = talk.companion.memories.all(talk.companion.persona.id)
    kept = [m for m in every if m.is_current(now) or m.doubtful]
    if about:
        kept = [memory for memory in kept if memory.speaks_of(about)]
    for memory in kept[-LONGEST_LIST:]:
        talk.screen.line(f"  {memory.id:>3}  {_shown(memory, now)}")
    came = _come_to_mind(talk, about, {memory.utterance for memory in kept}) if about else []
    for line in came:
        talk.screen.line(line)
    if not kept and not came:
        talk.screen.notice("Nothing comes to mind." if about else "Nothing is kept yet beyond what was said.")
    elif not about:
        talk.screen.notice("/memories WORDS looks further; /correct, /pin and /forget take the number.")


def _shown(memory: "Memory", now: datetime) -> str:
    """Return a memory as a line of a list."""
    mark = " (pinned)" if memory.pinned else " (is that so? /pin or /forget it)" if memory.doubtful else ""
    who = "she said" if memory.kind == "self" else "you said"
    quote = one_line(memory.quote)[:LONGEST_LINE]
    return f"{one_line(memory.text)}{mark}. {memory.kind}, {who} {dates.when(memory.said_at, now)}: “{quote}”"


def _come_to_mind(talk: Talk, about: str, besides: set[int]) -> list[str]:
    """Return what the person said that comes to mind, as lines."""
    found = [recollection.utterance for recollection in talk.companion.recall(about)]
    theirs = [said for said in found if said.speaker is Speaker.PERSON and said.id not in besides]
    now = talk.companion.now()
    return [f"  {dates.when(u.said_at, now)}, you: “{one_line(u.text)[:LONGEST_LINE]}”" for u in theirs]


async def why(talk: Talk, _: str) -> None:
    """Show what came to mind for her last reply."""
    now = talk.companion.now()
    for found in talk.companion.in_mind:
        said = found.utterance
        who = "you" if said.speaker is Speaker.PERSON else "she"
        day = dates.when(said.said_at, now)
        talk.screen.line(f"  {found.score:.2f}  {day}, {who}: “{one_line(said.text)[:LONGEST_LINE]}” ({found.reason})")
    if not talk.companion.in_mind:
        talk.screen.notice("Nothing came to mind: her last reply rests on this talk alone.")


async def remember(talk: Talk, words: str) -> None:
    """Keep something in the person's own words."""
    if not words:
        raise SettingsError("Remember what? /remember I am allergic to nuts")
    _tell_kept(talk, talk.companion.remember(words))


async def correct(talk: Talk, given: str) -> None:
    """Put something right, in the person's own words."""
    number, _, words = given.partition(" ")
    if not number.isdecimal() or not words.strip():
        raise SettingsError(
            "Which one, and how is it really? /memories shows the numbers: /correct 3 She lives in Bergen"
        )
    old = talk.companion.memories.one(int(number))
    _tell_kept(talk, talk.companion.remember(words.strip(), instead_of=old))


def _tell_kept(talk: Talk, kept: "Memory | None") -> None:
    if kept is None:
        raise SettingsError("There is nothing to keep in that; say it as a plain sentence.")
    talk.screen.notice(screen.kept([kept]))


async def pin(talk: Talk, number: str) -> None:
    """Hold on to a memory, or no longer."""
    if not number.isdecimal():
        raise SettingsError("Which one? /memories shows the numbers: /pin 3")
    memory = talk.companion.memories.one(int(number))
    talk.companion.memories.pin(memory.id, pinned=not memory.pinned)
    talk.screen.notice("No longer pinned; it fades like the others." if memory.pinned else "Pinned. It will not fade.")


async def forget(talk: Talk, what: str) -> None:
    """Show what forgetting something would take away; then, on a second word, do it."""
    if what.lower() in {"yes", "words"}:
        _let_go(talk, with_words=what.lower() == "words")
        return
    memories, said = talk.to_forget = _meant(talk, what)
    kept = talk.companion.memories
    for line in forgetting.what_goes(kept.reach(memories, with_words=False)) if memories else ():
        talk.screen.line(line)
    for line in forgetting.words_that_go(kept.reach(memories, with_words=True, utterances=said)):
        talk.screen.line(line)
    only = "/forget yes forgets what is kept, /forget words the words as well" if memories else "/forget words does it"
    talk.screen.notice(f"{only}. Anything else leaves it be.")


def _meant(talk: Talk, what: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the memories that are meant, and what was said about it."""
    companion = talk.companion
    if what.isdecimal():
        return (companion.memories.one(int(what)).id,), ()
    if not what:
        raise SettingsError("Forget what? /memories shows the numbers: /forget 3, or /forget and what it is about.")
    memories = tuple(m.id for m in companion.memories.all(companion.persona.id) if m.speaks_of(what))
    said = tuple(utterance.id for utterance in companion.search(what, FORGOTTEN_AT_ONCE))
    if not memories and not said:
        raise NotRemembered(f"There is nothing about “{one_line(what)}” in the memory.")
    return memories, said


def _let_go(talk: Talk, *, with_words: bool) -> None:
    memories, said = talk.to_forget or ((), ())
    talk.to_forget = None
    said = said if with_words else ()
    if not memories and not said:
        raise SettingsError("Forget what? /memories shows the numbers: /forget 3, or /forget and what it is about.")
    reach = talk.companion.memories.reach(memories, with_words=with_words, utterances=said)
    clean = talk.companion.forget(memories, with_words=with_words, utterances=said)
    talk.screen.notice(forgetting.what_stays(reach, clean=clean))
