"""`companion memories list|search|show|add|edit|pin|forget`: what she keeps of you, in your hands."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from companion.memory.memory import Memory
    from companion.memory.store import Reach
    from companion.settings import Settings
    from companion.storage.sqlite import SqliteStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print JSON")
    common.add_argument("--persona", metavar="NAME", help="whose memory")
    listing = actions.add_parser("list", parents=[common], help="what is so now, for all she knows")
    listing.add_argument("--all", action="store_true", help="also what was so once")
    listing.add_argument("--on", type=_day, metavar="DATE", help="what was so on a day, such as 2026-05-17")
    listing.add_argument("--doubtful", action="store_true", help="only what waits for you to say what is so")
    search = actions.add_parser("search", parents=[common], help="all she keeps, by its words")
    search.add_argument("query", nargs="+", metavar="QUERY", help="words to look for")
    show = actions.add_parser("show", parents=[common], help="one memory, with all it rests on")
    show.add_argument("id", type=int, metavar="ID", help="which one")
    add = actions.add_parser("add", parents=[common], help="say something to be remembered")
    add.add_argument("text", nargs="+", metavar="TEXT", help='in your own words: "I am allergic to nuts"')
    edit = actions.add_parser("edit", parents=[common], help="correct one, in your own words")
    edit.add_argument("id", type=int, metavar="ID", help="which one")
    edit.add_argument("text", nargs="+", metavar="TEXT", help="how it really is")
    pin = actions.add_parser("pin", parents=[common], help="hold on to one: it does not fade; settles a doubtful one")
    pin.add_argument("id", type=int, metavar="ID", help="which one")
    pin.add_argument("--off", action="store_true", help="no longer")
    forget = actions.add_parser("forget", parents=[common], help="forget for good, down to the bytes of the file")
    forget.add_argument("id", nargs="*", type=int, metavar="ID", help="which ones")
    forget.add_argument("--said", type=int, action="append", default=[], metavar="ID", help="what was said, by its id")
    forget.add_argument("--with-words", action="store_true", help="the words they rest on as well, and her answers")
    forget.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    from companion import app, settings

    chosen = settings.read(os.environ, persona=options.persona)
    makes = options.action == "add"
    store = app.open_store(chosen) if makes else app.open_to_read(chosen)
    actions = {
        "list": _list,
        "search": _search,
        "show": _show,
        "add": _add,
        "edit": _edit,
        "pin": _pin,
        "forget": _forget,
    }
    try:
        actions[options.action](options, chosen, store)
    finally:
        store.close()
    return 0


def _list(options: argparse.Namespace, chosen: "Settings", store: "SqliteStore") -> None:
    from companion import app

    now = app.present_moment()
    every = store.memories.all(_persona(chosen))
    otherwise = "Nothing is kept yet beyond the words themselves."
    if options.doubtful:
        kept, otherwise = [memory for memory in every if memory.doubtful], "Nothing is in doubt."
    else:
        kept = [m for m in every if options.all or (_on(m, options.on) if options.on else m.is_current(now))]
    _print(kept, now, as_json=options.json, otherwise=otherwise)


def _day(text: str) -> "date":
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; one is written as 2026-05-17") from error


def _on(memory: "Memory", day: "date") -> bool:
    """Tell whether a memory held on a day, in the offset in which it was said."""
    from datetime import datetime, time

    return not memory.doubtful and memory.holds(datetime.combine(day, time.max, memory.said_at.tzinfo))


def _search(options: argparse.Namespace, chosen: "Settings", store: "SqliteStore") -> None:
    from companion import app

    words = " ".join(options.query)
    found = [memory for memory in store.memories.all(_persona(chosen)) if memory.speaks_of(words)]
    _print(found, app.present_moment(), as_json=options.json, otherwise="Nothing is kept about that.")


def _show(options: argparse.Namespace, chosen: "Settings", store: "SqliteStore") -> None:  # noqa: ARG001 - an action
    from companion import app
    from companion.cli import printing
    from companion.memory import dates

    memory, now = store.memories.one(options.id), app.present_moment()
    if options.json:
        printing.print_json(printing.memory(memory, now))
        return
    printing.print_line(_line(memory, now))
    printing.print_line(f"\nSo since {dates.day(memory.valid_from)}{_until(memory)}.")
    for evidence in memory.evidence:
        printing.print_line(f"You said on {dates.day(evidence.said_at)}: “{printing.one_line(evidence.quote)}”")


def _add(options: argparse.Namespace, chosen: "Settings", store: "SqliteStore") -> None:
    _say(" ".join(options.text), None, options, chosen, store)


def _edit(options: argparse.Namespace, chosen: "Settings", store: "SqliteStore") -> None:
    _say(" ".join(options.text), store.memories.one(options.id), options, chosen, store)


def _say(
    words: str, instead_of: "Memory | None", options: argparse.Namespace, chosen: "Settings", store: "SqliteStore"
) -> None:
    from companion import app
    from companion.cli import printing
    from companion.dialogue.engine import SITTING_ENDS_AFTER
    from companion.errors import SettingsError
    from companion.memory import keeping
    from companion.plaintext import plain

    text, persona, now = plain(words).strip(), _persona(chosen), app.present_moment()
    kept = None
    if text and not text.endswith("?"):
        said = keeping.said(store, persona, text, now, within=SITTING_ENDS_AFTER)
        kept = keeping.keep(store.memories, persona, said, now, instead_of)
    if kept is None:
        raise SettingsError('There is nothing to keep in that: companion memories add "I am allergic to nuts".')
    if options.json:
        printing.print_json(printing.memory(kept, now))
    else:
        printing.print_line(_line(kept, now))


def _pin(options: argparse.Namespace, chosen: "Settings", store: "SqliteStore") -> None:
    store.memories.pin(options.id, pinned=not options.off)
    _show(options, chosen, store)


def _forget(options: argparse.Namespace, chosen: "Settings", store: "SqliteStore") -> None:  # noqa: ARG001 - an action
    from companion.cli import printing
    from companion.errors import SettingsError
    from companion.memory import forgetting

    if not options.id and not options.said:
        raise SettingsError("Forget what? `companion memories list` shows the numbers; --said takes those of history.")
    reach = store.memories.reach(options.id, with_words=options.with_words, utterances=options.said)
    if not options.json:
        for line in forgetting.what_goes(reach):
            printing.print_line(line)
        if not reach.utterances:
            printing.print_line("The words themselves stay in the history; --with-words takes them as well.")
    if not options.yes and not _agreed():
        printing.print_aside("Nothing was forgotten.")
        return
    clean = store.memories.erase(options.id, with_words=options.with_words, utterances=options.said)
    if options.json:
        printing.print_json(_gone(reach, clean=clean))
    printing.print_aside(forgetting.what_stays(reach, clean=clean))


def _gone(reach: "Reach", *, clean: bool) -> dict[str, object]:
    memories, said = [memory.id for memory in reach.memories], [utterance.id for utterance in reach.utterances]
    return {"forgotten": memories, "utterances": said, "clean": clean}


def _agreed() -> bool:
    """Ask once; without anybody to ask, no."""
    from companion.errors import SettingsError

    if not sys.stdin.isatty():
        raise SettingsError("Forgetting asks once, and nobody is here to answer; add --yes if you are sure.")
    sys.stdout.write("Forget this for good? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _print(memories: "Sequence[Memory]", now: "datetime", *, as_json: bool, otherwise: str) -> None:
    from companion.cli import printing

    if as_json:
        printing.print_json([printing.memory(memory, now) for memory in memories])
        return
    if not memories:
        printing.print_aside(otherwise)
    for memory in memories:
        printing.print_line(_line(memory, now))


def _line(memory: "Memory", now: "datetime") -> str:
    from companion.cli import printing
    from companion.memory import dates

    marks = "".join(f" ({mark})" for mark, so in (("pinned", memory.pinned), ("doubtful", memory.doubtful)) if so)
    day = dates.when(memory.said_at, now)
    quote = printing.excerpt(memory.quote)
    return f"{memory.id:>5}  {memory.kind:<11}{printing.one_line(memory.text)}{_until(memory)}{marks}  {day}: “{quote}”"


def _until(memory: "Memory") -> str:
    from companion.memory import dates

    return f", until {dates.day(memory.valid_to)}" if memory.valid_to else ""


def _persona(chosen: "Settings") -> str:
    from companion import app

    return app.load_persona(chosen).id
