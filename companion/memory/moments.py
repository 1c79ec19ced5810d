"""Moments as people name them ("last May", "on Tuesday", "in two weeks"), resolved against the moment of speaking.

English only; what is not recognised is no moment. Which Tuesday or which May depends on whether one speaks of what
was or of what will be, so the reader is told.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.memory.dates import DAYS, MONTHS, day

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
_MONTH = "|".join(MONTHS) + "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
_DAY = "|".join(DAYS)
_COUNT = rf"\d{{1,3}}|an?|{'|'.join(_NUMBERS)}|a couple of|a few"
_UNIT = "day|week|month|year"


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of time that was named.

    Attributes:
        start: when it begins, aware.
        end: when it is over.
        span: where in the text it was named.
        named: its name that will be understood later as well, such as "on Friday 27 November 2026".
    """

    start: datetime
    end: datetime
    span: tuple[int, int]
    named: str


_Reader = Callable[[re.Match[str], datetime, bool], tuple[datetime, datetime, str] | None]


def moment(text: str, said_at: datetime, *, ahead: bool = False) -> Moment | None:
    """Return the first moment that a text names; `ahead` tells whether it speaks of what is to come.

    All moments are whole days in the speaker's offset.
    """
    today = said_at.replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[Moment] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            try:
                meant = read(match, today, ahead)
            except (ValueError, OverflowError):  # the 31st of June, or the year 0
                continue
            if meant:
                start, end, named = meant
                found.append(Moment(start, end, match.span(), named))
    return min(found, key=lambda m: (m.span[0], -m.span[1]), default=None)


def _days_off(match: re.Match[str], today: datetime, ahead: bool) -> tuple[datetime, datetime, str]:  # noqa: ARG001, FBT001 - a reader
    word = match.group(1).lower()
    off = {"yesterday": -1, "last night": -1, "tomorrow": 1, "the day after tomorrow": 2}.get(word, 0)
    return _whole_day(today + timedelta(days=off))


def _weekday(match: re.Match[str], today: datetime, ahead: bool) -> tuple[datetime, datetime, str]:  # noqa: FBT001 - a reader
    which = (match.group("which") or "").lower()
    ahead = ahead if which in {"", "on", "this"} else which != "last"
    wanted = [name.lower() for name in DAYS].index(match.group("day").lower())
    off = (wanted - today.weekday()) % 7 or 7
    return _whole_day(today + timedelta(days=off if ahead else (off - 7 or -7)))


def _counted(match: re.Match[str], today: datetime, ahead: bool) -> tuple[datetime, datetime, str]:  # noqa: ARG001, FBT001 - a reader
    count, unit = _number(match.group("count")), match.group("unit").lower()
    sign = -1 if match.group(0).lower().endswith("ago") else 1
    return _period(_moved(today, sign * count, unit), unit if unit in {"month", "year"} else "day")


def _neighbour(match: re.Match[str], today: datetime, ahead: bool) -> tuple[datetime, datetime, str]:  # noqa: ARG001, FBT001 - a reader
    sign = {"last": -1, "this": 0, "next": 1}[match.group("which").lower()]
    unit = match.group("unit").lower()
    return _period(_moved(today, sign, unit), unit)


def _month(match: re.Match[str], today: datetime, ahead: bool) -> tuple[datetime, datetime, str]:  # noqa: FBT001 - a reader
    month, which = _month_number(match.group("month")), (match.group("which") or "").lower()
    year = int(match.group("year")) if match.group("year") else _year_of(month, today, which, ahead=ahead)
    return _period(today.replace(year=year, month=month, day=1), "month")


def _date(match: re.Match[str], today: datetime, ahead: bool) -> tuple[datetime, datetime, str]:  # noqa: FBT001 - a reader
    month, date = _month_number(match.group("month")), int(match.group("date"))
    year = int(match.group("year")) if match.group("year") else today.year
    start = today.replace(year=year, month=month, day=date)
    if not match.group("year"):
        if ahead and start < today:
            start = start.replace(year=year + 1)
        elif not ahead and start > today:
            start = start.replace(year=year - 1)
    return _whole_day(start)


