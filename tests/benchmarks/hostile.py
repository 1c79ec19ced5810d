"""Replies that want to take over the terminal, in random pieces, and what of them would reach it.

    python tests/benchmarks/hostile.py [--rounds N] [--seed N]

Ends with 1 and the guilty string if any control byte but newline, tab and our own looks comes through.
"""

import argparse
import random
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from companion.plaintext import PlainText
from companion.terminal.styler import Styler
from companion.terminal.theme import CALM, Theme

HERS = "\x1b[35m"
THEME = Theme(**{name: getattr(CALM, name) for name in Theme.__slots__ if name != "hers"}, hers=HERS)
OURS = sorted({getattr(THEME, name) for name in Theme.__slots__} - {"", THEME.erase_line}, key=len, reverse=True)
GIVEN = re.compile(
    f"(?!{'|'.join(map(re.escape, OURS))})\x1b"
    "|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]"
    "|[\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Whatever must not reach a terminal."""

PARTS = (
    "\x1b", "\x1b[", "\x1b]0;", "\x1b]52;c;", "\x1bP", "\x1b\\", "\x1b[2J", "\x1b[?1049h",
    "\x1b[31m", "\x1b(0", "\x1bc", "\x9b", "\x9d", "\x90", "\x9c", "\a", "\b", "\r", "\r\n", "\0",
    "\x7f", "\x0e", "\x0f", "\v", "\f", "\u202e", "\u2066", "\u200f", "\ufeff", "\u2028",
    "\U000e0041", "\ud800", "\udfff", "6n", "m", ";", "title", "word ", "\n", "\t", "*", "**", "_",
    "`", "```", "~~", "# ", "- ", "1. ", "> ", "| a | b |\n", "|---|---|\n", "日本",
    "\U0001f469\u200d\U0001f4bb", "e\u0301", "C:\\Users", "\\",
)  # fmt: skip


def hostile(draw: random.Random) -> list[str]:
    """Return a hostile reply in random pieces."""
    parts = draw.choices(PARTS, k=draw.randrange(1, 40))
    parts += [chr(draw.randrange(0x110000)) for _ in range(draw.randrange(4))]
    draw.shuffle(parts)
    text, pieces = "".join(parts), []
    while text:
        length = draw.randrange(1, 12)
        pieces.append(text[:length])
        text = text[length:]
    return pieces


def reaches_the_terminal(pieces: list[str], columns: int) -> str:
    """Return what a screen writes for a reply."""
    cleaning, styler = PlainText(), Styler(THEME, lambda: columns)
    return "".join(styler.feed(cleaning.feed(piece)) for piece in pieces) + styler.end()


def main() -> int:
    """Try many, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    for number in range(options.rounds):
        pieces = hostile(draw)
        if found := GIVEN.search(reaches_the_terminal(pieces, draw.randrange(1, 200))):
            print(f"string {number}: {found[0]!r} reaches the terminal from {pieces!r}")
            return 1
    print(f"{options.rounds} strings in random pieces: no control byte but newline, tab and our own looks")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
