"""Openly software: one fixed line at the start of every sitting, in no persona's hands.

New York's General Business Law §1702 and California's SB 243 ask for it; we would say it anyway.
"""


def disclosure(name: str) -> str:
    """Return the line for a persona of this name."""
    return f"{name} is software, not a human being. What you say is remembered in one file, and that file is yours."
