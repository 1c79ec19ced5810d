"""How far a download has come: one line that is written over, and only where somebody looks."""

import time
from collections.abc import Callable
from typing import TextIO

ERASE_LINE = "\r\x1b[K"
EVERY_SECONDS = 0.2
MEGABYTE = 1_000_000


class Progress:
    """A line that tells how far a download is.

    Args:
        out: where it is shown; off a terminal nothing is.
        clock: returns seconds.
    """

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out if out.isatty() else None
        self._clock = clock
        self._began: tuple[float, int] | None = None
        self._shown = float("-inf")

    def __call__(self, done: int, whole: int) -> None:
        """Show that so many bytes of the whole have come."""
        now = self._clock()
        self._began = self._began or (now, done)
        if self._out is None or (now - self._shown < EVERY_SECONDS and done < whole):
            return
        self._shown = now
        self._out.write(ERASE_LINE + described(done, whole, self._rate(now, done)))
        self._out.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._out is not None and self._began is not None:
            self._out.write(ERASE_LINE)
            self._out.flush()

    def _rate(self, now: float, done: int) -> float:
        """Return the bytes in a second of this download, without what an earlier try had fetched."""
        began, had = self._began or (now, done)
        return (done - had) / (now - began) if now > began else 0.0


def described(done: int, whole: int, rate: float) -> str:
    """Return how far a download is, as "412 of 1282 MB, 32 %, 8.1 MB/s, 2 min left"."""
    far = f"{done / MEGABYTE:.0f} of {whole / MEGABYTE:.0f} MB, {100 * done // whole} %"
    if rate <= 0:
        return far
    left = (whole - done) / rate
    remaining = f"{left / 60:.0f} min left" if left >= 90 else f"{left:.0f} s left"  # noqa: PLR2004 - a minute and a half
    return f"{far}, {rate / MEGABYTE:.1f} MB/s, {remaining}"
