"""A person at a terminal: the program in a real pseudo-terminal, its screen as pyte understands it."""

import os
import re
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pexpect
import pyte

COMPANION = (sys.executable, "-m", "companion")
PATIENCE = 30.0


def heed_ctrl_c() -> None:
    """Heed Ctrl-C, also where the tests run in the background and have inherited not to."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Terminal:
    """Runs a command and watches its screen; scrollback is kept.

    Attributes:
        sent: every byte that the program wrote.
        says_where_the_cursor_is: whether it answers when asked.
    """

    def __init__(
        self, environment: Mapping[str, str], command: Sequence[str] = COMPANION, *, columns: int = 80, lines: int = 40
    ) -> None:
        self.screen = pyte.HistoryScreen(columns, lines, history=10_000, ratio=0.5)
        self._stream = pyte.ByteStream(self.screen)
        self.sent = b""
        self.says_where_the_cursor_is = True
        whole = {"TERM": "xterm-256color", **environment}
        self.process = pexpect.spawn(
            command[0],
            list(command[1:]),
            env=whole,
            dimensions=(lines, columns),
            timeout=PATIENCE,
            preexec_fn=heed_ctrl_c,
        )
        self.process.delaybeforesend = None

    def type(self, text: str) -> None:
        """Press these keys; a newline is Enter."""
        self.process.send(text.replace("\n", "\r"))

    def paste(self, text: str) -> None:
        """Paste, as terminals do where they are asked to mark it, however much it is."""
        left = f"\x1b[200~{text}\x1b[201~".encode()
        while left:
            left = left[os.write(self.process.child_fd, left[:1000]) :]
            self.read(0)

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size; what no longer fits goes into the scrollback, as in terminals."""
        screen, fewer = self.screen, self.screen.lines - lines
        if fewer > 0:  # pyte would drop the topmost lines
            where, over = (screen.cursor.x, screen.cursor.y), max(0, screen.cursor.y + 1 - lines)
            screen.cursor.y = screen.lines - 1
            for _ in range(over):
                screen.index()
            screen.cursor.y = 0
            screen.insert_lines(fewer)
            screen.cursor.x, screen.cursor.y = where[0], where[1] - over + fewer
        screen.resize(lines, columns)
        if fewer > 0:
            screen.cursor.y -= fewer
        self.process.setwinsize(lines, columns)

    def text(self) -> str:
        """Return everything on the screen and above it."""
        above = ["".join(line[x].data for x in range(self.screen.columns)) for line in self.screen.history.top]
        return "\n".join(line.rstrip() for line in (*above, *self.screen.display)).rstrip()

    def wait_for(self, pattern: str, *, patience: float = PATIENCE) -> str:
        """Read on until the screen shows the pattern (a regular expression), and return the screen."""
        give_up = time.monotonic() + patience
        while not re.search(pattern, self.text(), re.DOTALL):
            if time.monotonic() > give_up:
                raise AssertionError(f"never saw {pattern!r} on:\n{self.text()}")
            if not self.read() and not self.process.isalive() and not self.read():
                assert re.search(pattern, self.text(), re.DOTALL), f"ended without {pattern!r}:\n{self.text()}"
        return self.text()

    def read(self, patience: float = 0.05) -> bytes:
        """Take what the program has written, waiting a moment for it."""
        try:
            piece: bytes = self.process.read_nonblocking(65536, timeout=patience)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return b""
        self.sent += piece
        self._stream.feed(piece)
        if b"\x1b[6n" in piece and self.says_where_the_cursor_is:  # it asks where the cursor is; a terminal answers
            self.process.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
        return piece

    def leave(self) -> int:
        """Wait until the program has ended and return its exit code."""
        give_up = time.monotonic() + PATIENCE
        while self.process.isalive():
            self.read()
            assert time.monotonic() < give_up, f"still running:\n{self.text()}"
        while self.read():
            pass
        self.process.close()
        return int(self.process.exitstatus if self.process.exitstatus is not None else -self.process.signalstatus)


def environment(home: Path, model: str = "offline", **more: str) -> dict[str, str]:
    """Return the environment of a person with their own home and no key, for whom it is always about noon."""
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "LLM_USER_PATH") if name in os.environ
    }
    noon = f"NOON{datetime.now(UTC).hour - 12:+d}"  # she greets by the hour of the day
    return {
        **kept,
        "TZ": noon,
        "COMPANION_HOME": str(home),
        "COMPANION_MODEL": model,
        "COMPANION_REMEMBER": "yes",
        **more,
    }
