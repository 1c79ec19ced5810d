"""Macros in a card's text: `{{char}}`, `{{user}}` and the other few of the Character Card V3 specification.

One pass from left to right, over what an author wrote and never over what a person says; what a macro yields is text
and is not looked at again, so nothing that is put in can be a macro. Unknown macros stay as they stand.
"""

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from companion.persona.persona import Persona

SOMEBODY = "you"
"""Who `{{user}}` is in a greeting, where she has no name for you."""

SOMEONE_TOLD_OF = "User"
"""Who `{{user}}` is in what a model is told, where she has no name for you."""

NOT_PROSE = frozenset({"name", "nickname", "id", "extends", "card", "model", "greetings", "lore", "lorebooks"})
"""What is not told as it stands: a greeting is filled in when it is said, lore when it comes up."""

LARGEST_DIE = 1_000_000


@dataclass(frozen=True, slots=True)
class Names:
    """Who is meant.

    Attributes:
        char: the persona, by her nickname where she has one.
        user: the person.
    """

    char: str
    user: str


_MACRO = re.compile(r"\{\{((?:[^{}]|\{(?!\{)|\}(?!\}))*)\}\}|<(user|bot|char)>", re.IGNORECASE)
_HIDDEN = re.compile(r"\{\{\s*(?://|comment:)(?:[^{}]|\{(?!\{)|\}(?!\}))*\}\}", re.IGNORECASE)
_HIDDEN_KEY = re.compile(r"\{\{\s*hidden_key:((?:[^{}]|\{(?!\{)|\}(?!\}))*)\}\}", re.IGNORECASE)
_COMMA = re.compile(r"(?<!\\),")


def expanded(text: str, names: Names, chance: random.Random) -> str:
    """Return a text with its macros filled in; `chance` decides for `random` and `roll`.

    `pick` decides by the text alone, so that the same prompt gets the same pick.
    """
    return _MACRO.sub(lambda found: _filled(found, names, chance), text)


def names_of(persona: "Persona") -> Names:
    """Return who is meant in what a model is told."""
    return Names(persona.nickname or persona.name, persona.calls_you[0] if persona.calls_you else SOMEONE_TOLD_OF)


def filled(persona: "Persona") -> "Persona":
    """Return a persona with the macros in what a model is told of her filled in, the same ones every time."""
    names = names_of(persona)
    chance = random.Random(persona.id)  # noqa: S311 - no secret
    prose = persona.model_dump(exclude_unset=True, exclude=set(NOT_PROSE))
    said = _each(prose, names, chance)
    if said == prose:
        return persona
    kept = {key: getattr(persona, key) for key in NOT_PROSE & persona.model_fields_set}
    return type(persona).model_validate({**said, **kept})


def _each(value: Any, names: Names, chance: random.Random) -> Any:
    """Fill in every text within a value; a text that would become empty stays."""
    match value:
        case str():
            return expanded(value, names, chance).strip() or value
        case dict():
            return {key: _each(inner, names, chance) for key, inner in value.items()}
        case list() | tuple():
            return tuple(_each(inner, names, chance) for inner in value)
        case _:
            return value


def searchable(text: str, names: Names) -> str:
    """Return a text for lore to be sought in: comments are gone, hidden keys are there."""
    shown = _HIDDEN_KEY.sub(lambda found: found[1], _HIDDEN.sub("", text))
    return expanded(shown, names, random.Random(0))  # noqa: S311 - no secret


def _filled(found: re.Match[str], names: Names, chance: random.Random) -> str:
    legacy = found[2]
    if legacy:
        return names.user if legacy.lower() == "user" else names.char
    inner = found[1].strip()
    if inner.startswith("//"):
        return ""
    name, colon, rest = inner.partition(":")
    if not colon:
        return {"char": names.char, "user": names.user, "original": ""}.get(name.lower(), found[0])
    return _with_argument(name.strip().lower(), rest, found, chance)


def _with_argument(name: str, rest: str, found: re.Match[str], chance: random.Random) -> str:
    match name:
        case "random":
            return chance.choice(_choices(rest))
        case "pick":
            return random.Random(f"{found.start()}:{found.string}").choice(_choices(rest))  # noqa: S311 - no secret
        case "roll":
            return _rolled(rest, found[0], chance)
        case "reverse":
            return rest[::-1]
        case "comment" | "hidden_key":
            return ""
        case _:
            return found[0]


def _choices(rest: str) -> list[str]:
    """Split `A,B` or `:A::B`; a comma after a backslash belongs to the choice."""
    parts = rest[1:].split("::") if rest.startswith(":") else _COMMA.split(rest)
    return [part.strip().replace("\\,", ",") for part in parts]


def _rolled(rest: str, whole: str, chance: random.Random) -> str:
    sides = re.fullmatch(r"\s*:?(?:1?d)?(\d{1,7})\s*", rest, re.IGNORECASE)
    if not sides or not 1 <= int(sides[1]) <= LARGEST_DIE:
        return whole
    return str(chance.randint(1, int(sides[1])))
