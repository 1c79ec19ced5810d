"""Her first line, chosen before anything heavy is loaded: the screen greets while validation still sleeps.

What is not as it should be in her file is left empty here, and refused by validation a moment later.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from companion.persona import macros
from companion.persona.loading import Written

AWAY = timedelta(days=3)
MORNING = range(5, 12)
NIGHT = (*range(22, 24), *range(5))
"""Hours, as most people would name them."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first screen needs of a persona.

    Attributes:
        name: what she is called; empty where the file says nothing that can be a name.
        id: what her memory is kept under.
        greetings: the lines for each occasion.
        names: who is meant by the macros in them.
        colour: the colour of her words; empty where she has none.
    """

    name: str
    id: str
    greetings: dict[str, tuple[str, ...]]
    names: macros.Names
    colour: str = ""

    def line(self, now: datetime, last: datetime | None) -> str:
        """Return today's greeting; `last` is when the two of them last spoke."""
        lines = next((found for name in occasions(now, last) if (found := self.greetings.get(name))), ())
        day = now.toordinal()
        return macros.expanded(lines[day % len(lines)], self.names, random.Random(day)) if lines else ""  # noqa: S311 - no secret


def opening(written: Written) -> Opening:
    """Return what can be said of a persona before her file is validated."""
    greetings = written.value.get("greetings")
    greetings = greetings if isinstance(greetings, dict) else {}
    name = _text(written.value.get("name"))
    called = _texts(written.value.get("calls_you"))
    return Opening(
        name,
        _text(written.value.get("id")) or name,
        {occasion: _texts(lines) for occasion, lines in greetings.items()},
        macros.Names(_text(written.value.get("nickname")) or name, called[0] if called else macros.SOMEBODY),
        _text(written.value.get("colour")),
    )


def occasions(now: datetime, last: datetime | None) -> tuple[str, ...]:
    """Return the occasions that a meeting is, the most particular first."""
    if last is None:
        return ("first",)
    found = ["after_days"] if now - last >= AWAY else []
    found += ["morning"] if now.hour in MORNING else []
    found += ["night"] if now.hour in NIGHT else []
    return (*found, "again")


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(text for item in items if (text := _text(item)))
