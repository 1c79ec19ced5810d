"""Moments in words: how a day is named to a person, and how the moment is named to a model."""

from datetime import datetime

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = tuple(
    "January February March April May June July August September October November December".split()
)  # not strftime: the words must not depend on the locale


def clock_time(moment: datetime) -> str:
    """Return the time of day, as 14:05."""
    return f"{moment.hour:02}:{moment.minute:02}"


def stamp(moment: datetime) -> str:
    """Return day and time as a model is told them, as "Sunday 22 November, 14:05"."""
    return f"{DAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]}, {clock_time(moment)}"


def day(moment: datetime) -> str:
    """Return the day with its year, as "Sunday 22 November 2026"."""
    return f"{DAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def when(said_at: datetime, now: datetime) -> str:
    """Return when something was said, as a person would put it at the moment `now`; both aware.

    The day is that of the speaker who said it, in the offset of that moment.
    """
    days = (now.date() - said_at.date()).days
    if days <= 0:
        return f"today at {clock_time(said_at)}"
    if days == 1:
        return "yesterday"
    if days < len(DAYS):
        return f"on {DAYS[said_at.weekday()]}"
    date = f"on {said_at.day} {MONTHS[said_at.month - 1]}"
    return date if said_at.year == now.year else f"{date} {said_at.year}"
