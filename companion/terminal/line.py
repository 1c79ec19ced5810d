"""The input line: prompt-toolkit, with the keys that people expect of a chat.

Enter sends; Alt-Enter and Ctrl-J begin a new line; a paste never sends. Ctrl-C empties the line, and on an empty one
hints how to leave. Up goes back through what was said in earlier sittings: that history is the memory itself, so that
there is no second file to forget.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import is_searching
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import History
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.shortcuts import create_confirm_session

from companion.terminal.theme import Theme

if TYPE_CHECKING:
    from companion.dialogue.engine import Companion

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


class CommandNames(Completer):
    """Completes `/comm…` at the start of the line."""

    def __init__(self, commands: Iterable[str]) -> None:
        self._commands = sorted(commands)

    def get_completions(self, document: Document, _: object) -> Iterable[Completion]:
        """Offer the commands that begin like this."""
        typed = document.text_before_cursor
        if typed.startswith("/") and " " not in typed:
            for name in self._commands:
                if name.startswith(typed[1:]):
                    yield Completion(f"/{name}", start_position=-len(typed))


def open_line(
    waking: "asyncio.Future[Companion]", theme: Theme, commands: Iterable[str], emptied: Callable[[], None]
) -> "PromptSession[str]":
    """Make the input line; `emptied` is told when the person throws a draft away."""
    return PromptSession(
        ANSI(theme.paint(theme.prompt, "› ")),
        history=SaidBefore(waking),
        completer=CommandNames(commands),
        complete_while_typing=False,
        key_bindings=_keys(emptied),
        multiline=True,
        prompt_continuation="  ",
        reserve_space_for_menu=0,
        enable_open_in_editor=True,
        enable_suspend=True,
    )


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
        event.current_buffer.validate_and_handle()

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
