"""The store in SQLite: every call is one transaction, and what it returns is plain values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    Integer,
    Row,
    ScalarSelect,
    Select,
    Text,
    and_,
    column,
    func,
    insert,
    literal_column,
    select,
    table,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from companion.conversation import Conversation, Speaker, State, Utterance
from companion.errors import NotRemembered, StorageError
from companion.memory.store import Bookmark, Matches, Meaning, Spent, Summary, Tally
from companion.memory.words import terms
from companion.storage import index, vectors
from companion.storage.care import SqliteLedger
from companion.storage.erasing import Eraser
from companion.storage.erasing import utterance as _utterance
from companion.storage.memories import SqliteMemories
from companion.storage.opening import open_copy, open_file, translated
from companion.storage.tables import (
    BookmarkRow,
    ConversationRow,
    SummaryRow,
    UsageRow,
    UtteranceRow,
    local,
    offset_of,
)

LONGEST_WINDOW = 5_000
"""Utterances read for one request, whatever the model could be told: some 250k tokens of chat."""

A_SECOND = 1_000_000
"""Microseconds, as moments are counted in the file."""

_SAID = UtteranceRow.__table__  # read as plain rows: values are made of them at once, so objects would be wasted
_TERMS = table("utterance_terms", column("rowid"), column("terms", Text))


class SqliteStore:
    """Keeps every word in one file.

    Attributes:
        notice: what the person should know since it was opened, or nothing.
    """

    def __init__(self, engine: Engine, place: Path, identity: tuple[int, int] | None = None, notice: str = "") -> None:
        self.notice = notice
        self._meanings: vectors.Meanings | None = None
        self._engine = engine
        self._writing_engine = engine.execution_options(writing=True)
        self._place = place
        self._identity = identity
        self.ledger = SqliteLedger(self._reading, self._writing)
        eraser = Eraser(engine, place if identity else None, _containing)
        self._memories = SqliteMemories(self._reading, self._writing, eraser)

    @property
    def memories(self) -> SqliteMemories:
        """What is kept beyond the words."""
        return self._memories

    @classmethod
    def open(cls, path: Path) -> "SqliteStore":
        """Open the memory file, or make it."""
        engine, notice = open_file(path)
        return cls(engine, path, _identity(path), notice)

    @classmethod
    def open_copy(cls, path: Path) -> "SqliteStore":
        """Open a copy that forgets everything when it is closed."""
        engine, notice = open_copy(path)
        return cls(engine, path, notice=notice)

    def _check_place(self) -> None:
        """Notice that the file was deleted or replaced while it was open: what is written now would be lost unseen."""
        if self._identity is not None and _identity(self._place) != self._identity:
            raise StorageError(
                f"The memory file {self._place} was moved, deleted or replaced meanwhile; leave and start again."
            )

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with translated(self._place), Session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        self._check_place()
        with translated(self._place), Session(self._writing_engine) as session, session.begin():
            yield session

    def begin(self, persona: str, words: str, at: datetime, *, greeting: str = "") -> Utterance:
        """Begin a sitting with the person's first words, and before them her greeting, where she gave one."""
        with self._writing() as session:
            sitting = ConversationRow(persona=persona, started_at=at)
            session.add(sitting)
            session.flush()
            parent = None
            if greeting:
                parent = _insert(session, Utterance(0, sitting.id, None, Speaker.COMPANION, greeting, at)).id
            return _insert(session, Utterance(0, sitting.id, parent, Speaker.PERSON, words, at))

    def add(
        self,
        after: Utterance,
        speaker: Speaker,
        text: str,
        at: datetime,
        *,
        state: State = State.COMPLETE,
        model: str | None = None,
    ) -> Utterance:
        """Add what was said in answer to another utterance or, by the person, after whatever was said last."""
        with self._writing() as session:
            there = select(UtteranceRow.id).where(UtteranceRow.id == after.id)
            tip = session.scalar(_tip_of(after.conversation))
            parent = tip if speaker is Speaker.PERSON else session.scalar(there)
            if parent is None:
                raise NotRemembered("What was said before this was forgotten meanwhile; it is not kept.")
            new = _insert(session, Utterance(0, after.conversation, parent, speaker, text, at, state, None, model))
            if parent != tip:
                _turn_to(session, new.conversation, new.id)
            return new

    def turn_to(self, conversation: int, tip: int | None) -> None:
        """Let the path to an utterance of a sitting hold, and nothing beside it."""
        with self._writing() as session:
            _turn_to(session, conversation, tip)

    def one(self, utterance: int) -> Utterance:
        """Return one utterance."""
        with self._reading() as session:
            row = session.execute(select(_SAID).where(UtteranceRow.id == utterance)).first()
            if row is None:
                raise NotRemembered(f"There is nothing with the number {utterance}; `/search WORDS` shows the numbers.")
            return _utterance(row)

    def bookmark(self, utterance: int, note: str, at: datetime) -> None:
        """Mark a place; a second time, only the note changes."""
        with self._writing() as session:
            session.merge(BookmarkRow(utterance_id=utterance, note=note, made_at=at))

    def bookmarks(self, persona: str) -> tuple[Bookmark, ...]:
        """Return the places that were marked, oldest first."""
        query = (
            _of_persona(persona)
            .join(BookmarkRow, BookmarkRow.utterance_id == UtteranceRow.id)
            .add_columns(BookmarkRow.note)
            .order_by(UtteranceRow.id)
        )
        with self._reading() as session:
            return tuple(Bookmark(_utterance(row), row.note) for row in session.execute(query))

    def tally(self, persona: str) -> Tally:
        """Return what the talks with a persona come to."""
        spaces = func.length(UtteranceRow.text) - func.length(func.replace(UtteranceRow.text, " ", ""))
        day = func.date(
            type_coerce(_SAID.c.said_at, Integer) / A_SECOND + 60 * UtteranceRow.offset_minutes, "unixepoch"
        )
        said = (
            select(
                func.count(UtteranceRow.conversation_id.distinct()),
                func.count(day.distinct()),
                func.min(UtteranceRow.said_at),
                func.sum(spaces + 1).filter(UtteranceRow.speaker == Speaker.PERSON),
                func.sum(spaces + 1).filter(UtteranceRow.speaker == Speaker.COMPANION),
            )
            .join(ConversationRow, ConversationRow.id == UtteranceRow.conversation_id)
            .where(ConversationRow.persona == persona)
        )
        spent = (
            select(
                func.sum(UsageRow.prompt_tokens), func.sum(UsageRow.cached_tokens), func.sum(UsageRow.completion_tokens)
            )
            .join(UtteranceRow, UtteranceRow.id == UsageRow.utterance_id)
            .join(ConversationRow, ConversationRow.id == UtteranceRow.conversation_id)
            .where(ConversationRow.persona == persona)
        )
        with self._reading() as session:
            sittings, days, since, yours, hers = session.execute(said).one()
            prompt, cached, completion = session.execute(spent).one()
            return Tally(sittings, days, since, yours or 0, hers or 0, prompt or 0, cached or 0, completion or 0)

    def revise(self, utterance: int, text: str, state: State) -> None:
        """Replace the words of a reply that is still being spoken."""
        with self._writing() as session:
            session.execute(update(UtteranceRow).where(UtteranceRow.id == utterance).values(text=text, state=state))
            index.enter(session.connection(), utterance, text)
            vectors.leave(session.connection(), utterance)

    def tell(self, utterance: int, told: str) -> None:
        """Keep what the model is told in place of an utterance."""
        with self._writing() as session:
            session.execute(update(UtteranceRow).where(UtteranceRow.id == utterance).values(told=told))

    def window(self, upto: Utterance) -> tuple[Utterance, ...]:
        """Return what may be told word by word, oldest first, ending with `upto`."""
        with self._reading() as session:
            persona = _persona_of(upto.conversation).scalar_subquery()
            border = session.scalar(_summaries_for(upto).with_only_columns(SummaryRow.before_id))
            holds = session.scalar(select(UtteranceRow.holds).where(UtteranceRow.id == upto.id))
            mine = _on_the_way_to(upto, holds=bool(holds))
            rows = session.execute(
                _of_persona(persona)
                .where(UtteranceRow.id >= (border or 0))
                .where((UtteranceRow.id < _opened(upto)) & UtteranceRow.holds | mine)
                .order_by(UtteranceRow.id.desc())
                .limit(LONGEST_WINDOW)
            )
            return tuple(reversed([_utterance(row) for row in rows]))

    def summary(self, upto: Utterance) -> Summary | None:
        """Return the summary that `window` begins at: the latest of this sitting, or from before it began."""
        with self._reading() as session:
            row = session.scalar(_summaries_for(upto))
            return Summary(row.before_id, row.text, row.profile) if row else None

    def summarise(self, persona: str, summary: Summary, at: datetime) -> None:
        """Keep a new summary."""
        with self._writing() as session:
            made = {"before_id": summary.before, "text": summary.text, "profile": summary.profile, "made_at": at}
            session.add(SummaryRow(persona=persona, **made))

    def spend(self, utterance: int, spent: Spent) -> None:
        """Keep what a reply cost."""
        with self._writing() as session:
            session.merge(
                UsageRow(
                    utterance_id=utterance,
                    model=spent.model,
                    estimated_tokens=spent.estimated,
                    prompt_tokens=spent.prompt,
                    cached_tokens=spent.cached,
                    completion_tokens=spent.completion,
                )
            )

    def spent(self, model: str) -> Spent | None:
        """Return what the latest reply of a model cost."""
        query = select(UsageRow).where(UsageRow.model == model).order_by(UsageRow.utterance_id.desc()).limit(1)
        with self._reading() as session:
            row = session.scalar(query)
            if row is None:
                return None
            counted = (row.estimated_tokens, row.prompt_tokens, row.cached_tokens, row.completion_tokens)
            return Spent(row.model, *counted)

    def told_before(self, persona: str, border: int) -> int:
        """Return how many utterances lie before the border, out of the window."""
        before = _of_persona(persona).where(UtteranceRow.id < border).subquery()
        with self._reading() as session:
            return session.scalar(select(func.count()).select_from(before)) or 0

    def matching(
        self,
        persona: str,
        asked: Sequence[str],
        limit: int,
        periods: Sequence[tuple[datetime, datetime]] = (),
        meaning: Meaning | None = None,
    ) -> Matches:
        """Find the passages that hold most of the terms asked for."""
        with self._reading() as session:
            connection = session.connection()
            if meaning is None:
                return index.matching(connection, persona, asked, limit, periods)
            if self._meanings is None or not self._meanings.hold(meaning):
                self._meanings = vectors.Meanings(meaning.model, len(meaning.vector))
            likeness = self._meanings.likeness(connection, meaning.vector)
            if likeness is None:
                return index.matching(connection, persona, asked, limit, periods)
            matches = index.matching(connection, persona, asked, limit, periods, likeness.nearest(limit // 4))
            return matches.likened(likeness.of(matches.ids()))

    def unembedded(self, model: str, limit: int) -> tuple[tuple[int, str], ...]:
        """Return the newest utterances without a vector of this model, each an id and the text to embed."""
        with self._reading() as session:
            return vectors.wanting(session.connection(), model, limit)

    def embed(self, model: str, found: Mapping[int, Sequence[float]]) -> None:
        """Keep vectors of unit length under the ids of utterances, in place of those of another model."""
        with self._writing() as session:
            vectors.keep(session.connection(), model, found)

    def told(self, utterances: Sequence[int]) -> Mapping[int, Utterance]:
        """Return utterances by their ids; those that are not there any more are left out."""
        with self._reading() as session:
            rows = session.execute(select(_SAID).where(UtteranceRow.id.in_(utterances)))
            return {row.id: _utterance(row) for row in rows}

    def search(self, words: str, limit: int, persona: str | None = None) -> tuple[Utterance, ...]:
        """Return the utterances that contain all of the words (in any form), newest first."""
        sought = list(dict.fromkeys(terms(words)))
        if not sought:
            return ()
        query = _containing(sought, "AND").order_by(UtteranceRow.id.desc()).limit(limit)
        if persona is not None:
            query = query.where(ConversationRow.persona == persona)
        with self._reading() as session:
            return tuple(map(_utterance, session.execute(query)))

    def conversations(self, persona: str | None = None) -> tuple[Conversation, ...]:
        """Return all sittings, latest first."""
        bounds = (
            select(
                UtteranceRow.conversation_id.label("sitting"),
                func.min(UtteranceRow.id).filter(UtteranceRow.speaker == Speaker.PERSON).label("first"),
                func.max(UtteranceRow.id).label("last"),
                func.count().label("number"),
            )
            .group_by(UtteranceRow.conversation_id)
            .subquery()
        )
        opening, closing = _SAID.alias(), _SAID.alias()
        query = (
            select(ConversationRow, bounds.c.number, opening.c.text, opening.c.offset_minutes, closing.c.said_at)
            .join(bounds, bounds.c.sitting == ConversationRow.id)
            .join(opening, opening.c.id == bounds.c.first)
            .join(closing, closing.c.id == bounds.c.last)
            .order_by(bounds.c.last.desc())
        )
        if persona is not None:
            query = query.where(ConversationRow.persona == persona)
        with self._reading() as session:
            return tuple(map(_conversation, session.execute(query)))

    def latest(self, persona: str) -> Utterance | None:
        """Return the newest utterance that holds, of all sittings with a persona."""
        with self._reading() as session:
            row = session.execute(
                _of_persona(persona).where(UtteranceRow.holds).order_by(UtteranceRow.id.desc()).limit(1)
            ).first()
            return _utterance(row) if row else None

    def utterances(self, conversation: int) -> tuple[Utterance, ...]:
        """Return everything said in a sitting, branches included, in order.

        Raises:
            NotRemembered: there was no such sitting.
        """
        query = select(_SAID).where(UtteranceRow.conversation_id == conversation).order_by(UtteranceRow.id)
        with self._reading() as session:
            said = tuple(map(_utterance, session.execute(query)))
        if not said:
            raise NotRemembered(f"There is no sitting {conversation}; `companion history list` shows them all.")
        return said

    def said(self, persona: str, limit: int) -> tuple[str, ...]:
        """Return the person's last words to a persona, newest first, without repetitions in a row."""
        query = (
            _of_persona(persona)
            .where(UtteranceRow.speaker == Speaker.PERSON)
            .order_by(UtteranceRow.id.desc())
            .limit(limit)
        )
        with self._reading() as session:
            texts = [row.text for row in session.execute(query)]
        return tuple(said for said, before in zip(texts, [None, *texts], strict=False) if said != before)

    def replies(self, persona: str, limit: int) -> tuple[Utterance, ...]:
        """Return her last replies in any sitting, newest first, greetings left out."""
        query = (
            _of_persona(persona)
            .where(UtteranceRow.speaker == Speaker.COMPANION, UtteranceRow.parent_id.is_not(None))
            .order_by(UtteranceRow.id.desc())
            .limit(limit)
        )
        with self._reading() as session:
            return tuple(map(_utterance, session.execute(query)))

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _opened(upto: Utterance) -> ScalarSelect[int]:
    """Select where the sitting of an utterance began."""
    first = select(func.min(UtteranceRow.id)).where(UtteranceRow.conversation_id == upto.conversation)
    return first.scalar_subquery()


def _summaries_for(upto: Utterance) -> Select[SummaryRow]:
    """Select the summary that holds for an utterance: a cut in another sitting that goes on meanwhile does not."""
    sitting = select(UtteranceRow.conversation_id).where(UtteranceRow.id == SummaryRow.before_id).scalar_subquery()
    before = (SummaryRow.before_id < _opened(upto)) | (sitting == upto.conversation)
    persona = _persona_of(upto.conversation).scalar_subquery()
    query = select(SummaryRow).where(SummaryRow.persona == persona, SummaryRow.before_id <= upto.id, before)
    border = _SAID.alias()
    query = query.join(border, border.c.id == SummaryRow.before_id).where(border.c.holds)
    return query.order_by(SummaryRow.id.desc()).limit(1)


def _tip_of(conversation: int) -> Select[int | None]:
    """Select where the path of a sitting that holds ends."""
    return select(func.max(UtteranceRow.id)).where(UtteranceRow.conversation_id == conversation, UtteranceRow.holds)


def _path_to(utterance: int | None) -> Select[int]:
    """Select an utterance and everything that it follows."""
    path = select(UtteranceRow.id, UtteranceRow.parent_id).where(UtteranceRow.id == utterance).cte(recursive=True)
    above = select(UtteranceRow.id, UtteranceRow.parent_id).join(path, UtteranceRow.id == path.c.parent_id)
    return select(path.union_all(above).c.id)


def _on_the_way_to(upto: Utterance, *, holds: bool) -> ColumnElement[bool]:
    """Select an utterance and everything that it follows; where it holds, that is known without following it."""
    if not holds:
        return UtteranceRow.id.in_(_path_to(upto.id))
    return and_(UtteranceRow.conversation_id == upto.conversation, UtteranceRow.id <= upto.id, UtteranceRow.holds)


def _turn_to(session: Session, conversation: int, tip: int | None) -> None:
    there = UtteranceRow.id.in_(_path_to(tip))
    turned = update(UtteranceRow).where(UtteranceRow.conversation_id == conversation).values(holds=there)
    session.execute(turned.execution_options(synchronize_session=False))


def _persona_of(conversation: int) -> Select[str]:
    return select(ConversationRow.persona).where(ConversationRow.id == conversation)


def _of_persona(persona: object) -> Select[*tuple[Any, ...]]:
    joined = select(_SAID).join(ConversationRow, ConversationRow.id == UtteranceRow.conversation_id)
    return joined.where(ConversationRow.persona == persona)


def _containing(sought: Iterable[str], operator: str) -> Select[*tuple[Any, ...]]:
    """Select the utterances whose indexed terms match; terms are letters and digits only, so quoting is enough."""
    wanted = f" {operator} ".join(f'"{term}"' for term in sought)
    return (
        select(_SAID)
        .join(ConversationRow, ConversationRow.id == UtteranceRow.conversation_id)
        .join(_TERMS, _TERMS.c.rowid == UtteranceRow.id)
        .where(literal_column("utterance_terms").op("MATCH")(wanted))
    )


def _insert(session: Session, said: Utterance) -> Utterance:
    number = session.execute(
        insert(UtteranceRow).returning(UtteranceRow.id),
        {
            "conversation_id": said.conversation,
            "parent_id": said.parent,
            "speaker": said.speaker,
            "text": said.text,
            "said_at": said.said_at,
            "offset_minutes": offset_of(said.said_at),
            "state": said.state,
            "told": said.told,
            "model": said.model,
        },
    ).scalar_one()
    index.enter(session.connection(), number, said.text)
    return replace(said, id=number)


def _conversation(row: Row[ConversationRow, int, str, int, datetime]) -> Conversation:
    sitting, number, opening, offset, last_at = row
    return Conversation(
        id=sitting.id,
        persona=sitting.persona,
        started_at=local(sitting.started_at, offset),
        last_at=local(last_at, offset),
        utterances=number,
        opening=opening,
    )
