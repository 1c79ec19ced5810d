"""The notation of the hearing rules: patterns of words, compiled once.

`(a|b)` one of, `[a]` or nothing, `<name>` a class, `…` any words, `*` one word. A pattern must fit a whole line, folded
to words; a final question mark counts as a word, and lines may have it where the pattern has none.
"""

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"<\w+>|[()\[\]|]|…|\*|\?|[^\s()\[\]|…*?<>]+")
_MARKS = re.compile(r"[^\w\s'’?-]|_")


def folded(line: str) -> str:
    """Return a line as the rules read it: lower case, words parted by one space, a question mark only at the end."""
    text = line.casefold().replace("’", "'")
    asks = text.rstrip(" \"'”)!.").endswith("?")
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", _MARKS.sub(" ", text.replace("?", " ")))
    return " ".join([*words, "?"] if asks else words)


def compiled(pattern: str, classes: Mapping[str, str]) -> re.Pattern[str]:
    """Return a pattern of the notation as one that Python matches."""
    for name, words in classes.items():
        pattern = pattern.replace(f"<{name}>", words)
    body = "".join(map(_piece, _TOKEN.findall(pattern)))
    return re.compile(rf"\s*{body}(?:\?\s*)?")


def _piece(token: str) -> str:
    """Return one token as a piece of a regular expression; a word is taken whole or not at all, or matching would explode."""
    fixed = {
        "(": "(?:",
        ")": ")",
        "[": "(?:",
        "]": ")?",
        "|": "|",
        "…": r"(?:(?>[^\s?]+\s*))*?",
        "*": r"(?>[^\s?]+\s*)",
        "?": r"\?\s*",
    }
    return fixed.get(token) or rf"{re.escape(token.replace('’', chr(39)))}(?![\w'-])\s*"
