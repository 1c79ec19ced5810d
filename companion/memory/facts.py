"""Reconciling: what becomes of what is known when something new is heard. Pure.

The same again makes a memory stronger. Where only one thing can be so at a time, the newer closes the older; which is
newer is told by the order of speaking, never by a clock. What might be a mistake waits for the person.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from companion.memory.memory import THE_PERSON, Evidence, Kind, Memory, Proposal
from companion.memory.words import terms


@dataclass(frozen=True, slots=True)
class Closing:
    """A memory that stops being so.

    Attributes:
        memory: which one.
        valid_to: until when it was.
        by: the index, in `Changes.new`, of what takes its place.
    """

    memory: int
    valid_to: datetime
    by: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What one reading changes, in one step.

    Attributes:
        new: memories to add; their id is 0.
        closed: memories to close.
        again: further evidence of memories that are known.
        rejected: how many proposals had no evidence.
    """

    new: tuple[Memory, ...] = ()
    closed: tuple[Closing, ...] = ()
    again: tuple[tuple[int, Evidence], ...] = ()
    rejected: int = 0


def reconcile(known: Iterable[Memory], accepted: Sequence[tuple[Proposal, Evidence]], rejected: int = 0) -> Changes:
    """Return what changes when these proposals, each with its evidence, are taken in, in this order."""
    state = _State(list(known))
    for proposal, evidence in sorted(accepted, key=lambda pair: (pair[1].utterance, pair[1].start)):
        state.take(proposal, evidence)
    closed = tuple(closing for closing in state.closed.values() if closing.memory)
    return Changes(tuple(state.new), closed, tuple(state.again), rejected)


class _State:
    """What is known while proposals are taken in one by one; new memories are known by negative numbers."""

    def __init__(self, known: list[Memory]) -> None:
        self.known = known
        self.new: list[Memory] = []
        self.closed: dict[int, Closing] = {}
        self.again: list[tuple[int, Evidence]] = []

    def take(self, proposal: Proposal, evidence: Evidence) -> None:
        about, sure = _whom(proposal.about, self._open())
        memory = Memory(
            0, proposal.kind, proposal.text, (evidence,), about, proposal.aspect,
            proposal.valid_from or evidence.said_at, proposal.valid_to, doubtful=proposal.doubtful or not sure,
        )  # fmt: skip
        same = next((old for old in self._open() if _same(old, memory)), None)
        if same:
            self._strengthen(same, evidence)
            return
        rivals = [old for old in self._open() if sure and _rivals(old, memory)]
        if any(old.pinned and evidence.utterance != old.utterance for old in rivals):
            memory = replace(memory, doubtful=True)
        self.new.append(memory)
        if not memory.doubtful:
            for old in rivals:
                self._close(old, memory)

    def _open(self) -> list[Memory]:
        fresh = [replace(memory, id=-index) for index, memory in enumerate(self.new, 1)]
        every = [*self.known, *fresh]
        return [m for m in every if m.id not in self.closed and m.superseded_by is None]

    def _strengthen(self, same: Memory, evidence: Evidence) -> None:
        if any(evidence.overlaps(old) for old in same.evidence):
            return
        if same.id > 0:
            self.again.append((same.id, evidence))
            return
        index = -same.id - 1
        self.new[index] = replace(self.new[index], evidence=(*same.evidence, evidence))

    def _close(self, old: Memory, by: Memory) -> None:
        index = len(self.new) - 1
        until = max(by.valid_from, old.valid_from)
        if old.id > 0:
            self.closed[old.id] = Closing(old.id, until, index)
        else:
            self.closed[old.id] = Closing(0, until, index)
            self.new[-old.id - 1] = replace(self.new[-old.id - 1], valid_to=until)


def _same(old: Memory, new: Memory) -> bool:
    """Tell whether two memories say the same: the same words, or others resting on the very same words."""
    if old.kind is Kind.SELF or new.kind is Kind.SELF:
        return old.kind == new.kind and _said(old) == _said(new)
    if old.about == new.about and _said(old) == _said(new):
        return True
    rests_on_the_same = any(mine.overlaps(theirs) for mine in old.evidence for theirs in new.evidence)
    return rests_on_the_same and old.aspect == new.aspect


def _rivals(old: Memory, new: Memory) -> bool:
    """Tell whether two memories cannot both be so now."""
    one_value = bool(new.aspect) and (old.about, old.aspect) == (new.about, new.aspect) and old.valid_to is None
    return one_value and not old.doubtful and new.valid_to is None and old.kind is not Kind.SELF


def _said(memory: Memory) -> frozenset[str]:
    return frozenset(terms(memory.text))


def _whom(about: str, known: Sequence[Memory]) -> tuple[str, bool]:
    """Return whom a memory is about among those who are known, and whether that is sure.

    "Anna" is the sister Anna, as long as there is no other Anna; then it may be either, and waits.
    """
    if about == THE_PERSON or not re.fullmatch(r"[\w'-]+", about):
        return about, True
    people = {m.about for m in known if m.kind in {Kind.PERSON, Kind.PAIN} and not m.doubtful}
    named = {who for who in people if about in who.split()}
    if about in named or not named:
        return about, True
    return (named.pop(), True) if len(named) == 1 else (about, False)
