"""`companion history list|show|search`: what was said."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from companion.conversation import Utterance
    from companion.settings import Settings
    from companion.storage.sqlite import SqliteStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print JSON")
    common.add_argument("--persona", metavar="NAME", help="only with this persona")
    actions.add_parser("list", parents=[common], help="all sittings, latest first")
    show = actions.add_parser("show", parents=[common], help="one sitting, word by word")
    show.add_argument("id", nargs="?", type=int, metavar="ID", help="which one; the latest if left out")
    search = actions.add_parser("search", parents=[common], help="everything ever said, by its words")
    search.add_argument("query", nargs="+", metavar="QUERY", help="words to look for")
    search.add_argument("-k", type=int, default=50, metavar="N", help="how many at most (50)")


def run(options: argparse.Namespace) -> int:
    """Print what was asked for."""
    from companion import app, settings

    chosen = settings.read(os.environ, persona=options.persona)
    store = app.open_to_read(chosen)
    try:
        {"list": _list, "show": _show, "search": _search}[options.action](options, chosen, store)
    finally:
        store.close()
    return 0


def _list(options: argparse.Namespace, chosen: "Settings", store: "SqliteStore") -> None:
    from companion.cli import printing
    from companion.memory import dates

    sittings = store.conversations(_only(options, chosen))
    if options.json:
        printing.print_json([printing.conversation(sitting) for sitting in sittings])
        return
    if not sittings:
        printing.print_aside("Nothing was said yet.")
    for sitting in sittings:
        day = f"{dates.day(sitting.started_at)}, {dates.clock_time(sitting.started_at)}"
        printing.print_line(
            f"{sitting.id:>5}  {day}  {_name(sitting.persona, chosen)}, {sitting.utterances} lines: "
            f"{printing.one_line(sitting.opening)[:60]}"
        )


def _show(options: argparse.Namespace, chosen: "Settings", store: "SqliteStore") -> None:
    from companion.cli import printing
    from companion.errors import NotRemembered
    from companion.memory import dates

    wanted = [s for s in store.conversations(_only(options, chosen)) if options.id in {None, s.id}]
    if not wanted:
        which = "Nothing was said yet." if options.id is None else f"There is no sitting {options.id}."
        raise NotRemembered(f"{which} `companion history list` shows what there is.")
    sitting, utterances = wanted[0], store.utterances(wanted[0].id)
    if options.json:
        said = [printing.utterance(utterance) for utterance in utterances]
        shown = {"id": sitting.id, "persona": sitting.persona, "started_at": sitting.started_at.isoformat()}
        printing.print_json({**shown, "utterances": said})
        return
    printing.print_line(f"{dates.day(sitting.started_at)}, {dates.clock_time(sitting.started_at)}")
    name = _name(sitting.persona, chosen)
    if sys.stdout.isatty():
        _read_again(utterances, name)
        return
    for utterance in utterances:
        printing.print_line(f"\n{printing.spoken(utterance, name)}")


def _read_again(said: "Sequence[Utterance]", name: str) -> None:
    """Show a sitting as it looked when it was spoken."""
    from companion.terminal.theme import theme_for
    from companion.terminal.transcript import transcript

    columns = os.get_terminal_size(sys.stdout.fileno()).columns or 80
    sys.stdout.write(f"\n{transcript(said, name, theme_for(os.environ, terminal=True), lambda: columns)}")


def _search(options: argparse.Namespace, chosen: "Settings", store: "SqliteStore") -> None:
    from companion.cli import printing
    from companion.memory import dates

    found = store.search(" ".join(options.query), limit=max(1, options.k), persona=_only(options, chosen))
    if options.json:
        printing.print_json([printing.utterance(utterance) for utterance in found])
        return
    if not found:
        printing.print_aside("Nothing was found.")
    for utterance in found:
        day = f"{dates.day(utterance.said_at)}, {dates.clock_time(utterance.said_at)}"
        printing.print_line(
            f"{utterance.conversation:>5}  {day}  {utterance.speaker}: {printing.excerpt(utterance.text)}"
        )


def _only(options: argparse.Namespace, chosen: "Settings") -> str | None:
    """Return the id of the one persona that was asked for, as the memory has it."""
    from companion import app

    return app.load_persona(chosen).id if options.persona else None


def _name(persona: str, chosen: "Settings") -> str:
    """Return what somebody is called whose memory is kept under an id; the id itself, if there is no such file."""
    from companion.errors import CompanionError
    from companion.persona import loading
    from companion.persona.opening import opening

    path = loading.available(chosen.persona_folders).get(persona.lower())
    try:
        she = opening(loading.read(path)) if path else None
    except CompanionError:
        return persona
    return she.name if she and she.id == persona and she.name else persona
