"""Words as memory knows them: folded, stemmed, and told apart from the words that carry a question.

The same function reads what is stored and what is asked, so "Where does my sister live?" meets "Anna lives in Oslo".
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")

COMMON = frozenset(
    """
    a about after again all also always am an and any are as ask at be because been before being but by can cannot cant
    come could d did didnt do does doesnt doing done dont down each else ever every few for from get give go going gone
    got had has hasnt have havent having he her here hers him his how i id if im in into is isnt it its ive just
    know last let like ll long m made make many may maybe me mean might mine more most much must my myself never no nor
    not now of off often oh ok okay on once one only or other our out over own please put quite re really recall
    remember said same say shall she should so some something still such sure take talk tell than that thats the their
    them then there these they thing think this those though thought time to today told too under until up us use used
    very was wasnt way we well went were what whats when where which while who whom whose why will with wont would yes
    yet you your youre yours
    """.split()
)
"""English words that carry no content in a question to memory (closed-class words and verbs of asking)."""

LIGHT = frozenset(
    """
    call name old age job work live born birthday favourite favorite day week month year kind happen colour color number
    place person type sort
    """.split()
)
"""Words that ask for a property. "What is my sister's name?" is about a sister first, so these weigh less."""


_IRREGULAR = """
    be: am is are was were been, bear: bore born, beat: beaten, become: became, begin: began begun, bend: bent,
    bite: bit bitten, bleed: bled, blow: blew blown, break: broke broken, bring: brought, build: built, burn: burnt,
    buy: bought, catch: caught, choose: chose chosen, come: came, creep: crept, deal: dealt, dig: dug, do: did done,
    draw: drew drawn, dream: dreamt, drink: drank drunk, drive: drove driven, eat: ate eaten, fall: fell fallen,
    feed: fed, feel: felt, fight: fought, find: found, fly: flew flown, forget: forgot forgotten, forgive: forgave
    forgiven, freeze: froze frozen, get: got gotten, give: gave given, go: went gone, grow: grew grown, hang: hung,
    have: has had, hear: heard, hide: hid hidden, hold: held, keep: kept, kneel: knelt, know: knew known, lay: laid,
    lead: led, leap: leapt, learn: learnt, leave: left, lend: lent, lie: lain, light: lit, lose: lost, make: made,
    mean: meant, meet: met, pay: paid, ride: rode ridden, ring: rang rung, rise: rose risen, run: ran, say: said,
    see: saw seen, seek: sought, sell: sold, send: sent, sew: sewn, shake: shook shaken, shine: shone, shoot: shot,
    show: shown, shrink: shrank shrunk, sing: sang sung, sink: sank sunk, sit: sat, sleep: slept, slide: slid,
    smell: smelt, speak: spoke spoken, spell: spelt, spend: spent, spill: spilt, spin: spun, spoil: spoilt, stand:
    stood, steal: stole stolen, stick: stuck, sting: stung, strike: struck, swear: swore sworn, sweep: swept, swim:
    swam swum, swing: swung, take: took taken, teach: taught, tear: tore torn, tell: told, think: thought, throw:
    threw thrown, understand: understood, wake: woke woken, wear: wore worn, weave: wove woven, weep: wept, win:
    won, write: wrote written, child: children, foot: feet, goose: geese, loaf: loaves, man: men, mouse: mice,
    shelf: shelves, thief: thieves, tooth: teeth, wife: wives, wolf: wolves, woman: women
"""
"""English forms that no stemmer reaches, each after its base."""

VERSION = 3
"""What `terms` returns is kept in indexes; whoever changes it counts on, and they are made anew."""


def terms(text: str) -> list[str]:
    """Return the words of a text in order, folded and stemmed; unspaced scripts give overlapping pairs."""
    return [term for word in _WORD.findall(_folded(text)) for term in _terms_of(word)]


def asked(text: str) -> list[str]:
    """Return the distinct terms of a question that carry its content."""
    content = [term for term in terms(text) if term not in _common_terms()]
    return list(dict.fromkeys(content))


def weight(term: str) -> float:
    """Return how much of a question a term carries, between 0 and 1."""
    return 0.4 if term in _light_terms() else 1.0


def content(spoken: str) -> int:
    """Return how many different terms with content are among these, parted by spaces."""
    return len(set(spoken.split()) - _common_terms())


def _folded(text: str) -> str:
    """Return a text without case and without accents."""
    text = text.casefold()
    if text.isascii():
        return text
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare)


@lru_cache(maxsize=50_000)
def _terms_of(word: str) -> tuple[str, ...]:
    """Return the terms of one folded word; a word is met again and again, so they are remembered."""
    if _UNSPACED.search(word):
        return tuple(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    bare = re.sub(r"['’]", "", re.sub(r"['’](s|ll|d|ve|re|m)$", "", word))
    return (_stem(_base_forms().get(bare, bare)),)


def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


@cache
def _base_forms() -> dict[str, str]:
    entries = (entry.split(":") for entry in _IRREGULAR.split(","))
    return {form: base.strip() for base, forms in entries for form in forms.split()}


@cache
def _stemmer() -> Any:
    from snowballstemmer import stemmer  # noqa: PLC0415 - loads its tables, not needed to draw the first prompt

    return stemmer("english")


@cache
def _common_terms() -> frozenset[str]:
    return COMMON | frozenset(term for word in COMMON for term in _terms_of(word))


@cache
def _light_terms() -> frozenset[str]:
    return frozenset(map(_stem, LIGHT))
