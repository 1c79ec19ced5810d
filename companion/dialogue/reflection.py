"""Reflection: reading what was said, and deciding what of it is worth keeping.

Rules read every turn as soon as the reply is over; a model, where one can fill in forms, reads several turns at once
between turns. Neither is believed: every proposal must pass the quote gate, and what does not is counted, not kept.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from companion.care.sensitive import NEVER_KEPT, classes
from companion.care.signs import in_danger
from companion.conversation import LISTENER, Speaker, State, Utterance
from companion.dialogue.compaction import appended
from companion.dialogue.model import Message, Structured
from companion.memory import doubt, rules
from companion.memory.evidence import evidence
from companion.memory.facts import reconcile
from companion.memory.memory import ASPECTS, THE_PERSON, Evidence, Kind, Memory, Proposal, Span
from companion.memory.moments import moment
from companion.memory.store import MemoryStore, Reading
from companion.memory.words import asked, terms
from companion.plaintext import one_line
from companion.prompts import prompt

if TYPE_CHECKING:  # validation is heavy, and the first prompt must not wait for it
    from companion.dialogue.form import Noted

RULES, MODEL = "rules", "model"

READ_AT_ONCE = 100
"""Utterances that are read in one step: a memory of years is caught up with in pieces."""

WORTH_A_MARK = 20
"""Utterances with nothing to keep in them, until it is noted that they were read: a commit costs more."""

TURNS_BETWEEN = 6
"""Things the person says between two readings by a model. One call per six turns costs little more than the form,
since the talk before it is cached; a quote is never further back than a window."""

KEPT_AT_ONCE = 12
"""Memories that one reading of a model may propose; more is not reflection but copying."""

LONGEST_TEXT = 200
"""Characters of a memory."""

HERS_COMPARED = 60
"""Things she said last, that the person's words are compared with: what they repeat of hers is not theirs."""

_ASKS_FOR_A_NAME = re.compile(r"\b(call you|your name|who's this|who are you)\b[^?]*\?", re.IGNORECASE)
_CLAIM = re.compile(
    r"\bi(?:'ll| will|'m going to) (?:remember|keep|make a note of|note|hold on to|hang on to)"
    r" (?:that|this|it|your|the)\b|\bi(?:'ve| have) (?:noted|saved|remembered|kept) (?:that|this|it)\b"
    r"|\bi won't forget\b",
    re.IGNORECASE,
)
_ONCE = re.compile(r"\b(?:lived|worked|used to|was|were|had|loved|liked|grew up|as a child)\b", re.IGNORECASE)
_NAME_OR_NUMBER = re.compile(r"(?<!^)(?<![.!?] )\b[^\W\d_a-zß-öø-ÿ][\w-]*|\d+")


def by_rules(memories: MemoryStore, persona: str, now: datetime) -> tuple[Memory, ...]:
    """Read what was said since the rules came last, and return what is kept of it."""
    unread = memories.unread(persona, RULES, READ_AT_ONCE)
    if not unread:
        return ()
    before = memories.hers(persona, unread[0].id, HERS_COMPARED)
    proposals = list(_proposed_by_rules(unread, before[0] if before else ""))
    if not proposals and len(unread) < WORTH_A_MARK:
        return ()
    return _take_in(memories, persona, unread, before, proposals, Reading(RULES, unread[-1].id), now)


def is_behind(memories: MemoryStore, persona: str) -> bool:
    """Tell whether the rules have more to read than they read at once."""
    return len(memories.unread(persona, RULES, READ_AT_ONCE)) == READ_AT_ONCE


def due(memories: MemoryStore, persona: str, window: Iterable[Utterance]) -> tuple[Utterance, ...]:
    """Return what of a window a model has not reflected on yet, once it is enough."""
    upto = memories.read_upto(persona, MODEL)
    fresh = tuple(said for said in window if said.id > upto and said.state is State.COMPLETE)
    return fresh if len(_theirs(fresh)) >= TURNS_BETWEEN else ()


