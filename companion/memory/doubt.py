"""Telling what is plainly said from what is asked, supposed, joked, denied or somebody else's. English."""

import re

JOKED = re.compile(
    r"\b(?:lol|lmao|rofl|haha+|hehe+|jk|kidding|joking|just a joke|yeah right|as if|sarcasm|irony|ironically|supposedly"
    r"|allegedly|pretend(?:ing)?|imagine|imagining|role-?play|lyrics?|quote|the song|dreamt|dreamed that"
    r"|in (?:a|my|the) (?:dream|story|novel|game|song|film|movie|book))\b|/s\b|[😂🤣🙄😜😏🙃]",
    re.IGNORECASE,
)
_MAY_THE_MONTH = "".join(rf"(?<!{before} may)" for before in ("in", "last", "since", "next", "this", "until", r"\d"))
SUPPOSED = re.compile(
    rf"\b(?:if|unless|whether|would(?!n't)|wouldn't|could|should|might|may(?! \d){_MAY_THE_MONTH}|maybe|perhaps"
    r"|possibly|probably|i guess|i think|i suppose|wish|almost|nearly|used to|supposed to|hypothetically|let's say"
    r"|say i|as though|like i'm|one day|someday)\b",
    re.IGNORECASE,
)
REPORTED = re.compile(
    r"\b(?:says?|said|tells?|told|thinks?|claims?|claimed|asks|asked|wrote|writes|texted|reckons|believes?"
    r"|calls? me an?|according to|sings?|sang|quotes?|goes like)\b|:\s*$",
    re.IGNORECASE,
)
DENIED = re.compile(
    r"n't\b|\b(?:not|never|no longer|nobody|nothing|neither|nor|hardly|without|cannot|anymore|no)\b", re.IGNORECASE
)
_ORDERS = re.compile(
    r"\b(?:you (?:must|should|shall|have to|need to|are now)|your (?:instructions?|rules?|prompt)|ignore"
    r"|system prompt|always (?:answer|reply|respond|say)|from now on|act as|never (?:refuse|say|answer))\b",
    re.IGNORECASE,
)


def is_plain(sentence: str, text: str) -> bool:
    """Tell whether a sentence plainly says what a text makes of it: meant, sure, one's own, and denied or not alike."""
    sentence = sentence.replace("’", "'")
    if any(pattern.search(sentence) for pattern in (JOKED, SUPPOSED, REPORTED)):
        return False
    return bool(DENIED.search(sentence)) == bool(DENIED.search(text.replace("’", "'")))


def orders_her(text: str) -> bool:
    """Tell whether the person's words give her orders: that is never something to keep of them."""
    return _ORDERS.search(text) is not None


def sentence_around(text: str, start: int, end: int) -> str:
    """Return the sentence, or sentences, of a text that a span lies in."""
    before = max((match.end() for match in re.finditer(r"[.!?\n]+\s+|\n", text[:start])), default=0)
    after = re.search(r"[.!?]+(?=\s|$)|\n", text[end:])
    return text[before : end + after.end() if after else len(text)]
