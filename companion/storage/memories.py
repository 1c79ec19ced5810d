"""What is kept beyond the words, in SQLite: rows in, values out."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnExpressionArgument, Select, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_update
from sqlalchemy.orm import Session

from companion.conversation import Speaker, State, Utterance
from companion.errors import NotRemembered
from companion.memory.facts import Changes
from companion.memory.memory import Evidence, Kind, Memory, Span
from companion.memory.store import Reach, Reading
from companion.storage import erasing, index
from companion.storage.tables import (
    ConversationRow,
    EvidenceRow,
    LetGoRow,
    MemoryRow,
    ReadingRow,
    UtteranceRow,
    local,
)

Transaction = Callable[[], AbstractContextManager[Session]]

_SAID = UtteranceRow.__table__
A_DAY = timedelta(days=1)


class SqliteMemories:
    """Keeps memories in the file of a store.

    Args:
        reading: begins a transaction that reads.
        writing: begins one that writes.
        eraser: takes words out of everything that is derived from them, and bytes out of the files.
    """

    def __init__(self, reading: Transaction, writing: Transaction, eraser: erasing.Eraser) -> None:
        self._reading, self._writing, self._eraser = reading, writing, eraser

    def all(self, persona: str | None = None, *, aspect: str | None = None) -> tuple[Memory, ...]:
        """Return every memory, or those of an aspect, oldest first."""
        query = select(MemoryRow).order_by(MemoryRow.id)
        if aspect is not None:
            query = query.where(MemoryRow.aspect == aspect)
        if persona is not None:
            query = query.where(MemoryRow.persona == persona)
        with self._reading() as session:
            return _holding(_memories(session, query, UtteranceRow.holds))

    def one(self, memory: int) -> Memory:
        """Return one memory."""
        with self._reading() as session:
            return _one(session, memory)

    def resting_on(self, utterances: Sequence[int]) -> tuple[Memory, ...]:
        """Return the memories that rest on one of these utterances."""
        resting = select(EvidenceRow.memory_id).where(EvidenceRow.utterance_id.in_(utterances))
        with self._reading() as session:
            return _memories(session, select(MemoryRow).where(MemoryRow.id.in_(resting)).order_by(MemoryRow.id))

    def read_upto(self, persona: str, reader: str) -> int:
        """Return the last utterance that a reader has read."""
        with self._reading() as session:
            return _upto(session, persona, reader)

    def unread(self, persona: str, reader: str, limit: int) -> tuple[Utterance, ...]:
        """Return what was said since a reader came last."""
        with self._reading() as session:
            upto = _upto(session, persona, reader)
            query = _said(persona).where(
                UtteranceRow.id > upto, UtteranceRow.state == State.COMPLETE, UtteranceRow.holds
            )
            return tuple(map(erasing.utterance, session.execute(query.order_by(UtteranceRow.id).limit(limit))))

    def hers(self, persona: str, before: int, limit: int) -> tuple[str, ...]:
        """Return the last things she said before an utterance."""
        query = _said(persona).where(UtteranceRow.speaker == Speaker.COMPANION, UtteranceRow.id < before)
        with self._reading() as session:
            return tuple(row.text for row in session.execute(query.order_by(UtteranceRow.id.desc()).limit(limit)))

    def let_go(self, persona: str) -> tuple[Span, ...]:
        """Return the spans that must not be kept again."""
        query = (
            select(LetGoRow)
            .join(UtteranceRow, UtteranceRow.id == LetGoRow.utterance_id)
            .join(ConversationRow, ConversationRow.id == UtteranceRow.conversation_id)
            .where(ConversationRow.persona == persona)
        )
        with self._reading() as session:
            return tuple(Span(row.utterance_id, row.begins, row.ends) for row in session.scalars(query))

    def take_in(
        self, persona: str, changes: Changes, at: datetime, reading: Reading | None = None
    ) -> tuple[Memory, ...]:
        """Make the changes of one reading, and return the new memories."""
        with self._writing() as session:
            if reading is not None and _upto(session, persona, reading.reader) >= reading.upto:
                return ()
            numbers = [_add(session, persona, memory, at) for memory in changes.new]
            for closing in changes.closed:
                closed = {"valid_to": closing.valid_to, "superseded_by": numbers[closing.by]}
                session.execute(update(MemoryRow).where(MemoryRow.id == closing.memory).values(closed))
            for known, evidence in changes.again:
                _rest(session, known, [evidence])
            if reading is not None:
                _mark(session, persona, reading, len(numbers), changes.rejected)
            index.enter_known(session.connection(), _resting(changes))
            return _memories(session, select(MemoryRow).where(MemoryRow.id.in_(numbers)).order_by(MemoryRow.id))

    def came_to_mind(self, utterances: Sequence[int], at: datetime) -> None:
        """Note that what rests on these utterances came to mind; counts once a day."""
        resting = select(EvidenceRow.memory_id).where(EvidenceRow.utterance_id.in_(utterances))
        with self._writing() as session:
            session.execute(
                update(MemoryRow)
                .where(MemoryRow.id.in_(resting))
                .where(MemoryRow.recalled_at.is_(None) | (MemoryRow.recalled_at <= at - A_DAY))
                .where(MemoryRow.kept_at <= at - A_DAY)
                .values(recalled=MemoryRow.recalled + 1, recalled_at=at)
            )

    def pin(self, memory: int, *, pinned: bool) -> None:
        """Hold on to a memory, or no longer."""
        with self._writing() as session:
            settled = _one(session, memory).doubtful and pinned
            values = {"pinned": pinned, "doubtful": False} if pinned else {"pinned": False}
            session.execute(update(MemoryRow).where(MemoryRow.id == memory).values(values))
            if settled:
                _close_rivals(session, memory)

    def reach(self, memories: Sequence[int], *, with_words: bool, utterances: Sequence[int] = ()) -> Reach:
        """Return what forgetting these would take away."""
        with self._reading() as session:
            gone = [_one(session, memory) for memory in memories]
            plan = self._eraser.plan(session, memories, utterances, with_words=with_words)
            gone += [_one(session, memory) for memory in plan.bereft]
            said = _said().where(UtteranceRow.id.in_(plan.utterances)).order_by(UtteranceRow.id)
            return Reach(
                tuple(dict.fromkeys(gone)),
                tuple(map(erasing.utterance, session.execute(said))),
                len(plan.reworded),
                len(plan.summaries),
                tuple(map(str, self._eraser.backups())),
            )

    def erase(self, memories: Sequence[int], *, with_words: bool, utterances: Sequence[int] = ()) -> bool:
        """Forget these for good; return whether no byte is left."""
        with self._writing() as session:
            for memory in memories:
                _one(session, memory)
            self._eraser.erase(session, self._eraser.plan(session, memories, utterances, with_words=with_words))
        return self._eraser.purge()


def _said(persona: str | None = None) -> Select[*tuple[Any, ...]]:
    joined = select(_SAID).join(ConversationRow, ConversationRow.id == UtteranceRow.conversation_id)
    return joined if persona is None else joined.where(ConversationRow.persona == persona)


def _upto(session: Session, persona: str, reader: str) -> int:
    mark = select(ReadingRow.upto_id).where(ReadingRow.persona == persona, ReadingRow.reader == reader)
    return session.scalar(mark) or 0


def _one(session: Session, memory: int) -> Memory:
    found = _memories(session, select(MemoryRow).where(MemoryRow.id == memory))
    if not found:
        raise NotRemembered(f"There is no memory {memory}; `companion memories list` shows them all.")
    return found[0]


def _holding(memories: tuple[Memory, ...]) -> tuple[Memory, ...]:
    """Return memories, of which those hold again that were closed by one that is not among them."""
    there = {memory.id for memory in memories}
    return tuple(
        memory
        if memory.superseded_by is None or memory.superseded_by in there
        else replace(memory, superseded_by=None, valid_to=None)
        for memory in memories
    )


def _memories(session: Session, query: Select[MemoryRow], *where: ColumnExpressionArgument[bool]) -> tuple[Memory, ...]:
    """Return the memories of some rows, resting on the words that are such."""
    rows = session.scalars(query).all()
    if not rows:
        return ()
    resting: dict[int, list[Evidence]] = {}
    spans = (
        select(EvidenceRow, UtteranceRow.text, UtteranceRow.said_at, UtteranceRow.offset_minutes)
        .join(UtteranceRow, UtteranceRow.id == EvidenceRow.utterance_id)
        .where(EvidenceRow.memory_id.in_(query.with_only_columns(MemoryRow.id).order_by(None)), *where)
        .order_by(EvidenceRow.utterance_id, EvidenceRow.begins)
    )
    for span, text, said_at, offset in session.execute(spans):
        quote = text[span.begins : span.ends]
        evidence = Evidence(span.utterance_id, span.begins, span.ends, quote, local(said_at, offset))
        resting.setdefault(span.memory_id, []).append(evidence)
    return tuple(_memory(row, resting[row.id]) for row in rows if row.id in resting)


def _memory(row: MemoryRow, evidence: Iterable[Evidence]) -> Memory:
    resting = tuple(evidence)
    zone = resting[-1].said_at.tzinfo
    until, recalled_at = row.valid_to, row.recalled_at
    return Memory(
        id=row.id,
        kind=Kind(row.kind),
        text=row.text,
        evidence=resting,
        about=row.about,
        aspect=row.aspect,
        valid_from=row.valid_from.astimezone(zone),
        valid_to=until.astimezone(zone) if until else None,
        superseded_by=row.superseded_by,
        recalled=row.recalled,
        recalled_at=recalled_at.astimezone(zone) if recalled_at else None,
        pinned=row.pinned,
        doubtful=row.doubtful,
    )


def _add(session: Session, persona: str, memory: Memory, at: datetime) -> int:
    row = MemoryRow(
        persona=persona,
        kind=memory.kind,
        text=memory.text,
        about=memory.about,
        aspect=memory.aspect,
        valid_from=memory.valid_from,
        valid_to=memory.valid_to,
        superseded_by=None,
        kept_at=at,
        recalled=0,
        recalled_at=None,
        pinned=memory.pinned,
        doubtful=memory.doubtful,
    )
    session.add(row)
    session.flush()
    _rest(session, row.id, memory.evidence)
    return row.id


def _resting(changes: Changes) -> set[int]:
    """Return the utterances that something new is kept of."""
    return {evidence.utterance for memory in changes.new for evidence in memory.evidence}


def _close_rivals(session: Session, memory: int) -> None:
    """Let a memory that is doubted no more take the place of what cannot be so beside it."""
    row = session.get_one(MemoryRow, memory)
    if not row.aspect:
        return
    rivals = (
        select(MemoryRow)
        .where(MemoryRow.persona == row.persona, MemoryRow.about == row.about, MemoryRow.aspect == row.aspect)
        .where(MemoryRow.id != memory, MemoryRow.valid_to.is_(None), ~MemoryRow.doubtful)
    )
    for rival in session.scalars(rivals):
        rival.valid_to, rival.superseded_by = max(rival.valid_from, row.valid_from), memory


def _rest(session: Session, memory: int, evidence: Iterable[Evidence]) -> None:
    for span in evidence:
        values = {"memory_id": memory, "utterance_id": span.utterance, "begins": span.start, "ends": span.end}
        session.execute(insert(EvidenceRow).prefix_with("OR IGNORE"), values)


def _mark(session: Session, persona: str, reading: Reading, kept: int, rejected: int) -> None:
    """Note how far a reader came, and what came of it."""
    first = {"persona": persona, "reader": reading.reader, "upto_id": reading.upto, "kept": kept, "rejected": rejected}
    statement = insert_or_update(ReadingRow).values(first)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[ReadingRow.persona, ReadingRow.reader],
            set_={
                "upto_id": reading.upto,
                "kept": ReadingRow.kept + kept,
                "rejected": ReadingRow.rejected + rejected,
            },
        )
    )
