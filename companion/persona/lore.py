"""Lore: things of her world, told when they come up.

`activated` decides, purely, which entries of a book come up now. Where they are put is the briefing's business: once,
inside the person's message, and not again while they can still be seen there.

Keys may be regular expressions from strangers, so they run with a time limit and never for long.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from companion.persona import macros
from companion.persona.decorators import Decorators

if TYPE_CHECKING:
    import regex


SCAN_DEPTH = 4
"""Messages that are looked through where a book does not say: the last two exchanges."""

REGEX_SECONDS = 0.05
"""For one regular expression on one text; what takes longer is no match."""

REGEX_SECONDS_IN_ALL = 0.5
"""For all of them in one turn."""

MOST_ENTRIES = 10_000
MOST_ROUNDS = 5
"""Of recursion: what was told brings up more."""

LONGEST_CONTENT = 20_000
LONGEST_SCANNED = 40_000
"""Characters of the talk that keys are sought in, the newest."""

NOBODY = macros.Names("", "")

ANY, NOT_ALL, NOT_ANY, ALL = range(4)
"""How second keys count, in SillyTavern's numbers."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, whatever format it came in.

    Attributes:
        content: what is told, macros unfilled and decorators gone.
        keys: what brings it up; `also` are the second keys, and `logic` says how they count (SillyTavern's numbers).
        use_regex: whether keys are regular expressions (V3); otherwise only those written `/…/flags` are.
        constant: told without being brought up.
        order: lower comes first; `priority`: higher stays when room is short.
        position: how far from the words it stands: 0 before who she is, 1 after, larger is nearer.
        case_sensitive, whole_words, scan_depth: None leaves it to the book.
        probability: from 0 to 100.
        sticky, cooldown, delay: counted in messages.
        recurses, recursed, only_recursed: whether it brings up others, is brought up by others, or only so.
        group: of one group, only one entry comes; `weight` decides how often which.
        decorators: what the lines at the top of its content asked for.
    """

    content: str
    keys: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    logic: int = ANY
    selective: bool = True
    use_regex: bool = False
    constant: bool = False
    order: float = 100
    priority: float | None = None
    position: int = 1
    case_sensitive: bool | None = None
    whole_words: bool | None = None
    scan_depth: int | None = None
    probability: float = 100
    sticky: int = 0
    cooldown: int = 0
    delay: int = 0
    recurses: bool = True
    recursed: bool = True
    only_recursed: bool = False
    ignores_budget: bool = False
    group: str = ""
    weight: float = 100
    decorators: Decorators = field(default_factory=Decorators)


@dataclass(frozen=True, slots=True)
class Book:
    """A lorebook.

    Attributes:
        entries: those that are enabled.
        scan_depth: messages that are looked through.
        budget: tokens that its entries may take at once; None leaves it to the briefing.
        recursive: whether what is told brings up more.
        case_sensitive, whole_words: for entries that do not say.
    """

    entries: tuple[Entry, ...] = ()
    scan_depth: int = SCAN_DEPTH
    budget: float | None = None
    recursive: bool = False
    case_sensitive: bool = False
    whole_words: bool = True


@dataclass(frozen=True, slots=True)
class Talk:
    """What the talk has come to.

    Attributes:
        texts: what was said, oldest first, the person's newest words last.
        names: who is meant by macros.
        replies: how many replies of hers there were.
        told: for each content that was told before, how many messages ago; 0 is now.
        greeting: which of her greetings opened the sitting, from 0; None if another.
        full: whether the window is full, so that history is being let go.
        seed: decides chances; the same talk decides alike.
    """

    texts: tuple[str, ...]
    names: macros.Names = NOBODY
    replies: int = 0
    told: dict[str, int] = field(default_factory=dict)
    greeting: int | None = None
    full: bool = False
    seed: str = ""


def activated(book: Book, talk: Talk) -> tuple[Entry, ...]:
    """Return the entries that come up now, in the order in which they are told; the budget is not applied yet."""
    clock = _Clock()
    awake: dict[int, Entry] = {}
    extra = ""
    for round_ in range(MOST_ROUNDS if book.recursive else 1):
        new = {
            number: entry
            for number, entry in enumerate(book.entries)
            if number not in awake and _comes(entry, book, talk, extra, clock, again=round_ > 0)
        }
        awake |= _one_of_each_group(new, awake, talk)
        contents = [entry.content for number, entry in new.items() if entry.recurses and number in awake]
        extra = "\n".join(macros.searchable(content, talk.names) for content in contents)
        if not extra:
            break
    said = [entry for entry in awake.values() if entry.content]
    return tuple(sorted(said, key=lambda entry: (entry.position, entry.order)))


def within(entries: Sequence[Entry], room: float, cost: Any) -> tuple[Entry, ...]:
    """Return the entries that fit, in their order: the ones of lowest priority, else of lowest order, go first."""
    ranked = sorted(entries, key=lambda e: (e.ignores_budget, e.constant, _rank(e), e.order), reverse=True)
    kept: list[Entry] = []
    for entry in ranked:
        price = cost(entry.content)
        if price <= room or entry.ignores_budget:
            kept.append(entry)
            room -= 0 if entry.ignores_budget else price
    return tuple(entry for entry in entries if entry in kept)


def _rank(entry: Entry) -> float:
    return entry.order if entry.priority is None else entry.priority


class _Clock:
    """How much time regular expressions have left."""

    def __init__(self) -> None:
        self.left = REGEX_SECONDS_IN_ALL

    def finds(self, pattern: "regex.Pattern[str]", text: str) -> bool:
        import time  # noqa: PLC0415 - with regex, only where a key is one

        if self.left <= 0:
            return False
        began = time.perf_counter()
        try:
            return pattern.search(text, timeout=min(REGEX_SECONDS, self.left)) is not None
        except TimeoutError:
            return False
        finally:
            self.left -= time.perf_counter() - began


def _comes(entry: Entry, book: Book, talk: Talk, extra: str, clock: _Clock, *, again: bool) -> bool:
    if not _may_come(entry, talk) or (again and not entry.recursed) or (entry.only_recursed and not again):
        return False
    marks = entry.decorators
    if marks.activate or (marks.keep_after_match and entry.content in talk.told):
        return True
    if marks.dont_activate:
        return False
    scanned = extra if again else _scanned(entry, book, talk)
    if not _is_meant(entry, book, scanned, clock):
        return False
    return _by_chance(entry, talk)


def _may_come(entry: Entry, talk: Talk) -> bool:
    """Tell whether time allows it: decorators, delay, cooldown."""
    since = talk.told.get(entry.content)
    resting = since is not None and entry.sticky < since <= entry.sticky + entry.cooldown
    return (
        len(talk.texts) > entry.delay
        and not resting
        and not (entry.decorators.dont_after_match and since is not None)
        and entry.decorators.allow(replies=talk.replies, greeting=talk.greeting, full=talk.full)
    )


def _scanned(entry: Entry, book: Book, talk: Talk) -> str:
    own = entry.scan_depth if entry.decorators.scan_depth is None else entry.decorators.scan_depth
    depth = book.scan_depth if own is None else own
    return "\n".join(talk.texts[-depth:] if depth else ())[-LONGEST_SCANNED:]


def _is_meant(entry: Entry, book: Book, text: str, clock: _Clock) -> bool:
    def found(keys: Iterable[str]) -> Iterator[bool]:
        return (_stands(key, entry, book, text, clock) for key in keys)

    if any(found(entry.decorators.exclude_keys)):
        return False
    if entry.constant and not entry.use_regex:
        return True
    if not any(found((*entry.keys, *entry.decorators.additional_keys))):
        return False
    return entry.use_regex or not entry.also or not entry.selective or _second(entry.logic, list(found(entry.also)))


def _second(logic: int, found: list[bool]) -> bool:
    match logic:
        case _ if logic == NOT_ALL:
            return not all(found)
        case _ if logic == NOT_ANY:
            return not any(found)
        case _ if logic == ALL:
            return all(found)
        case _:
            return any(found)


def _stands(key: str, entry: Entry, book: Book, text: str, clock: _Clock) -> bool:
    """Tell whether a key stands in a text."""
    key = key.strip()
    if not key:
        return False
    sensitive = book.case_sensitive if entry.case_sensitive is None else entry.case_sensitive
    written = re.fullmatch(r"/(.+)/([a-z]*)", key, re.DOTALL) if key[0] == "/" else None
    if entry.use_regex or written:
        body, flags = (written[1], written[2]) if written else (key, "" if sensitive else "i")
        pattern = _pattern(body, flags)
        return pattern is not None and clock.finds(pattern, text)
    sought, within_ = (key, text) if sensitive else (key.casefold(), _folded(text))
    if sought not in within_:
        return False
    whole = book.whole_words if entry.whole_words is None else entry.whole_words
    if not whole or " " in sought or not re.fullmatch(r"[\w'-]+", sought) or _without_spaces(sought):
        return True
    return re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", within_) is not None


@lru_cache(maxsize=64)
def _folded(text: str) -> str:
    """Return a text without capitals; many keys are sought in the same one."""
    return text.casefold()


def _without_spaces(key: str) -> bool:
    """Tell whether a key is in a script that does not part words: whole words cannot be told there."""
    return any("\u3040" <= char <= "\u9fff" or "\u0e00" <= char <= "\u0e7f" for char in key)


@lru_cache(maxsize=512)
def _pattern(body: str, flags: str) -> "regex.Pattern[str] | None":
    """Compile a regular expression as JavaScript writes them; what is none, is no match."""
    import regex  # noqa: PLC0415 - only where a key is one

    known = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL}
    if len(body) > LONGEST_CONTENT // 10:
        return None
    try:
        return regex.compile(body.replace(r"\/", "/"), sum(known[flag] for flag in set(flags) if flag in known))
    except (regex.error, OverflowError, RecursionError, MemoryError):
        return None


def _by_chance(entry: Entry, talk: Talk) -> bool:
    if entry.probability >= 100:  # noqa: PLR2004 - per cent
        return True
    return random.Random(f"{talk.seed}:{entry.content}").random() * 100 < entry.probability  # noqa: S311 - no secret


def _one_of_each_group(new: dict[int, Entry], awake: dict[int, Entry], talk: Talk) -> dict[int, Entry]:
    taken = {entry.group for entry in awake.values() if entry.group}
    kept = {number: entry for number, entry in new.items() if not entry.group}
    groups = sorted({entry.group for entry in new.values() if entry.group} - taken)
    for group in groups:
        rivals = [(number, entry) for number, entry in new.items() if entry.group == group]
        chance = random.Random(f"{talk.seed}:{group}")  # noqa: S311 - no secret
        number, entry = chance.choices(rivals, [max(entry.weight, 0.001) for _, entry in rivals])[0]
        kept[number] = entry
    return dict(sorted(kept.items()))
