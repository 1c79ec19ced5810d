"""Ctrl-C while she speaks: stops her, every time, and leaves the terminal as it was.

`except CancelledError` works once, then asyncio hands out KeyboardInterrupt; a signal handler around each reply works
for every reply. What is typed meanwhile is not echoed into her words but waits for the next line.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager

from companion.dialogue.events import Event


async def spoken(events: AsyncGenerator[Event], show: Callable[[Event], None]) -> bool:
    """Show a turn to its end and return True, or until it is stopped by Ctrl-C, and return False."""
    turn = asyncio.ensure_future(_show_all(events, show))
    with _on_interrupt(turn.cancel):
        try:
            await turn
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            return False
    return True


async def _show_all(events: AsyncGenerator[Event], show: Callable[[Event], None]) -> None:
    async with aclosing(events):
        async for event in events:
            show(event)


@contextmanager
def _on_interrupt(stop: Callable[[], object]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(stop))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def ended_from_outside() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP of a closed terminal, cancel the task that runs the block: all is put in order."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in signals}
    for number in signals:
        signal.signal(number, lambda *_: task and loop.call_soon_threadsafe(task.cancel))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def unechoed() -> Iterator[None]:
    """Keep what is typed off the screen while the block runs; it stays in the terminal's queue for the next prompt."""
    try:
        import termios  # noqa: PLC0415 - not on Windows

        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
    except (ImportError, OSError, ValueError):
        yield
        return
    except termios.error:
        yield
        return
    quiet = [*before[:3], before[3] & ~(termios.ECHO | termios.ICANON), *before[4:]]
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)
