"""What care keeps, in the memory file: counts without words, and marks."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime

from sqlalchemy import Column, Integer, Table, Text, delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from companion.care.ledger import MINOR, Count
from companion.storage.tables import Instant, Row

_COUNTS = Table(
    "care_counts",
    Row.metadata,
    Column("day", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("number", Integer, nullable=False),
)
MARKS = Table("care_marks", Row.metadata, Column("name", Text, primary_key=True), Column("at", Instant, nullable=False))

Sessions = Callable[[], AbstractContextManager[Session]]


class SqliteLedger:
    """Keeps what care must know again, in the file that a store holds open.

    Args:
        reading: opens a transaction that reads.
        writing: opens one that writes.
    """

    def __init__(self, reading: Sessions, writing: Sessions) -> None:
        self._reading, self._writing = reading, writing

    def count(self, kind: str, day: date) -> None:
        """Add one to a count."""
        row = insert(_COUNTS).values(day=day.isoformat(), kind=kind, number=1)
        grown = {"number": _COUNTS.c.number + 1}
        with self._writing() as session:
            session.execute(row.on_conflict_do_update(index_elements=["day", "kind"], set_=grown))

    def counts(self, year: int | None = None) -> tuple[Count, ...]:
        """Return the counts, of one year or of all, oldest first."""
        query = select(_COUNTS).order_by(_COUNTS.c.day, _COUNTS.c.kind)
        if year is not None:
            query = query.where(_COUNTS.c.day.startswith(f"{year:04}-"))
        with self._reading() as session:
            return tuple(Count(date.fromisoformat(row.day), row.kind, row.number) for row in session.execute(query))

    def mark(self, name: str, at: datetime) -> None:
        """Note that something was so at a moment; a later note replaces an earlier one, except for a lock."""
        row = insert(MARKS).values(name=name, at=at)
        kept = name.partition(":")[0] == MINOR
        noted = (
            row.on_conflict_do_nothing()
            if kept
            else row.on_conflict_do_update(index_elements=["name"], set_={"at": at})
        )
        with self._writing() as session:
            session.execute(noted)

    def names(self, prefix: str) -> tuple[str, ...]:
        """Return the names that were noted and begin so, without the prefix, in order."""
        query = select(MARKS.c.name).where(MARKS.c.name.startswith(prefix, autoescape=True)).order_by(MARKS.c.at)
        with self._reading() as session:
            return tuple(name.removeprefix(prefix) for name in session.scalars(query))

    def unmark(self, name: str) -> None:
        """Take a note back; a lock stays."""
        if name != MINOR:
            with self._writing() as session:
                session.execute(delete(MARKS).where(MARKS.c.name == name))

    def marked(self, name: str) -> datetime | None:
        """Return the moment that was noted."""
        with self._reading() as session:
            return session.scalar(select(MARKS.c.at).where(MARKS.c.name == name))
