"""Reading lore: the entries of a persona file, the books of cards and V3 lorebooks, and SillyTavern's world info.

All become the same `Entry` values. What is missing has its default, and what cannot be read is left out: lore comes
from strangers, and one bad entry is no reason to lose a book.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from companion.persona import decorators
from companion.persona.lore import ALL, ANY, LONGEST_CONTENT, MOST_ENTRIES, NOT_ALL, NOT_ANY, SCAN_DEPTH, Book, Entry

if TYPE_CHECKING:
    from companion.persona.persona import LoreEntry

_LOGIC = {"any": ANY, "not_all": NOT_ALL, "not_any": NOT_ANY, "all": ALL}


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
        selective=entry.get("selective") is True, logic=_whole(more.get("selectiveLogic"), ANY),
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
        selective=entry.get("selective", True) is not False, logic=_whole(entry.get("selectiveLogic"), ANY),
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