def _year(match: re.Match[str], today: datetime, ahead: bool) -> tuple[datetime, datetime, str]:  # noqa: ARG001, FBT001 - a reader
    return _period(today.replace(year=int(match.group("year")), month=1, day=1), "year")


_WHOLE_YEAR = r"(?:19|20)\d\d"
_NEAR = "today|tonight|this (?:morning|afternoon|evening)|yesterday|last night|the day after tomorrow|tomorrow"
_NTH = r"(?P<date>\d{1,2})(?:st|nd|rd|th)?"
_IN_YEAR = rf"(?:,?\s+(?P<year>{_WHOLE_YEAR}))?"
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(rf"\b{pattern}\b", re.IGNORECASE), read)
    for pattern, read in (
        (rf"({_NEAR})", _days_off),
        (rf"(?P<which>on|this|next|last)\s+(?P<day>{_DAY})", _weekday),
        (rf"in\s+(?P<count>{_COUNT})\s+(?P<unit>{_UNIT})s?", _counted),
        (rf"(?P<count>{_COUNT})\s+(?P<unit>{_UNIT})s?\s+ago", _counted),
        (r"(?P<which>last|this|next)\s+(?P<unit>week|month|year)", _neighbour),
        (rf"(?:on\s+)?(?:the\s+)?{_NTH}(?:\s+of)?\s+(?P<month>{_MONTH}){_IN_YEAR}", _date),
        (rf"(?:on\s+)?(?P<month>{_MONTH})\s+(?:the\s+)?{_NTH}{_IN_YEAR}(?!\d)", _date),
        (rf"(?P<which>in|since|last|next|this|until)\s+(?P<month>{_MONTH})(?:\s+(?P<year>{_WHOLE_YEAR}))?", _month),
        (rf"(?:in|since|until)\s+(?P<year>{_WHOLE_YEAR})", _year),
    )
)


def _number(word: str) -> int:
    word = word.lower()
    if word.isdecimal():
        return int(word)
    return {"a": 1, "an": 1, "a couple of": 2, "a few": 3}.get(word) or _NUMBERS.index(word) + 1


def _month_number(name: str) -> int:
    return next(i for i, month in enumerate(MONTHS, 1) if month.lower().startswith(name.lower()[:3]))


def _year_of(month: int, today: datetime, which: str, *, ahead: bool) -> int:
    """Return the year of a month without one: the nearest in the direction that is spoken of."""
    if which == "next" or (ahead and which not in {"last", "since"}):
        return today.year + (month < today.month or (which == "next" and month == today.month))
    return today.year - (month > today.month or (which == "last" and month == today.month))


def _moved(today: datetime, count: int, unit: str) -> datetime:
    if unit in {"day", "week"}:
        return today + timedelta(days=count * (7 if unit == "week" else 1))
    months = today.year * 12 + today.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return today.replace(year=year, month=month + 1, day=1)


def _whole_day(start: datetime) -> tuple[datetime, datetime, str]:
    return start, start + timedelta(days=1), f"on {day(start)}"


def _period(start: datetime, unit: str) -> tuple[datetime, datetime, str]:
    """Return the day, week, month or year that a day lies in."""
    match unit:
        case "day":
            return _whole_day(start)
        case "week":
            monday = start - timedelta(days=start.weekday())
            return monday, monday + timedelta(days=7), f"in the week of {day(monday)}"
        case "month":
            first = start.replace(day=1)
            return first, _moved(first, 1, "month"), f"in {MONTHS[first.month - 1]} {first.year}"
        case _:
            first = start.replace(month=1, day=1)
            return first, first.replace(year=first.year + 1), f"in {first.year}"
