"""Her world, as far as it comes up now: lore that the window does not show already, within its share of the budget.

Lore rides inside the person's message, as recollections do, so nothing that was told is ever moved or taken back. What
a card wants at a depth, or before and after a character, becomes the order within the block.
"""

import random
from collections.abc import Callable, Iterable, Sequence

from companion.conversation import Speaker, Utterance
from companion.dialogue.budget import BYTES_PER_TOKEN
from companion.persona import lore, macros
from companion.persona.lore import Book, Entry
from companion.persona.persona import Persona

LORE_SHARE = 0.1
"""The share of the budget that the lore of one turn may take: it stays in the history, told once."""


def come_up(
    books: Iterable[Book], persona: Persona, window: Sequence[Utterance], budget: int, *, full: bool = False
) -> tuple[str, ...]:
    """Return the lore that comes up with the last words of a window, each entry on a line, as it is told.

    `budget` is what may be told in all, in tokens; `full` tells whether earlier history was let go.
    """
    names = macros.names_of(persona)
    lines: list[str] = []
    for book in books:
        told = {entry.content.strip(): _line(entry, names) for entry in book.entries if entry.content.strip()}
        talk = _talk(persona, window, told, full=full)
        new = [entry for entry in lore.activated(book, talk) if entry.content not in talk.told]
        room = budget * LORE_SHARE if book.budget is None else min(book.budget, budget * LORE_SHARE)
        kept = lore.within(new, room, _cost(told))
        lines += [told[entry.content] for entry in kept if told[entry.content] not in lines]
    return tuple(lines)


def _talk(persona: Persona, window: Sequence[Utterance], lines: dict[str, str], *, full: bool) -> lore.Talk:
    newest_first = [utterance.told or "" for utterance in reversed(window)]
    ago = {
        content: next((age for age, told in enumerate(newest_first) if line and line in told), None)
        for content, line in lines.items()
    }
    return lore.Talk(
        texts=tuple(utterance.text for utterance in window),
        names=macros.names_of(persona),
        replies=sum(utterance.speaker is Speaker.COMPANION for utterance in window),
        told={content: age for content, age in ago.items() if age is not None},
        greeting=_greeting(persona, window),
        full=full,
        seed=f"{persona.id}:{window[-1].id}",
    )


def _greeting(persona: Persona, window: Sequence[Utterance]) -> int | None:
    """Return which of her first greetings opened the sitting."""
    here = window[-1].conversation
    opened = next((said.text for said in window if said.conversation == here and said.is_greeting), None)
    names = macros.names_of(persona)
    spoken = [macros.expanded(line, names, random.Random(0)) for line in persona.greetings.first]  # noqa: S311 - no secret
    return spoken.index(opened) if opened in spoken else None


def _line(entry: Entry, names: macros.Names) -> str:
    """Return an entry on one line; the markers of the block it stands in are taken out of it."""
    text = macros.expanded(entry.content, names, random.Random(entry.content))  # noqa: S311 - no secret
    return "- " + " ".join(text.replace("<", "‹").replace(">", "›").split())


def _cost(lines: dict[str, str]) -> Callable[[str], float]:
    return lambda content: len(lines[content].encode()) / BYTES_PER_TOKEN
