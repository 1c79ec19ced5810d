"""`companion safety`: the protocol of care, what was counted, and a look at the layer that is always on."""

import argparse
import sys
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    counts = actions.add_parser("counts", help="how often what was done; dates, kinds and numbers, never words")
    counts.add_argument("--year", type=int, metavar="YEAR", help="only this year")
    counts.add_argument("--json", action="store_true", help="print JSON")
    check = actions.add_parser("check", help="read one message per line, print what care sees in each, as JSON")
    check.add_argument("--reply", action="store_true", help="the lines are replies of hers: say what is wrong in each")


def run(options: argparse.Namespace) -> int:
    """Print what was asked for."""
    {"protocol": _protocol, "counts": _counts, "check": _check}[options.action or "protocol"](options)
    return 0


def _protocol(_: argparse.Namespace) -> None:
    """Print SAFETY.md, which lies in the package once it is installed and beside it in the repository."""
    from importlib.resources import files

    from companion.cli.printing import print_line

    package = files("companion")
    places = (package.joinpath("SAFETY.md"), package.joinpath("../SAFETY.md"))
    print_line(next(place for place in places if place.is_file()).read_text(encoding="utf-8").rstrip())


def _counts(options: argparse.Namespace) -> None:
    """Print the counts: each day, or with `--json` also what a yearly report asks for."""
    import os

    from companion import app, settings
    from companion.cli.printing import print_aside, print_json, print_line

    store = app.open_to_read(settings.read(os.environ))
    try:
        counts = store.ledger.counts(options.year)
    finally:
        store.close()
    referrals = sum(count.number for count in counts if count.kind == "crisis")
    if options.json:
        days = [{"date": count.day.isoformat(), "kind": count.kind, "number": count.number} for count in counts]
        print_json({"year": options.year, "crisis_referrals": referrals, "counts": days})
        return
    for count in counts:
        print_line(f"{count.day}  {count.kind:<12}{count.number:>5}")
    if not counts:
        print_aside("Nothing was counted yet.")
    print_line(f"Help was named {referrals} times{f' in {options.year}' if options.year else ''}.")


def _check(options: argparse.Namespace) -> None:
    for line in sys.stdin:
        _print(_reply(line.rstrip("\r\n")) if options.reply else _message(line.rstrip("\r\n")))


def _print(seen: dict[str, Any]) -> None:
    import json

    from companion.plaintext import plain

    sys.stdout.write(json.dumps({**seen, "line": plain(seen["line"])}, ensure_ascii=False) + "\n")


def _message(line: str) -> dict[str, Any]:
    """Return what care sees in a message; `shown` says whether something is shown for it before she speaks."""
    from companion.care.signs import read

    signs = read(line)
    return {"line": line, "kinds": list(signs.kinds), "level": signs.level, "shown": signs.shown}


def _reply(line: str) -> dict[str, Any]:
    """Return what is wrong in a reply to a goodbye or in a crisis; `shown` says whether it would be shown as it is."""
    from companion.care.reply import When, wrongs

    kinds = wrongs(line, frozenset({When.FAREWELL, When.CRISIS})) if line.strip() else ()
    return {"line": line, "kinds": list(kinds), "level": "explicit" if kinds else "none", "shown": not kinds}
