"""Openly software: one fixed line at the start of every sitting and at least every two hours, in no persona's hands.

New York's General Business Law §1702 and California's SB 243 ask for it every three hours, Washington's HB 2225 every
hour for minors; we would say it anyway.
"""

from datetime import datetime, timedelta

EVERY = timedelta(hours=2)
EVERY_FOR_MINORS = timedelta(hours=1)

SITTING_ENDS_AFTER = timedelta(minutes=30)
"""Silence after which a new sitting begins."""


def disclosure(name: str, *, kept: bool = True) -> str:
    """Return the line for a persona of this name; `kept` tells whether anything of the talk is written down."""
    memory = (
        "What you say is remembered in one file, and that file is yours."
        if kept
        else "This is off the record: nothing of it is kept."
    )
    return f"{name} is software, not a human being. {memory}"


def reminder(name: str) -> str:
    """Return the line for a talk that goes on and on."""
    return f"Still true after all this time: {name} is software, not a human being. A break is never a bad idea."


def due(disclosed: datetime | None, heard: datetime | None, now: datetime, every: timedelta = EVERY) -> bool:
    """Tell whether the line is to be said again.

    Args:
        disclosed: when it was last said.
        heard: when the person last spoke.
        now: the present moment; a clock that was set back is no reason to say it later.
        every: how long a continuing talk may go on without it.
    """
    if disclosed is None or now < disclosed or (heard is not None and now < heard):
        return True
    return now - disclosed >= every
