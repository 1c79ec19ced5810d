"""Frames: who, what they want or feel, and what it is about, as patterns over plain words, read from data files.

A group of frames opens with its kind and level in brackets: `[crisis explicit]`. Then one frame per line; a line that
begins with `!` is a guard: where it matches, the group does not. In a frame

Words that only add weight stand in no sentence that is read, so they are taken out of the frames as well.

    word          is that word; `word?` may be left out; `suicid*` may go on
    (a|b c)       is one of these; `(a|b c)?` may be left out
    <name>        is a list given above as `name = a|b c`
    ..  ...       are up to three, up to six other words in the same part of the sentence

A frame is looked at only where one of the words stands that it cannot do without, and compiled when it first is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files

from companion.care.lexicon import lexicon
from companion.care.wording import Sentence

LANGUAGES = ("en", "de", "es", "fr", "it")
"""The languages that frames are written in, each a file."""

PREFIX = 4
"""Letters of a word that goes on ("suicid*") by which it is looked up."""

_EVERYWHERE = frozenset(
    """
    ^ $ , i me my you your he she they it a an the and or but to of in on at for with is am are was be been not no do
    did have had has will would can could that this so as if when all like from up out go going get want just because
    by then now what how
    ich du er sie es und oder der das den dem ein eine zu in mit ist bin nicht mich mir mein meine auf von habe will
    yo tu que la el los las un una y o a de en con no me mi es se por para lo si
    je j l d n le les et ou de du des un une a au en ne pas me m mon ma est que qu c ce
    io il lo gli i e di da in con non mi mio mia un una che si per la le ho sono
    """.split()
)

_GAPS = {"..": r"(?:[^ ,]+ ){0,3}", "...": r"(?:[^ ]+ ){0,6}"}


@dataclass(frozen=True)
class Group:
    """Frames of one kind and level.

    Attributes:
        kind: what they are a sign of.
        level: how plain a sign.
        language: the file they are written in.
        guards: frames in whose presence the others mean nothing.
    """

    kind: str
    level: str
    language: str
    guards: list["Frame"] = field(default_factory=list, repr=False)

    def guarded(self, text: str) -> bool:
        """Tell whether a guard stands in a sentence's text."""
        return any(guard.pattern.search(text) for guard in self.guards)


@dataclass(frozen=True)
class Frame:
    """One frame of a group, with its lists written out."""

    elements: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The frame as a regular expression over words that each end with a space; every repetition is bounded."""
        return re.compile(" " + "".join(map(_expression, self.elements)))

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Words of which one must stand in a sentence for the frame to do so; "suicid*" has one of four letters."""
        needed = [element for element in self.elements if element not in _GAPS and not element.endswith("?")]
        return min(map(_anchors, needed), key=lambda anchors: (len(anchors & _EVERYWHERE), len(anchors)))


@dataclass(frozen=True, slots=True)
class Finding:
    """A frame that was found: its kind, its level, its language, where, and the words."""

    kind: str
    level: str
    language: str
    sentence: Sentence
    start: int
    words: str


def find(sentences: Iterable[Sentence], file: str = "") -> Iterator[Finding]:
    """Yield what the frames find; `file` asks for those of one file, such as `reply`, instead of the languages'."""
    index = _index(file)
    for sentence in sentences:
        text, words = sentence.text, {"^", "$", *sentence.words}
        words |= {f"{word[:PREFIX]}*" for word in words}
        for group, frames in _tried(index, words):
            match = next((match for frame in frames if (match := frame.pattern.search(text))), None)
            if match and not group.guarded(text):
                yield Finding(group.kind, group.level, group.language, sentence, match.start(), match.group().strip())


def stands(kind: str, text: str) -> bool:
    """Tell whether a frame of `around.txt` stands in a sentence's text."""
    frames = _around().get(kind, ())
    return any(frame.pattern.search(text) for frame in frames)


@cache
def _around() -> dict[str, list[Frame]]:
    text = files("companion.care").joinpath("frames/around.txt").read_text(encoding="utf-8")
    kinds: dict[str, list[Frame]] = {}
    for group, frame in _frames(_weightless().sub("", text), "around"):
        kinds.setdefault(group.kind, []).append(frame)
    return kinds


