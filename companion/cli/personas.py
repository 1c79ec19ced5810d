"""`companion personas list|check`: who she may be."""

import argparse
import os
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="everyone there is")
    listing.add_argument("--json", action="store_true", help="print JSON")
    check = actions.add_parser("check", help="read a persona file and say what is wrong with it, if anything")
    check.add_argument("file", metavar="FILE", help="a file, or the name of a persona")


def run(options: argparse.Namespace) -> int:
    """Print what was asked for."""
    from companion import settings
    from companion.cli import printing
    from companion.persona import loading

    folders = settings.read(os.environ).persona_folders
    if options.action == "check":
        path = loading.find(options.file, folders)
        persona = loading.load(path)
        printing.print_line(f"{path}: {persona.name} is fine.")
        return 0
    known = sorted(loading.available(folders).items())
    rows = [_row(name, path) for name, path in known]
    if options.json:
        printing.print_json(rows)
        return 0
    for row in rows:
        printing.print_line(f"{row['id']:<16}{row['tagline'] or row['problem'] or ''}")
    return 0


def _row(name: str, path: Path) -> dict[str, str | None]:
    """Return one persona for a list; a broken file is listed with what is wrong."""
    from companion.errors import DocumentError
    from companion.persona import loading

    row: dict[str, str | None] = {
        "id": name,
        "name": None,
        "tagline": None,
        "path": str(path),
        "problem": None,
    }
    try:
        persona = loading.load(path)
    except DocumentError as error:
        return {**row, "problem": str(error)}
    return {**row, "name": persona.name, "tagline": persona.tagline}
