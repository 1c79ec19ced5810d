"""Reading without a model: plain first-person sentences, by a table of named patterns. English; precise before complete.

A sentence is taken apart into clauses, and a clause must match a whole pattern. Questions, conditions, doubts, jokes,
reports of what others say, and negations (but for those that a pattern is about) yield nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from companion.memory.doubt import DENIED, JOKED, REPORTED, SUPPOSED, orders_her
from companion.memory.evidence import own_words
from companion.memory.memory import THE_PERSON, Kind, Proposal
from companion.memory.moments import Moment, moment
from companion.memory.words import asked

LONGEST_SENTENCE = 300
"""Characters; longer ones are not plain."""

LONGEST_TEXT = 4_000
"""Characters; longer ones were hardly typed into a chat."""

_CAP = r"(?-i:[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪİŁŃŇŌŐŘŚŞŠŤŪŮŰŹŻŽ][\w’'-]*)"
_NAME = rf"{_CAP}(?: {_CAP})?"
_PLACE = rf"(?:the )?{_CAP}(?:(?: (?:am|an der|upon|on|de|la|of))? {_CAP}){{0,3}}"
_RELATION = (
    r"(?:(?:older|younger|little|big|elder|eldest|youngest|twin|best|oldest|old|late|ex|step|half|new)[- ]?)*"
    r"(?:sister|brother|mother|mum|mom|mam|father|dad|parents|wife|husband|partner|fiancée?|girlfriend|boyfriend|son"
    r"|daughter|kid|child|baby|twins|friend|mate|boss|manager|colleague|co-?worker|neighbou?r|flatmate|roommate|teacher"
    r"|therapist|grand(?:mother|father|ma|pa|son|daughter)|granny|nan|aunt|uncle|cousin|niece|nephew"
    r"|(?:mother|father|sister|brother)-in-law|dog|cat|horse|rabbit|parrot)"
)
_JOB = (
    r"(?:(?:retired|freelance|primary school|school|software|civil|electrical|mechanical|train|bus|taxi|truck|night|head"
    r"|junior|senior|paediatric|pediatric|trainee) )*"
    r"(?:accountant|actor|actress|actuary|archaeologist|architect|archivist|artist|baker|barber|barista|bartender"
    r"|biologist|bookseller|builder|bus driver|butcher|carer|carpenter|cashier|chef|chemist|cleaner|composer|cook"
    r"|dancer|dentist|designer|developer|doctor|driver|economist|editor|electrician|engineer|farmer|firefighter"
    r"|fisherman|florist|gardener|geologist|hairdresser|historian|illustrator|janitor|journalist|judge|lawyer|lecturer"
    r"|librarian|mechanic|midwife|musician|nurse|nanny|optician|painter|paramedic|pharmacist|philosopher|photographer"
    r"|physicist|physiotherapist|pilot|plumber|poet|police officer|postman|potter|priest|professor|programmer"
    r"|psychologist|receptionist|researcher|sailor|scientist|secretary|shepherd|singer|social worker|soldier|student"
    r"|surgeon|tailor|teacher|therapist|translator|vet|violinist|waiter|waitress|welder|writer)"
)
_STATES = (
    r"(?:afraid|alone|angry|awake|back|bored|busy|catholic|christian|done|drunk|dutch|early|exhausted|fine|free|french"
    r"|glad|good|greek|happy|here|home|hungry|ill|jewish|late|lonely|lost|married|mum|mom|muslim|nervous|new|nobody|okay|ok|ready|sad"
    r"|scared|sick|single|sorry|sure|swiss|thirsty|tired|trans|welsh|worried|gay|bi|czech|thai|arab)"
)
"""What "I'm" is followed by, capital or not, without giving a name."""
_NUMBER = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)"
_VERY = r"(?:really |absolutely |truly |so |very |terribly |still |just |also |always |deeply |completely |quite )*"
_THING = (
    r"(?!(?:it|this|that|these|those|them|him|her|you|your|to you|how|when|what|where|why|if|the way|the idea|the fact"
    r"|being|so|not|everything|nothing|people who|someone|myself|to see|to hear|about|to$)\b)[^,;:()]{3,80}?"
)
_OPENING = re.compile(
    r"(?:(?:hi|hello|hey|hiya|well|so|oh|ok|okay|yes|yeah|yep|no|nope|and|but|also|actually|btw|by the way|honestly|sadly"
    r"|anyway|you know|because|since you ask|unfortunately|luckily|today|tonight|yesterday|lately|recently|then|plus"
    r"|to be honest|tbh|frankly|hm+|um|good (?:morning|evening))\b[,!. ]*)*",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    r",? (?:and|but|because|so|although|though|while) (?=(?:i|my|we|i'm|i've)\b)|, (?=(?:i|my|we|call me)\b)| - |; ",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?:[^.!?\n]|\.(?=\w)|(?<=\b(?:Mr|Ms|Dr|St))\.|(?<=\bMrs)\.)+[.!?]*")

_POINTING = re.compile(
    r"\b(?:it|this|that|these|those|them|they|him|his|he|she|her|their|there|here|one|ones|both|such)\b", re.IGNORECASE
)
"""What can only be understood where it was said."""
_MOVED = re.compile(r"\b(?:moved|came here|since)\b", re.IGNORECASE)
_TO_HER = re.compile(r"\b(?:you|your|yours|yourself|u)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of plain sentence.

    Attributes:
        name: what it is about, for people who read or test the table.
        kind: what a match would be kept as.
        pattern: what the clause must be, from its first word to its last; a regular expression, read when it is needed.
        about: whom or what it is about, with `{groups}` of the pattern.
        aspect: one of `memory.ASPECTS`, or empty.
        text: what is kept, with `{groups}`; empty: the clause itself, turned towards the person.
        negated: whether the pattern is about a negation.
        ahead: whether it speaks of what is to come; then it must say when.
    """

    name: str
    kind: Kind
    pattern: str
    about: str = THE_PERSON
    aspect: str = ""
    text: str = ""
    negated: bool = False
    ahead: bool = False

    def match(self, clause: str) -> re.Match[str] | None:
        """Return the match of a whole clause."""
        return _compiled(self.pattern).fullmatch(clause)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_NOW = r"(?:,? (?:now|nowadays|again|at the moment|these days|currently|as well|too|very much|a lot|so much))*"
