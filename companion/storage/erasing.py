"""Forgetting for good: rows, what was derived from them, and the bytes they leave behind.

SQLite keeps what was deleted: in free pages, in the write-ahead log, in the segments of a full-text index. So an
erasure ends with merging the index, rewriting the file (VACUUM) and emptying the log; our own copies of the file,
made before an update of its layout, are removed.

Words that the person said only in what goes would give it away where they were repeated: in her later replies, and in
what a model was told. Sentences and lines that hold one go as well.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from companion.care.boundaries import touched
from companion.care.ledger import BOUNDARY
from companion.conversation import Speaker, State, Utterance
from companion.errors import NotRemembered
from companion.memory.memory import Kind
from companion.memory.words import asked, terms
from companion.storage import index
from companion.storage.care import MARKS
from companion.storage.tables import (
    ConversationRow,
    EvidenceRow,
    LetGoRow,
    MemoryRow,
    SummaryRow,
    UtteranceRow,
    VectorRow,
    local,
)

_INDEXES = "SELECT name FROM sqlite_master WHERE sql LIKE '%USING fts5(%'"
_SENTENCES = re.compile(r"[^.!?\n]+[.!?\n]*\s*|[.!?\n]+\s*")


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure changes.

    Attributes:
        memories: which memories go because they were named.
        bereft: which go because all they rest on goes.
        utterances: which utterances go.
        reworded: the new words of replies that repeat what goes.
        retold: what models are said to have been told instead, for the utterances where that changes.
        summaries: the summaries that were built on it.
        marks: the marks of care that hold words of it, such as a boundary.
    """

    memories: tuple[int, ...]
    bereft: tuple[int, ...] = ()
    utterances: tuple[int, ...] = ()
    reworded: dict[int, str] = field(default_factory=dict)
    retold: dict[int, str] = field(default_factory=dict)
    summaries: tuple[int, ...] = ()
    marks: tuple[str, ...] = ()


class Eraser:
    """Takes words out of a memory file.

    Args:
        engine: the file.
        place: where it is; None for a copy that forgets by itself.
        containing: selects the utterances that hold one of some terms.
    """

    def __init__(
        self,
        engine: Engine,
        place: Path | None,
        containing: Callable[[Iterable[str], str], Any],
    ) -> None:
        self._engine, self._place = engine, place
        self._containing = containing

    def backups(self) -> tuple[Path, ...]:
        """Return our own copies of the file."""
        place = self._place
        return tuple(sorted(place.parent.glob(f"{place.name}.before-*"))) if place else ()

    def plan(self, session: Session, memories: Sequence[int], utterances: Sequence[int], *, with_words: bool) -> Plan:
        """Find everything that forgetting these changes."""
        resting = _evidence(session, memories)
        named = {*utterances, *(resting if with_words else ())}
        gone = tuple(sorted(named | _answers(session, named)))
        persona = _persona(session, memories, utterances)
        first = min((*named, *resting), default=0)
        summaries = _summaries(session, persona, first)
        if not named:
            texts = session.scalars(select(MemoryRow.text).where(MemoryRow.id.in_(memories))).all()
            drawn = _drawn(session, memories)
            return Plan(
                tuple(memories), retold=_retold(session, persona, texts=texts), summaries=summaries, marks=drawn
            )
        only = self._only_there(session, persona, gone)
        reworded = self._reworded(session, persona, only, gone)
        gone = (*gone, *(number for number, text in reworded.items() if not text))
        return Plan(
            tuple(memories),
            _bereft(session, gone, memories),
            gone,
            {number: text for number, text in reworded.items() if text},
            _retold(session, persona, only=only, gone=gone),
            summaries,
            (*_marks(session, only), *_drawn(session, memories)),
        )

    def erase(self, session: Session, plan: Plan) -> None:
        """Change what the plan says; the bytes go with `purge`."""
        _remember_what_was_let_go(session, plan)
        for number, text in plan.reworded.items():
            session.execute(update(UtteranceRow).where(UtteranceRow.id == number).values(text=text))
            session.execute(delete(VectorRow).where(VectorRow.utterance_id == number))
            index.enter(session.connection(), number, text)
        for number, told in plan.retold.items():
            session.execute(update(UtteranceRow).where(UtteranceRow.id == number).values(told=told))
        session.execute(update(SummaryRow).where(SummaryRow.id.in_(plan.summaries)).values(text="", profile=""))
        session.execute(delete(MARKS).where(MARKS.c.name.in_(plan.marks)))
        _move_borders(session, plan.utterances)
        for number in plan.utterances:
            _take_out(session, number)
            index.leave(session.connection(), number)
        touched = sorted(_evidence(session, plan.memories) - set(plan.utterances))
        session.execute(delete(MemoryRow).where(MemoryRow.id.in_((*plan.memories, *plan.bereft))))
        session.flush()
        index.enter_known(session.connection(), touched)  # found by what is still kept of them, and no more by the rest
        empty = ~select(UtteranceRow.id).where(UtteranceRow.conversation_id == ConversationRow.id).exists()
        session.execute(delete(ConversationRow).where(empty))

    def purge(self) -> bool:
        """Take the bytes of what was deleted out of all files; return whether none is left."""
        for copy in self.backups():
            copy.unlink(missing_ok=True)
        raw = self._engine.raw_connection()
        try:
            connection: Any = raw.driver_connection
            for (name,) in connection.execute(_INDEXES).fetchall():
                connection.execute(f'INSERT INTO "{name}" ("{name}") VALUES (\'optimize\')')  # noqa: S608 - our own names
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:  # held by another program, or no room to write the file anew
            return False
        finally:
            raw.close()
        return not busy

    def _only_there(self, session: Session, persona: str, gone: Sequence[int]) -> frozenset[str]:
        """Return the terms of what the person said that stand in nothing else the person said to this persona."""
        said = select(UtteranceRow.text).where(UtteranceRow.id.in_(gone), UtteranceRow.speaker == Speaker.PERSON)
        there = {term for text in session.scalars(said) for term in asked(text)}
        elsewhere = set()
        for term in there:
            query = self._containing([term], "OR").where(
                ConversationRow.persona == persona,
                UtteranceRow.speaker == Speaker.PERSON,
                UtteranceRow.id.not_in(gone),
            )
            if session.execute(query.limit(1)).first():
                elsewhere.add(term)
        return frozenset(there - elsewhere)

    def _reworded(self, session: Session, persona: str, only: frozenset[str], gone: Sequence[int]) -> dict[int, str]:
        if not only:
            return {}
        query = self._containing(sorted(only), "OR").where(
            ConversationRow.persona == persona,
            UtteranceRow.speaker == Speaker.COMPANION,
            UtteranceRow.id > min(gone),
            UtteranceRow.id.not_in(gone),
        )
        return {row.id: _without(row.text, only) for row in session.execute(query)}


