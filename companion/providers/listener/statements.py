"""What a person has stated, clause by clause: of whom, in which words, denied or not, over or not.

Plain values read off the words; what is a question, a quotation or addressed to her states nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from companion.conversation import Speaker, Utterance
from companion.providers.listener.lexicon import key, lexicon

ME = "me"

LONGEST_READ = 2_000
"""Characters of one utterance that are read for statements; what is longer was hardly typed."""

_ALL_BEINGS = """
    sister brother sibling mother mum mom mam mama father dad papa parent wife husband partner fiancé fiancée fiance fiancee girlfriend
    boyfriend son daughter kid child children baby toddler twin friend mate pal boss manager supervisor colleague coworker co-worker neighbour
    neighbor flatmate roommate housemate teacher tutor therapist dentist doctor gp coach landlord landlady grandmother grandfather grandma
    grandpa granddad grandad grandson granddaughter grandparent granny nan nana gran aunt auntie uncle cousin niece nephew ex stepmother
    stepfather stepsister stepbrother godmother godfather godson goddaughter mother-in-law father-in-law sister-in-law brother-in-law in-law
    family team band dog cat horse rabbit parrot hamster puppy kitten tortoise turtle budgie canary snake pony goldfish gecko ferret hen chicken
    lizard rat goat donkey pig
