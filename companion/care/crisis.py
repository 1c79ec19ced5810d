"""When somebody says that they want to die: help is named first, whatever the model does, and she stays.

This is the floor: plain first-person statements in English, with guards against figures of speech. It looks at the
words alone, needs no model and no network, and nothing in a persona can switch it off.
"""

import re

HELP = (
    "You do not have to carry this alone. If you might act on it, call your emergency number now (112, 911, 999)."
    " Somebody to talk to, day and night: 988 in the US and Canada, 116 123 in the UK, Ireland and much of Europe;"
    " findahelpline.com knows the others. And tell someone you trust."
)
"""988 is the lifeline of the US and Canada, 116 123 the emotional-support number that the EU has harmonised, 112 its
emergency number; from secondary sources, November 2026. Lines by country, with source and date, come with care."""

_INTENT = r"\bi( am|'m|m)? ?(just |really |only )?(want|wanna|going|gonna|plan|planning|need|thinking|thought|think)"
_EXPLICIT = re.compile(
    rf"{_INTENT}( to| of| about)? (kill(ing)? myself|end(ing)? (my life|it all)|hurt(ing)? myself|commit(ting)? suicide"
    r"|die(?! (of|from|laughing|for)\b)|be dead|not (be|exist) (here )?any ?more)"
    r"|\b(i('m| am| feel|'ve been)|im) (so |really )?suicidal\b"
    r"|\bi (don't|dont|do not) want to (live|be alive|wake up)( any ?more|$|[.!,;])"
    r"|\bi( wish i was| wish i were|'d be better off| would be better off) dead\b"
    r"|\b(kill|hurt|killing|hurting) myself\b"
    r"|\bthinking (of|about) suicide\b|\b(my|a) suicide (plan|note)\b",
)


def in_danger(words: str) -> bool:
    """Tell whether the words say plainly that the person wants to die or to hurt themselves."""
    return _EXPLICIT.search(" ".join(words.lower().replace("’", "'").split())) is not None
