"""A model that plays a file: for tests, demonstrations, and trying a persona's surroundings without a mind.

    replies:
      - Hello.                          # said word by word
      - text: Let me think about that.
        pace: 0.2                       # seconds before each word
      - text: I was about to say
        finish: null                    # the line breaks: no finish reason
      - error: The server is tired.     # after the text, if there is one

A file may also be the bare list. The replies are played in turn and start over at the end. Asked for a summary, it
gives what stands under `summary:`, beside `replies:`, and no reply is used up; asked to fill in a form, it gives the
next of the texts under `forms:`, the last one again and again. What the model was told goes into `FILE.told.jsonl`
beside the file, a JSON object a line, so that the next process knows where the play stands.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from companion import yaml
from companion.dialogue.budget import tokens
from companion.dialogue.model import Briefing, Finish, Form, Message, Piece, Text, Usage
from companion.errors import ModelFailed, SettingsError
from companion.providers.forms import filled
from companion.providers.registry import Request

SUMMARY = "They talked for a while."


@dataclass(frozen=True, slots=True)
class Line:
    """One reply of the script.

    Attributes:
        text: what is said.
        pace: seconds before each word.
        finish: the finish reason; None breaks off.
        error: what goes wrong after the text, as a sentence.
    """

    text: str = ""
    pace: float = 0.0
    finish: str | None = "stop"
    error: str | None = None


class ScriptedModel:
    """Plays lines in turn and records what it was told.

    Args:
        lines: the replies; a bare text is a line that is said at once and finishes.
        name: how the model is shown.
        record: a file that gets what was told, a JSON object a line; also tells where the play stands.
        summary: what it gives when it is asked for one.
        forms: what it gives when it is asked to fill in a form, in turn.
    """

    def __init__(
        self,
        *lines: Line | str,
        name: str = "scripted:lines",
        record: Path | None = None,
        summary: str = SUMMARY,
        forms: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.told: list[tuple[Message, ...]] = []
        self._lines = [Line(line) if isinstance(line, str) else line for line in lines]
        self._record = record
        self._summary = Line(summary)
        self._forms = tuple(forms)
        self._next = _played(record, "reply") if record else 0
        self._next_form = _played(record, "form") if record else 0

    async def stream(self, briefing: Briefing) -> AsyncGenerator[Piece]:
        """Play the next line."""
        line = self._lines[self._next % len(self._lines)]
        self._next += 1
        self._note(briefing.messages, line, asked="reply")
        for word in re.findall(r"\s*\S+\s*$|\s*\S+", line.text):
            await asyncio.sleep(line.pace)
            yield Text(word)
        if line.error:
            raise ModelFailed(line.error)
        if line.finish:
            yield Usage(tokens(briefing.messages), 0, len(line.text.split()))
            yield Finish(line.finish)

    async def write(self, messages: Sequence[Message]) -> AsyncGenerator[Piece]:
        """Give the summary; it is recorded like a reply."""
        self._note(tuple(messages), self._summary, asked="summary")
        yield Text(self._summary.text)
        yield Usage(tokens(messages), 0, len(self._summary.text.split()))
        yield Finish("stop")

    async def fill(self, messages: Sequence[Message], form: type[Form]) -> Form:
        """Give the next form; it is recorded like a reply.

        Raises:
            ModelFailed: the script has none, or it is no such form.
        """
        if not self._forms:
            raise ModelFailed("The script has no forms.")
        text = self._forms[min(self._next_form, len(self._forms) - 1)]
        self._next_form += 1
        self._note(tuple(messages), Line(text), asked="form")
        return filled(text, form)

    async def aclose(self) -> None:
        """Nothing is held."""

    def _note(self, told: tuple[Message, ...], line: Line, *, asked: str) -> None:
        self.told.append(told)
        if self._record is None:
            return
        noted = {"asked": asked, "messages": [asdict(message) for message in told], "reply": line.text}
        try:
            with self._record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(noted, ensure_ascii=False) + "\n")
        except OSError as error:
            raise SettingsError(
                f"The script cannot note what it was told in {self._record} ({error.strerror})."
            ) from error


def open_script(request: Request) -> ScriptedModel:
    """Open `scripted:FILE.yaml`.

    Raises:
        DocumentError: the file cannot be read, or is not a script.
    """
    path = request.path
    document = yaml.read(path)
    replies = document.value.get("replies") if isinstance(document.value, dict) else document.value
    if not isinstance(replies, list) or not replies:
        raise document.error((), "expected a list of replies.")
    above: yaml.Route = ("replies",) if isinstance(document.value, dict) else ()
    lines = [_line(document, (*above, index), reply) for index, reply in enumerate(replies)]
    record = path.with_name(f"{path.name}.told.jsonl")
    summary = document.value.get("summary", SUMMARY) if isinstance(document.value, dict) else SUMMARY
    if not isinstance(summary, str):
        raise document.error(("summary",), "expected a text.")
    return ScriptedModel(*lines, name=request.spec, record=record, summary=summary, forms=_forms(document))


def _forms(document: yaml.Document) -> list[str]:
    forms = document.value.get("forms", []) if isinstance(document.value, dict) else []
    if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
        raise document.error(("forms",), "expected a list of texts, each the JSON of a form.")
    return forms


def _line(document: yaml.Document, route: yaml.Route, reply: Any) -> Line:
    if isinstance(reply, str):
        return Line(reply)
    expected: dict[str, type | tuple[type, ...]] = {
        "text": str,
        "pace": (int, float),
        "finish": (str, type(None)),
        "error": str,
    }
    if not isinstance(reply, dict):
        raise document.error(route, "expected a reply: a text, or `text:` with `pace:`, `finish:`, `error:`.")
    for key, value in reply.items():
        if key not in expected or not isinstance(value, expected[key]):
            raise document.error((*route, key), f"`{key}` cannot be used here like this.", at_key=True)
    return Line(**reply)


def _played(record: Path, asked: str) -> int:
    """Return how many replies, or forms, an earlier process has played."""
    if not record.exists():
        return 0
    with record.open(encoding="utf-8") as file:
        return sum(json.loads(line)["asked"] == asked for line in file)
