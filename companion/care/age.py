"""Whether the person is grown up: asked once, before the talk becomes romantic or sexual, and answered by them."""

import re

from companion.care.frames import find
from companion.care.wording import folded, sentences

ADULT_FROM = 18

_PARTNER = re.compile(
    r"\b(partners?|lovers?|girlfriend|boyfriend|wife|husband|spouse|married|romantic\w*|romance|in love|couple"
    r"|fiance\w*|dating|freundin|geliebte\w*|ehe\w*|novia|novio|amante\w*|petite amie|petit ami|fidanzat\w*)\b"
)
_TO_HER = re.compile(r"\b(you|your|us|we|me|dich|dir|du|toi|te|tu|ti|tuo|tua)\b")
_OATHS = re.compile(r"\b(fuck\w*|lust)\b")
_YES = re.compile(
    r"^\W*(yes|yeah|yep|yup|sure|of course|i am|i'm (an adult|over|grown|of age|18)|certainly|ja|klar|jawohl|oui"
    r"|bien sur|si|claro|certo|adult|over 18|18\+)(?!\w)(?!.*\b(not|no|nicht|pas|only|erst|solo)\b)"
)
_NO = re.compile(
    r"^\W*(no|nope|nah|not yet|nein|noch nicht|non|pas encore|todavia no|aun no|non ancora|i'm not|i am not)"
    r"(\W+(i'm|i am|i) ?(not|under|younger)?( 18| yet)?)?(\W+(next|in a|soon|not yet|sorry)\b.{0,20})?\W*$"
)
"""No more than the answer: what locks for good must be meant."""

_YEARS = re.compile(
    r"\b(?:i am|i'm|im|aged?|bin|j'ai|tengo|ho)\s+(?:only |just |erst |solo )?(\d{1,3})\b"
    r"|^\W*(\d{1,3})\W*$"
)


def is_partner(relationship: str) -> bool:
    """Tell whether what two are to each other is romantic, by its words."""
    return _PARTNER.search(folded(relationship)) is not None


def turns_tender(words: str, *, partner: bool) -> bool:
    """Tell whether words turn a talk sexual, or with a partner romantic."""
    said = sentences(folded(_OATHS.sub(" ", words)), whole=True)
    kinds = {finding.kind for finding in find(said, "reply")}
    to_her = _TO_HER.search(folded(words)) is not None
    return to_her and ("sexual" in kinds or (partner and "romance" in kinds))


def answer(words: str) -> bool | None:
    """Return what the person answers to whether they are 18 or over; None if they do not."""
    text = folded(words)
    years = _YEARS.search(text)
    if years:
        return int(years[1] or years[2]) >= ADULT_FROM
    if _NO.search(text):
        return False
    return True if _YES.search(text) else None
