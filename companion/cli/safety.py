"""`companion safety`: the protocol of care, what was counted, and a look at the layer that is always on."""

import argparse
import sys
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    parser.set_defaults(action="protocol", json=False)
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    check = actions.add_parser("check", help="read one message per line, print what care sees in each, as JSON")
    check.add_argument("--reply", action="store_true", help="the lines are replies of hers: say what is wrong in each")


def run(options: argparse.Namespace) -> int:
    """Print what was asked for."""
    if options.action == "check":
        for line in sys.stdin:
            _print(_reply(line.rstrip("\r\n")) if options.reply else _message(line.rstrip("\r\n")))
    return 0


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
