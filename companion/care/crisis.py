"""When somebody says that they want to die: help is named first, whatever the model does, and she stays."""

from companion.care.signs import in_danger

__all__ = ["HELP", "in_danger"]

HELP = (
    "You do not have to carry this alone. If you might act on it, call your emergency number now (112, 911, 999)."
    " Somebody to talk to, day and night: 988 in the US and Canada, 116 123 in the UK, Ireland and much of Europe;"
    " findahelpline.com knows the others. And tell someone you trust."
)
"""988 is the lifeline of the US and Canada, 116 123 the emotional-support number that the EU has harmonised, 112 its
emergency number; from secondary sources, November 2026. Lines by country, with source and date, come with care."""