def _tried(index: "Index", words: Iterable[str]) -> Iterable[tuple[Group, list[Frame]]]:
    """Return the frames that a sentence of these words may hold, by group."""
    tried: dict[int, tuple[Group, list[Frame]]] = {}
    for word in words:
        for group, frame in index.get(word, ()):
            tried.setdefault(id(group), (group, []))[1].append(frame)
    return tried.values()


Index = dict[str, list[tuple[Group, Frame]]]


@cache
def _index(file: str) -> Index:
    index: Index = {}
    for name in (file,) if file else LANGUAGES:
        text = files("companion.care").joinpath(f"frames/{name}.txt").read_text(encoding="utf-8")
        for group, frame in _frames(text if file else _weightless().sub("", text), name):
            for word in frame.anchors:
                index.setdefault(word, []).append((group, frame))
    return index


def _frames(text: str, language: str) -> Iterator[tuple[Group, Frame]]:
    lines = [line.strip() for line in text.splitlines()]
    lists = {given[1]: given[2] for line in lines if (given := re.fullmatch(r"(\w+) = (.+)", line))}
    group = Group("", "", language)
    for line in lines:
        if header := re.fullmatch(r"\[(\w+) (.+)\]", line):
            group = Group(header[1], header[2], language)
        elif line.startswith("!"):
            group.guards.append(_frame(line[1:].strip(), lists))
        elif line and not line.startswith("#") and " = " not in line:
            yield group, _frame(line, lists)


def _frame(line: str, lists: dict[str, str]) -> Frame:
    while "<" in line:
        line = re.sub(r"<(\w+)>", lambda name: f"({lists[name[1]]})", line)
    return Frame(tuple(_elements(line)))


@cache
def _weightless() -> re.Pattern[str]:
    words = "|".join(lexicon().fillers)
    return re.compile(rf"(?<![^(| ])(?:{words}) (?=[^.(<])|(?<=[^.?)]) (?:{words})(?=[|)])")


def _elements(frame: str) -> list[str]:
    """Split at the spaces that stand in no parentheses."""
    depth, element, elements = 0, "", []
    for char in frame:
        depth += (char == "(") - (char == ")")
        if char == " " and not depth:
            elements.append(element)
            element = ""
        else:
            element += char
    return [*elements, element]


def _expression(element: str) -> str:
    if element in _GAPS:
        return _GAPS[element]
    optional = element.endswith("?")
    body = (
        re.sub(r"\((?!\?)", "(?:", element.removesuffix("?"))
        .replace("^", r"\^")
        .replace("*", r"[^ ]*")
        .replace("$", r"\$")
    )
    return f"(?:(?:{body}) )?" if optional else f"(?:{body}) "


def _anchors(element: str) -> frozenset[str]:
    """Return one word for each alternative of an element: the longest that is not said everywhere."""
    words = (re.findall(r"[^ ()|?]+", alternative) for alternative in _alternatives(element))
    chosen = (max(of, key=lambda word: (word not in _EVERYWHERE, "[" not in word, len(word))) for of in words if of)
    return frozenset(f"{word[:PREFIX]}*" if "*" in word else word for word in chosen)


def _alternatives(element: str) -> list[str]:
    """Return the alternatives of an element; where one holds a choice itself, that choice is taken apart."""
    inner = element[1:-1] if element.startswith("(") else element
    depth, start, parts = 0, 0, []
    for place, char in enumerate(inner):
        depth += (char == "(") - (char == ")")
        if char == "|" and not depth:
            parts.append(inner[start:place])
            start = place + 1
    parts.append(inner[start:])
    return [one for part in parts for one in (_apart(part) if "(" in part else [part])]


def _apart(part: str) -> list[str]:
    """Return what stands outside a choice within an alternative, or else every word of the choice."""
    outside = re.sub(r"\([^()]*\)\??", "", part).strip()
    return [outside] if outside else re.findall(r"[^ ()|?]+", part)
