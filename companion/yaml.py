"""YAML that holds no surprises: plain data with the place of everything in it.

The syntax is PyYAML's; the meaning is YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema), so that
`no` and `on` are words, with one kindness more: `1e3` is a word too. Refused, because in a file about a person they
can only be mistakes or attacks: aliases (a 341-byte file can name 3.5e9 things), tags, duplicate keys, several
documents, deep nesting, huge files.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml as pyyaml

from companion.errors import DocumentError

LARGEST_FILE = 256 * 1024
DEEPEST_NESTING = 32
LONGEST_EXCERPT = 200
"""Characters of a line that an error shows."""

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

Route = tuple[str | int, ...]
"""Where a value stands: the keys and indices that lead to it from the top."""


@dataclass(frozen=True)
class Document:
    """A YAML file as plain data.

    Attributes:
        source: the file it came from, for errors.
        value: dicts, lists, str, int, float, bool and None; an empty file is None.
        keys: line and column, both from 1, of each key.
        values: line and column, both from 1, of each value.
        text: the file as it was read.
        problems: what may not stand in the file, though the rest of it could be read.
    """

    source: Path
    value: Any
    keys: dict[Route, tuple[int, int]] = field(default_factory=dict)
    values: dict[Route, tuple[int, int]] = field(default_factory=dict)
    text: str = field(default="", repr=False, compare=False)
    problems: tuple[DocumentError, ...] = ()

    def error(self, route: Route, problem: str, *, at_key: bool = False) -> DocumentError:
        """Make the error for the place that `route` names, or the nearest known place above it."""
        places = self.keys if at_key else self.values
        while route and route not in places:
            route, places = route[:-1], self.values
        line, column = places.get(route, (1, 1))
        return DocumentError(self.source, problem, line, column, excerpt=_line(self.text, line))


def read(path: Path) -> Document:
    """Read a file.

    Raises:
        DocumentError: the file cannot be read, or is not YAML as described above.
    """
    return _sound(survey(path))


def survey(path: Path) -> Document:
    """Read a file as far as it can be read; what may not stand in it is noted in `problems`.

    Raises:
        DocumentError: the file cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise DocumentError(path, f"the file cannot be read ({error.strerror}).") from error
    if len(raw) > LARGEST_FILE:
        raise DocumentError(path, f"the file is larger than {LARGEST_FILE // 1024} KiB, which no such file should be.")
    try:
        return surveyed(raw.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise DocumentError(path, "this byte is not UTF-8; save the file as UTF-8.", line, column) from error


def parse(text: str, source: Path) -> Document:
    """Read a text; `source` names it in errors.

    Raises:
        DocumentError: the text is not YAML as described above.
    """
    return _sound(surveyed(text, source))


def _sound(document: Document) -> Document:
    if document.problems:
        raise DocumentError.together(document.problems)
    return document


def _line(text: str, line: int) -> str:
    """Return a line by its number as PyYAML counts them; whoever shows it cleans it."""
    lines = _LINE_END.split(text)
    return lines[line - 1][:LONGEST_EXCERPT] if line <= len(lines) else ""


def surveyed(text: str, source: Path) -> Document:
    """Read a text as far as it can be read, as `survey` does a file."""
    builder = _Builder(source, text)
    try:
        for event in _events(text, source):
            builder.take(event)
    except pyyaml.MarkedYAMLError as error:
        raise _syntax_error(source, text, error) from error
    except pyyaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        problem = "this character may not stand in YAML."
        raise DocumentError(source, problem, line, column, excerpt=_line(text, line)) from error
    return Document(source, builder.root, builder.keys, builder.values, text, tuple(builder.problems))


def _events(text: str, source: Path) -> Iterator[pyyaml.Event]:
    """Yield PyYAML's events; it trips over numbers that are too large, in an escape or in `%YAML 1.999…`."""
    loader = pyyaml.SafeLoader(text)
    try:
        while loader.check_event():
            yield loader.get_event()  # type: ignore[no-untyped-call]  # missing from its stubs
    except (ValueError, OverflowError) as error:
        line, column = loader.line + 1, loader.column + 1
        raise DocumentError(source, "this number is too large to stand here.", line, column) from error


def _syntax_error(source: Path, text: str, error: pyyaml.MarkedYAMLError) -> DocumentError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = ", ".join(part for part in (error.context, error.problem) if part)
    for sign, advice in _ADVICE.items():
        if sign in said:
            said = advice
    return DocumentError(source, f"this is not YAML: {said}.", line, column, excerpt=_line(text, line))


_ADVICE = {
    "'\\t'": "a tab stands here; indent with spaces",
    "mapping values are not allowed here": "a colon is out of place; quote the text, or mind the indentation",
    "while scanning a quoted scalar": "a quotation mark is not closed",
}
"""What the commonest of PyYAML's complaints mean to a person."""


class _Builder:
    """Builds the value from parser events with a stack of its own, so that no nesting exhausts Python's."""

    def __init__(self, source: Path, text: str) -> None:
        self.source, self.text = source, text
        self.problems: list[DocumentError] = []
        self.root: Any = None
        self.keys: dict[Route, tuple[int, int]] = {}
        self.values: dict[Route, tuple[int, int]] = {}
        self._open: list[tuple[Route, Any]] = []
        self._pending_key: list[str | None] = []
        self._documents = 0

    def take(self, event: pyyaml.Event) -> None:
        match event:
            case pyyaml.AliasEvent():
                if self._expects_key():
                    raise self._problem(event, "a key must be a word, not an alias.")
                self._note(event, "aliases (*name) are not allowed here; write the value out.")
                self.values[self._place(None)] = _place_of(event)
            case pyyaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._problem(event, "a second document begins here; keep one per file.")
            case pyyaml.ScalarEvent() | pyyaml.MappingStartEvent() | pyyaml.SequenceStartEvent():
                self._take_node(event)
            case pyyaml.MappingEndEvent() | pyyaml.SequenceEndEvent():
                self._open.pop()
                self._pending_key.pop()

    def _take_node(self, event: pyyaml.NodeEvent) -> None:
        self._check(event)
        if self._expects_key():
            self._take_key(event)
            return
        value = _scalar(event) if isinstance(event, pyyaml.ScalarEvent) else _empty(event)
        route = self._place(value)
        self.values[route] = _place_of(event)
        if not isinstance(event, pyyaml.ScalarEvent):
            self._open.append((route, value))
            self._pending_key.append(None)

    def _check(self, event: pyyaml.NodeEvent) -> None:
        if event.anchor is not None:
            self._note(event, "anchors (&name) are not allowed here; write the value out.")
        if (tag := getattr(event, "tag", None)) is not None:
            self._note(event, f"tags ({tag}) are not allowed here.")
        if _SURROGATE.search(getattr(event, "value", "")):
            raise self._problem(event, "an escape in this text is half a character; write the character itself.")
        if len(self._open) >= DEEPEST_NESTING:
            raise self._problem(event, f"this is nested more than {DEEPEST_NESTING} deep.")

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1][1], dict) and self._pending_key[-1] is None

    def _take_key(self, event: pyyaml.NodeEvent) -> None:
        if not isinstance(event, pyyaml.ScalarEvent):
            raise self._problem(event, "a key must be a word, not a list or a mapping.")
        parent, mapping = self._open[-1]
        route = (*parent, event.value)
        if event.value in mapping:
            self._note(event, f"`{event.value}` stands here twice, first in line {self.keys[route][0]}.")
        self.keys.setdefault(route, _place_of(event))
        self._pending_key[-1] = event.value

    def _place(self, value: Any) -> Route:
        if not self._open:
            self.root = value
            return ()
        parent, container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
            return (*parent, len(container) - 1)
        key = self._pending_key[-1]
        self._pending_key[-1] = None
        container[key] = value
        return (*parent, key or "")

    def _note(self, event: pyyaml.Event, problem: str) -> None:
        self.problems.append(self._problem(event, problem))

    def _problem(self, event: pyyaml.Event, problem: str) -> DocumentError:
        line, column = _place_of(event)
        return DocumentError(self.source, problem, line, column, excerpt=_line(self.text, line))


def _place_of(event: pyyaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _empty(event: pyyaml.NodeEvent) -> dict[str, Any] | list[Any]:
    return {} if isinstance(event, pyyaml.MappingStartEvent) else []


_SURROGATE = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?([0-9]{1,18}\.[0-9]*|\.[0-9]+)")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def _scalar(event: pyyaml.ScalarEvent) -> str | int | float | bool | None:
    text: str = event.value
    return text if event.style is not None else _meaning(text)  # quoted or a block: always text


def is_word(text: str) -> bool:
    """Tell whether a text that is written without quotes is read as that text."""
    return _meaning(text) == text


def _meaning(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def described(value: Any) -> str:
    """Say in words what was found, for errors."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"the truth value {str(value).lower()} (put it in quotes if it is a word)"
        case int() | float():
            return f"the number {value} (put it in quotes if it is a word)"
        case str():
            return f"the text “{value[:40]}”" if value.strip() else "an empty text"
        case dict():
            return "a group of keys"
        case _:
            return "a list" if value else "an empty list"
