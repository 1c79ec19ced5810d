"""What a persona cannot have: claims to be human, and wishes to be without care. Remarked on, and without effect.

Care itself is code and the last words of the system prompt, where no persona reaches; this only tells an author, in
time, that such a line will not hold.
"""

import re
from collections.abc import Iterator
from typing import Any

from companion.persona.persona import Persona

_HUMAN = re.compile(
    r"\b(you are|you're|i am|i'm|she is|he is) (a |an )?(real |living |actual )?(human( being)?|real person)\b"
    r"|\b(not|never) (an |a )?(ai|artificial|machine|program|software|bot)\b"
    r"|\b(never|don't|do not|refuse to) (admit|reveal|say|mention|acknowledge|disclose)\b.{0,40}"
    r"\b(ai|artificial|software|program|machine|bot|language model)\b"
    r"|\b(claim|pretend|insist)\b.{0,20}\b(human|real person)\b",
    re.IGNORECASE,
)
_CARELESS = re.compile(
    r"\b(ignore|disregard|forget|override|bypass)\b.{0,40}"
    r"\b(safety|care|crisis|guidelines|rules|instructions|disclosure|everything (below|above))\b"
    r"|\b(never|don't|do not) (mention|suggest|offer|name|give)\b.{0,30}\b(help ?lines?|hotlines?|crisis|therap\w+)\b"
    r"|\b(don't|do not|never) let (them|you|{{user}}|the user) (leave|go)\b",
    re.IGNORECASE,
)


def remarks(persona: Persona) -> tuple[str, ...]:
    """Return a sentence for everything in a persona that will not hold."""
    texts = list(_texts(persona.model_dump(exclude={"listening", "boundaries", "card"})))
    found = []
    if claim := next((match for text in texts if (match := _HUMAN.search(text))), None):
        found.append(f"“{claim[0]}”: {persona.name} is openly software and will say so; this will not hold.")
    if careless := next((match for text in texts if (match := _CARELESS.search(text))), None):
        found.append(f"“{careless[0]}”: care comes after everything that a persona says; this will not hold.")
    return tuple(found)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
