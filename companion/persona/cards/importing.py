"""Taking a card in: the files that it becomes, and writing them where nothing is yet."""

import re
import shutil
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from companion import yaml
from companion.errors import CardError
from companion.persona import loading, lorebooks, schema
from companion.persona.cards import card as cards
from companion.persona.cards import png
from companion.persona.cards.books import book_of
from companion.persona.cards.card import Card
from companion.persona.cards.mapping import persona_of
from companion.persona.persona import Persona
from companion.persona.writing import written

KEPT, LOREBOOK, PICTURE, ARCHIVE = "card.json", "lorebook.json", "avatar.png", "original.charx"
LONGEST_STEM = 48

_NOTES = {
    "name": "All of it is the card's own, and yours to change; what has no key here is kept beside this file.",
    "rules": "Instructions from the card's author. They are told after who she is; delete what you do not want.",
    "lorebooks": "The card's lorebook; its entries are told when they come up.",
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A card that is about to move in.

    Attributes:
        stem: the name of its file.
        persona: who it will be.
        files: path below the personas folder → content; the persona file comes last.
    """

    stem: str
    persona: Persona
    files: Mapping[PurePosixPath, bytes]


def stem_of(name: str) -> str:
    """Return a file name, without a suffix, for any name; empty if nothing of it can be one."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    words = re.sub(r"[\W_]+", "-", folded).strip("-")
    while len(words.encode()) > LONGEST_STEM * 2 or len(words) > LONGEST_STEM:
        words = words[:-1]
    return words.strip("-")


def arrival(card: Card, name: str = "") -> Arrival:
    """Return the files that a card becomes.

    Raises:
        CardError: it cannot become a persona.
    """
    value = persona_of(card.value)
    stem = stem_of(name or value["name"]) or "somebody"
    folder = f"{stem}.card"
    book = book_of(card.value)
    value = {"name": value.pop("name"), "id": stem, **value}
    value |= {"lorebooks": [f"{folder}/{LOREBOOK}"]} if book else {}
    value |= {"card": folder}
    text = written(value, [f"A character card{_by(card.data.get('creator'))}."], _NOTES)
    files = {
        f"{folder}/{KEPT}": cards.written(card.value),
        f"{folder}/{LOREBOOK}": cards.written({"spec": "lorebook_v3", "data": book}) if book else None,
        f"{folder}/{PICTURE}": png.with_cards(card.picture, {}) if card.picture else None,
        f"{folder}/{ARCHIVE}": card.archive,
        f"{stem}.yaml": text.encode(),
    }
    persona = loading.validate(yaml.surveyed(text, Path(f"{stem}.yaml")))
    if len(text.encode()) > yaml.LARGEST_FILE:
        raise CardError(f"This card says more than a persona file can hold ({yaml.LARGEST_FILE // 1024} KiB).")
    return Arrival(stem, persona, {PurePosixPath(path): raw for path, raw in files.items() if raw is not None})


def _by(creator: object) -> str:
    """Name the author in a comment, which holds one line of what can be printed."""
    name = " ".join(creator.split()) if isinstance(creator, str) else ""
    return f" by {''.join(filter(str.isprintable, name))[:80]}" if name else ""


def move_in(arriving: Arrival, folder: Path) -> Path:
    """Write the files of a card; return the persona file. Nothing that is there is ever written over.

    Raises:
        CardError: there is somebody of that name, or the folder cannot be written.
    """
    target, beside = folder / f"{arriving.stem}.yaml", folder / f"{arriving.stem}.card"
    if arriving.stem in loading.available([folder, loading.shipped_folder()]) or beside.exists():
        raise CardError(f"There is already a persona {arriving.stem}. Give this one another name with --as NAME.")
    try:
        beside.mkdir(parents=True)
        try:
            for path, raw in arriving.files.items():
                with (folder / path).open("xb") as file:
                    file.write(raw)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            with suppress(OSError):
                target.unlink(missing_ok=True)
            raise
        lay_out_schema(folder)
    except OSError as error:
        raise CardError(f"The persona cannot be written to {folder} ({error.strerror}).") from error
    return target


def lorebook(raw: bytes, name: str) -> tuple[str, bytes] | None:
    """Return file name and content of a lorebook that stands alone, if it is one: V3's, or a SillyTavern world."""
    if not raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    value = cards.parsed(raw)
    if not lorebooks.is_book(value):
        return None
    return f"{stem_of(name) or 'lore'}.json", raw


def shelve(name: str, raw: bytes, folder: Path) -> Path:
    """Put a lorebook among the personas; return its place.

    Raises:
        CardError: there is one of that name, or the folder cannot be written.
    """
    place = folder / "lore" / name
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            file.write(raw)
    except FileExistsError as error:
        raise CardError(f"There is already a lorebook {place}. Give this one another name with --as NAME.") from error
    except OSError as error:
        raise CardError(f"The lorebook cannot be written to {place} ({error.strerror}).") from error
    return place


def lay_out_schema(folder: Path) -> None:
    """Put the schema beside the personas, where their first line points to."""
    place = folder / schema.FILE
    text = cards.written(schema.schema()) + b"\n"
    if not place.exists() or place.read_bytes() != text:
        place.write_bytes(text)
