"""What a reply costs on its way to the screen: CPU and bytes per 10,000 characters streamed.

    python tests/benchmarks/rendering.py [--json] [--rounds N]

The same Markdown goes in the same pieces of four characters to a pseudo-terminal of 80 columns: as it is (a raw write
for every piece), through our screen, and through `rich.live` with `rich.markdown`, if rich is installed.
"""

import argparse
import json
import os
import pty
import resource
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

PARAGRAPH = (
    "It was *late*, and **very** quiet in the house; she had `read` for an hour, and 日本語 was on the cover of"
    " the book that lay beside the lamp. Nothing else happened, which was the point of it.\n\n- one thing\n- more\n\n"
)
TEXT = (PARAGRAPH * 60)[:10_000]
PIECES = [TEXT[start : start + 4] for start in range(0, len(TEXT), 4)]


def raw() -> None:
    """Write every piece as it is."""
    for piece in PIECES:
        sys.stdout.write(piece)
        sys.stdout.flush()


def ours() -> None:
    """Show every piece as the chat does."""
    from companion.dialogue.events import Spoke
    from companion.terminal.screen import Screen
    from companion.terminal.theme import CALM

    screen = Screen(sys.stdout, sys.stdout, CALM, wrapped=True)
    for piece in PIECES:
        screen.show(Spoke(piece))
    screen.end_reply()


def live() -> None:
    """Show every piece with rich, which draws the reply again for each."""
    from rich.console import Console
    from rich.live import Live
    from rich.markdown import Markdown

    text = ""
    with Live(console=Console(force_terminal=True, width=80), refresh_per_second=20) as region:
        for piece in PIECES:
            text += piece
            region.update(Markdown(text))


WAYS = {"raw write": raw, "ours": ours, "rich.live": live}


def measured(way: str) -> tuple[float, int]:
    """Return the CPU seconds and the bytes of one way, in a process of its own at a pseudo-terminal."""
    ours_end, theirs = pty.openpty()
    got = 0

    def read() -> None:
        nonlocal got
        while True:
            try:
                piece = os.read(ours_end, 65536)
            except OSError:
                return
            if not piece:
                return
            got += len(piece)

    reader = threading.Thread(target=read)
    reader.start()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    subprocess.run([sys.executable, __file__, "--way", way], stdout=theirs, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.close(theirs)
    reader.join()
    os.close(ours_end)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, got


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=[*WAYS, "nothing"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        if options.way != "nothing":
            WAYS[options.way]()
        return
    try:
        import rich  # noqa: F401
    except ImportError:
        del WAYS["rich.live"]
    report = {}
    for way in WAYS:
        measured(way)  # once for the caches
        rounds = [measured(way) for _ in range(options.rounds)]
        report[way] = {"cpu": min(cpu for cpu, _ in rounds), "bytes": rounds[0][1]}
    if options.json:
        print(json.dumps(report, indent=2))
        return
    base = report["raw write"]
    for way, row in report.items():
        ratios = f"{row['cpu'] / base['cpu']:5.1f}x CPU {row['bytes'] / base['bytes']:6.1f}x bytes"
        print(f"{way:<10}{row['cpu'] * 1000:7.0f} ms CPU, start included {row['bytes']:9,} bytes {ratios}")


if __name__ == "__main__":
    main()
