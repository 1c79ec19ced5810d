"""Fading: how near a memory is to the mind now. Computed when asked, never stored; it reorders, it loses nothing.

Forgetting follows a power law of time (Wixted & Ebbesen 1991, "On the Form of Forgetting", Psychological Science 2(6)).
We use the form that FSRS-4.5 fitted to spaced repetition (Ye et al., open-spaced-repetition, 2023):

    R(t, S) = (1 + 19/81 · t/S) ^ -0.5

`t` is the time since it last came to mind or was said, `S` its stability: the time after which R is 0.9. Each further
day on which it is said or recalled doubles S: what returns after a while lasts longer (the spacing effect; Cepeda et
al. 2006), what is repeated within a day does not.
"""

from datetime import datetime, timedelta

from companion.memory.memory import Memory

FACTOR, DECAY = 19 / 81, -0.5
STABILITY = timedelta(days=30)
"""Of something that was said once. A choice of ours, not of the literature: a month later it is still near."""

DOUBLED_AT_MOST = 12
"""Thirty days doubled twelve times are three hundred years."""


def strength(memory: Memory, now: datetime) -> float:
    """Return how near a memory is at a moment, between 0 and 1; pinned and core ones do not fade.

    A clock that was set back does not make it fade: what lies ahead counts as now.
    """
    if memory.pinned or memory.is_core:
        return 1.0
    last = max([memory.said_at, *([memory.recalled_at] if memory.recalled_at else [])])
    days = len({evidence.said_at.date() for evidence in memory.evidence})
    stability = STABILITY * 2 ** min(memory.recalled + days - 1, DOUBLED_AT_MOST)
    faded: float = (1 + FACTOR * (max(now - last, timedelta()) / stability)) ** DECAY
    return faded