async def by_model(
    memories: MemoryStore,
    persona: str,
    model: Structured,
    request: Sequence[Message],
    fresh: Sequence[Utterance],
    now: datetime,
) -> tuple[Memory, ...]:
    """Have a model reflect on the end of a request that it has read, and return what is kept of it.

    `fresh` is what the request ends with that the model has not reflected on. When cancelled, nothing has changed.

    Raises:
        ModelError: it could not; the next reading begins where this one did.
    """
    from companion.dialogue.form import Reflection  # noqa: PLC0415 - loads pydantic

    number, aspects = len(_theirs(fresh)), ", ".join(sorted(ASPECTS))
    instruction = prompt("reflection").substitute(number=number, aspects=aspects)
    form = await model.fill(appended(request, instruction), Reflection)
    before = memories.hers(persona, fresh[0].id, HERS_COMPARED)
    proposals = [proposal(noted) for noted in form.memories]
    return _take_in(memories, persona, fresh, before, proposals, Reading(MODEL, fresh[-1].id), now)


def claims_to_keep(reply: str) -> bool:
    """Tell whether she says in her own words that she keeps something."""
    return _CLAIM.search(reply.replace("’", "'")) is not None


def proposal(noted: "Noted") -> Proposal:
    """Return what a model noted as a proposal; what it says of dates is not asked for, ours are read off the quote."""
    text = one_line(noted.text).rstrip(".")[:LONGEST_TEXT]
    kind = Kind(noted.kind)
    if kind is not Kind.SELF and re.match(r"(?:I|My)\b", text):
        text = rules.turned(text)
    about = one_line(noted.about).lower()[:60] or THE_PERSON
    aspect = _aspect(kind, noted)
    if aspect == "feeling":
        about = " ".join(sorted(asked(about))) or about
    return Proposal(kind, text, noted.quote, about, aspect)


def _aspect(kind: Kind, noted: "Noted") -> str:
    """Return the aspect that a note may have: what was so once must not close what is so now."""
    fits = noted.aspect == "feeling" if kind is Kind.PREFERENCE else noted.aspect in ASPECTS - {"feeling"}
    once = _ONCE.search(f"{noted.text} {noted.quote}")
    return noted.aspect if fits and not once and kind in {Kind.FACT, Kind.PERSON, Kind.PREFERENCE} else ""


def admitted(
    proposals: Iterable[Proposal], read: Sequence[Utterance], hers: Sequence[str], let_go: Sequence[Span], known: str
) -> tuple[list[tuple[Proposal, Evidence]], int]:
    """Return the proposals that pass, with their evidence, and how many do not.

    Args:
        proposals: what rules or a model make of what was read.
        read: what was read, of both speakers, oldest first.
        hers: what she said before that.
        let_go: what must not be kept again.
        known: the names that are known already, as any text.
    """
    gate = _Gate(read, hers, let_go, known)
    verdicts = [(proposal, gate.admits(proposal)) for proposal in proposals]
    passed = [(_settled(p, found, gate.sentence(found)), found) for p, found in verdicts if found is not None]
    return passed, len(verdicts) - len(passed)


