"""The date reader: which stretches of time a text names, seen from the moment of speaking. Pure; English.

"last May", "on Tuesday", "two weeks ago", "8 May 2023", "2023-05-08" and "in 2022" become half-open periods. Words
that look back are taken to look back ("in May" is the latest May); where nothing is named, nothing is returned.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from companion.memory import words
from companion.memory.dates import DAYS, MONTHS

_MONTH = "|".join(MONTHS).lower()
_DAY = "|".join(DAYS).lower()
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_COUNTS = {word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}
_COUNTS |= {"a": 1, "an": 1, "couple": 2, "few": 3, "several": 4}
_NUMBER = "|".join(_COUNTS)

_TIMES = f"""
    yesterday today tonight tomorrow ago recently since soon last next weekend morning night day week month year
    {_DAY.replace("|", " ")} {" ".join(_SEASONS)} {_MONTH.replace("|", " ")}
"""
_AMBIGUOUS = {"may", "march", "fall"}
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class Period(NamedTuple):
    """A stretch of time, from `start` until before `end`; both aware."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment lies in it."""
        return self.start <= moment < self.end

    def names(self, other: "Period") -> bool:
        """Tell whether most of another lies in it: last week may name June, this year does not."""
        common = min(self.end, other.end) - max(self.start, other.start)
        return 2 * common > other.end - other.start


def names_time(terms: str) -> bool:
    """Tell whether terms (as `words` makes them, parted by spaces) say when something is, however exactly."""
    return not _time_terms().isdisjoint(terms.split()) or _YEAR.search(terms) is not None


@cache
def _time_terms() -> frozenset[str]:
    return frozenset(words.terms(_TIMES)) - _AMBIGUOUS


def periods(text: str, now: datetime) -> tuple[Period, ...]:
    """Return the stretches of time that a text names, said at `now` (aware), in no promised order."""
    return parted(text, now)[0]


def parted(text: str, now: datetime) -> tuple[tuple[Period, ...], str]:
    """Return the stretches of time that a text names, and the text without the words that name them."""
    found: dict[Period, None] = {}
    folded = text.casefold()
    for cues, pattern, read in _READERS:
        if not any(cue in folded for cue in cues):  # ten times as quick as to try the pattern
            continue

        def taken(match: re.Match[str], read: _Reader = read) -> str:
            period = _tried(read, match, now)
            if period is None:
                return match[0]
            found[period] = None
            return " ; "  # "8 May 2023" is no "2023" besides

        text = pattern.sub(taken, text)
    return tuple(found), text


def _tried(read: "_Reader", match: re.Match[str], now: datetime) -> Period | None:
    try:
        return read(match, now)
    except (ValueError, OverflowError):  # 31 June, or ten thousand years ago
        return None


_Reader = Callable[[re.Match[str], datetime], Period | None]


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _days(start: datetime, count: int = 1) -> Period:
    return Period(start, start + timedelta(days=count))


