"""The chat: a line is read, her reply streams to the normal screen, the next line is read.

prompt-toolkit owns the screen only while the person types; replies are plain appended text, so that scrollback,
selection and resizing just work. The first prompt is drawn before anything heavy is loaded: the companion wakes in a
thread while the person types.
"""

import asyncio
import sys
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from companion.aside import aside
from companion.dialogue import paths
from companion.dialogue.events import Failed, Kept
from companion.errors import CompanionError
from companion.terminal import commands
from companion.terminal.line import asked, kept_for_the_next_line, open_line
from companion.terminal.onboarding import FirstMeeting, first_meeting
from companion.terminal.progress import Progress
from companion.terminal.screen import Screen
from companion.terminal.stopping import Interrupts, ended_from_outside

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from prompt_toolkit import PromptSession

    from companion.conversation import Utterance
    from companion.dialogue.engine import Companion
    from companion.dialogue.events import Event
    from companion.dialogue.model import ChatModel
    from companion.memory.memory import Memory
    from companion.persona.watching import Watch
    from companion.terminal.minds import Minds, Proposal

YES_OR_NO = "y or n › "

HINT = "Ctrl-C again or Ctrl-D leaves; /help shows what you can do."


class Chat:
    """One evening at the terminal.

    Args:
        awaken: puts the companion together; called in a thread.
        warm: loads what is heavy, called in the same thread afterwards.
        screen: where things are shown.
        minds: returns where her words may come from; called in the thread, too.
        meet: finds a persona by name; returns an eye on her file, and her greeting.
        vi: whether the line is edited with the keys of vi.
    """

    def __init__(
        self,
        awaken: "Callable[[], Companion]",
        warm: "Callable[[Companion], None]",
        screen: Screen,
        minds: "Callable[[], Minds]",
        meet: "Callable[[str], tuple[Watch, str]]",
        *,
        vi: bool = False,
    ) -> None:
        self.screen, self.meet = screen, meet
        self.minds: Minds
        self.leaving = self.off_record = False
        self.to_forget: tuple[tuple[int, ...], tuple[int, ...]] | None = None
        self.companion: Companion
        self._awaken, self._warm, self._find_minds = awaken, warm, minds
        self._proposal: Proposal | None = None
        self.numbered: Sequence[Utterance] = ()
        self._draft = ""
        self._vi = vi
        self._spoke = False
        self._met = False
        self._meeting: FirstMeeting | None = None
        self._editing: Utterance | None = None
        self._resting: asyncio.Task[tuple[Memory, ...]] | None = None
        self._waking: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Talk until the person leaves.

        Raises:
            CompanionError: she could not be woken.
        """
        waking: asyncio.Future[Companion] = asyncio.get_running_loop().create_future()
        line = open_line(waking, self.screen.theme, commands.COMMANDS, self._edit_no_more, vi=self._vi)
        waking.add_done_callback(lambda done: _give_up(line, done))
        line.app.after_render += lambda _: self._wake(waking)
        try:
            with ended_from_outside(), Interrupts() as interrupts:
                await self._talk(line, waking, interrupts)
        finally:
            await self._stop_resting()
            if waking.done() and not waking.exception():
                await waking.result().aclose()

    async def turn(self, events: "AsyncGenerator[Event]") -> None:
        """Show a turn."""
        remark = "(stopped)"
        self._spoke = True
        self.to_forget = None
        await self._stop_resting()
        try:
            self.screen.line()
            self.screen.wait()
            async with aclosing(events):
                async for event in events:
                    self.screen.show(event)
                    if isinstance(event, Failed):
                        self.screen.notice(commands.RETRY_HINT)
            remark = ""
            self._resting = asyncio.create_task(self.companion.rest(at_leisure=True))
        finally:
            self.screen.end_reply(remark)
            self.screen.line()

    def edit(self, words: "Utterance") -> bool:
        """Put old words into the next line, to be said otherwise."""
        self._draft, self._editing = words.text, words
        return True

    async def _stop_resting(self) -> None:
        """Let the person's words go first: what was not finished between turns is left for later."""
        resting, self._resting = self._resting, None
        if resting is not None:
            resting.cancel()
            with suppress(asyncio.CancelledError, CompanionError):
                self.screen.show(Kept(await resting))

    async def _talk(
        self, line: "PromptSession[str]", waking: "asyncio.Future[Companion]", interrupts: Interrupts
    ) -> None:
        hinted = False
        while not self.leaving:
            try:
                said = await self._read(line, interrupts)
            except KeyboardInterrupt:
                self.leaving = hinted
                hinted = True
                if not self.leaving:
                    self.screen.notice(HINT)
            except EOFError:
                self._say_goodbye(waking)
            else:
                hinted = False
                with kept_for_the_next_line(line, interrupts.stop):
                    await interrupts.stoppable(self._take(said, waking))

    async def _read(self, line: "PromptSession[str]", interrupts: Interrupts) -> str:
        """Read a line; Ctrl-C on an empty one, or while nothing was read, is a KeyboardInterrupt."""
        if interrupts.noted():
            raise KeyboardInterrupt

        def stop() -> bool:
            """End the prompt for a Ctrl-C that came before it had the keyboard to itself; the draft stays."""
            future = line.app.future
            if future is None or future.done():
                return False
            self._draft = line.default_buffer.text
            line.app.exit(exception=KeyboardInterrupt)
            return True

        def begin() -> None:
            if interrupts.noted():
                stop()

        with interrupts.reading(stop):
            # its own handler would swallow a Ctrl-C that comes with Enter
            said: str = await line.prompt_async(default=self._draft, handle_sigint=False, pre_run=begin)
        self._draft = ""
        if interrupts.noted():
            self._draft = said
            raise KeyboardInterrupt
        return said

    async def _take(self, said: str, waking: "asyncio.Future[Companion]") -> None:
        if not said.strip():
            self._editing = None
            return
        self._draft = said  # until it is kept
        try:
            self.companion = await asyncio.shield(waking)
            await self._propose()
            self._draft = ""
            if commands.is_command(said):
                self._editing = None
                self._spoke = False
                await commands.run(self, said.strip())
                if not self._spoke:
                    self.screen.line()
            else:
                await self._hear(said)
        except CompanionError as error:
            if waking.exception():
                raise  # there is nobody to talk to
            self.screen.error(error)
            self.screen.line()
            self._draft = "" if commands.is_command(said) else said

    async def _hear(self, said: str) -> None:
        if not self._met:
            self._met, self._meeting = True, first_meeting(self.companion, self.minds, self.screen)
        if self._meeting is not None and self._meeting.answer(said):
            self.screen.line()
            return
        self._go_back()
        await self.turn(self.companion.hear(said, off_record=self.off_record))
        if self._meeting is not None and not self._meeting.over:
            self._meeting.after_turn()
            self.screen.line()

    def _edit_no_more(self) -> None:
        self._editing = None

    def _go_back(self) -> None:
        """Let what is said now stand instead of the words that are edited."""
        editing, self._editing = self._editing, None
        if editing is not None:
            self.companion.turn_to(paths.parent(self.companion.sitting(), editing))

    async def _propose(self) -> None:
        """Ask, once, where her words may come from; not to answer leaves it open, and she listens."""
        proposal, self._proposal = self._proposal, None
        if proposal is None:
            return
        self.screen.line()
        self.screen.notice(proposal.question)
        yes = await asked(YES_OR_NO)
        self.screen.line()
        await self.companion.use(*await self._settled(proposal, yes=yes))

    async def _settled(self, proposal: "Proposal", *, yes: bool | None) -> "tuple[ChatModel, int]":
        progress = Progress(sys.stdout)
        spec = "offline"
        try:
            if yes:
                spec = await aside(lambda: proposal.accept(progress))
            elif yes is not None:
                spec = proposal.decline()
        except CompanionError as error:
            self.screen.error(error)
        finally:
            progress.end()
        if spec == "offline":
            self.screen.notice(commands.LISTENING)
        return await aside(lambda: self.minds.open(spec))

    def _say_goodbye(self, waking: "asyncio.Future[Companion]") -> None:
        self.leaving = True
        if waking.done() and not waking.exception():
            self.screen.line(waking.result().persona.listening.goodbye[0])

    def _wake(self, waking: "asyncio.Future[Companion]") -> None:
        """Wake her, once, when the first prompt stands."""
        if self._waking is None:
            self._waking = asyncio.ensure_future(self._wake_up(waking))

    async def _wake_up(self, waking: "asyncio.Future[Companion]") -> None:
        try:
            companion = await aside(self._awaken)
            self.minds = await aside(self._find_minds)
            self._proposal = await aside(lambda: self.minds.propose(companion))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised again where it is awaited
            waking.set_exception(error)
            return
        waking.set_result(companion)
        with suppress(CompanionError):  # the first turn meets it again, and says it
            await aside(lambda: self._warm(companion))


def _give_up(line: "PromptSession[str]", waking: "asyncio.Future[Companion]") -> None:
    """Leave the prompt if there is nobody to talk to."""
    if not waking.cancelled() and (error := waking.exception()) and line.app.is_running:
        line.app.exit(exception=error)
