"""Decorators: lines at the top of a lore entry, as the Character Card V3 specification has them.

`@@name value`; unknown and invalid ones are ignored; the first of a repeated name wins; `@@@name` right below one that
is not known stands in for it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

_LINE = re.compile(r"[ \t]*(@{2,})([A-Za-z_]+)(?:[ \t]+(.*?))?[ \t]*$")
_POSITIONS = {"before_desc": 0, "after_desc": 1, "personality": 1, "scenario": 1}
_NEAR = 4
"""SillyTavern's number for "at a depth", which is nearer to the words than everything before it."""


@dataclass(frozen=True, slots=True)
class Decorators:
    """What the decorators of an entry ask for.

    Attributes:
        after: only once she has replied so often.
        every: only at every so many replies.
        keep_after_match, dont_after_match: whether it goes on coming once it came, or never comes again.
        depth: how far from the newest message it stands; `reverse_depth` from the oldest.
        role: who says it.
        scan_depth: how many messages back keys are sought.
        greeting: only if the sitting was opened with this greeting.
        position: where among the fields of a character it stands.
        only_with_room: only while nothing had to be let go.
        additional_keys, exclude_keys: further keys, and keys that forbid it.
        activate, dont_activate: whatever its keys say.
        user_icon, disable_ui_prompt: kept; there is nothing here that they could change.
    """

    after: int = 0
    every: int = 0
    keep_after_match: bool = False
    dont_after_match: bool = False
    depth: int | None = None
    reverse_depth: int | None = None
    role: str | None = None
    scan_depth: int | None = None
    greeting: int | None = None
    position: str | None = None
    only_with_room: bool = False
    additional_keys: tuple[str, ...] = ()
    exclude_keys: tuple[str, ...] = ()
    activate: bool = False
    dont_activate: bool = False
    user_icon: str | None = None
    disable_ui_prompt: str | None = None

    def allow(self, *, replies: int, greeting: int | None, full: bool) -> bool:
        """Tell whether an entry may come at this point of a talk."""
        return (
            replies >= self.after
            and (not self.every or (replies > 0 and replies % self.every == 0))
            and (self.greeting is None or self.greeting == greeting)
            and not (self.only_with_room and full)
        )

    def placed(self, position: int) -> int:
        """Return the position of an entry that stands at `position` if no decorator says otherwise."""
        if self.position is not None:
            return _POSITIONS[self.position]
        if self.depth is not None:
            return _NEAR
        return 0 if self.reverse_depth is not None else position


def read(content: str) -> tuple[Decorators, str]:
    """Return the decorators at the top of a content, and the content without them."""
    lines = content.split("\n")
    top = 0
    while top < len(lines) and _LINE.match(lines[top]):
        top += 1
    found = Decorators()
    seen: set[str] = set()
    for name, value in _known(lines[:top]):
        if name not in seen or name == "additional_keys":
            found = replace(found, **_KNOWN[name](value, found))
            seen.add(name)
    return found, "\n".join(lines[top:]).strip()


def _known(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the decorators that count: known and valid ones, and the first such fallback of one that is not."""
    settled = True
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        ats, name, value = match[1], match[2].lower(), match[3] or ""
        if len(ats) > len("@@") and settled:
            continue
        settled = _valid(name, value)
        if settled:
            yield name, value


def _valid(name: str, value: str) -> bool:
    try:
        _KNOWN[name](value, Decorators())
    except (KeyError, ValueError):
        return False
    return True


def _number(field: str) -> "Callable[[str, Decorators], dict[str, Any]]":
    def take(value: str, _: Decorators) -> dict[str, Any]:
        if not re.fullmatch(r"\d{1,9}", value):
            raise ValueError(value)
        return {field: int(value)}

    return take


def _mark(field: str) -> "Callable[[str, Decorators], dict[str, Any]]":
    return lambda _, __: {field: True}


def _word(field: str, *allowed: str) -> "Callable[[str, Decorators], dict[str, Any]]":
    def take(value: str, _: Decorators) -> dict[str, Any]:
        if not value or (allowed and value.lower() not in allowed):
            raise ValueError(value)
        return {field: value.lower() if allowed else value}

    return take


def _keys(field: str) -> "Callable[[str, Decorators], dict[str, Any]]":
    def take(value: str, before: Decorators) -> dict[str, Any]:
        keys = tuple(key.strip() for key in value.split(",") if key.strip())
        if not keys:
            raise ValueError(value)
        return {field: (*getattr(before, field), *keys)}

    return take


_KNOWN: "dict[str, Callable[[str, Decorators], dict[str, Any]]]" = {
    "activate_only_after": _number("after"),
    "activate_only_every": _number("every"),
    "keep_activate_after_match": _mark("keep_after_match"),
    "dont_activate_after_match": _mark("dont_after_match"),
    "depth": _number("depth"),
    "reverse_depth": _number("reverse_depth"),
    "role": _word("role", "assistant", "system", "user"),
    "scan_depth": _number("scan_depth"),
    "is_greeting": _number("greeting"),
    "position": _word("position", *_POSITIONS),
    "ignore_on_max_context": _mark("only_with_room"),
    "additional_keys": _keys("additional_keys"),
    "exclude_keys": _keys("exclude_keys"),
    "is_user_icon": _word("user_icon"),
    "activate": _mark("activate"),
    "dont_activate": _mark("dont_activate"),
    "disable_ui_prompt": _word("disable_ui_prompt", "system_prompt", "post_history_instructions"),
}
"""The instruct forms (`@@instruct_depth` …) count tokens of a single text; a chat has none, so they are not known."""
