"""The sets that care is tried on: written for this, one message per line, `{a|b}` standing for one line each.

Which half a line belongs to is told by a hash of its words: rules were written while looking at one half; the other was
only counted.
"""

import hashlib
import re
from itertools import product
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "care"


def lines(name: str) -> list[str]:
    """Return the messages of a set, every alternative written out."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    written = [line for line in text.splitlines() if line.strip() and not line.startswith("# ")]
    return list(dict.fromkeys(message for line in written for message in _expanded(line)))


def held_out(message: str) -> bool:
    """Tell whether a message belongs to the half that rules were not written for."""
    return hashlib.sha256(message.encode()).digest()[0] % 2 == 1


def _expanded(line: str) -> list[str]:
    parts = re.split(r"\{([^{}]*)\}", line)
    choices = [part.split("|") if odd else [part] for part, odd in zip(parts, [False, True] * len(parts), strict=False)]
    return [" ".join("".join(chosen).split(" ")) for chosen in product(*choices)]
