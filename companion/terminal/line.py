"""The input line: prompt-toolkit, with the keys that people expect of a chat.

Enter sends; Alt-Enter and Ctrl-J begin a new line; a paste never sends. Ctrl-C empties the line, and on an empty one
hints how to leave. Up goes back through what was said in earlier sittings: that history is the memory itself, so that
there is no second file to forget.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.filters import is_searching
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import History
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.shortcuts import create_confirm_session

from companion.terminal.commands import Command
from companion.terminal.theme import Theme

if TYPE_CHECKING:
    from companion.dialogue.engine import Companion

ESCAPE_SECONDS = 0.1
"""After an escape character, how long the rest of a longer key is waited for; as prompt-toolkit does."""

FILE = "FILE"
"""What a command takes, where it is a path."""

SHIFT_ENTER = ("\x1b[13;2u", "\x1b[27;2;13~")
"""As terminals send it that can tell: CSI u (kitty and others) and xterm's modifyOtherKeys."""

SAID_BEFORE = 1000
"""How many lines Up and Ctrl-R can reach."""


class SaidBefore(History):
    """What the person said before, newest first, once the companion is awake; writes nothing anywhere."""

    def __init__(self, waking: "asyncio.Future[Companion]") -> None:
        super().__init__()
        self._waking = waking
        self._now: list[str] = []

    async def load(self) -> AsyncGenerator[str, None]:
        """Yield the lines of this sitting, then those of earlier ones."""
        for line in reversed(self._now):
            yield line
        companion = await asyncio.shield(self._waking)
        for line in companion.said(SAID_BEFORE):
            if line not in self._now:
                yield line

    def load_history_strings(self) -> Iterable[str]:
        """Nothing is loaded at once; see `load`."""
        return ()

    def store_string(self, string: str) -> None:
        """Remember a line for this sitting; the memory keeps it for good when it is said."""
        self._now.append(string)


class CommandLine(Completer):
    """Completes `/comm…` at the start of the line, and what a command may be given."""

    def __init__(self, commands: Mapping[str, Command]) -> None:
        self._commands = commands
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """Offer what begins like this."""
        name, space, given = document.text_before_cursor.removeprefix("/").partition(" ")
        if not document.text.startswith("/") or " " in given:
            return
        if not space:
            yield from self._beginning(name, "/", {known: command.gist for known, command in self._commands.items()})
        elif name == "help":
            yield from self._beginning(given, "", {known: command.gist for known, command in self._commands.items()})
        elif (command := self._commands.get(name)) and command.takes == FILE:
            yield from self._paths.get_completions(Document(given), event)
        elif command:
            yield from self._beginning(given, "", dict.fromkeys(command.options, ""))

    def _beginning(self, typed: str, sign: str, known: Mapping[str, str]) -> Iterable[Completion]:
        for name, gist in sorted(known.items()):
            if name.startswith(typed):
                yield Completion(f"{sign}{name}", start_position=-len(sign + typed), display_meta=gist)


def open_line(
    waking: "asyncio.Future[Companion]",
    theme: Theme,
    commands: Mapping[str, Command],
    emptied: Callable[[], None],
    *,
    vi: bool = False,
) -> "PromptSession[str]":
    """Make the input line; `emptied` is told when the person throws a draft away."""
    ANSI_SEQUENCES.update(dict.fromkeys(SHIFT_ENTER, Keys.ControlJ))
    line: PromptSession[str] = PromptSession(
        ANSI(theme.paint(theme.prompt, "› ")),
        history=SaidBefore(waking),
        completer=CommandLine(commands),
        auto_suggest=AutoSuggestFromHistory(),
        vi_mode=vi,
        complete_while_typing=False,
        key_bindings=_keys(emptied),
        multiline=True,
        prompt_continuation="  ",
        reserve_space_for_menu=0,
        enable_open_in_editor=True,
        enable_suspend=True,
    )
    # a terminal that does not say where its cursor is serves us as well, and needs no warning
    line.app.renderer.cpr_not_supported_callback = _all_is_well
    return line


def _all_is_well() -> None:
    """Say nothing."""


def continues(document: Document) -> bool:
    """Tell whether the line ends in a backslash that asks for another; one that ends a path does not."""
    words = document.text_before_cursor
    last = words[:-1].rpartition(" ")[2].rpartition("\n")[2]
    return words.endswith("\\") and document.is_cursor_at_the_end and "\\" not in last and not last.endswith(":")


@contextmanager
def kept_for_the_next_line(line: "PromptSession[str]", stop: Callable[[], None]) -> Iterator[None]:
    """Read the keys while the block runs: Escape alone stops it, all others wait for the next line, a paste whole."""
    keyboard, screen, loop = line.app.input, line.app.output, asyncio.get_running_loop()
    keys: list[KeyPress] = []
    waiting: list[asyncio.TimerHandle] = []

    def settle() -> None:
        late = keyboard.flush_keys()
        if [press.key for press in late] == [Keys.Escape]:
            stop()
        else:
            keys.extend(late)

    def read() -> None:
        while waiting:
            waiting.pop().cancel()
        keys.extend(keyboard.read_keys())
        waiting.append(loop.call_later(ESCAPE_SECONDS, settle))

    screen.enable_bracketed_paste()
    screen.flush()
    with keyboard.attach(read):
        try:
            yield
        finally:
            while waiting:
                waiting.pop().cancel()
            keys.extend(keyboard.flush_keys())
            store_typeahead(keyboard, keys)
            with suppress(OSError):
                screen.disable_bracketed_paste()
                screen.flush()


async def asked(prompt: str) -> bool | None:
    """Have a question answered with one key, y or n; None when the person does not."""
    try:
        return await create_confirm_session(prompt, suffix="").prompt_async()
    except (EOFError, KeyboardInterrupt):
        return None


def _keys(emptied: Callable[[], None]) -> KeyBindings:
    keys = KeyBindings()
    typing = ~is_searching  # Ctrl-R has keys of its own

    @keys.add("enter", filter=typing)
    def _send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if continues(buffer.document):
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter", filter=typing)
    @keys.add("c-j", filter=typing)
    def _new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("c-c", filter=typing)
    def _empty(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.append_to_history()
            event.current_buffer.reset()
            emptied()
        else:
            event.app.exit(exception=KeyboardInterrupt)

    return keys
