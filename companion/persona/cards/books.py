"""The lorebook of a card: apart from it while it lives here, and back in it when it leaves.

A card's own book has a file of its own. Entries that a persona file holds itself go out in the book as well, marked, so
that they come back to where they were.
"""

import re
from copy import deepcopy
from typing import Any

from companion.persona.cards.card import Card, Json
from companion.persona.cards.strangers import NAMESPACE, dict_of, fits, list_of
from companion.persona.persona import Persona

BOOK = "character_book"


def book_of(card: Json) -> Json | None:
    """Return the lorebook of a card for its own file, without the entries that a persona file holds itself."""
    data = Card(card).data
    book = next(
        (b for b in (data.get(BOOK), card.get(BOOK)) if isinstance(b, dict) and list_of(b.get("entries"))), None
    )
    if book is None:
        return None
    others = [entry for entry in book["entries"] if not _is_ours(entry)]
    return {**deepcopy(book), "entries": others} if others else None


def put_book(made: Json, book: Json | None, persona: Persona, before: Persona | None) -> None:
    """Write the book and the persona's own entries into a card, unless it has them as they are already."""
    data, lore = made["data"], before.lore if before else ()
    if book == book_of(made) and persona.lore == lore:
        return
    mine = [entry for entry in entries(data) if _is_ours(entry)]
    if persona.lore != lore:
        mine = [_entry(entry.model_dump(mode="json", exclude_defaults=True)) for entry in persona.lore]
    whole = {"extensions": {}, **(book or {}), "entries": [*list_of((book or {}).get("entries")), *mine]}
    if whole["entries"]:
        data[BOOK] = whole
    else:
        data.pop(BOOK, None)


def entries(data: Json) -> list[Any]:
    """Return the entries of the book in a card's data."""
    return list_of(dict_of(data.get(BOOK)).get("entries"))


def _is_ours(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(our_entry(entry))


def our_entry(entry: Any) -> Json | None:
    """Return the entry of a persona file that an entry of a book was made of."""
    kept = dict_of(dict_of(dict_of(entry).get("extensions")).get(NAMESPACE)).get("entry")
    return kept if isinstance(kept, dict) and fits({"lore": [kept]}) else None


def _entry(ours: Json) -> Json:
    """Return an entry of a persona file as one of a book, as any other program understands it."""
    return {
        "keys": ours.get("keys", []),
        "secondary_keys": ours.get("also", []),
        "selective": bool(ours.get("also")),
        "content": ours["text"],
        "name": ours.get("name", ""),
        "enabled": ours.get("enabled", True),
        "constant": ours.get("always", False),
        "insertion_order": ours.get("order", 100),
        "use_regex": False,
        "extensions": {NAMESPACE: {"entry": ours}},
    }


_DECORATOR = re.compile(r"\A(?:[ \t]*@@@?[^\n]*(?:\n|\Z))+")


def strip_decorators(data: Json) -> None:
    """Take the decorators out of every entry, as the specification asks for in version 2."""
    for entry in entries(data):
        if isinstance(entry, dict) and isinstance(entry.get("content"), str):
            entry["content"] = _DECORATOR.sub("", entry["content"])
