"""`companion [PERSONA]`: talk, in a terminal, or line by line through a pipe."""

import argparse
import os
import sys

TYPE_CHECKING = False  # as in `typing`, which `--help` need not load
if TYPE_CHECKING:
    from companion.dialogue.engine import Companion
    from companion.persona.opening import Opening
    from companion.persona.watching import Watch
    from companion.settings import Settings
    from companion.terminal.minds import Minds
    from companion.terminal.screen import Screen

BREAK_MINUTES = 30  # after which she shows where the two were
ENDED_FROM_OUTSIDE = 143  # 128 + SIGTERM, as shells have it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    parser.add_argument("persona", nargs="?", metavar="PERSONA", help="a persona's name, or the path of its file")
    parser.add_argument("--model", metavar="SPEC", help="provider:name, such as ollama:qwen3, or offline")
    parser.add_argument("--resume", action="store_true", help="take up the last sitting where it ended")
    parser.add_argument("--off-record", action="store_true", help="remember, but keep nothing of what is said now")
    parser.add_argument("--plain", action="store_true", help="line by line, for screen readers and simple terminals")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and leave")


class _Version(argparse.Action):
    """Shows the version, which is slow to look up, only when asked."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"companion {version('companion')}\n")
        parser.exit()


def run(options: argparse.Namespace) -> int:
    """Talk until the person leaves."""
    from companion import settings

    chosen = settings.read(os.environ, persona=options.persona, model=options.model, off_record=options.off_record)
    looked_at = sys.stdin.isatty() and sys.stdout.isatty()
    if looked_at and not (options.plain or os.environ.get("ACCESSIBLE") or os.environ.get("TERM") == "dumb"):
        return _chat(chosen, resume=options.resume)
    return _plain(chosen, resume=options.resume, prompt="> " if looked_at else "")


def _chat(chosen: "Settings", *, resume: bool) -> int:
    """Draw the first lines and the prompt; what answers is loaded while the person types."""
    from companion.terminal.screen import Screen
    from companion.terminal.theme import theme_for
    from companion.terminal.typeahead import unechoed

    screen = Screen(sys.stdout, sys.stdout, theme_for(os.environ, terminal=True, name=chosen.theme), wrapped=True)
    with unechoed():  # what is typed from now on waits for the next line
        greeting = _open_sitting(chosen, screen, resume=resume)

        import asyncio
        from functools import partial

        from companion.terminal.chat import Chat

        try:
            awaken = partial(_awaken, chosen, greeting, resume=resume)
            vi = chosen.editing == "vi"
            chat = Chat(awaken, _warm, screen, partial(_minds, chosen), partial(_meet, chosen), vi=vi)
            asyncio.run(chat.run())
        except asyncio.CancelledError:
            return ENDED_FROM_OUTSIDE
    return 0


def _plain(chosen: "Settings", *, resume: bool, prompt: str) -> int:
    from functools import partial

    from companion.terminal.plain import PlainTalk
    from companion.terminal.screen import Screen
    from companion.terminal.theme import PLAIN

    screen = Screen(sys.stdout, sys.stderr, PLAIN, wrapped=False)
    greeting = _open_sitting(chosen, screen, resume=resume) if prompt else ""
    companion = _awaken(chosen, greeting, resume=resume)
    talk = PlainTalk(companion, screen, _minds(chosen), partial(_meet, chosen), prompt)
    return 0 if talk.run() else 1


def _open_sitting(chosen: "Settings", screen: "Screen", *, resume: bool) -> str:
    """Show that she is software, and her greeting; return the greeting."""
    from datetime import datetime, timedelta

    from companion.care.disclosure import disclosure
    from companion.storage.glance import last_met, last_said
    from companion.terminal.transcript import recap

    she = _opening(chosen, chosen.persona)
    screen.hue = she.colour
    screen.dress(screen.theme)
    if she.name:
        screen.disclose(disclosure(she.name, kept=not chosen.off_record))
    now = datetime.now().astimezone()
    last = last_met(chosen.memory, she.id)
    if last is not None and (resume or now - last > timedelta(minutes=BREAK_MINUTES)):
        screen.line()
        for line in recap(last_said(chosen.memory, she.id), she.name, now):
            screen.notice(line)
    greeting = "" if resume else she.line(now, last)
    screen.line(f"\n{greeting}\n" if greeting else "")
    return greeting


def _opening(chosen: "Settings", name: str) -> "Opening":
    """Return how a persona opens, before anything heavy is loaded."""
    from companion.persona import loading
    from companion.persona.opening import opening

    return opening(loading.read(loading.find(name, chosen.persona_folders)))


def _meet(chosen: "Settings", name: str) -> "tuple[Watch, str]":
    from datetime import datetime

    from companion import app
    from companion.storage.glance import last_met

    she = _opening(chosen, name)
    return app.meet(chosen, name), she.line(datetime.now().astimezone(), last_met(chosen.memory, she.id))


def _awaken(chosen: "Settings", greeting: str, *, resume: bool) -> "Companion":
    from companion.app import awaken
    from companion.dialogue.patience import WAITS

    companion = awaken(chosen, waits=WAITS)
    if resume:
        companion.resume()
    companion.greet(greeting)
    return companion


def _minds(chosen: "Settings") -> "Minds":
    from companion.app import minds

    return minds(chosen)


def _warm(companion: "Companion") -> None:
    from companion.app import warm

    warm(companion)
