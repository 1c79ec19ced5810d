"""Openly software: one fixed line at the start of every sitting, in no persona's hands.

New York's General Business Law §1702 and California's SB 243 ask for it; we would say it anyway.
"""


def disclosure(name: str, *, kept: bool = True) -> str:
    """Return the line for a persona of this name; `kept` tells whether anything of the talk is written down."""
    memory = (
        "What you say is remembered in one file, and that file is yours."
        if kept
        else "This is off the record: nothing of it is kept."
    )
    return f"{name} is software, not a human being. {memory}"
