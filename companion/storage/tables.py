"""The tables. Rows never leave this package; the store builds values of them.

The full-text index `utterance_terms` is an FTS5 table that SQLAlchemy has no type for; `index` says what it holds. It
is derived from `utterances` and can be rebuilt at any time.
"""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import BigInteger, Dialect, ForeignKey, Index, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """A moment: aware in the program, microseconds since 1970 UTC in the file."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - the signature
        """Store a moment."""
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        """Read a moment, in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Row(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, str: Text}  # noqa: RUF012 - SQLAlchemy reads it off the class


class ConversationRow(Row):
    """One sitting."""

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "persona", "id"), Index(None, "persona", "started_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    persona: Mapped[str]
    started_at: Mapped[datetime]


class UtteranceRow(Row):
    """One thing one speaker said. `id` only grows and is never used twice: it is the order of things."""

    __tablename__ = "utterances"
    __table_args__ = (Index(None, "conversation_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("utterances.id", ondelete="CASCADE"))
    speaker: Mapped[str]
    text: Mapped[str]
    said_at: Mapped[datetime]
    offset_minutes: Mapped[int]
    state: Mapped[str]
    told: Mapped[str | None]
    model: Mapped[str | None]
    holds: Mapped[bool] = mapped_column(server_default="1")


class BookmarkRow(Row):
    """A place that the person wants to find again."""

    __tablename__ = "bookmarks"

    utterance_id: Mapped[int] = mapped_column(ForeignKey("utterances.id", ondelete="CASCADE"), primary_key=True)
    note: Mapped[str]
    made_at: Mapped[datetime]


class SummaryRow(Row):
    """Where the telling of history begins, and what stands for what came before."""

    __tablename__ = "summaries"
    __table_args__ = (Index(None, "persona", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    persona: Mapped[str]
    before_id: Mapped[int] = mapped_column(ForeignKey("utterances.id", ondelete="CASCADE"))
    text: Mapped[str]
    profile: Mapped[str] = mapped_column(server_default="")
    made_at: Mapped[datetime]


class UsageRow(Row):
    """What a reply cost, as the server counted and as we had estimated."""

    __tablename__ = "usage"
    __table_args__ = (Index(None, "model", "utterance_id"),)

    utterance_id: Mapped[int] = mapped_column(ForeignKey("utterances.id", ondelete="CASCADE"), primary_key=True)
    model: Mapped[str]
    estimated_tokens: Mapped[int]
    prompt_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    completion_tokens: Mapped[int]


class IndexRow(Row):
    """By which version of `memory.words` an index was made."""

    __tablename__ = "indexes"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]


class VectorRow(Row):
    """Where an utterance lies among meanings, as one model sees it: numbers of 16 bits, of unit length."""

    __tablename__ = "vectors"

    utterance_id: Mapped[int] = mapped_column(ForeignKey("utterances.id", ondelete="CASCADE"), primary_key=True)
    model: Mapped[str]
    vector: Mapped[bytes]


class MemoryRow(Row):
    """One thing that is kept. What it rests on is in `evidence`; without any it would be no memory."""

    __tablename__ = "memories"
    __table_args__ = (Index(None, "persona", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    persona: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    about: Mapped[str]
    aspect: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("memories.id", ondelete="SET NULL"))
    kept_at: Mapped[datetime]
    recalled: Mapped[int]
    recalled_at: Mapped[datetime | None]
    pinned: Mapped[bool]
    doubtful: Mapped[bool]


class EvidenceRow(Row):
    """A span of an utterance, in characters, that a memory rests on."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "utterance_id"),)

    memory_id: Mapped[int] = mapped_column(ForeignKey("memories.id", ondelete="CASCADE"), primary_key=True)
    utterance_id: Mapped[int] = mapped_column(ForeignKey("utterances.id", ondelete="CASCADE"), primary_key=True)
    begins: Mapped[int] = mapped_column(primary_key=True)
    ends: Mapped[int]


class LetGoRow(Row):
    """A span that a forgotten memory rested on: its words stay, and are not to be kept again."""

    __tablename__ = "let_go"

    utterance_id: Mapped[int] = mapped_column(ForeignKey("utterances.id", ondelete="CASCADE"), primary_key=True)
    begins: Mapped[int] = mapped_column(primary_key=True)
    ends: Mapped[int]


class ReadingRow(Row):
    """How far a reader (the rules, or a model) has read, and what came of it."""

    __tablename__ = "readings"

    persona: Mapped[str] = mapped_column(primary_key=True)
    reader: Mapped[str] = mapped_column(primary_key=True)
    upto_id: Mapped[int]
    kept: Mapped[int]
    rejected: Mapped[int]


def local(moment: datetime, offset_minutes: int) -> datetime:
    """Return a moment in the offset of whoever spoke."""
    return moment.astimezone(timezone(timedelta(minutes=offset_minutes)))


def offset_of(moment: datetime) -> int:
    """Return the offset of an aware moment from UTC, in minutes."""
    return round((moment.utcoffset() or timedelta()).total_seconds() / 60)
