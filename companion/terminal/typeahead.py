"""What is typed while no line is read: it is not echoed into her words, and waits in the next line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


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
    iflag, oflag, cflag, lflag, *rest = before
    # Enter stays Enter and does not become Ctrl-J, and Ctrl-C does not throw away what is waiting
    quiet = [iflag & ~termios.ICRNL, oflag, cflag, lflag & ~(termios.ECHO | termios.ICANON) | termios.NOFLSH, *rest]
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(terminal, termios.TCSANOW, before)