def utterance(row: Row[*tuple[Any, ...]]) -> Utterance:
    """Return the value of a row."""
    return Utterance(
        id=row.id,
        conversation=row.conversation_id,
        parent=row.parent_id,
        speaker=Speaker(row.speaker),
        text=row.text,
        said_at=local(row.said_at, row.offset_minutes),
        state=State(row.state),
        told=row.told,
        model=row.model,
        holds=row.holds,
    )


def _evidence(session: Session, memories: Sequence[int]) -> set[int]:
    query = select(EvidenceRow.utterance_id).where(EvidenceRow.memory_id.in_(memories))
    return set(session.scalars(query))


def _answers(session: Session, named: Iterable[int]) -> set[int]:
    """Return her answers to what goes."""
    query = select(UtteranceRow.id).where(UtteranceRow.parent_id.in_(named), UtteranceRow.speaker == Speaker.COMPANION)
    return set(session.scalars(query))


def _persona(session: Session, memories: Sequence[int], utterances: Sequence[int]) -> str:
    kept = select(MemoryRow.persona).where(MemoryRow.id.in_(memories)).limit(1)
    said = (
        select(ConversationRow.persona)
        .join(UtteranceRow, UtteranceRow.conversation_id == ConversationRow.id)
        .where(UtteranceRow.id.in_(utterances))
        .limit(1)
    )
    found = session.scalar(kept) or session.scalar(said)
    if found is None:
        raise NotRemembered("There is nothing of that in the memory; `companion memories list` shows what there is.")
    return found


def _summaries(session: Session, persona: str, first: int) -> tuple[int, ...]:
    """Return the summaries made after something was said that have words in them: they may be built on it."""
    filled = (SummaryRow.text != "") | (SummaryRow.profile != "")
    made = select(SummaryRow.id).where(SummaryRow.persona == persona, SummaryRow.before_id >= first, filled)
    return tuple(session.scalars(made))


def _bereft(session: Session, named: Iterable[int], memories: Sequence[int]) -> tuple[int, ...]:
    """Return the memories that rest on nothing but what goes."""
    touched = select(EvidenceRow.memory_id).where(EvidenceRow.utterance_id.in_(named))
    holding = select(EvidenceRow.memory_id).where(EvidenceRow.utterance_id.not_in(named))
    query = select(MemoryRow.id).where(
        MemoryRow.id.in_(touched), MemoryRow.id.not_in(holding), MemoryRow.id.not_in(memories)
    )
    return tuple(session.scalars(query))


