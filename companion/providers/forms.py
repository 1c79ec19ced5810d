"""Reading a form that a model filled in: what servers promise about structured output, pydantic checks in every case.

A form comes bare, in a code fence, between words, after thoughts, or cut short in its middle. It is read as far as it
goes; a last entry that is not whole falls away.
"""

import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, suppress
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from companion.dialogue.model import Form, Message, Piece, Text
from companion.errors import ModelFailed

LONGEST_FORM = 64 * 1024
"""Characters; whatever is longer is no answer to what we ask."""


def response_format(form: type[BaseModel], rung: str) -> dict[str, Any]:
    """Return the parameter that asks for a form on a rung of the ladder: by schema, as JSON, or not at all."""
    if rung == "json_schema":
        schema = {"name": form.__name__, "schema": form.model_json_schema()}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    return {"response_format": {"type": "json_object"}} if rung == "json_object" else {}


def asking(messages: Sequence[Message], form: type[BaseModel], rung: str) -> tuple[Message, ...]:
    """Return the messages with the form put into words, where the server does not see to it."""
    if rung == "json_schema":
        return tuple(messages)
    *before, last = messages
    schema = json.dumps(form.model_json_schema(), ensure_ascii=False)
    words = f"{last.content}\n\nAnswer with one JSON object and nothing else. Its JSON Schema: {schema}"
    return (*before, Message(last.role, words))


async def collected(pieces: AsyncGenerator[Piece]) -> str:
    """Return all the text of an answer, as long as it is no longer than a form may be."""
    text = ""
    async with aclosing(pieces):
        async for piece in pieces:
            text += piece.text if isinstance(piece, Text) else ""
            if len(text) > LONGEST_FORM:
                break
    return text


def filled(text: str, form: type[Form]) -> Form:
    """Return the form in a text.

    Raises:
        ModelFailed: there is none in it.
    """
    text = re.sub(r"^\s*<think>.*?(</think>|$)", "", text[:LONGEST_FORM], flags=re.DOTALL)
    for start in _beginnings(text):
        for reading in _readings(text[start:]):
            with suppress(ValidationError):
                return form.model_validate(reading)
    raise ModelFailed("The model was asked to fill in a form, and its answer is none. Nothing is lost.")


def _beginnings(text: str, most: int = 20) -> list[int]:
    """Return where an object may begin, in order."""
    return [match.start() for match in re.finditer(r"\{", text)][:most]


def _readings(text: str) -> Iterator[Any]:
    """Yield what the object may be that a text begins with: the whole; or what there is of it, then less the last."""
    end = _end(text)
    try:
        begun = from_json(text[:end], allow_partial=end is None)
    except ValueError:
        return
    yield begun
    if end is None:
        yield _without_last(begun)


def _without_last(value: Any) -> Any:
    """Return a value without the last entry of its last list, which was cut."""
    if isinstance(value, list):
        return value[:-1]
    if isinstance(value, dict) and value:
        *whole, (key, last) = value.items()
        return dict([*whole, (key, _without_last(last))])
    return value


def _end(text: str) -> int | None:
    """Return where the object ends that a text begins with; None when it does not."""
    depth, quoted = 0, False
    for token in re.finditer(r'\\.|["{}]', text, re.DOTALL):
        mark = token.group()
        quoted ^= mark == '"'
        if not quoted and mark in "{}":
            depth += 1 if mark == "{" else -1
            if depth == 0:
                return token.end()
    return None