def _month(now: datetime, year: int, month: int, count: int = 1) -> Period:
    """Return `count` months from one on; the month may lie outside 1 to 12."""
    first, last = year * 12 + month - 1, year * 12 + month - 1 + count
    start, end = (_midnight(now).replace(year=m // 12, month=m % 12 + 1, day=1) for m in (first, last))
    return Period(start, end)


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _COUNTS[word.lower()]


def _month_number(name: str) -> int:
    return _MONTH.split("|").index(name.lower()) + 1


def _numeric_date(match: re.Match[str], now: datetime) -> Period:
    year, month, day = map(int, match.groups())
    return _days(_midnight(now).replace(year=year, month=month, day=day))


def _dated(match: re.Match[str], now: datetime) -> Period:
    """Read a day of a month, with a year or the latest such day."""
    day = int(match["day"] or match["day_after"])
    month = _month_number(match["month"] or match["month_before"])
    year = match["year"] or match["year_after"]
    start = _midnight(now).replace(year=int(year) if year else now.year, month=month, day=day)
    return _days(start if year or start <= now else start.replace(year=now.year - 1))


def _in_month(match: re.Match[str], now: datetime) -> Period | None:
    """Read a month: of a year, the last one, the next one; "may" and "march" only where they cannot be verbs."""
    name, before, year = match["month"], (match["before"] or "").lower(), match["year"]
    if name.lower() in {"may", "march"} and not (name[0].isupper() and (before or year)):
        return None
    month = _month_number(name)
    if year:
        return _month(now, int(year), month)
    if before == "next":
        return _month(now, now.year + (month <= now.month), month)
    past = month > now.month or (before == "last" and month == now.month)
    return _month(now, now.year - past, month)


def _in_year(match: re.Match[str], now: datetime) -> Period:
    return _month(now, int(match[1]), 1, 12)


def _weekday(match: re.Match[str], now: datetime) -> Period:
    """Read a day of the week as the latest one before today."""
    back = (now.weekday() - _DAY.split("|").index(match["weekday"].lower())) % 7 or 7
    return _days(_midnight(now) + timedelta(days=7 - back if match["before"].lower() == "next" else -back))


def _near(match: re.Match[str], now: datetime) -> Period:
    days = {"yesterday": -1, "last night": -1, "today": 0, "this morning": 0, "tonight": 0, "tomorrow": 1}
    return _days(_midnight(now) + timedelta(days=days[" ".join(match[0].lower().split())]))


def _calendar(match: re.Match[str], now: datetime) -> Period:
    """Read last, this and next week, weekend, month, year and season."""
    step = {"last": -1, "past": -1, "this": 0, "next": 1}[match[1].lower()]
    unit, today = match[2].lower(), _midnight(now)
    monday = today - timedelta(days=now.weekday())
    match unit:
        case "week":
            return _days(monday + timedelta(weeks=step), 7)
        case "weekend":
            return _days(monday + timedelta(weeks=step, days=5), 2)
        case "month":
            return _month(now, now.year, now.month + step)
        case "year":
            return _month(now, now.year + step, 1, 12)
    month = _SEASONS[unit]
    year = now.year - (month > now.month) if step <= 0 else now.year + (month <= now.month)
    running = month <= now.month < month + 3 and step == -1
    return _month(now, year - running, month, 3)


def _ago(match: re.Match[str], now: datetime) -> Period:
    """Read "three weeks ago" as the unit of time that lies so far back."""
    count, unit, today = _number(match[1]), match[2].lower(), _midnight(now)
    match unit:
        case "day":
            return _days(today - timedelta(days=count))
        case "week":
            return _days(today - timedelta(weeks=count, days=3), 7)
        case "month":
            return _month(now, now.year, now.month - count)
    return _month(now, now.year - count, 1, 12)


def _patterns() -> Iterator[tuple[str, str, _Reader]]:
    """Return what is read and by whom, the most exact first; each with words of which it needs one."""
    months = _MONTH.replace("|", " ")
    nth = r"(?:st|nd|rd|th)?"
    year = r"(?:19|20)\d\d"
    yield "-", r"\b(\d{4})-(\d\d)-(\d\d)\b", _numeric_date
    dated = (
        rf"\b(?P<day>\d{{1,2}}){nth}(?: of)? (?P<month>{_MONTH})\b(?:,? (?P<year>{year}))?"
        rf"|\b(?P<month_before>{_MONTH}) (?P<day_after>\d{{1,2}}){nth}\b(?!:)(?:,? (?P<year_after>{year}))?"
    )
    yield months, dated, _dated
    before = "in|on|of|by|since|until|during|before|after|early|late|mid|last|next|this"
    in_month = rf"(?:\b(?P<before>{before})[ -])?\b(?P<month>{_MONTH})\b(?:,? (?:of )?(?P<year>{year}))?"
    yield months, in_month, _in_month
    yield "19 20", rf"\b({year})\b", _in_year
    yield "day", rf"\b(?P<before>last|next|this|on) (?P<weekday>{_DAY})\b", _weekday
    near = r"\b(?:yesterday|last\s+night|today|this\s+morning|tonight|tomorrow)\b"
    yield "yesterday today morning night tomorrow", near, _near
    calendar = rf"\b(last|past|this|next) (week|weekend|month|year|{'|'.join(_SEASONS)})\b"
    yield "last past this next", calendar, _calendar
    yield "ago", rf"\b(\d{{1,3}}|{_NUMBER})(?: of)? (day|week|month|year)s? ago\b", _ago


_READERS = tuple((cues.split(), re.compile(pattern, re.IGNORECASE), read) for cues, pattern, read in _patterns())
