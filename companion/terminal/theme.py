"""How things look: four roles, and plain text where colour is not wanted (https://no-color.org)."""

from collections.abc import Mapping
from dataclasses import dataclass

_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Theme:
    """The control sequences of each role; empty ones leave the text as it is."""

    notice: str = ""
    error: str = ""
    prompt: str = ""
    erase_line: str = ""

    def paint(self, role: str, text: str) -> str:
        """Return a text in the look of a role."""
        return f"{role}{text}{_RESET}" if role else text


PLAIN = Theme()
CALM = Theme(notice="\x1b[2m", error="\x1b[33m", prompt="\x1b[1m", erase_line="\r\x1b[K")


def theme_for(environment: Mapping[str, str], *, terminal: bool) -> Theme:
    """Return the theme for an output; `terminal` tells whether somebody looks at it."""
    wanted = terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return CALM if wanted else PLAIN
