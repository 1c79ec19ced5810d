"""Talk without a terminal, or for those who want none of its tricks: a line in, a reply out."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import aclosing

from companion.dialogue.engine import Companion
from companion.dialogue.events import Event, Failed
from companion.dialogue.model import ChatModel
from companion.errors import CompanionError
from companion.terminal import commands
from companion.terminal.screen import Screen


class PlainTalk:
    """Reads standard input line by line, and answers each.

    Args:
        companion: who answers.
        screen: where things are shown.
        open_model: opens a model by its spec; returns it with how many tokens it may be told.
        prompt: shown before each line is read; empty where nobody looks.
    """

    def __init__(
        self,
        companion: Companion,
        screen: Screen,
        open_model: Callable[[str], tuple[ChatModel, int]],
        prompt: str = "",
    ) -> None:
        self.companion, self.screen, self.open_model = companion, screen, open_model
        self.leaving = False
        self.failed = False
        self._prompt = prompt

    def run(self) -> bool:
        """Talk until the input ends; tell whether every turn went well."""
        with asyncio.Runner() as runner:
            try:
                while not self.leaving and (line := self._read()):
                    try:
                        runner.run(self._take(line.strip()))
                    except KeyboardInterrupt:  # Ctrl-C while she spoke
                        self.screen.end_reply("(stopped)")
            finally:
                runner.run(self.companion.aclose())
        return not self.failed

    async def turn(self, words: str | None, *, off_record: bool = False) -> None:
        """Say something, or (None) have the last words answered again."""
        events = commands.events(self.companion, words, off_record=off_record)
        async with aclosing(events):
            async for event in events:
                self._show(event)
        await self.companion.rest()

    def _show(self, event: Event) -> None:
        self.screen.show(event)
        if isinstance(event, Failed):
            self.failed = True
            self.screen.notice(commands.RETRY_HINT)

    async def _take(self, line: str) -> None:
        try:
            await (commands.run(self, line) if commands.is_command(line) else self.turn(line))
        except CompanionError as error:
            self.failed = True
            self.screen.end_reply()
            self.screen.error(error)

    def _read(self) -> str:
        sys.stdout.write(self._prompt)
        sys.stdout.flush()
        return sys.stdin.readline()
