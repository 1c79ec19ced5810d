"""Giving a persona out as a card."""

from pathlib import Path

from companion.errors import CardError
from companion.persona import checking, loading
from companion.persona.cards import card as cards
from companion.persona.cards import charx, png
from companion.persona.cards.card import Json, Spec
from companion.persona.cards.importing import ARCHIVE, KEPT, LOREBOOK, PICTURE
from companion.persona.cards.mapping import card_of
from companion.persona.persona import Persona

FORMS = (".json", ".png", ".charx", ".yaml")
ICON = "assets/icon/images/main.png"
"""Where the specification puts a picture in a CHARX file; its uri is spelled `embeded`."""


def exported(path: Path, form: str, spec: Spec | None) -> bytes:
    """Return the persona of a file as a card.

    Args:
        path: the persona file.
        form: the suffix of what to make.
        spec: the version; left out, the one that it came in, or 3.

    Raises:
        DocumentError: the file is no persona.
        CardError: what is kept beside it cannot be read, or there is no such form.
    """
    if form not in FORMS:
        raise CardError(
            f"A persona can be given out as {', '.join(FORMS)}; not as {form or 'a file without a suffix'}."
        )
    if form == ".yaml":
        return path.read_bytes()
    source = Source.of(path)
    came_in = source.original.spec if source.original else Spec.V3
    wanted = spec or (Spec.V3 if came_in is Spec.V1 or form == ".charx" else came_in)
    card = cards.written(source.card(wanted))
    if form == ".png":
        backfill = {"chara": cards.written(source.card(Spec.V2))}
        texts = backfill if wanted is Spec.V2 else {**backfill, "ccv3": card}
        return png.with_cards(source.picture or png.blank(), texts)
    return source.archived() if form == ".charx" else card


class Source:
    """A persona file, and what is kept beside it."""

    def __init__(self, persona: Persona, folder: Path | None, lorebook: Path | None) -> None:
        self.persona = persona
        raw = _beside(folder, KEPT)
        self.original = cards.read(raw) if raw is not None else None
        self.picture, self.archive = _beside(folder, PICTURE), _beside(folder, ARCHIVE)
        self._book = _book(lorebook)

    @classmethod
    def of(cls, path: Path) -> "Source":
        """Read a persona file, macros unfilled, and find what belongs to it."""
        written = loading.read(path)
        persona = checking.checked(written.document, written.value)
        folder = path.parent / persona.card if persona.card else None
        books = [path.parent / name for name in persona.lorebooks]
        own = next((book for book in books if book.name == LOREBOOK), None)
        return cls(persona, folder, own or next(iter(books), None))

    def card(self, spec: Spec) -> Json:
        """Return the card in a version."""
        return card_of(self.persona, self.original.value if self.original else None, spec, self._book)

    def archived(self) -> bytes:
        """Return a CHARX file: the one that came in with its card as it is now, or a new one with the picture."""
        value = self.card(Spec.V3)
        if self.archive is not None or self.picture is None or "assets" in value["data"]:
            return charx.packed(cards.written(value), self.archive, {})
        value["data"]["assets"] = [{"type": "icon", "uri": f"embeded://{ICON}", "name": "main", "ext": "png"}]
        return charx.packed(cards.written(value), None, {ICON: self.picture})


def _beside(folder: Path | None, name: str) -> bytes | None:
    if folder is None or not (folder / name).is_file():
        return None
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise CardError(f"{folder / name} cannot be read ({error.strerror}).") from error


def _book(path: Path | None) -> Json | None:
    """Return the lorebook of a file, for the card; other formats than a card's own are not given out."""
    if path is None or not path.is_file():
        return None
    value = cards.parsed(path.read_bytes())
    inner = value.get("data") if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else None
