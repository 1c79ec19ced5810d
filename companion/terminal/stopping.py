"""Ctrl-C outside the input line, and ends from outside.

`except CancelledError` works once, then asyncio hands out KeyboardInterrupt; a signal handler for the whole chat works
every time, from the moment Enter is pressed.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Self


class Interrupts:
    """What Ctrl-C does while no line is being read: it stops the work at hand, or else is noted for later."""

    def __init__(self) -> None:
        self._work: asyncio.Future[None] | None = None
        self._stop_reading: Callable[[], bool] | None = None
        self._noted = False

    def __enter__(self) -> Self:
        """Take over Ctrl-C; needs a running loop."""
        loop = asyncio.get_running_loop()
        self._before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(self._interrupt))
        return self

    def __exit__(self, *_: object) -> None:
        """Give Ctrl-C back."""
        signal.signal(signal.SIGINT, self._before)

    async def stoppable(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work to its end, or until Ctrl-C."""
        self._work = asyncio.ensure_future(work)
        try:
            await self._work
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
        finally:
            self._work = None

    @contextmanager
    def reading(self, stop: Callable[[], bool]) -> Iterator[None]:
        """While a line is read, let `stop` end that; it tells whether it could."""
        self._stop_reading = stop
        try:
            yield
        finally:
            self._stop_reading = None

    def stop(self) -> None:
        """Stop the work at hand."""
        if self._work is not None:
            self._work.cancel()

    def noted(self) -> bool:
        """Tell whether Ctrl-C came while there was nothing to stop, and forget it."""
        noted, self._noted = self._noted, False
        return noted

    def _interrupt(self) -> None:
        if self._work is not None:
            self.stop()
        elif self._stop_reading is None or not self._stop_reading():
            self._noted = True


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
