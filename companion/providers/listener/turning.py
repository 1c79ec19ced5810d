"""Turning a sentence round: what the person says of themselves, as she says it to them.

"I was afraid my mother would see me" comes back as "you were afraid your mother would see you". What stands in
quotation marks is somebody's own and stays as it is.
"""

import re

_SIMPLE = {
    "i": "you", "i'm": "you're", "i've": "you've", "i'd": "you'd", "i'll": "you'll", "im": "you're", "ive": "you've",
    "me": "you", "my": "your", "mine": "yours", "myself": "yourself",
    "we": "you", "we're": "you're", "we've": "you've", "we'd": "you'd", "we'll": "you'll",
    "us": "you", "our": "your", "ours": "yours", "ourselves": "yourselves",
    "your": "my", "yours": "mine", "yourself": "myself", "you're": "I'm", "you've": "I've", "you'd": "I'd", "you'll": "I'll",
}  # fmt: skip
_VERBS = {"am": "are", "was": "were", "wasn't": "weren't", "ain't": "aren't", "m": "are"}
_HER_VERBS = {"are": "am", "were": "was", "weren't": "wasn't", "aren't": "am not"}
_ADVERBS = frozenset(
    "really just also still always never even often sometimes only almost probably certainly definitely absolutely honestly actually both all".split()
)
_NEGATED_QUESTION = frozenset("am was wasn't".split())
_BEFORE_OBJECT = frozenset(
    "to for with of about from by at on in like than after before behind beside near without against told tell tells tell asked ask asks see saw love loved loves hate hated hates"
    " know knew thank thanked miss missed need needed want wanted trust trusted give gave given show showed let lets make made help helped hear heard call called believe believed"
    " owe forgive forgave teach taught bore bored annoy annoyed scare scared hurt hurts meet met between and".split()
)
_ENDS = re.compile(r"[.!?,;:…)]|$")
_TOKEN = re.compile(r"[“\"][^”\"]*[”\"]|[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|\s+|.", re.DOTALL)


def turned(words: str, *, capital: bool = True) -> str:
    """Return words turned round, without the marks that end them; `capital` tells whether they open a sentence."""
    text = re.sub(r"[\s.!,;:…]+$", "", words.replace("’", "'").strip())
    tokens = _TOKEN.findall(text)
    said = "".join(_turned(tokens, index) for index in range(len(tokens)))
    first = said[:1].upper() if capital else _lowered(text, said)
    return first + said[1:]


def _lowered(text: str, said: str) -> str:
    """Return the first letter of what stands inside a sentence: names keep theirs."""
    opening = re.match(r"[\w']+", text)
    turned_away = opening is not None and opening[0].lower() in _SIMPLE
    return said[:1].lower() if turned_away and not said.startswith(("I ", "I'")) else said[:1]


def _turned(tokens: list[str], index: int) -> str:
    token = tokens[index]
    low = token.lower()
    if low == "you":
        return _me_or_i(tokens, index)
    if low in _SIMPLE:
        new = _SIMPLE[low]
        return new if token[:1].islower() or low.startswith("i") or new.startswith("I") else new[:1].upper() + new[1:]
    if low in _VERBS and (_follows(tokens, index, {"i"}) or _precedes(tokens, index, {"i"})):
        return _cased(_VERBS[low], token)
    if low in _HER_VERBS and (
        _follows(tokens, index, {"you"})
        or (_precedes(tokens, index, {"you"}) and _is_subject(tokens, _next(tokens, index)))
    ):
        return _cased(_HER_VERBS[low], token)
    return token


def _cased(new: str, old: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _me_or_i(tokens: list[str], index: int) -> str:
    return "I" if _is_subject(tokens, index) else "me"


def _is_subject(tokens: list[str], index: int) -> bool:
    """Tell whether a "you" does something: it does not end its clause, nor follow a word that takes an object."""
    if not 0 <= index < len(tokens):
        return False
    after = _next(tokens, index)
    if after >= len(tokens) or _ENDS.match(tokens[after]):
        return _word_before(tokens, index) in {
            "are",
            "were",
            "do",
            "did",
            "can",
            "will",
            "would",
            "could",
            "should",
            "have",
            "may",
        }
    return _word_before(tokens, index) not in _BEFORE_OBJECT


def _word_before(tokens: list[str], index: int) -> str:
    before = [token for token in tokens[:index] if not token.isspace()]
    return before[-1].lower() if before else ""


def _next(tokens: list[str], index: int) -> int:
    after = index + 1
    while after < len(tokens) and tokens[after].isspace():
        after += 1
    return after


def _follows(tokens: list[str], index: int, subjects: set[str]) -> bool:
    """Tell whether a verb follows one of the subjects, adverbs between them or not; "my brother and I were" does too."""
    words = [token.lower() for token in tokens[:index] if not token.isspace()]
    while words and words[-1] in _ADVERBS:
        words.pop()
    return bool(words) and words[-1] in subjects


def _precedes(tokens: list[str], index: int, subjects: set[str]) -> bool:
    after = _next(tokens, index)
    return after < len(tokens) and tokens[after].lower() in subjects
