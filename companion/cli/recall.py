"""`companion recall QUERY`: what would come to mind now."""

import argparse
import os


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    parser.add_argument("query", nargs="+", metavar="QUERY", help="what to ask the memory")
    parser.add_argument("-k", type=int, default=10, metavar="N", help="how many at most (10)")
    parser.add_argument("--persona", metavar="NAME", help="whose memory to ask")
    parser.add_argument("--json", action="store_true", help="print a JSON array, best first")


def run(options: argparse.Namespace) -> int:
    """Print what comes to mind, best first."""
    from companion import app, settings
    from companion.cli import printing
    from companion.memory import dates
    from companion.memory.recall import recall

    chosen = settings.read(os.environ, persona=options.persona)
    store = app.open_to_read(chosen)
    persona, query = app.load_persona(chosen).id, " ".join(options.query)
    meaning, trouble = app.meaning_of(chosen, store, query)
    found = recall(store, persona, query, now=app.present_moment(), limit=max(1, options.k), meaning=meaning)
    store.close()
    for notice in filter(None, (store.notice, trouble)):
        printing.print_aside(notice)
    if options.json:
        printing.print_json([printing.recollection(recollection) for recollection in found])
        return 0
    if not found:
        printing.print_aside("Nothing comes to mind.")
    for recollection in found:
        said = recollection.utterance
        day = dates.when(said.said_at, app.present_moment())
        printing.print_line(f"{recollection.score:.2f}  {day}, {said.speaker}: {printing.excerpt(said.text)}")
    return 0
