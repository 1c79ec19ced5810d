"""Keeping on request: what the person asks to be remembered, corrected, or found again, in their own words."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from companion.conversation import Speaker, Utterance
from companion.memory import rules
from companion.memory.evidence import own_words
from companion.memory.facts import Changes, Closing, reconcile
from companion.memory.memory import Evidence, Kind, Memory, Proposal
from companion.memory.store import MemoryStore, Store

LONGEST_TEXT = 500
"""Characters that are kept of one request."""


def keep(
    memories: MemoryStore, persona: str, said: Utterance, now: datetime, instead_of: Memory | None = None
) -> Memory | None:
    """Keep what a person just said, in their own words, and return it; None if it is nothing to keep.

    What rules make of it says what kind it is. With `instead_of`, that memory is closed: it was never so.
    """
    found = _span(said)
    if found is None:
        return None
    proposal = next(iter(rules.read(found.quote, said.said_at)), None)
    kind = proposal.kind if proposal else (instead_of.kind if instead_of else Kind.FACT)
    text = rules.turned(" ".join(found.quote.split()))
    if proposal and proposal.aspect == "name":
        text = proposal.text
    wanted = replace(proposal or Proposal(kind, text, found.quote), text=text, quote=found.quote)
    if instead_of is not None:
        return _corrected(memories, persona, wanted, found, instead_of, now)
    changes = reconcile(memories.all(persona), [(wanted, found)])
    if not changes.new:  # it is known; saying so again has made it stronger
        memories.take_in(persona, changes, now)
        known = [memory for memory, _ in changes.again]
        return memories.one(known[0]) if known else _resting_on(memories.all(persona), said)
    asked_for = tuple(replace(memory, doubtful=False) for memory in changes.new)
    return memories.take_in(persona, replace(changes, new=asked_for), now)[0]


def said(store: Store, persona: str, words: str, now: datetime, *, within: timedelta) -> Utterance:
    """Keep some words of the person, in the last sitting if it ended less than `within` ago, or in one of their own."""
    latest = store.latest(persona)
    if latest is None or now - latest.said_at > within:
        return store.begin(persona, words, now)
    return store.add(latest, Speaker.PERSON, words, now)


def _corrected(
    memories: MemoryStore, persona: str, wanted: Proposal, found: Evidence, old: Memory, now: datetime
) -> Memory:
    new = Memory(
        0, wanted.kind, wanted.text, (found,), old.about, old.aspect or wanted.aspect,
        wanted.valid_from or old.valid_from, wanted.valid_to, pinned=old.pinned,
    )  # fmt: skip
    changes = Changes(new=(new,), closed=(Closing(old.id, old.valid_from, 0),))
    return memories.take_in(persona, changes, now)[0]


def _resting_on(memories: Iterable[Memory], said: Utterance) -> Memory | None:
    return next((m for m in memories if any(e.utterance == said.id for e in m.evidence)), None)


def _span(said: Utterance) -> Evidence | None:
    """Return the person's own words in what they said, without the asking to remember them."""
    whole = re.match(r"\s*(?:please )?remember(?: this)?(?:,? that|:)? +(?=\S)", said.text, re.IGNORECASE)
    start = whole.end() if whole else 0
    for begins, ends in own_words(said.text):
        first = max(begins, start)
        words = said.text[first : min(ends, first + LONGEST_TEXT)]
        bare = words.strip()
        if any(char.isalnum() for char in bare) and not bare.endswith("?"):
            first += words.index(bare)
            return Evidence(said.id, first, first + len(bare), bare, said.said_at)
    return None