_WHEN = (
    r"(?: (?:(?:now|since|in|on|last|this|next|yesterday|today|tomorrow|at|for|from|with|\d+)\b.*|(?:\w+ ){1,4}ago))?"
)

RULES = (
    Rule("what they are called", Kind.FACT,
          rf"(?:my name is|my name's|call me|everyone calls me|i'm called|i am called|i go by)(?: just)? (?P<name>{_NAME})(?:,? please)?",
          aspect="name", text="Your name is {name}"),
    Rule("who it is", Kind.FACT,
          rf"(?:i'm|i am) (?!(?:{_JOB}|{_STATES})\b)(?P<name>(?-i:[A-Z](?![A-Z]))[\w-]*(?<!ish)(?<!ese)(?<!ian)(?<!can)(?<!ean)(?<!man)(?<!ing))(?: here)?",
          aspect="name", text="Your name is {name}"),
    Rule("where they live", Kind.FACT,
          rf"i(?:'m| am| now| still| currently)* (?:live|living|based) (?:in|near|outside) (?P<place>{_PLACE}){_WHEN}",
          aspect="home", text="You live in {place}"),
    Rule("where they moved", Kind.FACT,
          rf"i(?:'ve| have)?(?: just| recently| finally)? (?:moved|relocated) (?:back )?(?:from {_PLACE} )?to (?P<place>{_PLACE}){_WHEN}",
          aspect="home", text="You live in {place}"),
    Rule("where they lived", Kind.EXPERIENCE, rf"i lived in (?P<place>{_PLACE}){_WHEN}"),
    Rule("where they come from", Kind.FACT,
          rf"(?:i'm|i am|i come) (?:originally )?from (?P<place>{_PLACE})(?: originally)?", aspect="origin"),
    Rule("where they grew up", Kind.EXPERIENCE, rf"i (?:grew up|was born|was raised) in (?P<place>{_PLACE}){_WHEN}"),
    Rule("what they work as", Kind.FACT, rf"i(?:'m| am)?(?: now| still| currently)* work(?:ing)? as (?:an?|the) (?P<job>[\w -]{{3,50}}?){_NOW}", aspect="work"),
    Rule("where they work", Kind.FACT,
          rf"i(?:'m| am)?(?: now| still| currently)* work(?:ing)? (?:at|for|in) (?P<job>(?:an?|the|my) [\w' -]{{3,50}}?|{_PLACE}){_NOW}", aspect="work"),
    Rule("what they are", Kind.FACT, rf"(?:i'm|i am)(?: now)? (?:an?) (?P<job>{_JOB}){_NOW}(?: (?:at|in|for) .{{2,40}})?", aspect="work"),
    Rule("their new work", Kind.FACT, r"i(?:'ve)? (?:just )?(?:started|got) (?:a )?(?:new )?(?:work(?:ing)?|job) (?:as|at|in) .{3,60}", aspect="work"),
    Rule("how old they are", Kind.FACT, r"(?:i'm|i am|i turned|i just turned) \d{1,3}(?: years old)?(?: (?:now|today|last week|yesterday))?", aspect="age"),
    Rule("their birthday", Kind.FACT, r"my birthday(?:'s| is) (?:on )?(?P<date>.*\d.*)", aspect="birthday"),
    Rule("whom they are with", Kind.FACT,
          rf"(?:i'm|i am|i got|i just got|i've been)(?: happily| recently| newly)? (?:married|engaged|divorced|widowed|single)(?: to (?:{_NAME}|my {_RELATION}(?: {_NAME})?))?{_WHEN}",
          aspect="partner"),
    Rule("what their body asks for", Kind.FACT,
          r"(?:i'm|i am|i've always been) (?:very |severely |mildly |a )?(?:allergic to .{2,50}|vegan|vegetarian|diabetic|coeliac|celiac|lactose intolerant"
          r"|pregnant|left-handed|colou?r-?blind|deaf|hard of hearing|blind|epileptic|asthmatic|dyslexic|autistic)(?: .{2,30})?"),
    Rule("what they have been doing", Kind.FACT, r"i(?:'ve| have) been (?:learning|studying|playing|working|teaching|writing|living|training|running|painting|seeing|practi[sc]ing)\b.{0,60}? (?:since|for) .{2,30}"),
    Rule("what they can", Kind.FACT, rf"i (?:speak|play the|study|teach) (?P<thing>{_THING}){_NOW}"),
    Rule("whom they have", Kind.PERSON, rf"i(?:'ve got| have| got) (?:an?|{_NUMBER}) (?:{_RELATION}s?|children|kids)(?: (?:called|named) {_NAME}(?:,? and {_NAME})?)?"),
    Rule("who somebody is", Kind.PERSON,
          rf"my (?P<who>{_RELATION})(?:'s name is|'s name's| is called| is named|'s called|'s| is)(?: called)? (?P<name>{_NAME})", about="{who} {name}", aspect="name"),
    Rule("where somebody lives", Kind.PERSON,
          rf"my (?P<who>{_RELATION}),? ?(?P<name>{_NAME})?,? (?:now |still )?(?:lives?|moved to|moved|has moved to|is living|works|is based)(?: in| at| near)? (?P<place>{_PLACE}){_WHEN}",
          about="{who} {name}", aspect="home"),
    Rule("what somebody works", Kind.PERSON,
          rf"my (?P<who>{_RELATION}),? ?(?P<name>{_NAME})?,? (?:works (?:as|at|for|in) .{{3,50}}|is an? {_JOB}(?: .{{2,30}})?)", about="{who} {name}", aspect="work"),
    Rule("what somebody is like", Kind.PERSON,
          rf"my (?P<who>{_RELATION}),? ?(?P<name>{_NAME})?,? (?:has (?:an?|{_NUMBER}) .{{3,50}}|loves {_THING}|hates {_THING}|plays .{{3,40}}|studies .{{3,40}}"
          rf"|is (?:\d{{1,3}}(?: years old)?|allergic to .{{2,40}}|pregnant|married|engaged|divorced|ill|sick|in hospital)|got married|got divorced|has cancer|is very ill){_WHEN}",
          about="{who} {name}"),
    Rule("where somebody named lives", Kind.PERSON, rf"(?P<name>{_CAP}) (?:now |still )?(?:lives|moved to|has moved to)(?: in)? (?P<place>{_PLACE}){_WHEN}", about="{name}", aspect="home"),
    Rule("who died", Kind.PAIN, rf"(?:my (?P<who>{_RELATION}),? ?(?P<name>{_NAME})?,? (?:died|passed away|is dying)|i lost my (?P<lost>{_RELATION}))(?: (?:of|from) [\w ]{{3,30}}?)?{_WHEN}", about="{who}{lost} {name}"),
    Rule("what was lost", Kind.PAIN, rf"i (?:lost my (?:job|home|house|baby|sight|hearing)|(?:got|was) (?:fired|laid off|made redundant|dumped)|(?:was|got) diagnosed with .{{3,40}}?|had a miscarriage|failed my .{{3,30}}?|got divorced){_WHEN}"),
    Rule("whom they miss", Kind.PAIN, rf"i {_VERY}miss (?P<thing>my (?:{_RELATION}|home|hometown|country|old \w+)(?: {_NAME})?|{_NAME}){_NOW}"),
    Rule("what hurts", Kind.PAIN, rf"i (?:feel|'ve been feeling|have been feeling) {_VERY}(?:lonely|alone|homesick|heartbroken|burnt out|depressed|ashamed|guilty)(?: .{{2,50}})?"),
    Rule("what happened to them", Kind.EXPERIENCE,
          rf"i(?:'ve| have)?(?: just| finally| recently)? (?:graduated|retired|quit my job|resigned|became an? (?:mother|father|parent|grandmother|grandfather|uncle|aunt)|got promoted|got a promotion"
          rf"|ran (?:a|my first) (?:half )?marathon|passed my .{{3,30}}?|finished my .{{3,30}}?|had (?:a baby|surgery|an operation)|bought (?:a|my first) (?:house|flat|car|boat)|adopted an? .{{3,20}}?){_WHEN}"),
    Rule("what they love", Kind.PREFERENCE, rf"i {_VERY}(?:love|like|adore|enjoy|prefer) (?P<thing>{_THING}){_NOW}", about="{thing}", aspect="feeling"),
    Rule("what they hate", Kind.PREFERENCE, rf"i {_VERY}(?:hate|detest|dislike|loathe) (?P<thing>{_THING}){_NOW}", about="{thing}", aspect="feeling"),
    Rule("what they cannot stand", Kind.PREFERENCE, rf"i (?:can't|cannot|can not) (?:stand|bear|abide) (?P<thing>{_THING}){_NOW}", about="{thing}", aspect="feeling", negated=True),
    Rule("what they do not like", Kind.PREFERENCE, rf"i {_VERY}(?:don't|do not) {_VERY}(?:like|enjoy) (?P<thing>{_THING})(?: at all)?{_NOW}", about="{thing}", aspect="feeling", negated=True),
    Rule("their favourite", Kind.PREFERENCE, r"my (?:all-time )?favou?rite (?P<thing>[\w ]{3,30}?)(?:'s| is| are) .{2,50}", about="favourite {thing}", aspect="feeling"),
    Rule("what they fear", Kind.FEAR, rf"(?:(?:i'm|i am|i've always been) {_VERY}(?:afraid|scared|terrified|frightened) of|i {_VERY}fear|i dread|i have a (?:fear|phobia) of|i'm phobic about) (?P<thing>{_THING})"),
    Rule("what frightens them", Kind.FEAR, r"(?!(?:it|that|this|you|he|she|they)\b)[\w' ]{3,30}? (?:terrif(?:y|ies)|scares?|frightens?) me(?: .{2,20})?"),
    Rule("what they want", Kind.DESIRE,
          rf"(?:i {_VERY}(?:want to|dream of|hope to|long to|am dreaming of)|i'm dreaming of|i(?:'d| would) {_VERY}(?:love to|like to)|i(?:'ve| have) always (?:wanted to|dreamt of|dreamed of)) "
          r"(?!(?:know|ask|say|talk|tell|see you|hear|go to bed|go to sleep|sleep|die|kill|cry|scream|be honest|apologi[sz]e|show|hurt|stop|understand|believe|make sure|thank|add|check|join|chat|help|take a look|have a look|be there|be alone|disappear|go home)\b)[^,;:()]{4,80}"),
    Rule("their dream", Kind.DESIRE, r"my (?:biggest |big |only )?(?:dream|goal|wish|ambition) is (?:to )?.{4,80}"),
    Rule("what they plan", Kind.PLAN,
          rf"(?:(?:i'm|i am|we're|we are)(?: finally| also| just)? (?:going|flying|travelling|traveling|driving|moving|heading|seeing|meeting|visiting|starting|having|getting|leaving|taking|giving|running|hosting)\b"
          rf"|i(?:'ve got| have| 've) (?:an?|my|the)\b|i(?:'ll| will)\b|my (?:exam|interview|surgery|operation|appointment|flight|wedding|holiday|vacation|test|concert|deadline|{_RELATION})\b.{{0,30}}? (?:is|are|starts|comes|arrives|visits)\b).{{3,90}}",
          ahead=True),
    Rule("what they promise", Kind.PROMISE, r"i (?:hereby )?promise(?:d)? (?:myself )?(?:to|that|i'll) .{4,80}"),
    Rule("what is to be left alone", Kind.BOUNDARY,
          r"(?:please )?(?:don't|do not|never|stop) (?:ever )?(?:talk(?:ing)?|ask(?:ing)?|speak(?:ing)?|mention(?:ing)?|bring(?:ing)? up|jok(?:e|ing))(?: to me| me| up)?(?: again)?(?: about| of)? (?P<thing>(?!(?:it|this|that|me|so|again|to me|about|of)\b)[^,;]{3,60}?)(?: again| please| anymore| to me)*(?:,.{2,80})?",
          text="You do not want to be asked about {thing}", negated=True),
    Rule("what they will not talk about", Kind.BOUNDARY, r"i (?:don't|do not|never) (?:want|like) to (?:talk|speak) about (?P<thing>(?!(?:it|this|that)\b)[^,;]{3,60}?)(?: anymore| again| right now)?(?:,.{2,80})?", text="You do not want to be asked about {thing}", negated=True),
    Rule("how they want to be treated", Kind.BOUNDARY, r"(?:please )?(?:don't|do not|never) call me (?P<thing>.{2,40}?)(?: again| please| anymore)*", text="You do not want to be called {thing}", negated=True),
)  # fmt: skip
"""The first that matches a clause speaks for it."""

