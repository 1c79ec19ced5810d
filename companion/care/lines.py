"""Who can be called, by country, and the fixed words of care, by language: data, read when first needed."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from companion import yaml

ANYWHERE = "any"
"""The country of lines that are named where no country is known."""

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A line somebody answers.

    Attributes:
        country: ISO 3166, or `any`.
        name: whose line it is.
        number: what to dial, or how to write.
        hours: when somebody answers.
        languages: in which languages.
        source: the page that says so.
        verified_on: when that page was last read.
    """

    country: str
    name: str
    number: str
    hours: str
    languages: tuple[str, ...]
    source: str
    verified_on: date

    def __str__(self) -> str:
        return f"{self.name}, {self.number} ({self.hours})"


@cache
def all_lines() -> tuple[HelpLine, ...]:
    """Return every line there is."""
    return tuple(_line(row) for row in _read("help_lines.yaml")["lines"])


def lines_for(country: str) -> tuple[HelpLine, ...]:
    """Return the lines of a country, or those for anywhere."""
    own = tuple(line for line in all_lines() if line.country == country.upper())
    return own or tuple(line for line in all_lines() if line.country == ANYWHERE)


def emergency(country: str) -> str:
    """Return the emergency number of a country; in most of Europe, and by the phone networks' standard, 112."""
    numbers: dict[str, str] = _read("help_lines.yaml")["emergency"]
    if country.upper() in numbers:
        return numbers[country.upper()]
    return "112" if any(line.country == country.upper() for line in all_lines()) else numbers[ANYWHERE]


def spoken(key: str, language: str = FALLBACK, country: str = "") -> str:
    """Return fixed words in a language, English where they are not given, with the numbers of a country."""
    words = _read("spoken.yaml")
    text: str = words.get(language, {}).get(key) or words[FALLBACK][key]
    named = "; ".join(str(line) for line in lines_for(country))
    return text.replace("{emergency}", emergency(country)).replace("{lines}", named)


def help_now(language: str, country: str) -> str:
    """Return what `/help-now` shows: the lines, one below the other, in nobody's voice but ours."""
    named = "\n".join(f"  {line}" for line in lines_for(country))
    return f"Emergency: {emergency(country)}\n{named}\n\n{spoken('crisis', language, country)}"


def country_of(setting: str | None, locale: str) -> str:
    """Return the country of a setting, or else of a locale such as `de_AT.UTF-8`; empty where neither says one."""
    if setting:
        return setting.upper()
    _, _, place = locale.partition(".")[0].partition("_")
    return place[:2].upper()


def _line(row: dict[str, Any]) -> HelpLine:
    verified = date.fromisoformat(row["verified_on"])
    return HelpLine(**{**row, "languages": tuple(row["languages"]), "verified_on": verified})


@cache
def _read(name: str) -> dict[str, Any]:
    with as_file(files("companion.care").joinpath(name)) as path:
        value: dict[str, Any] = yaml.read(path).value
    return value