def _drawn(session: Session, memories: Sequence[int]) -> tuple[str, ...]:
    """Return the marks of care that memories of boundaries stand for: who forgets one, lifts it."""
    kept = select(MemoryRow.text).where(MemoryRow.id.in_(memories), MemoryRow.kind == Kind.BOUNDARY)
    texts = session.scalars(kept).all()
    names = session.scalars(select(MARKS.c.name).where(MARKS.c.name.startswith(BOUNDARY, autoescape=True)))
    return tuple(name for name in names if any(touched([name.removeprefix(BOUNDARY)], text) for text in texts))


def _marks(session: Session, only: frozenset[str]) -> tuple[str, ...]:
    """Return the boundaries that were drawn in words which go."""
    names = session.scalars(select(MARKS.c.name).where(MARKS.c.name.startswith(BOUNDARY, autoescape=True)))
    return tuple(name for name in names if not only.isdisjoint(terms(name.removeprefix(BOUNDARY))))


def _retold(
    session: Session,
    persona: str,
    *,
    texts: Sequence[str] = (),
    only: frozenset[str] = frozenset(),
    gone: Sequence[int] = (),
) -> dict[int, str]:
    """Return what models were told, without the lines before the person's own words that give away what goes."""
    query = (
        select(UtteranceRow.id, UtteranceRow.told, UtteranceRow.text)
        .join(ConversationRow, ConversationRow.id == UtteranceRow.conversation_id)
        .where(ConversationRow.persona == persona, UtteranceRow.told.is_not(None), UtteranceRow.id.not_in(gone))
        .where(UtteranceRow.told.like("%<recalled>%") | UtteranceRow.told.like("(You opened%"))
    )
    retold = {}
    for number, told, words in session.execute(query):
        kept = _without_lines(told or "", words, lambda line: _gives_away(line, texts, only))
        if kept != told:
            retold[number] = kept
    return retold


def _gives_away(line: str, texts: Sequence[str], only: frozenset[str]) -> bool:
    return any(text in line for text in texts) or (bool(only) and not only.isdisjoint(terms(line)))


def _without_lines(told: str, words: str, gives_away: Callable[[str], bool]) -> str:
    """Return what was told without some of the lines that stand before and after the person's words."""
    at = told.rfind(words)
    if at < 0:
        return told
    *lines, stamp = told[:at].split("\n")
    kept = [line for line in lines if not gives_away(line)]
    if kept[:2] == ["<recalled>", "</recalled>"]:
        kept = kept[2:]
    after = [line for line in told[at + len(words) :].split("\n") if not gives_away(line)]
    return "\n".join((*kept, stamp)) + words + "\n".join(after)


def _without(text: str, only: frozenset[str]) -> str:
    """Return a text without the sentences that hold one of some terms."""
    kept = [sentence for sentence in _sentences(text) if only.isdisjoint(terms(sentence))]
    return "".join(kept).strip()


def _sentences(text: str) -> Iterator[str]:
    yield from _SENTENCES.findall(text)


def _remember_what_was_let_go(session: Session, plan: Plan) -> None:
    """Note where the memories rested, so that the words that stay are not read into a memory again."""
    spans = select(EvidenceRow).where(
        EvidenceRow.memory_id.in_(plan.memories), EvidenceRow.utterance_id.not_in(plan.utterances)
    )
    for span in session.scalars(spans).all():
        values = {"utterance_id": span.utterance_id, "begins": span.begins, "ends": span.ends}
        session.execute(insert(LetGoRow).values(values).on_conflict_do_nothing())


def _move_borders(session: Session, gone: Sequence[int]) -> None:
    """Let the telling of history begin with what comes next, where it began with what goes."""
    for summary in session.scalars(select(SummaryRow).where(SummaryRow.before_id.in_(gone))).all():
        after = (
            select(func.min(UtteranceRow.id))
            .join(ConversationRow, ConversationRow.id == UtteranceRow.conversation_id)
            .where(ConversationRow.persona == summary.persona)
            .where(UtteranceRow.id > summary.before_id, UtteranceRow.id.not_in(gone))
        )
        border = session.scalar(after)
        if border is None:
            session.delete(summary)
        else:
            summary.before_id = border
    session.flush()


def _take_out(session: Session, number: int) -> None:
    """Delete an utterance; what followed it follows what it followed."""
    parent = select(UtteranceRow.parent_id).where(UtteranceRow.id == number)
    above = session.scalar(parent)
    session.execute(update(UtteranceRow).where(UtteranceRow.parent_id == number).values(parent_id=above))
    session.execute(delete(UtteranceRow).where(UtteranceRow.id == number))
