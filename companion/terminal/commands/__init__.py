"""What can be asked of the chat itself, after a slash; each command is loaded when it is first asked for."""

import difflib
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from companion.plaintext import one_line
from companion.terminal.screen import Screen

if TYPE_CHECKING:  # the prompt must stand before she is loaded
    from companion.conversation import Utterance
    from companion.dialogue.engine import Companion
    from companion.dialogue.events import Event
    from companion.persona.watching import Watch
    from companion.terminal.minds import Minds

LISTENING = "Without a model she listens and remembers. /model says how to connect one."

RETRY_HINT = "/retry sends your last words again; after /model offline she goes on listening without a model."

KEYS = (
    "Enter sends; Alt-Enter, Ctrl-J or \\ before Enter begins a new line. Escape or Ctrl-C stops her, Ctrl-D says"
    " goodbye. /help NAME tells more about a command."
)


class Talk(Protocol):
    """What a command can reach."""

    companion: "Companion"
    screen: Screen
    minds: "Minds"
    meet: "Callable[[str], tuple[Watch, str]]"
    leaving: bool
    off_record: bool
    """Whether nothing is kept of what is said from now on."""
    to_forget: tuple[tuple[int, ...], tuple[int, ...]] | None
    """Memories and utterances that the person was asked about: are they to be forgotten?"""
    numbered: "Sequence[Utterance]"
    """What the numbers of the last list stand for, from 1."""

    async def turn(self, events: "AsyncGenerator[Event]") -> None:
        """Show a turn."""
        ...

    def edit(self, words: "Utterance") -> bool:
        """Put old words into the next line, to be said otherwise; tell whether there is such a line."""
        ...