_REMEMBER = re.compile(
    r"(?:please |also |and |can you |could you |will you )*remember(?: this)?"
    r"(?:,? that |: ?|,? (?=(?:i|i'm|i've|my|we|our)\b))(?P<what>.{3,})",
    re.IGNORECASE,
)


def read(text: str, said_at: datetime, *, asked_for_a_name: bool = False) -> list[Proposal]:
    """Return what a text proposes to keep; `asked_for_a_name` tells whether it answers such a question."""
    if len(text) > LONGEST_TEXT or JOKED.search(text):
        return []
    return [
        proposal
        for start, end in own_words(text)
        for sentence in _SENTENCES.findall(text[start:end].replace("’", "'"))
        for proposal in _of_sentence(sentence.strip(), said_at, asked_for_a_name=asked_for_a_name)
    ]


def of_herself(text: str) -> list[Proposal]:
    """Return what she states of her own tastes, so that she stays consistent."""
    said = [sentence.strip() for sentence in _SENTENCES.findall(text.replace("’", "'"))]
    plain = [s for s in said if not any(p.search(s) for p in (JOKED, SUPPOSED, REPORTED, _TO_HER)) and "?" not in s]
    return [
        Proposal(Kind.SELF, bare, bare)
        for bare in (_OPENING.sub("", sentence, count=1).rstrip(" .!") for sentence in plain)
        if any(rule.match(bare) for rule in RULES if rule.kind is Kind.PREFERENCE)
    ]


