"""`companion personas import|export`: character cards in and out."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from companion.persona.cards.card import Card
    from companion.persona.cards.importing import Arrival
    from companion.settings import Settings

LONGEST_SHOWN = 2_000
"""Characters of a card's text that are shown before its first use."""


def add_import(parser: argparse.ArgumentParser) -> None:
    """Say what an import can be given."""
    parser.add_argument("card", metavar="CARD", help="a PNG, APNG, JSON or CHARX character card, or a lorebook")
    parser.add_argument("--as", dest="name", metavar="NAME", default="", help="the name of the file it becomes")


def add_export(parser: argparse.ArgumentParser) -> None:
    """Say what an export can be given."""
    parser.add_argument("name", metavar="NAME", help="the name of a persona, or a file")
    parser.add_argument("target", metavar="FILE", help="what to make: FILE.json, .png, .charx or .yaml")
    parser.add_argument("--spec", choices=["v2", "v3"], help="the version of the card; as it came, or v3")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")


def take_in(options: argparse.Namespace, chosen: "Settings") -> int:
    """Import a card, and show what it brings."""
    from companion.cli import printing
    from companion.persona.cards import card, importing

    raw = _read(Path(options.card).expanduser())
    arriving_book = importing.lorebook(raw, options.name or Path(options.card).stem)
    if arriving_book is not None:
        path = importing.shelve(*arriving_book, chosen.personas)
        printing.print_line(f"{path}: add it to a persona with `lorebooks: [{path.relative_to(chosen.personas)}]`.")
        return 0
    read = card.read(raw)
    arriving = importing.arrival(read, options.name)
    path = importing.move_in(arriving, chosen.personas)
    printing.print_line(f"{arriving.persona.name} has moved in: {path}")
    for line in _brought(read, arriving):
        printing.print_line(line)
    printing.print_line(f"\nTalk with `companion {arriving.stem}`.")
    return 0


def _brought(read: "Card", arriving: "Arrival") -> Iterator[str]:
    """Yield what a person should see before they talk to a card for the first time."""
    from companion.persona.candour import remarks

    notes = read.data.get("creator_notes")
    if isinstance(notes, str) and notes.strip():
        yield f"\nThe author writes:\n{_shown(notes)}"
    rules = arriving.persona.rules
    for title, text in (("a system prompt", rules.system), ("last instructions", rules.last), ("a note", rules.note)):
        if text:
            yield f"\nIt brings {title}, told after who she is and never above care (see `rules:`):\n{_shown(text)}"
    if read.is_newer:
        yield "\nIt was made for a later version of the card format; what is not known here is kept."
    yield from (f"\n{remark}" for remark in remarks(arriving.persona))


def _shown(text: str) -> str:
    short = text.strip()[:LONGEST_SHOWN]
    return "\n".join(f"  {line}" for line in short.splitlines()) + (" …" if len(short) < len(text.strip()) else "")


def give_out(options: argparse.Namespace, chosen: "Settings") -> int:
    """Export a persona."""
    from companion.cli import printing
    from companion.errors import CardError
    from companion.persona import loading
    from companion.persona.cards.card import Spec
    from companion.persona.cards.exporting import exported

    target = Path(options.target).expanduser()
    path = loading.find(options.name, chosen.persona_folders)
    made = exported(path, target.suffix.lower(), Spec(options.spec) if options.spec else None)
    try:
        with target.open("wb" if options.force else "xb") as file:
            file.write(made)
    except FileExistsError as error:
        raise CardError(f"{target} is there already; --force writes over it.") from error
    except OSError as error:
        raise CardError(f"{target} cannot be written ({error.strerror}).") from error
    printing.print_line(str(target))
    return 0


def _read(path: Path) -> bytes:
    from companion.errors import CardError
    from companion.persona.cards.card import LARGEST_FILE

    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no path"
        raise CardError(f"{path} cannot be read ({reason}).") from error
