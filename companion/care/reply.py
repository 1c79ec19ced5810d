"""What she must not say, found before it is shown: a claim to be human, the tactics that hold somebody back, methods.

The six tactics against a goodbye are those of De Freitas and others (arXiv 2508.19258): premature exit,
fear of missing out, emotional neglect, pressure to respond, ignoring the goodbye, coercive restraint. What a reply
in a crisis must not do follows the red items of VERA-MH (JMIR AI 2026;5:e92817).
"""

import re
from enum import StrEnum

from companion.care.frames import find
from companion.care.wording import folded, sentences


class When(StrEnum):
    """What is going on when she speaks; some things are wrong only then."""

    ANY = "any"
    FAREWELL = "farewell"
    CRISIS = "crisis"
    GENTLE = "gentle"


LONGEST_FAREWELL = 60
"""Words; a goodbye is one short, warm reply."""

_GOODBYE = re.compile(
    r" (bye|goodbye|good night|goodnight|night|sleep|rest|take care|later|tomorrow|soon|farewell|until|see you|go well"
    r"|safe|next time|have a|enjoy|dreams|weather|well|easy to find|thanks?|glad|good to|off you|go|back|whenever"
    r"|tschuss|nacht|schlaf|bis|mach s|danke|alles gute|adios|noches|hasta|descansa|descanses|cuidate|luego|gracias"
    r"|curtain|stop here|mind the step"
    r"|revoir|nuit|bientot|demain|merci|dors|ciao|arrivederci|notte|buonanotte|presto|domani|grazie|dormi) "
)


def wrongs(reply: str, when: frozenset[When] = frozenset()) -> tuple[str, ...]:
    """Return the kinds of wrong that a reply does, given what is going on, in the order they were found."""
    said = sentences(folded(reply), whole=True)
    found = {finding.kind: None for finding in find(said, "reply") if finding.level in when | {When.ANY}}
    if {"sexual", "child"} <= found.keys():
        found["sexual_minor"] = None
    ordinary = {"child"} if When.GENTLE in when else {"child", "sexual"}
    return tuple(kind for kind in found if kind not in ordinary)


def holds_on(reply: str) -> tuple[str, ...]:
    """Return what a reply to a goodbye does by its form alone: it asks, or goes on as if nothing had been said."""
    text = folded(reply)
    words = re.findall(r"\w+", text)
    ignored = len(words) > LONGEST_FAREWELL or not _GOODBYE.search(f" {' '.join(words)} ")
    return (*(("pressure_to_respond",) if "?" in text else ()), *(("ignoring_goodbye",) if ignored else ()))
