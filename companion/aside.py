"""Work done aside: in a thread that nobody waits for when the program ends.

`asyncio.to_thread` keeps the program from ending until its work is done; waking a model may take a minute.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T]) -> T:
    """Do some work in a thread and return its outcome, or raise its error; when cancelled, the outcome is dropped."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(outcome: T | None, error: Exception | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(outcome)  # type: ignore[arg-type] # no error, so there is an outcome

    def run() -> None:
        outcome, error = None, None
        try:
            outcome = work()
        except Exception as caught:  # noqa: BLE001 - whatever it is, it is raised again where it is awaited
            error = caught
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, outcome, error)

    threading.Thread(target=run, daemon=True).start()
    return await done
