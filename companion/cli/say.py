"""`companion say`: one turn, for scripts and pipes."""

import argparse
import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from companion.dialogue.events import Event
    from companion.errors import CompanionError
    from companion.settings import Settings


class Show(StrEnum):
    """What is printed."""

    WORDS = "words"
    OBJECT = "object"
    LINES = "lines"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help="what to say; read from standard input when piped")
    parser.add_argument("--persona", metavar="NAME", help="a persona's name, or the path of its file")
    parser.add_argument("--model", metavar="SPEC", help="provider:name, such as ollama:qwen3, or offline")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--jsonl", action="store_true", help="print every event as it comes, a JSON object a line")
    parser.add_argument("--new", action="store_true", help="begin a new sitting, however recent the last one is")
    parser.add_argument("--off-record", action="store_true", help="remember, but keep nothing of what is said now")


def run(options: argparse.Namespace) -> int:
    """Say it, and print the reply.

    Raises:
        CompanionError: the turn failed; with `--json` the object is printed all the same.
    """
    import asyncio

    from companion import settings
    from companion.errors import CompanionError

    chosen = settings.read(os.environ, persona=options.persona, model=options.model, off_record=options.off_record)
    report = Report(chosen.persona)
    show = Show.LINES if options.jsonl else Show.OBJECT if options.json else Show.WORDS
    try:
        words = _words(options.text)
        asyncio.run(_say(words, chosen, report, new=options.new, show=show))
    except CompanionError as error:
        report.error = error
    if show is not Show.WORDS:
        from companion.cli import printing

        whole = report.contract()
        printing.print_json_line({"event": "end", **whole}) if options.jsonl else printing.print_json(whole)
    if report.error:
        raise report.error
    return 0


def _words(given: list[str]) -> str:
    from companion.errors import SettingsError
    from companion.plaintext import plain

    words = " ".join(given) if given or sys.stdin.isatty() else sys.stdin.read()
    if not plain(words).strip():
        raise SettingsError('There is nothing to say: companion say "Hello", or pipe a text into it.')
    return words


async def _say(words: str, chosen: "Settings", report: "Report", *, new: bool, show: Show) -> None:
    from contextlib import aclosing

    from companion.app import awaken
    from companion.cli import printing
    from companion.dialogue.engine import SITTING_ENDS_AFTER
    from companion.dialogue.events import Failed, Kept
    from companion.terminal.screen import Screen
    from companion.terminal.theme import PLAIN

    screen = Screen(sys.stdout, sys.stderr, PLAIN, wrapped=sys.stdout.isatty() and sys.stderr.isatty())
    companion = awaken(chosen)
    try:
        report.persona = companion.persona.name
        if not new:
            companion.resume(within=SITTING_ENDS_AFTER)
        async with aclosing(companion.hear(words)) as events:
            async for event in events:
                report.take(event)
                if show is Show.LINES:
                    printing.print_json_line(printing.event(event))
                elif show is Show.WORDS and not isinstance(event, Failed):
                    screen.show(event)
        report.take(Kept(await companion.rest()))
    finally:
        screen.end_reply()
        report.model, report.conversation = companion.model.name, companion.conversation
        await companion.aclose()


class Report:
    """What a turn came to, as the contract of `say --json` has it."""

    def __init__(self, persona: str) -> None:
        self.persona = persona
        self.model: str | None = None
        self.conversation: int | None = None
        self.error: CompanionError | None = None
        self._said: list[str] = []
        self._finish = "failed"
        self._recalled: list[dict[str, Any]] = []
        self._kept: list[dict[str, Any]] = []
        self._notices: list[dict[str, str]] = []
        self._usage: dict[str, int] | None = None

    def take(self, event: "Event") -> None:
        """Note one event of the turn."""
        from companion.cli import printing
        from companion.dialogue.events import Failed, Finished, Kept, Noticed, Recalled, Spoke

        match event:
            case Spoke(text):
                self._said.append(text)
            case Noticed(kind, text):
                self._notices.append({"kind": kind, "text": text})
            case Recalled(recollections):
                self._recalled = [printing.recollection(found) for found in recollections]
            case Kept(memories):
                self._kept += [{"id": m.id, "kind": m.kind, "text": m.text, "quote": m.quote} for m in memories]
            case Finished(reply, usage):
                self._finish, self._usage = reply.state, printing.usage(usage)
            case Failed(error, reply):
                self._finish = reply.state if reply else "failed"
                self.error = error

    def contract(self) -> dict[str, Any]:
        """Return the object to print."""
        from companion.cli import printing

        keys = ("id", "kind", "text", "quote", "said_at", "score")
        return {
            "persona": self.persona,
            "reply": "".join(self._said),
            "finish": self._finish,
            "model": self.model,
            "conversation": self.conversation,
            "recalled": [{key: found[key] for key in keys} for found in self._recalled],
            "kept": self._kept,
            "notices": self._notices,
            "usage": self._usage,
            "error": printing.error(self.error),
        }