def turned(words: str) -> str:
    """Return a clause turned towards the person: "my sister and I" becomes "your sister and you"."""
    plain = re.sub(r"[\s.!,;:]+$", "", words.replace("’", "'").strip())
    said = re.sub(r"[\w']+", lambda match: _TURNS.get(match.group().lower(), match.group()), plain)
    return said[:1].upper() + said[1:]


_TURNS = {
    "i": "you", "i'm": "you're", "i've": "you've", "i'd": "you'd", "i'll": "you'll", "am": "are", "my": "your",
    "me": "you", "mine": "yours", "myself": "yourself", "we": "you", "we're": "you're", "we've": "you've",
    "we'll": "you'll", "our": "your", "us": "you", "ours": "yours",
}  # fmt: skip


def _of_sentence(sentence: str, said_at: datetime, *, asked_for_a_name: bool) -> Iterator[Proposal]:
    if len(sentence) > LONGEST_SENTENCE:
        return
    bare = _OPENING.sub("", sentence, count=1)
    to_remember = _REMEMBER.fullmatch(bare.rstrip(".!"))
    if to_remember and "?" not in sentence:
        yield from _asked_to_keep(to_remember["what"], said_at)
        return
    if "?" in sentence or SUPPOSED.search(sentence) or REPORTED.search(sentence):
        return
    yielded = False
    for clause in _CLAUSES.split(bare):
        proposal = _of_clause(clause, sentence, said_at)
        if proposal:
            yielded = True
            yield proposal
    name = re.fullmatch(rf"(?:it's |this is |just )?({_NAME})\W*", bare) if asked_for_a_name and not yielded else None
    if name:
        yield Proposal(Kind.FACT, f"Your name is {name[1]}", name[1], aspect="name")


