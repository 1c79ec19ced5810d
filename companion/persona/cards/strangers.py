"""Values from strangers, made into what a persona can hold; whatever is not of the right kind is empty."""

import re
from typing import Any

from pydantic import ValidationError

from companion.persona.cards.card import Json
from companion.persona.persona import Persona

NAMESPACE = "companion"
"""Our key under a card's `extensions`."""

LONGEST_PROSE = 60_000
LONGEST_LINE = 2_000

_SURROGATES = re.compile("[\ud800-\udfff]")


def text_of(value: Any) -> str:
    """Return a text as a persona file can hold it."""
    if not isinstance(value, str):
        return ""
    clean = _SURROGATES.sub("\ufffd", value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    return clean.strip()[:LONGEST_PROSE].strip()


def line_of(value: Any) -> str:
    """Return a text of the length of a line."""
    return text_of(value)[:LONGEST_LINE].strip()


def list_of(value: Any) -> list[Any]:
    """Return a list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def dict_of(value: Any) -> Json:
    """Return an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def frozen(value: Any) -> Any:
    """Give pydantic, which is strict, tuples for lists."""
    if isinstance(value, dict):
        return {key: frozen(inner) for key, inner in value.items()}
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def fits(kept: Json) -> bool:
    """Tell whether keys and values are what a persona file can have."""
    try:
        Persona.model_validate(frozen({"name": "x", "identity": "x", **kept}))
    except (ValidationError, RecursionError):
        return False
    return True
