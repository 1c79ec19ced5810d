"""A glance at the memory file with nothing but the standard library: the first lines on the screen depend on it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""From where moments are counted in the file."""


def read_only(path: Path) -> sqlite3.Connection:
    """Open a file that exists, for reading; nothing in it or beside it is changed."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def last_said(path: Path, persona: str) -> list[tuple[str, str, datetime]]:
    """Return the last two things said that hold, as speaker, words and moment; nothing, in doubt. No file is made."""
    query = (
        "SELECT speaker, text, said_at, offset_minutes FROM utterances JOIN conversations"
        " ON conversations.id = conversation_id WHERE persona = ? AND holds ORDER BY utterances.id DESC LIMIT 2"
    )
    try:
        if not path.exists():
            return []
        with closing(read_only(path)) as connection:
            rows = connection.execute(query, (persona,)).fetchall()
            return [(who, text, _local(at, offset)) for who, text, at, offset in reversed(rows)]
    except (OSError, sqlite3.Error, TypeError, OverflowError):
        return []


def _local(microseconds: int, offset_minutes: int) -> datetime:
    zone = timezone(timedelta(minutes=offset_minutes))
    return (EPOCH + timedelta(microseconds=microseconds)).astimezone(zone)


def last_met(path: Path, persona: str) -> datetime | None:
    """Tell when a persona was last talked to; None if never, or in doubt. No file is made."""
    query = (
        "SELECT said_at FROM utterances WHERE conversation_id ="
        " (SELECT id FROM conversations WHERE persona = ? ORDER BY id DESC LIMIT 1) ORDER BY id DESC LIMIT 1"
    )
    try:
        if not path.exists():
            return None
        with closing(read_only(path)) as connection:
            found = connection.execute(query, (persona,)).fetchone()
            return EPOCH + timedelta(microseconds=found[0]) if found else None
    except (OSError, sqlite3.Error, TypeError, OverflowError):
        return None