class _Gate:
    """Decides whether a proposal rests on something."""

    def __init__(self, read: Sequence[Utterance], hers: Sequence[str], let_go: Sequence[Span], known: str) -> None:
        self._texts = {utterance.id: utterance.text for utterance in read}
        self._said = [utterance for utterance in _theirs(read) if not in_danger(utterance.text)]
        self._hers = [u for u in read if u.speaker is Speaker.COMPANION and u.model not in {None, LISTENER}]
        self._earlier = (*hers, *(u.text for u in read if u.speaker is Speaker.COMPANION))
        self._let_go = let_go
        self._known = known.casefold()

    def admits(self, proposal: Proposal) -> Evidence | None:
        """Return what a proposal rests on, or None if it must not be kept."""
        found = self._found(proposal)
        if found is None or not proposal.text or doubt.orders_her(found.quote):
            return None
        if any(found.overlaps(span) for span in self._let_go) or "?" in self.sentence(found):
            return None
        return found if self._grounded(proposal, found) else None

    def sentence(self, found: Evidence) -> str:
        """Return the sentence that a quote stands in."""
        return doubt.sentence_around(self._texts[found.utterance], found.start, found.end)

    def _found(self, proposal: Proposal) -> Evidence | None:
        if proposal.kind is Kind.SELF:
            return evidence(proposal.quote, self._hers)
        return evidence(proposal.quote, self._said, self._earlier)

    def _grounded(self, proposal: Proposal, found: Evidence) -> bool:
        """Tell whether a text speaks of what its quote speaks of, with no name or number from nowhere."""
        said = self._texts[found.utterance]
        when = moment(found.quote, found.said_at, ahead=proposal.kind is Kind.PLAN)
        there = f"{said} {self._known} {when.named if when else ''}".casefold()
        if not all(name.casefold() in there for name in _NAME_OR_NUMBER.findall(proposal.text)):
            return False
        content = set(asked(proposal.text))
        return not content or not content.isdisjoint(terms(found.quote))


def _settled(proposal: Proposal, found: Evidence, sentence: str) -> Proposal:
    """Return a proposal with the time that its quote names, and the doubt that its sentence casts on it."""
    if proposal.valid_from is None and proposal.aspect not in {"name", "birthday", "age"}:
        when = moment(found.quote, found.said_at, ahead=proposal.kind is Kind.PLAN)
        starts, ends = rules.period(proposal.kind, when)
        proposal = replace(proposal, valid_from=starts, valid_to=ends)
    sure = proposal.kind in {Kind.BOUNDARY, Kind.SELF} or doubt.is_plain(sentence, proposal.text)
    return proposal if sure else replace(proposal, doubtful=True)


def _take_in(
    memories: MemoryStore,
    persona: str,
    read: Sequence[Utterance],
    hers: Sequence[str],
    proposals: Sequence[Proposal],
    reading: Reading,
    now: datetime,
) -> tuple[Memory, ...]:
    known = memories.all(persona)
    names = " ".join(f"{memory.about} {memory.text}" for memory in known)
    few = proposals if reading.reader == RULES else proposals[:KEPT_AT_ONCE]
    passed, rejected = admitted(few, read, hers, memories.let_go(persona), names)
    if reading.reader == RULES:  # a rule has looked at the sentence already
        passed = [(replace(p, doubtful=False), found) for p, found in passed]
    kept = list(_asked_first(passed))
    changes = reconcile(known, kept, rejected + len(proposals) - len(kept))
    return memories.take_in(persona, changes, now, reading)


def _asked_first(passed: Iterable[tuple[Proposal, Evidence]]) -> Iterable[tuple[Proposal, Evidence]]:
    """Have what is sensitive wait for the person; credentials are not kept at all, and boundaries hold at once."""
    for proposal, found in passed:
        touches = classes(f"{found.quote}. {proposal.text}")
        if proposal.kind in {Kind.SELF, Kind.BOUNDARY} or not touches:
            yield proposal, found
        elif NEVER_KEPT not in touches:
            yield replace(proposal, doubtful=True), found


def _proposed_by_rules(read: Iterable[Utterance], before: str) -> Iterable[Proposal]:
    for utterance in read:
        if utterance.speaker is Speaker.PERSON:
            asking = _ASKS_FOR_A_NAME.search(before) is not None
            yield from rules.read(utterance.text, utterance.said_at, asked_for_a_name=asking)
        else:
            before = utterance.text
            if utterance.model != LISTENER:
                yield from rules.of_herself(utterance.text)


def _theirs(read: Iterable[Utterance]) -> list[Utterance]:
    return [utterance for utterance in read if utterance.speaker is Speaker.PERSON]
