"""Her world, as far as it comes up now: lore that the window does not show already, within its share of the budget.

Lore rides inside the person's message, as recollections do, so nothing that was told is ever moved or taken back. What
a card wants at a depth, or before and after a character, becomes the order within the block.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from companion.conversation import Speaker, Utterance
from companion.dialogue.budget import BYTES_PER_TOKEN
from companion.persona import lore, macros
from companion.persona.lore import Book
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
    ages = _ages(window)
    lines: list[str] = []
    for book in books:
        told = {entry.content: _line(entry.content, names) for entry in book.entries if entry.content}
        seen = {content: ages[line] for content, line in told.items() if line in ages}
        new = lore.activated(book, _talk(persona, window, seen, full=full))
        room = budget * LORE_SHARE if book.budget is None else min(book.budget, budget * LORE_SHARE)
        kept = lore.within([entry for entry in new if entry.content not in seen], room, _cost(told))
        lines += [told[entry.content] for entry in kept if told[entry.content] not in lines]
    return tuple(lines)


def _ages(window: Sequence[Utterance]) -> dict[str, int]:
    """Return each line of lore that can still be seen, with how many messages ago it was told last."""
    ages: dict[str, int] = {}
    for age, utterance in enumerate(reversed(window)):
        opening, block, rest = (utterance.told or "").partition("<lore>\n")
        if block and (not opening or opening.endswith("\n")):
            for line in rest.partition("\n</lore>")[0].splitlines():
                ages.setdefault(line, age)
    return ages


def _talk(persona: Persona, window: Sequence[Utterance], seen: dict[str, int], *, full: bool) -> lore.Talk:
    return lore.Talk(
        texts=tuple(utterance.text for utterance in window),
        names=macros.names_of(persona),
        replies=sum(utterance.speaker is Speaker.COMPANION for utterance in window),
        told=seen,
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


@lru_cache(maxsize=lore.MOST_ENTRIES)
def _line(content: str, names: macros.Names) -> str:
    """Return an entry on one line; the markers of the block it stands in are taken out of it."""
    text = macros.expanded(content, names, random.Random(content))  # noqa: S311 - no secret
    return "- " + " ".join(text.replace("<", "‹").replace(">", "›").split())


def _cost(lines: dict[str, str]) -> Callable[[str], float]:
    return lambda content: len(lines[content].encode()) / BYTES_PER_TOKEN
