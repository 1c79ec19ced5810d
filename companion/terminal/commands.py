"""What can be asked of the chat itself, after a slash."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from companion.aside import aside
from companion.conversation import Speaker
from companion.memory import dates
from companion.plaintext import one_line
from companion.terminal.screen import Screen

if TYPE_CHECKING:  # the prompt must stand before she is loaded
    from companion.dialogue.engine import Companion
    from companion.dialogue.events import Event
    from companion.dialogue.model import ChatModel

HOW_TO_CONNECT = """\
To connect one, type one of these:
  Ollama          /model ollama:qwen3
  other servers   /model http://127.0.0.1:8080/v1#name
  a model file    /model local:FILE.gguf
  OpenAI          /model openai:, with OPENAI_API_KEY set before the start
A server that already runs on this computer is found by itself. To keep a choice, write it into config.yaml as \
`model: ollama:qwen3`; `companion paths` says where that is."""

RETRY_HINT = "/retry sends your last words again."

GOODBYE = """\
You can end this whenever you like, in the way that suits you; nothing here will ask you to stay.
  a letter from her      /goodbye letter
  just leave             /quit; everything stays as it is, and waits for nothing
  your words, or none    everything is in the one file that `companion paths` shows: keep it, copy it, or delete it
Whatever you choose, she sends nothing after you."""

LONGEST_LINE = 200
"""Characters of an old utterance that a list shows."""


class Talk(Protocol):
    """What a command can reach."""

    companion: "Companion"
    screen: Screen
    open_model: "Callable[[str], tuple[ChatModel, int]]"
    leaving: bool

    async def turn(self, words: str | None, *, off_record: bool = False) -> None:
        """Say something, or (None) have the last words answered again."""
        ...


def events(companion: "Companion", words: str | None, *, off_record: bool) -> "AsyncGenerator[Event]":
    """Return the events of a turn: the last words answered again (None), or these heard."""
    return companion.answer_again() if words is None else companion.hear(words, off_record=off_record)


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
        chosen, context = await aside(lambda: talk.open_model(spec))
        await talk.companion.use(chosen, context)
        talk.screen.notice(f"From now on the words come from {talk.companion.model.name}.")
        return
    name = talk.companion.model.name
    found = "No language model is connected." if name == "offline" else f"The words come from {name}."
    talk.screen.line(f"{found}\n\n{HOW_TO_CONNECT}")


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
    """Show what comes to mind about something, or the latest things that were said."""
    if not about:
        for words in reversed(talk.companion.said(8)):
            talk.screen.line(f"  “{one_line(words)[:LONGEST_LINE]}”")
        talk.screen.notice("The last things you said. /memories WORDS shows what comes to mind about them.")
        return
    found = [recollection.utterance for recollection in talk.companion.recall(about)]
    theirs = [said for said in found if said.speaker is Speaker.PERSON]
    for said in theirs:
        when = dates.when(said.said_at, talk.companion.now())
        talk.screen.line(f"  {when}, you: “{one_line(said.text)[:LONGEST_LINE]}”")
    if not theirs:
        talk.screen.notice("Nothing comes to mind.")


async def retry(talk: Talk, _: str) -> None:
    """Have the last words answered again."""
    if talk.companion.conversation is None:
        talk.screen.notice("Nothing was said yet in this sitting.")
        return
    await talk.turn(None)


async def off(talk: Talk, words: str) -> None:
    """Say something off the record."""
    if not words:
        talk.screen.notice(
            "/off WORDS says them off the record; `companion --off-record` keeps nothing of a whole sitting."
        )
        return
    await talk.turn(words, off_record=True)


async def help_now(talk: Talk, _: str) -> None:
    """Show whom one can call, now."""
    talk.screen.line(talk.companion.help_now())


async def goodbye(talk: Talk, wanted: str) -> None:
    """End well: a letter, if it is wanted, and what can be done with what was said."""
    if wanted == "letter":
        talk.screen.line(await talk.companion.letter())
        return
    talk.screen.line(GOODBYE)


async def quit_(talk: Talk, _: str) -> None:
    """Leave at once."""
    talk.leaving = True


COMMANDS: dict[str, Command] = {
    "help": Command("what you can do here", help_),
    "model": Command("which language model is connected; /model SPEC takes another", model),
    "context": Command("what she is told now, and what it costs", context),
    "persona": Command("who she is", persona),
    "memories": Command("what you said last; /memories WORDS: what comes to mind", memories),
    "retry": Command("have your last words answered again", retry),
    "off": Command("/off WORDS: say it off the record, nothing of it is kept", off),
    "help-now": Command("whom you can call, day and night", help_now),
    "goodbye": Command("end it well: a letter, and what becomes of what was said", goodbye),
    "quit": Command("leave", quit_),
}


ALIASES = {"exit": "quit", "bye": "quit", "q": "quit", "?": "help"}


def is_command(line: str) -> bool:
    """Tell a command from words: "/help" is one, "/usr/bin/env is a path" is not."""
    return re.fullmatch(r"/[a-z-]*( .*)?", line.strip(), re.IGNORECASE | re.DOTALL) is not None


async def run(talk: Talk, line: str) -> None:
    """Run a command."""
    name, _, rest = line[1:].partition(" ")
    name = ALIASES.get(name.lower(), name.lower())
    command = COMMANDS.get(name)
    if command is None:
        talk.screen.notice(f"There is no /{one_line(name)}; /help shows what there is.")
        return
    await command.run(talk, rest.strip())