def _asked_to_keep(what: str, said_at: datetime) -> Iterator[Proposal]:
    """Yield what the person asks her to remember: in their own words, filed as a rule would file it."""
    if orders_her(what):
        return
    filed = next(_of_sentence(what, said_at, asked_for_a_name=False), None)
    yield filed or Proposal(Kind.FACT, turned(what), what)


def _of_clause(clause: str, sentence: str, said_at: datetime) -> Proposal | None:
    bare = _OPENING.sub("", clause.strip(), count=1).rstrip(" .!,")
    if _TO_HER.search(bare):
        return None
    for rule in RULES:
        match = rule.match(bare)
        if match is None or (not rule.negated and DENIED.search(bare)):
            continue
        if rule.kind is not Kind.BOUNDARY and _POINTING.search(bare):
            return None
        when = moment(bare, said_at, ahead=rule.ahead)
        if rule.ahead and (when is None or when.end <= said_at):
            continue
        tells_when = rule.aspect == "home" and when is None and _MOVED.search(sentence)
        moved = moment(sentence, said_at) if tells_when else None
        return _proposed(rule, match, bare, when, moved)
    return None


def _proposed(rule: Rule, match: re.Match[str], clause: str, when: Moment | None, moved: Moment | None) -> Proposal:
    """Return the proposal; `when` stands in the clause itself, `moved` elsewhere in its sentence."""
    groups = {name: value or "" for name, value in match.groupdict().items()}
    dated = clause if rule.aspect == "birthday" else _dated(clause, when)
    about = " ".join(rule.about.format(**groups).split()).lower()
    if rule.aspect == "feeling":
        about = " ".join(sorted(asked(about))) or about
    starts, ends = period(rule.kind, when or moved) if rule.aspect != "birthday" else (None, None)
    text = turned(rule.text.format(**groups) if rule.text else dated)
    return Proposal(rule.kind, text, clause, about, rule.aspect, starts, ends)


def period(kind: Kind, when: Moment | None) -> tuple[datetime | None, datetime | None]:
    """Return from when and until when something is so that was said with a moment in it."""
    if when is None or kind in _TIMELESS:
        return None, None
    return when.start, when.end if kind is Kind.PLAN else None


_TIMELESS = frozenset({Kind.PREFERENCE, Kind.FEAR, Kind.DESIRE, Kind.BOUNDARY, Kind.SELF})
"""Kinds that a moment in the sentence does not begin: "I want to see Rome in May" is wanted now."""


def _dated(clause: str, when: Moment | None) -> str:
    """Return a clause with the moment in it named so that it will be understood later as well."""
    if when is None or re.match(r"(?:since|until)\b", clause[slice(*when.span)], re.IGNORECASE):
        return clause
    return f"{clause[: when.span[0]]}{when.named}{clause[when.span[1] :]}"
