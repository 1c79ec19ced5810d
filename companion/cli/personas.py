"""`companion personas list|show|new|check|schema|import|export`: who she may be."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from companion.persona.persona import Persona
    from companion.persona.watching import Character
    from companion.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    from companion.cli import cards, new_persona

    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="everyone there is")
    listing.add_argument("--json", action="store_true", help="print JSON")
    show = actions.add_parser("show", help="who one of them is")
    show.add_argument("name", metavar="NAME", help="the name of a persona, or a file")
    show.add_argument("--json", action="store_true", help="print JSON")
    check = actions.add_parser("check", help="read a persona file and say what is wrong with it, if anything")
    check.add_argument("file", metavar="FILE", help="a file, or the name of a persona")
    check.add_argument("--briefing", action="store_true", help="show what a model would be told, and what it costs")
    actions.add_parser("schema", help="print the JSON Schema of a persona file, for editors")
    new_persona.add_arguments(actions.add_parser("new", help="make somebody: a few questions, and a file to edit"))
    cards.add_import(actions.add_parser("import", help="take in a character card, or a lorebook"))
    cards.add_export(actions.add_parser("export", help="give a persona out as a character card"))


def run(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    from companion import settings
    from companion.cli import cards, new_persona

    chosen = settings.read(os.environ)
    actions = {
        "list": _list,
        "show": _show,
        "new": new_persona.run,
        "check": _check,
        "schema": _schema,
        "import": cards.take_in,
        "export": cards.give_out,
    }
    return actions[options.action](options, chosen)


def _list(options: argparse.Namespace, chosen: "Settings") -> int:
    from companion.cli import printing
    from companion.persona import loading

    rows = [_row(name, path) for name, path in sorted(loading.available(chosen.persona_folders).items())]
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


def _show(options: argparse.Namespace, chosen: "Settings") -> int:
    from companion.cli import printing
    from companion.persona import loading

    path = loading.find(options.name, chosen.persona_folders)
    persona = loading.load(path)
    if options.json:
        printing.print_json({"path": str(path), **persona.model_dump(mode="json")})
        return 0
    for line in _sheet(persona, path):
        printing.print_line(line)
    return 0


def _sheet(persona: "Persona", path: Path) -> Iterator[str]:
    """Yield who she is, for reading."""
    from companion.dialogue.portrait import portrait

    yield f"{persona.name} ({persona.pronouns}). {persona.tagline or ''}".rstrip()
    yield f"\n{persona.identity}"
    for section in portrait(persona).split("\n## ")[1:]:
        yield f"\n{section.rstrip()}"
    yield "\nFirst words"
    yield ""
    yield from (f"- {line}" for line in persona.greetings.first)
    yield f"\n{path}"


def _check(options: argparse.Namespace, chosen: "Settings") -> int:
    from companion.cli import printing
    from companion.errors import DocumentError
    from companion.persona import loading
    from companion.persona.candour import remarks
    from companion.persona.watching import Watch

    path = loading.find(options.file, chosen.persona_folders)
    try:
        character = Watch(path).character
    except DocumentError as error:
        printing.print_aside(error.pointed().rstrip())
        return 1
    persona = character.persona
    if options.briefing:
        _print_briefing(character)
    else:
        printing.print_line(f"{path}: {persona.name} is fine.")
    for remark in remarks(persona):
        printing.print_aside(remark)
    return 0


def _print_briefing(character: "Character") -> None:
    """Print what a model is told: who she is at once, and her world as it comes up."""
    from companion.cli import printing
    from companion.dialogue.briefing import system_message
    from companion.dialogue.budget import tokens
    from companion.dialogue.model import Message

    message = system_message(character.persona)
    printing.print_line(message.content)
    printing.print_aside(f"\nThat is about {tokens([message])} tokens, told once and then kept by most servers.")
    entries = [entry for book in character.books for entry in book.entries]
    if entries:
        always = sum(entry.constant for entry in entries)
        cost = tokens([Message("user", entry.content) for entry in entries])
        printing.print_aside(
            f"Of {len(entries)} entries of lore, {always} are told at the first words and the others when they come up:"
            f" some {cost} tokens, if all of them do."
        )


def _schema(_: argparse.Namespace, __: "Settings") -> int:
    import json

    from companion.persona.schema import schema

    sys.stdout.write(json.dumps(schema(), ensure_ascii=False, indent=2) + "\n")
    return 0
