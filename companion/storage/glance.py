"""A glance at the memory file with nothing but the standard library: the first lines on the screen depend on it."""

import sqlite3
from contextlib import closing
from pathlib import Path


def read_only(path: Path) -> sqlite3.Connection:
    """Open a file that exists, for reading; nothing in it or beside it is changed."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def has_met(path: Path, persona: str) -> bool:
    """Tell whether a persona was ever talked to; in doubt, no. No file is made."""
    try:
        if not path.exists():
            return False
        with closing(read_only(path)) as connection:
            query = "SELECT 1 FROM conversations WHERE persona = ? LIMIT 1"
            return connection.execute(query, (persona,)).fetchone() is not None
    except (OSError, sqlite3.Error):
        return False