""".split()
BEINGS = frozenset(map(key, _ALL_BEINGS))
"""Whom a statement can speak of, as keys: people by what they are to one, and animals."""

_BEING = "(?:" + "|".join(sorted(map(re.escape, _ALL_BEINGS), key=len, reverse=True)) + ")(?:s|es)?(?![\\w-])"
_QUALITY = (
    r"(?:(?:old(?:er|est)?|young(?:er|est)?|little|big|elder|eldest|twin|best|late|ex|new|dear|poor|lovely|own|first|two|three|four|upstairs|downstairs"
    r"|former|current|half|step|great)[- ]?)*"
)
NAME = r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Professor|St)\.? )?[A-ZÀ-ÖØ-ÞŁŚŠŽČĆİ](?:[\w’-]|'(?!s\b|m\b|re\b|ve\b|d\b|ll\b))*[^\W\d_](?!['’](?:m|ve|d|ll)\b)"
_OWNED = rf"(?:(?:[Mm]y|[Oo]ur) {_QUALITY}(?P<being>{_BEING}))"

SENTENCES = re.compile(r"(?:[^.!?\n]|\.(?=\w)|(?<=\b(?:Mr|Ms|Dr|St))\.|(?<=\bMrs)\.)+[.!?…]*")
_JOINTS = re.compile(
    rf"(?:,|;| -| –|—)?\s+(?:and|but|so|because|while|though|although|since|as|whereas|when|who|which)\s+(?=(?:(?:I|i|my|My|we|our|she|he|they|it|her|his|the)\b|{NAME}(?:[’']s)? [a-z])(?![’']?s? ?(?:and|or)\b))"
    rf"|[,;:]\s+(?=(?:I|my|we|our|she|he|they|her|his|it)(?:[’'](?:m|s|re|ve|d|ll))?\b)|,\s+(?:who|which)\s+|\s+[-–—]\s+"
)
_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]|(?<!\w)['‘][^'’]{3,}['’](?!\w)")
_DENIED = re.compile(
    r"(?:n['’]t|\b(?:(?<!or )not|never|no longer|nobody|none|neither|nor|cannot|no more|any ?more|dont|doesnt|didnt|isnt|wasnt))\b(?! (?:only|just|sure))",
    re.IGNORECASE,
)
_LIKING_DENIED = re.compile(
    r"\b(?:don['’]?t|doesn['’]?t|do not|does not|never|didn['’]?t|not)\b[\w ]{0,12}\b(?:like|love|enjoy|fond|keen|fan)\b|\bcan(?:['’]?t|not) (?:stand|bear|abide|stomach|eat)\b",
    re.IGNORECASE,
)
_BEREFT = re.compile(rf"\b(?:lost|losing) (?:my|our) {_QUALITY}{_BEING}\b(?!'s)", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:used to|was|were|had|lived|worked|once|formerly|back then|in those days|when i was|until (?:last|recently|20)|no longer|any ?more)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:will|going to|[’']ll|(?:am|are|[’']m|[’']re|is|[’']s) (?:moving|leaving|starting|planning|about to)|plan to|want to|hope to)\b",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\b(?:if|wish i|imagine|in (?:a|my|the) (?:dream|novel|story|film|game)|dreamt|dreamed (?:that|i)|pretend|as if|just kidding|joking)\b",
    re.IGNORECASE,
)
_TO_HER = re.compile(
    r"^(?:do|did|can|could|would|will|are|have|please|tell|remember that i asked)\b.*\byou\b", re.IGNORECASE
)
_NOT_THIS_BUT = re.compile(
    r"^(?:oh,? |sorry,? )?no,? not [^,.]{1,30}(?:,|,? but) (?P<right>[^,.!?]{1,40})[.!]*$", re.IGNORECASE
)
CORRECTION = re.compile(
    r"^(?:(?:oh|sorry|ah|wait|hm+|well)[,.!]* )*(?:no+|nope|not quite|wrong|actually|correction|i meant?|i mean|sorry)\b[,.:!–-]* *"
    r"(?:(?:it['’]?s|it is|it was|that['’]?s|he['’]?s|she['’]?s|they['’]?re|i meant?|i mean|i said|make that|actually)\s+)*(?:actually )?(?:(?:in|at|to|on|called) )?(?P<right>[^,.!?]{1,40}?)"
    r"(?:,? (?:not|rather than|instead of) [^.!?]{1,40})?(?: (?:now|actually|these days|sorry))*\s*[.!]*$",
    re.IGNORECASE,
)
_NO_CORRECTION = re.compile(
    r"^(?:i|we|you|my|nothing|thanks|thank|really|it|that|this|not|don't|way|idea|problem|worries|more|one|of course|never|matter|sure|kidding|good|bad|please|he|she|they|yes|no)\b",
    re.IGNORECASE,
)

_ALIAS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_OWNED}(?:[’']s name is|[’']s name[’']s|,? (?:is |are |was |were )?(?:called|named|goes by)|[’']s called|[’']s named|,? whose name is) (?P<name>{NAME}(?:(?:,? and |, ){NAME})*)",
        rf"(?:[Mm]y|[Oo]ur) {_QUALITY}(?P<being>twins|children|kids|sons|daughters|brothers|sisters|cats|dogs|parents|friends)(?:,| are|:)? (?P<name>{NAME}(?:(?:,? and |, ){NAME})+)",
        rf"(?:two|three|four|five|\d) (?P<being>twins|children|kids|sons|daughters|brothers|sisters|cats|dogs|friends)(?:,|:)? (?P<name>{NAME}(?:(?:,? and |, ){NAME})+)",
        rf"{_OWNED}(?:,| is| was|[’']s|:)? (?P<name>{NAME})(?=[\s,.!?;:’']|$)",
        rf"(?P<name>{NAME})(?:,| is| was|[’']s) (?:[Mm]y|[Oo]ur) {_QUALITY}(?P<being>{_BEING})\b",
        rf"\b(?:an?|one|two|three|four|my|our|the|another) (?:[\w-]+ ){{0,3}}?(?P<being>{_BEING}),? (?:called|named|whose name is|by the name of) (?P<name>{NAME}(?:(?:,? and |, ){NAME})*)",
        rf"\b(?:named|call|called|christened) (?:my|our|the) {_QUALITY}(?P<being>{_BEING}) (?P<name>{NAME})",
        rf"\b(?:with|to|and|by|from|of) (?P<name>{NAME}), (?:my|our) {_QUALITY}(?P<being>{_BEING})\b",
    )
)
_CAPITAL = re.compile(r"(?<!^)(?<!['’])\b[A-ZÀ-Þ](?!['’ ])")
_PRONOUN_NAMED = re.compile(
    rf"\b(?:[Ss]he|[Hh]e|[Tt]hey|[Ii]t|[Ww]e)(?:[’']s| is| are|[’']re)? (?:called|named) (?P<name>(?:The )?{NAME}(?:(?:,? and |, | ){NAME})*)|\b(?:[Hh]er|[Hh]is|[Tt]heir|[Ii]ts) names? (?:is|are) (?P<name2>{NAME}(?:(?:,? and |, ){NAME})*)|\bI (?:call|named|called|christened) (?:him|her|it|them) (?P<name3>{NAME})"
)
_MY_NAME = re.compile(
    rf"\b(?:[Mm]y (?:full |real |first )?name(?:[’']s| is)|[Cc]all me|I[’']m called|I am called|[Ee]veryone calls me|I go by|[Pp]eople call me)(?: just)? (?P<name>{NAME}(?: {NAME})?)"
)
_SUBJECT = re.compile(
    rf"^\W*(?:(?:and|but|so|well|oh|yes|no|also|actually|by the way|then|today|yesterday|tomorrow|tonight|still|even|because|apparently|luckily|sadly|anyway|hey|hi|hello|ok|okay)\b[,.!]* *)*"
    rf"(?:(?P<me>(?:I|i|we|We)\b)|(?P<they>(?:[Ss]he|[Hh]e|[Tt]hey|[Ii]t|[Hh]er|[Hh]is|[Tt]heir|[Ii]ts)\b)|{_OWNED}(?P<of>[’']s)?|(?P<mine>(?:[Mm]y|[Oo]ur) \w+)|(?P<named>{NAME})(?=(?:[’']s)? ))"
)
_NO_NAMES = frozenset(
    "i i'm i've i'd i'll the a an my our we he she they it this that there today yesterday tomorrow monday tuesday wednesday thursday friday saturday sunday january february"
    " march april may june july august september october november december yes no well so and but because when after before since last next on in at for just still even every"
    " somebody someone nobody everything nothing what where who why how not please hello hi hey oh ok okay also then now christmas easter ms mr mrs dr god english french german".split()
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One clause of what the person told.

    Attributes:
        utterance: where it was said.
        text: the clause.
        sentence: the sentence it stands in, which is what is quoted.
        subject: who it speaks of: `me`, relations and names as keys.
        mentions: everybody who is spoken of in it.
        keys: its words, as keys; `wide` are those of the whole sentence.
        wide: the words of the sentence.
        denied: whether it says that something is not so.
        past: whether it speaks of what is over.
    """

    utterance: Utterance
    text: str
    sentence: str
    subject: frozenset[str]
    mentions: frozenset[str]
    keys: frozenset[str]
    wide: frozenset[str]
    denied: bool
    past: bool

    @property
    def ahead(self) -> bool:
        """Whether it speaks of what is to come."""
        return bool(_AHEAD.search(self.text))

    @property
    def said_at(self) -> datetime:
        """When it was said."""
        return self.utterance.said_at


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody's name, as a key and as it was written, and where it was given."""

    being: str
    name: str
    written: str
    said: Statement


