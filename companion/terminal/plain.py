"""Talk without a terminal, or for those who want none of its tricks: a line in, a reply out."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from companion.conversation import Utterance
from companion.dialogue.engine import Companion
from companion.dialogue.events import Event, Failed, Kept
from companion.errors import CompanionError
from companion.persona.watching import Watch
from companion.terminal import commands
from companion.terminal.minds import Minds, Proposal
from companion.terminal.onboarding import FirstMeeting, first_meeting
from companion.terminal.progress import Progress
from companion.terminal.screen import Screen


class PlainTalk:
    """Reads standard input line by line, and answers each.

    Args:
        companion: who answers.
        screen: where things are shown.
        minds: where her words may come from.
        meet: finds a persona by name; returns an eye on her file, and her greeting.
        prompt: shown before each line is read; empty where nobody looks.
    """

    def __init__(
        self,
        companion: Companion,
        screen: Screen,
        minds: Minds,
        meet: Callable[[str], tuple[Watch, str]],
        prompt: str = "",
    ) -> None:
        self.companion, self.screen, self.minds, self.meet = companion, screen, minds, meet
        self.leaving = self.off_record = False
        self.to_forget: tuple[tuple[int, ...], tuple[int, ...]] | None = None
        self.numbered: Sequence[Utterance] = ()
        self.failed = False
        self._prompt = prompt
        self._met = False
        self._meeting: FirstMeeting | None = None

    def run(self) -> bool:
        """Talk until the input ends; tell whether every turn went well."""
        with asyncio.Runner() as runner:
            try:
                if self._prompt and (proposal := self.minds.propose(self.companion)):
                    runner.run(self._propose(proposal))
                while not self.leaving and (line := self._read()):
                    try:
                        runner.run(self._take(line.strip()))
                    except KeyboardInterrupt:  # Ctrl-C while she spoke
                        self.screen.end_reply("(stopped)")
            finally:
                runner.run(self.companion.aclose())
        return not self.failed

    async def turn(self, events: AsyncGenerator[Event]) -> None:
        """Show a turn."""
        self.to_forget = None
        async with aclosing(events):
            async for event in events:
                self._show(event)
        self.screen.show(Kept(await self.companion.rest()))

    def edit(self, words: Utterance) -> bool:  # noqa: ARG002 - as the chat has it
        """Tell that there is no line to put old words into."""
        return False

    async def _propose(self, proposal: Proposal) -> None:
        self.screen.line(f"{proposal.question} (y or n)")
        answer = self._read().strip().lower()
        progress = Progress(sys.stderr)
        spec = "offline"
        try:
            if answer in {"y", "yes"}:
                spec = proposal.accept(progress)
            elif answer in {"n", "no"}:
                spec = proposal.decline()
        except CompanionError as error:
            self.screen.error(error)
        finally:
            progress.end()
        if spec == "offline":
            self.screen.notice(commands.LISTENING)
        await self.companion.use(*self.minds.open(spec))

    def _show(self, event: Event) -> None:
        self.screen.show(event)
        if isinstance(event, Failed):
            self.failed = True
            self.screen.notice(commands.RETRY_HINT)

    async def _take(self, line: str) -> None:
        try:
            await (commands.run(self, line) if commands.is_command(line) else self._hear(line))
        except CompanionError as error:
            self.failed = True
            self.screen.end_reply()
            self.screen.error(error)

    async def _hear(self, line: str) -> None:
        if self._prompt and not self._met:
            self._met, self._meeting = True, first_meeting(self.companion, self.minds, self.screen)
        if self._meeting is not None and self._meeting.answer(line):
            return
        await self.turn(self.companion.hear(line, off_record=self.off_record))
        if self._meeting is not None and not self._meeting.over:
            self._meeting.after_turn()

    def _read(self) -> str:
        sys.stdout.write(self._prompt)
        sys.stdout.flush()
        return sys.stdin.readline()
