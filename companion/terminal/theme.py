"""How things look: a few roles, and plain text where colour is not wanted (https://no-color.org)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from companion.errors import SettingsError

_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Theme:
    """The control sequences of each role; empty ones leave the text as it is."""

    notice: str = ""
    error: str = ""
    prompt: str = ""
    hers: str = ""
    strong: str = ""
    em: str = ""
    strike: str = ""
    code: str = ""
    reset: str = ""
    erase_line: str = ""

    def paint(self, role: str, text: str) -> str:
        """Return a text in the look of a role."""
        return f"{role}{text}{_RESET}" if role else text

    def look(self, name: str) -> str:
        """Return the sequence of a look that words may have: `strong`, `em`, `strike` or `code`."""
        return str(getattr(self, name))

    def hued(self, colour: str) -> "Theme":
        """Return this theme with her words in a colour of hers, as a persona file names it; empty: in none."""
        return replace(self, hers=HUES.get(colour, "")) if self.styled else self

    @property
    def styled(self) -> bool:
        """Whether words may have a look."""
        return bool(self.reset)


HUES = {name: f"\x1b[{number}m" for number, name in enumerate("red green yellow blue magenta cyan".split(), 31)}
"""The colours that a terminal has names for; what they look like is the terminal's choice."""

PLAIN = Theme()
CALM = Theme(
    notice="\x1b[2m",
    error="\x1b[33m",
    prompt="\x1b[1m",
    strong="\x1b[1m",
    em="\x1b[3m",
    strike="\x1b[9m",
    code="\x1b[36m",
    reset=_RESET,
    erase_line="\r\x1b[K",
)
THEMES = {
    "dark": replace(CALM, error="\x1b[93m", code="\x1b[96m"),
    "light": replace(CALM, error="\x1b[31m", code="\x1b[34m"),
    "none": replace(CALM, error="", code="", notice="", strong="", em="", strike="", prompt="", reset=""),
}
"""What a person may choose; without a choice, the terminal's own sixteen colours, of which we use two."""


def theme_for(environment: Mapping[str, str], *, terminal: bool, name: str | None = None) -> Theme:
    """Return the theme for an output.

    Args:
        environment: the environment variables.
        terminal: whether somebody looks at it.
        name: which one the person chose.

    Raises:
        SettingsError: there is no such theme.
    """
    wanted = terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return named(name) if wanted else PLAIN


def named(name: str | None) -> Theme:
    """Return a theme by its name, or the one without a choice.

    Raises:
        SettingsError: there is no such theme.
    """
    if name is None:
        return CALM
    if name not in THEMES:
        raise SettingsError(f"There is no theme {name!r}; there are {', '.join(THEMES)}.")
    return THEMES[name]