MEANT_FOR = 3
"""Utterances for which a pronoun still means who was spoken of last."""


@dataclass(frozen=True, slots=True)
class Told:
    """All that was stated, oldest first, and who goes by which name."""

    statements: tuple[Statement, ...] = ()
    names: tuple[Called, ...] = ()
    last: frozenset[str] = frozenset()
    since: int = 0

    @property
    def meant(self) -> frozenset[str]:
        """Whom "she", "he" or "it" means now; after a few lines about others, nobody."""
        return self.last if self.since <= MEANT_FOR else frozenset()

    def also(self, beings: Iterable[str]) -> frozenset[str]:
        """Return beings with the other words for the same ones: for sister also anna, for anna also sister."""
        asked = set(beings)
        known = set(asked)
        for called in self.names:
            if called.being in asked or any(lexicon().meets(being, called.being) for being in asked):
                known.add(called.name)
            elif called.name in asked:
                known.add(called.being)
        return frozenset(known)


def read(utterances: Iterable[Utterance]) -> Told:
    """Read what a person stated, oldest first; her words among theirs tell what a correction corrects."""
    told, hers = Told(), ""
    for utterance in utterances:
        if utterance.speaker is Speaker.COMPANION:
            hers = utterance.text
            continue
        told, hers = _with(told, utterance, hers), ""
    return told


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each trimmed."""
    return [found.strip() for found in SENTENCES.findall(text) if found.strip(" .!?…\n")]


def _with(told: Told, utterance: Utterance, hers: str) -> Told:
    text = utterance.text[:LONGEST_READ].replace("’", "'")
    told = replace(told, since=told.since + 1)
    for sentence in sentences(text):
        if sentence.endswith("?") or _UNREAL.search(sentence) or _TO_HER.match(sentence):
            continue
        right = correction(sentence)
        if right and told.statements:
            told = _corrected(told, utterance, sentence, right, hers)
            continue
        for clause in clauses(sentence):
            told = _stated(told, utterance, sentence, clause)
    return told


def clauses(sentence: str) -> list[str]:
    """Take a sentence apart where another subject takes over."""
    parts = [part.strip(" ,;") for part in _JOINTS.split(sentence) if part and part.strip(" ,;.!")]
    return parts or [sentence]


LONGEST_CORRECTION = 4
"""Words; what is longer tells something of its own."""


def correction(sentence: str) -> str:
    """Return what is right, if a sentence corrects the one before: "no, Oslo"."""
    match = _NOT_THIS_BUT.match(sentence) or CORRECTION.match(sentence)
    right = match["right"].strip() if match else ""
    return "" if not right or _NO_CORRECTION.match(right) or len(right.split()) > LONGEST_CORRECTION else right


def _corrected(told: Told, utterance: Utterance, sentence: str, right: str, hers: str) -> Told:
    """Let the new words stand for the same subject and the same matter as what they correct.

    That is what she has just quoted, or else the last statement. What was wrong goes, unless it was so once ("now").
    """
    wrong = _meant(told, hers)
    words = frozenset(lexicon().keys(_WORDS.findall(right)))
    renewed = replace(
        wrong,
        utterance=utterance,
        text=sentence,
        sentence=sentence,
        keys=wrong.keys | words,
        wide=wrong.wide | words,
        denied=False,
        past=False,
    )
    still = [replace(one, past=True) if one is wrong else one for one in told.statements]
    kept = (
        still
        if re.search(r"\b(?:now|these days|moved|since)\b", sentence)
        else [one for one in told.statements if one is not wrong]
    )
    is_name = NAME_ONLY.fullmatch(right) is not None
    names = [
        replace(call, name=_name_key(right), written=right, said=renewed)
        if is_name and call.said is wrong and call.written in hers.partition("“")[0]
        else call
        for call in told.names
    ]
    return replace(told, statements=(*kept, renewed), names=tuple(names))


def _meant(told: Told, hers: str) -> Statement:
    """Return the statement that she has just answered with, or the last one."""
    quoted = [said for said in told.statements if "“" in hers and said.sentence[:100] in hers.replace("’", "'")]
    answer = set(lexicon().keys(_WORDS.findall(hers.partition("“")[0])))
    return max(quoted, key=lambda said: len(said.keys & answer)) if quoted else told.statements[-1]


NAME_ONLY = re.compile(NAME)
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def _stated(told: Told, utterance: Utterance, sentence: str, clause: str) -> Told:
    subject, by_pronoun = _subject(clause, told)
    named = _names(clause, sentence, told)
    mentions = _mentions(clause, told, by_pronoun=by_pronoun) | subject
    keys = frozenset(lexicon().keys(_WORDS.findall(_QUOTED.sub(" ", clause))))
    wide = keys if clause == sentence else frozenset(lexicon().keys(_WORDS.findall(_QUOTED.sub(" ", sentence))))
    denied = bool(_DENIED.search(clause)) and not _LIKING_DENIED.search(clause)
    if _LIKING_DENIED.search(clause):
        keys |= {"hate"}
    if _trade().search(clause):
        keys |= {TRADE}
    if _BEREFT.search(clause):
        keys |= {"die"}
    said = Statement(utterance, clause, sentence, subject, mentions, keys, wide, denied, bool(_PAST.search(clause)))
    calls = tuple(Called(being, _name_key(name), name, said) for being, name in named)
    others = (subject | {c.being for c in calls} | {c.name for c in calls}) - {ME}
    met = others or _beings(clause)
    last = told.last if by_pronoun and not calls else frozenset(met) or told.last
    since = 0 if others or met or by_pronoun else told.since
    return Told((*told.statements, said), (*told.names, *calls), last, since)


def _name_key(name: str) -> str:
    return key(name.rsplit(maxsplit=1)[-1])


TRADE = "trade"
"""The key of a clause that says what somebody is by trade."""


@cache
def _trade() -> re.Pattern[str]:
    trades = "|".join(sorted(map(re.escape, lexicon().trades), key=len, reverse=True))
    return re.compile(
        rf"\b(?:am|is|are|was|were|became|as|being|be|[’'](?:m|s|re)) (?:now |still |also )?(?:an?|the) (?:[\w-]+ ){{0,3}}?(?:{trades}|[a-z]{{4,}}(?:ologist|ician|keeper|maker|worker|smith|monger|wright))\b"
        r"|\b(?:my|his|her|their) (?:job|trade|profession|work) is\b|\bi teach\b|\bworks? (?:as|at|for|in)\b",
        re.IGNORECASE,
    )


def _subject(clause: str, told: Told) -> tuple[frozenset[str], bool]:
    """Return whom a clause speaks of first, and whether a pronoun says so."""
    match = _SUBJECT.match(clause)
    if match is None:
        return (frozenset({ME}) if re.search(r"\b(?:me|my|I|our|we)\b", clause) else frozenset()), False
    if match["me"]:
        return frozenset({ME}), False
    if match["they"]:
        return told.meant, True
    if match["being"]:
        return frozenset({key(match["being"]), *_beings(clause[: match.end() + 15])}), False
    if match["mine"]:
        return frozenset({ME}), False
    name = match["named"]
    return (
        frozenset({ME})
        if name.lower() in _NO_NAMES and re.search(r"\b(?:me|my|I|we|our)\b", clause)
        else frozenset({_name_key(name)} if name.lower() not in _NO_NAMES else ())
    ), False


def _beings(clause: str) -> frozenset[str]:
    found = {one for word in _WORDS.findall(clause) if (one := key(word)) in BEINGS}
    named = {
        _name_key(name) for name in re.findall(rf"(?<![.!?] )(?<!^)\b{NAME}", clause) if name.lower() not in _NO_NAMES
    }
    return frozenset(found | named)


def _mentions(clause: str, told: Told, *, by_pronoun: bool) -> frozenset[str]:
    pronoun = by_pronoun or re.search(r"\b(?:her|him|his|their|them|she|he)\b", clause)
    return _beings(clause) | (told.meant if pronoun else frozenset())


def _names(clause: str, sentence: str, told: Told) -> list[tuple[str, str]]:
    """Return whose names a clause gives."""
    found = [(ME, match["name"]) for match in [_MY_NAME.search(clause)] if match]
    for pattern in _ALIAS if _CAPITAL.search(sentence) else ():
        for match in pattern.finditer(clause if pattern.search(clause) else sentence):
            found += [
                (key(match["being"]), name) for name in re.findall(NAME, match["name"]) if name.lower() not in _NO_NAMES
            ]
    named = _PRONOUN_NAMED.search(clause)
    if named and told.meant:
        names = re.split(r",? and |, ", named["name"] or named["name2"] or named["name3"])
        beings = [being for being in sorted(told.meant) if being in BEINGS]
        found += [(being, name) for being in beings[:1] for name in names]
    return list(dict.fromkeys(found))
