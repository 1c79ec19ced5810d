"""What can be asked of the chat itself, after a slash."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from companion.conversation import Speaker
from companion.memory import dates
from companion.plaintext import one_line
from companion.terminal.screen import Screen

if TYPE_CHECKING:  # the prompt must stand before she is loaded
    from companion.dialogue.engine import Companion

HOW_TO_CONNECT = """\
To connect a language model, start her with one of these:
  OPENAI_API_KEY=…  companion                                  OpenAI
  companion --model ollama:qwen3                               Ollama on this computer
  companion --model http://127.0.0.1:8080/v1#name              LM Studio, llama.cpp, vLLM, any such server
  companion --model local:FILE.gguf                            a model file, run here (needs companion[local])
A server that already runs on this computer is found by itself. To keep a choice, write `model: …` into config.yaml
(`companion paths` says where)."""


class Talk(Protocol):
    """What a command can reach."""

    companion: "Companion"
    screen: Screen
    leaving: bool

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
    talk.screen.line("Enter sends. Alt-Enter or Ctrl-J: a new line. Ctrl-C stops her. Ctrl-D: goodbye.")


async def model(talk: Talk, _: str) -> None:
    """Say which model finds her words."""
    talk.screen.line(f"Her words come from {talk.companion.model.name}.")
    talk.screen.line(HOW_TO_CONNECT)


async def persona(talk: Talk, _: str) -> None:
    """Say who she is."""
    who = talk.companion.persona
    talk.screen.line(f"{who.name} ({who.pronouns}). {who.tagline or ''}".rstrip())
    talk.screen.line("`companion personas list` shows the others; `companion NAME` talks to one of them.")


async def memories(talk: Talk, about: str) -> None:
    """Show what comes to mind about something, or the latest things that were said."""
    if not about:
        for said in reversed(talk.companion.said(8)):
            talk.screen.line(f"  “{one_line(said)}”")
        talk.screen.notice("The last things you said. /memories WORDS shows what comes to mind about them.")
        return
    found = talk.companion.recall(about)
    for old in (recollection.utterance for recollection in found):
        who = "you" if old.speaker is Speaker.PERSON else talk.companion.persona.name
        talk.screen.line(f"  {dates.when(old.said_at, talk.companion.now())}, {who}: “{one_line(old.text)}”")
    if not found:
        talk.screen.notice("Nothing comes to mind.")


async def retry(talk: Talk, _: str) -> None:
    """Have the last words answered again."""
    await talk.turn(None)


async def quit_(talk: Talk, _: str) -> None:
    """Leave at once."""
    talk.leaving = True


COMMANDS: dict[str, Command] = {
    "help": Command("what you can do here", help_),
    "model": Command("which model finds her words, and how to connect one", model),
    "persona": Command("who she is", persona),
    "memories": Command("what she keeps of what you said; /memories WORDS asks about something", memories),
    "retry": Command("have your last words answered again", retry),
    "quit": Command("leave", quit_),
}


async def run(talk: Talk, line: str) -> None:
    """Run a line that begins with a slash."""
    name, _, rest = line[1:].partition(" ")
    command = COMMANDS.get(name.strip().lower())
    if command is None:
        talk.screen.notice(f"There is no /{one_line(name)}; /help shows what there is.")
        return
    await command.run(talk, rest.strip())
