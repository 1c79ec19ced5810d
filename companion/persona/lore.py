"""Lore: things of her world, told when they come up.

Three formats come in: the entries of a persona file, the books of character cards and V3 lorebooks, and SillyTavern's
world info. All become `Entry` values; `activated` decides, purely, which of them come up now. Where they are put is the
briefing's business: once, inside the person's message, and not again while they can still be seen there.

Keys may be regular expressions from strangers, so they run with a time limit and never for long.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from companion.persona import decorators
from companion.persona.decorators import Decorators

if TYPE_CHECKING:
    import regex

    from companion.persona.persona import LoreEntry

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

_ANY, _NOT_ALL, _NOT_ANY, _ALL = range(4)
_LOGIC = {"any": _ANY, "not_all": _NOT_ALL, "not_any": _NOT_ANY, "all": _ALL}


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
    logic: int = _ANY
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
        replies: how many replies of hers there were.
        told: for each content that was told before, how many messages ago; 0 is now.
        greeting: which of her greetings opened the sitting, from 0; None if another.
        full: whether the window is full, so that history is being let go.
        seed: decides chances; the same talk decides alike.
    """

    texts: tuple[str, ...]
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
        extra = "\n".join(entry.content for entry in new.values() if entry.recurses)
        if not extra:
            break
    said = [replace(entry, content=entry.content.strip()) for entry in awake.values() if entry.content.strip()]
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
    if marks.activate or (marks.keep_after_match and entry.content.strip() in talk.told):
        return True
    if marks.dont_activate:
        return False
    scanned = extra if again else _scanned(entry, book, talk)
    if not _is_meant(entry, book, scanned, clock):
        return False
    return _by_chance(entry, talk)


def _may_come(entry: Entry, talk: Talk) -> bool:
    """Tell whether time allows it: decorators, delay, cooldown."""
    since = talk.told.get(entry.content.strip())
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
        case 1:
            return not all(found)
        case 2:
            return not any(found)
        case 3:
            return all(found)
        case _:
            return any(found)


def _stands(key: str, entry: Entry, book: Book, text: str, clock: _Clock) -> bool:
    """Tell whether a key stands in a text."""
    key = key.strip()
    if not key:
        return False
    sensitive = book.case_sensitive if entry.case_sensitive is None else entry.case_sensitive
    written = re.fullmatch(r"/(.+)/([a-z]*)", key, re.DOTALL)
    if entry.use_regex or written:
        body, flags = (written[1], written[2]) if written else (key, "" if sensitive else "i")
        pattern = _pattern(body, flags)
        return pattern is not None and clock.finds(pattern, text)
    sought, within_ = (key, text) if sensitive else (key.casefold(), text.casefold())
    whole = book.whole_words if entry.whole_words is None else entry.whole_words
    if not whole or " " in sought or not re.fullmatch(r"[\w'-]+", sought) or _without_spaces(sought):
        return sought in within_
    return re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", within_) is not None


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


# Reading the three formats


def of_persona(entries: Iterable["LoreEntry"]) -> Book:
    """Return the lore that a persona file holds itself."""
    return Book(tuple(_of_file(entry) for entry in entries if entry.enabled), recursive=True)


def _of_file(entry: "LoreEntry") -> Entry:
    marks, content = decorators.read(entry.text)
    return Entry(
        content=content, keys=entry.keys, also=entry.also, logic=_LOGIC[entry.logic], constant=entry.always,
        order=entry.order, priority=entry.priority, position=0 if entry.position == "before" else 1,
        case_sensitive=entry.case_sensitive, whole_words=entry.whole_words, scan_depth=entry.scan_depth,
        probability=100 if entry.probability is None else entry.probability, sticky=entry.sticky or 0,
        cooldown=entry.cooldown or 0, delay=entry.delay or 0, decorators=marks,
    )  # fmt: skip


def is_book(value: Any) -> bool:
    """Tell whether JSON is a lorebook that stands alone, and no character."""
    if not isinstance(value, dict) or "first_mes" in value or str(value.get("spec", "")).startswith("chara"):
        return False
    if value.get("spec") == "lorebook_v3":
        return isinstance(value.get("data"), dict)
    return isinstance(value.get("entries"), (dict, list))