Run = Callable[[Talk, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes:
        gist: what it does, in at most 28 characters.
        where: the function, as `module:name` in this package.
        takes: what may be given.
        more: what else there is to know, for `/help NAME`.
        when: what must be so for it to be of use; see `now`.
        options: what it may be given, for completion.
    """

    gist: str
    where: str
    takes: str = ""
    more: str = ""
    when: str = ""
    options: tuple[str, ...] = ()

    @property
    def run(self) -> Run:
        """The function."""
        module, _, name = self.where.partition(":")
        run: Run = getattr(import_module(f"{__name__}.{module}"), name)
        return run


COMMANDS: dict[str, Command] = {
    "retry": Command(
        "answer my words anew",
        "going_back:retry",
        "[HINT]",
        "Your last words are answered again. With a hint the answer may change: /retry shorter. The earlier reply"
        " stays; /again shows it.",
        "said",
    ),
    "edit": Command(
        "put your words otherwise",
        "going_back:edit",
        "[WORDS]",
        "Your last words come back into the line; what you send instead begins a branch. /branches shows the other.",
        "said",
    ),
    "undo": Command(
        "take back the last exchange",
        "going_back:undo",
        "",
        "What you said last and her answer are taken back: she is not told of it, and what she kept of it does not"
        " hold. Nothing is deleted; /redo brings it back.",
        "said",
    ),
    "redo": Command("bring back what you undid", "going_back:redo", when="undone"),
    "again": Command(
        "her earlier attempts",
        "going_back:again",
        "[NUMBER]",
        "Shows every answer to your last words; with a number, the talk goes on from that one.",
        "again",
    ),
    "branches": Command(
        "other ways this talk went",
        "going_back:branches",
        "[NUMBER]",
        "Shows where this talk was taken elsewhere; with a number, it goes on there.",
        "branched",
    ),
    "continue": Command(
        "let her finish",
        "going_back:continue_",
        "",
        "A reply that was stopped or cut off is gone on with.",
        "cut",
    ),
    "search": Command(
        "find anything ever said",
        "finding:search",
        "WORDS",
        "Shows what contains all of the words, newest first, with what came before and after it; /search NUMBER reads"
        " on there.",
    ),
    "history": Command(
        "your talks, day by day",
        "finding:history",
        "[NUMBER]",
        "Lists the sittings; with a number, shows one word by word.",
    ),
    "resume": Command(
        "take up an earlier talk",
        "finding:resume",
        "[NUMBER]",
        "Goes on with the last sitting, or with one of /history, and shows where you were.",
    ),
    "bookmark": Command(
        "mark this place",
        "finding:bookmark",
        "[NOTE]",
        "Marks what was said last, with a note if you like; /bookmarks lists what you marked.",
    ),
    "bookmarks": Command("what you marked", "finding:bookmarks"),
    "memories": Command(
        "what she keeps of you",
        "remembering:memories",
        "[WORDS]",
        "With words: what comes to mind about them.",
    ),
    "why": Command("what came to mind just now", "remembering:why"),
    "remember": Command("keep something", "remembering:remember", "WORDS", "Kept in your own words."),
    "correct": Command("put a memory right", "remembering:correct", "NUMBER WORDS", "/correct 3 She lives in Bergen"),
    "pin": Command("hold on to a memory, or not", "remembering:pin", "NUMBER"),
    "forget": Command(
        "forget for good",
        "remembering:forget",
        "NUMBER | WORDS",
        "Shows first what would go; then /forget yes, or /forget words for the words as well.",
        options=("yes", "words"),
    ),
    "model": Command(
        "what finds her words",
        "her:model",
        "[SPEC]",
        "With a spec, such as ollama:qwen3, she takes another.",
        options=("offline", "ollama:", "openai:", "local:", "http://127.0.0.1:"),
    ),
    "context": Command("what she is told, its cost", "her:context"),
    "persona": Command("who she is, or who else", "her:persona", "[NAME]", "With a name, you talk to somebody else."),
    "voice": Command("how she sounds lately", "her:voice"),
    "off": Command(
        "off the record",
        "caring:off",
        "[WORDS]",
        "Nothing of what is said is kept, nor of her answers, until /on; with words, only these are off the record.",
        "kept",
    ),
    "on": Command("on the record again", "caring:on", when="off"),
    "help-now": Command("whom you can call now", "caring:help_now"),
    "goodbye": Command(
        "end it well", "caring:goodbye", "[letter]", "A letter, and what becomes of what was said.", options=("letter",)
    ),
    "stats": Command("what your talks come to", "beside:stats"),
    "export": Command(
        "write this talk into a file",
        "beside:export",
        "FILE",
        "As Markdown, or as JSON where the name ends in .json; without a name, into the folder you started in.",
    ),
    "theme": Command(
        "how all this looks",
        "beside:theme",
        "dark|light|none",
        "Kept in config.yaml. NO_COLOR and TERM=dumb are heeded as well.",
        options=("dark", "light", "none"),
    ),
    "help": Command("this", "her:help_", "[NAME]"),
    "quit": Command("leave", "her:quit_"),
}

ALIASES = {"exit": "quit", "bye": "quit", "q": "quit", "?": "help", "regenerate": "retry", "back": "undo"}


def now(talk: Talk) -> frozenset[str]:
    """Return what is so now, as `Command.when` names it; the empty name is always among it."""
    paths = import_module("companion.dialogue.paths")
    said = talk.companion.sitting()
    so = {
        "said": paths.last_words(said) is not None,
        "undone": paths.taken_back(said) is not None,
        "again": len(paths.attempts(said)) > 1,
        "branched": len(paths.ends(said)) > 1,
        "kept": not talk.off_record,
        "off": talk.off_record,
        "cut": paths.is_cut(talk.companion.last),
    }
    return frozenset({"", *(name for name, is_so in so.items() if is_so)})


def is_command(line: str) -> bool:
    """Tell a command from words: "/help" is one, "/usr/bin/env is a path" is not."""
    return re.fullmatch(r"/[a-z-]*( .*)?", line.strip(), re.IGNORECASE | re.DOTALL) is not None


async def run(talk: Talk, line: str) -> None:
    """Run a command."""
    name, _, rest = line[1:].partition(" ")
    name = ALIASES.get(name.lower(), name.lower())
    command = COMMANDS.get(name)
    if command is None:
        talk.screen.notice(unknown(name))
        return
    if name != "forget":
        talk.to_forget = None
    await command.run(talk, rest.strip())


def unknown(name: str) -> str:
    """Return what is said of a command that there is not."""
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean /{near[0]}?" if near else "/help shows what there is."
    return f"There is no /{one_line(name)}; {hint}"
