"""What can be asked of the chat itself, after a slash."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from companion.aside import aside
from companion.conversation import Speaker
from companion.errors import NotRemembered, SettingsError
from companion.memory import dates, forgetting
from companion.plaintext import one_line
from companion.terminal import screen
from companion.terminal.screen import Screen

if TYPE_CHECKING:  # the prompt must stand before she is loaded
    from companion.dialogue.engine import Companion
    from companion.memory.memory import Memory
    from companion.terminal.minds import Minds

HOW_TO_CONNECT = """\
To connect one, type one of these:
  Ollama          /model ollama:qwen3
  other servers   /model http://127.0.0.1:8080/v1#name
  a model file    /model local:FILE.gguf
  OpenAI          /model openai:, with OPENAI_API_KEY set before the start
`companion models list` shows what is here, `companion models download` fetches one that runs on this computer, and \
`companion models use SPEC` keeps a choice."""

LISTENING = "Without a model she listens and remembers. /model says how to connect one."

RETRY_HINT = "/retry sends your last words again; after /model offline she goes on listening without a model."

LONGEST_LINE = 200
"""Characters of an old utterance that a list shows."""

LONGEST_LIST = 30
"""Memories that a list shows; `companion memories list` shows all."""

FORGOTTEN_AT_ONCE = 50
"""Things said that one /forget takes."""


class Talk(Protocol):
    """What a command can reach."""

    companion: "Companion"
    screen: Screen
    minds: "Minds"
    leaving: bool
    to_forget: tuple[tuple[int, ...], tuple[int, ...]] | None
    """Memories and utterances that the person was asked about: are they to be forgotten?"""

    async def turn(self, words: str | None) -> None:
        """Say something, or (None) have the last words answered again."""
        ...


Run = Callable[[Talk, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: what it does in a few words, and how."""

    gist: str
    run: Run


async def help_(talk: Talk, _: str) -> None:
    """Show what there is."""
    talk.screen.line("\n".join(f"/{name:<10}{command.gist}" for name, command in COMMANDS.items()))
    talk.screen.line("\nEnter sends, Alt-Enter or Ctrl-J begins a new line. Ctrl-C stops her, Ctrl-D says goodbye.")


async def model(talk: Talk, spec: str) -> None:
    """Say which model finds her words, or take another."""
    if spec:
        chosen, context = await aside(lambda: talk.minds.open(spec))
        await talk.companion.use(chosen, context)
        talk.screen.notice(f"From now on the words come from {talk.companion.model.name}.")
        return
    name = talk.companion.model.name
    found = "No language model is connected." if name == "offline" else f"The words come from {name}."
    known = await aside(talk.minds.known)
    here = "".join(f"\n  /model {spec}   {told}" for spec, told in known if spec not in {name, "offline"})
    talk.screen.line(f"{found}\n" + (f"\nAlso here:{here}\n" if here else "") + f"\n{HOW_TO_CONNECT}")


async def context(talk: Talk, _: str) -> None:
    """Show what she is told now."""
    now = talk.companion.context()
    if talk.companion.model.name == "offline":
        talk.screen.line(
            f"No language model is connected, so nothing is told to one. It would be {now.history} tokens."
        )
        return
    talk.screen.line(
        f"Of {now.budget} tokens she may be told: {now.persona} for who she is, {now.summary} for what came before,"
        f" summed up, and {now.history} for the last {now.utterances} things said, word by word."
    )
    if now.left_out:
        talk.screen.line(f"{now.left_out} earlier things are not told, and come to mind when they fit.")
    if now.spent:
        share = 100 * now.spent.cached // max(1, now.spent.prompt)
        talk.screen.line(f"The last request took {now.spent.prompt} tokens, {share} % of them cached.")


async def persona(talk: Talk, _: str) -> None:
    """Say who she is."""
    who = talk.companion.persona
    talk.screen.line(f"{who.name} ({who.pronouns}). {who.tagline or ''}".rstrip())
    talk.screen.line("`companion personas list` shows the others; `companion NAME` talks to one of them.")


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
    kept = talk.companion.memories
    reach = kept.reach(memories, with_words=with_words, utterances=said)
    clean = kept.erase(memories, with_words=with_words, utterances=said)
    talk.companion.forgot()
    talk.screen.notice(forgetting.what_stays(reach, clean=clean))


async def retry(talk: Talk, _: str) -> None:
    """Have the last words answered again."""
    if talk.companion.conversation is None:
        talk.screen.notice("Nothing was said yet in this sitting.")
        return
    await talk.turn(None)


async def quit_(talk: Talk, _: str) -> None:
    """Leave at once."""
    talk.leaving = True


COMMANDS: dict[str, Command] = {
    "help": Command("what you can do here", help_),
    "model": Command("which language model is connected; /model SPEC takes another", model),
    "context": Command("what she is told now, and what it costs", context),
    "persona": Command("who she is", persona),
    "memories": Command("what she keeps of you; /memories WORDS: what comes to mind", memories),
    "why": Command("what came to mind for her last reply", why),
    "remember": Command("keep something, in your own words", remember),
    "correct": Command("put a memory right: its number, then how it is", correct),
    "pin": Command("hold on to a memory, or no longer: its number", pin),
    "forget": Command("forget for good: a number, or what it is about", forget),
    "retry": Command("have your last words answered again", retry),
    "quit": Command("leave", quit_),
}


ALIASES = {"exit": "quit", "bye": "quit", "q": "quit", "?": "help"}


def is_command(line: str) -> bool:
    """Tell a command from words: "/help" is one, "/usr/bin/env is a path" is not."""
    return re.fullmatch(r"/[a-z]*( .*)?", line.strip(), re.IGNORECASE | re.DOTALL) is not None


async def run(talk: Talk, line: str) -> None:
    """Run a command."""
    name, _, rest = line[1:].partition(" ")
    name = ALIASES.get(name.lower(), name.lower())
    command = COMMANDS.get(name)
    if command is None:
        talk.screen.notice(f"There is no /{one_line(name)}; /help shows what there is.")
        return
    if command.run is not forget:
        talk.to_forget = None
    await command.run(talk, rest.strip())
