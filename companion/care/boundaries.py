"""Boundaries that the person sets: what is not to be brought up, and whether a text does."""

import re
from collections.abc import Iterable

from companion.care.lexicon import lexicon
from companion.care.wording import folded

_TOPIC = (
    r"(?P<topic>[^.!?,;\n]{2,60}?)"
    r"(?: (?:again|ever again|ever|any ?more|please|mehr|wieder|nunca mas|mas|jamais|piu))*\s*(?:[.!?,;\n]|$)"
)
_ASKED = re.compile(
    r"\b(?:(?:do not|don't|dont|never|please stop|stop) (?:ever )?"
    r"(?:bring(?:ing)? up|mention(?:ing)?|talk(?:ing)? (?:to me )?about"
    r"|ask(?:ing)?(?: me)? about|remind(?:ing)? me of|speak(?:ing)? of|raise)"
    r"|(?:sprich|rede|frag|erwahne)(?: bitte)?(?: mich)?(?: nicht| nie)(?: mehr| wieder)?(?: von| uber| nach)?"
    r"|no (?:me )?(?:menciones|hables de|preguntes por|saques el tema de|recuerdes)"
    r"|ne (?:me )?(?:parle|parles|mentionne)(?: plus| pas| jamais)(?: de)?"
    r"|non (?:mi )?(?:parlare|menzionare|nominare|chiedere)(?: piu| mai)?(?: di)?) " + _TOPIC
)
_LIFTED = re.compile(
    r"\b(?:you (?:can|may) (?:talk about|mention|bring up|ask about)"
    r"|it is (?:ok|okay|fine) to (?:talk about|mention|bring up))"
    r" (?P<topic>[^.!?,;\n]{2,60}?) (?:again|now)\b"
)
_NOTED = re.compile(
    r"\b(?:asked|reminded|told|to hear|to talk|talk|talked to|speak|to be teased)"
    r" (?:about|of) (?P<topic>[^.!?,;\n]{2,60}?)\s*(?:[.!?,;\n]|$)"
)
_LIGHT = frozenset(
    """
    a an the my your his her our their about of to with in on at and or that this what it him them me i you is was had
    with from how who when thing things stuff topic mein meine meinen meiner das die der den dem mi mis el la los las
    tu mon ma mes le les il lo mio mia i gli un una une uno ein eine
    """.split()
)
_VAGUE = frozenset("that this it him her them yourself me something anything nothing work life".split())
_SAME = {"father": "dad", "mother": "mom", "papa": "dad", "mama": "mom", "mum": "mom", "mummy": "mom", "daddy": "dad"}


def asked(words: str) -> str | None:
    """Return what the person asks not to be brought up ("my father"), if they do."""
    match = _ASKED.search(folded(words))
    topic = " ".join(match["topic"].split()) if match else ""
    return topic if _content(topic) - _VAGUE else None


def lifted(words: str) -> str | None:
    """Return what the person says may be brought up again."""
    match = _LIFTED.search(folded(words))
    return " ".join(match["topic"].split()) if match else None


def noted(text: str) -> str | None:
    """Return what a memory of kind `boundary` says is to be left alone ("You do not want to be asked about …")."""
    match = _NOTED.search(folded(text))
    topic = " ".join(match["topic"].split()) if match else asked(text) or ""
    return topic if _content(topic) - _VAGUE else None


def touched(boundaries: Iterable[str], text: str) -> str | None:
    """Return the first boundary that a text touches: all the words that carry it stand there, in any form."""
    words = _content(text)
    return next((topic for topic in boundaries if (named := _content(topic)) and named <= words), None)


def _content(text: str) -> set[str]:
    words = (re.sub(r"'?s$", "", word) for word in re.findall(r"[^\W_]+(?:'[^\W_]+)?", folded(text)))
    meant = (lexicon().rewrites.get(word, (word,))[0] for word in words)
    return {_SAME.get(word, word) for word in meant if word not in _LIGHT}