def book(value: Any) -> Book:
    """Return a book of JSON: a V3 lorebook, a card's, or SillyTavern's world info; what cannot be read is left out."""
    inner = value.get("data", value) if isinstance(value, dict) and value.get("spec") == "lorebook_v3" else value
    if not isinstance(inner, dict):
        return Book()
    entries = inner.get("entries")
    world = isinstance(entries, dict)
    raw = list(entries.values() if isinstance(entries, dict) else entries if isinstance(entries, list) else ())
    read = _of_world if world else _of_book
    made = [read(entry) for entry in raw[:MOST_ENTRIES] if isinstance(entry, dict)]
    return Book(
        entries=tuple(entry for entry in made if entry is not None),
        scan_depth=_whole(inner.get("scan_depth"), SCAN_DEPTH),
        budget=_number(inner.get("token_budget"), None),
        recursive=inner.get("recursive_scanning") is True,
        whole_words=world,
    )


def _of_book(entry: dict[str, Any]) -> Entry | None:
    """Read an entry of a card's book; what SillyTavern keeps under `extensions` is heeded."""
    if entry.get("enabled", True) is False:
        return None
    more = entry.get("extensions")
    more = more if isinstance(more, dict) else {}
    marks, content = decorators.read(_string(entry.get("content"))[:LONGEST_CONTENT])
    before = entry.get("position") == "before_char"
    delayed = more.get("delay_until_recursion")
    return Entry(
        content=content, keys=_strings(entry.get("keys")), also=_strings(entry.get("secondary_keys")),
        selective=entry.get("selective") is True, logic=_whole(more.get("selectiveLogic"), _ANY),
        use_regex=entry.get("use_regex") is True and "selectiveLogic" not in more,  # SillyTavern says so of every entry
        constant=entry.get("constant") is True,
        order=_number(entry.get("insertion_order"), 100) or 0, priority=_number(entry.get("priority"), None),
        position=marks.placed(_whole(more.get("position"), 0 if before else 1)),
        case_sensitive=_truth(entry.get("case_sensitive", more.get("case_sensitive"))),
        whole_words=_truth(more.get("match_whole_words")), scan_depth=_whole_or_none(more.get("scan_depth")),
        probability=_probability(more.get("probability"), more.get("useProbability")),
        sticky=_whole(more.get("sticky"), 0), cooldown=_whole(more.get("cooldown"), 0),
        delay=_whole(more.get("delay"), 0), recurses=more.get("prevent_recursion") is not True,
        recursed=more.get("exclude_recursion") is not True, only_recursed=bool(delayed),
        ignores_budget=more.get("ignore_budget") is True, group=_string(more.get("group")),
        weight=_number(more.get("group_weight"), 100) or 0, decorators=marks,
    )  # fmt: skip


def _of_world(entry: dict[str, Any]) -> Entry | None:
    """Read an entry of SillyTavern's world info; what is missing has its defaults."""
    if entry.get("disable") is True:
        return None
    marks, content = decorators.read(_string(entry.get("content"))[:LONGEST_CONTENT])
    return Entry(
        content=content, keys=_strings(entry.get("key")), also=_strings(entry.get("keysecondary")),
        selective=entry.get("selective", True) is not False, logic=_whole(entry.get("selectiveLogic"), _ANY),
        constant=entry.get("constant") is True, order=_number(entry.get("order"), 100) or 0,
        position=marks.placed(_whole(entry.get("position"), 0)),
        case_sensitive=_truth(entry.get("caseSensitive")), whole_words=_truth(entry.get("matchWholeWords")),
        scan_depth=_whole_or_none(entry.get("scanDepth")),
        probability=_probability(entry.get("probability"), entry.get("useProbability")),
        sticky=_whole(entry.get("sticky"), 0), cooldown=_whole(entry.get("cooldown"), 0),
        delay=_whole(entry.get("delay"), 0), recurses=entry.get("preventRecursion") is not True,
        recursed=entry.get("excludeRecursion") is not True, only_recursed=bool(entry.get("delayUntilRecursion")),
        ignores_budget=entry.get("ignoreBudget") is True, group=_string(entry.get("group")),
        weight=_number(entry.get("groupWeight"), 100) or 0, decorators=marks,
    )  # fmt: skip


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _strings(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else ()
    return tuple(part for part in parts if isinstance(part, str) and part.strip())


def _number(value: Any, default: float | None) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else default


def _whole(value: Any, default: int) -> int:
    number = _number(value, None)
    return int(number) if number is not None and 0 <= number <= 1_000_000 else default  # noqa: PLR2004 - any sane bound


def _whole_or_none(value: Any) -> int | None:
    return _whole(value, 0) if _number(value, None) is not None else None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _probability(value: Any, used: Any) -> float:
    number = _number(value, None)
    return 100 if number is None or used is False else number
