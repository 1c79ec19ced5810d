"""Opening the memory file: whose it is, how it is written, and that its layout is today's.

Every connection: its own BEGIN (so that a change of layout rolls back too), write-ahead log, synchronous=FULL (a power
cut loses nothing that was acknowledged), a patient wait for other processes. The file and its folder are the person's
alone, whatever the umask says.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from companion.errors import (
    StorageBusy,
    StorageError,
    StorageFull,
    StorageReadOnly,
    StorageTooNew,
    StorageUnreadable,
)
from companion.storage import index
from companion.storage.glance import read_only
from companion.storage.migrations import HEAD

PATIENCE_MS = 5000
"""How long a write waits for another process before it gives up."""


@contextmanager
def translated(place: Path | str) -> Iterator[None]:
    """Turn what SQLite and the file system raise into our own errors about the file at `place`."""
    try:
        yield
    except DBAPIError as error:
        raise _translate(error.orig, place) from error
    except sqlite3.Error as error:
        raise _translate(error, place) from error
    except PermissionError as error:
        raise StorageReadOnly(
            f"The memory file {place} may not be written; check who owns it and its folder."
        ) from error
    except OSError as error:
        raise StorageError(f"The memory file {place} cannot be opened ({error.strerror}).") from error


def _translate(error: BaseException | None, place: Path | str) -> StorageError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StorageBusy(f"Another program is holding the memory file {place}; close it, then try again.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_AUTH:
            return StorageReadOnly(f"The memory file {place} may not be written; check who owns it and its folder.")
        case sqlite3.SQLITE_FULL:
            return StorageFull(f"The disk has no room for the memory file {place}; make some, then say it again.")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StorageUnreadable(
                f"{place} is damaged or not a memory file; it was left as it is. Move it away, or restore a backup."
            )
        case sqlite3.SQLITE_IOERR:
            return StorageError(f"The disk failed while the memory file {place} was in use; check it, then try again.")
        case _:
            return StorageError(f"The memory file {place} could not be used: {error}.")


def open_file(path: Path) -> tuple[Engine, str]:
    """Open the memory file, making it and bringing its layout up to date if need be.

    Returns it with what the person should know: that its index was rebuilt, or nothing.

    Raises:
        StorageError: see the tree; a file that is refused is left as it is.
    """
    with translated(path):
        _make_private(path)
        revision = _revision_of(path)
        engine = _engine(create_engine(URL.create("sqlite+pysqlite", database=str(path))))
        if revision != HEAD:
            with _let_go_on_failure(engine):
                _migrate(engine, path)
        with _let_go_on_failure(engine):
            notice = _refreshed(engine)
    return engine, notice


def open_copy(path: Path) -> tuple[Engine, str]:
    """Open a copy of the memory file that lives in this process alone: nothing said here is written anywhere.

    Returns as `open_file`.

    Raises:
        StorageError: see the tree.
    """
    with translated(path):
        exists = path.exists() and bool(_revision_of(path))
        memory = sqlite3.connect(":memory:", check_same_thread=False)
        engine = _engine(create_engine("sqlite+pysqlite://", creator=lambda: memory, poolclass=StaticPool))
        with _let_go_on_failure(engine):
            if exists:
                with closing(read_only(path)) as source:
                    source.backup(memory)
            _migrate(engine, None)
            notice = _refreshed(engine)
    return engine, notice


def _refreshed(engine: Engine) -> str:
    """Make the full-text index anew if it is missing or stale; return what the person should know of it."""
    with engine.begin() as connection:
        if index.fits(connection):
            return ""
    with engine.execution_options(writing=True).begin() as connection:
        utterances = 0 if index.fits(connection) else index.rebuild(connection)  # another process may be quicker
    lines = "1 line" if utterances == 1 else f"{utterances} lines"
    return f"The index over what was said was missing or out of date; it was made anew ({lines})." if utterances else ""


@contextmanager
def _let_go_on_failure(engine: Engine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def _make_private(path: Path) -> None:
    """Make folder and file before SQLite does, which would leave their modes to the umask; close what stands open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600))
    for place, mode in ((path.parent, 0o700), (path, 0o600)):
        if place.stat().st_mode & 0o777 != mode:
            place.chmod(mode)


def _revision_of(path: Path) -> str | None:
    """Return the revision of a file's layout, None for an empty file, without changing the file.

    Raises:
        StorageUnreadable: it is somebody else's database.
        StorageTooNew: a newer companion wrote it.
    """
    with closing(read_only(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        row = None
        if "alembic_version" in tables:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if tables and row is None:
        raise StorageUnreadable(f"{path} is a database, but not a memory file; it was left as it is. Move it away.")
    if row and row[0] > HEAD:
        raise StorageTooNew(f"{path} was written by a newer companion; update the program, then open it again.")
    return str(row[0]) if row else None


def _engine(engine: Engine) -> Engine:
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, in _begin
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # what FULL means on macOS; nothing elsewhere
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    connection.execute("PRAGMA temp_store = MEMORY")  # what is rewritten, or off the record, spills nowhere


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _migrate(engine: Engine, path: Path | None) -> None:
    """Bring the layout up to date in one transaction, after a backup of the file at `path`."""
    from alembic import command  # noqa: PLC0415 - heavy; needed only when the layout has changed
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", "companion.storage:migrations")
    config.set_main_option("path_separator", "os")
    with engine.execution_options(writing=True).begin() as connection:
        revision = None if path is None else _revision_of(path)
        if revision == HEAD:  # another process was quicker
            return
        if revision is not None and path is not None:
            _back_up(path, path.with_name(f"{path.name}.before-{HEAD}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _back_up(path: Path, copy: Path) -> None:
    """Copy the file with SQLite's own backup; a copy that is there already is older, and stays."""
    if copy.exists():
        return
    unfinished = copy.with_name(f"{copy.name}.part")
    unfinished.unlink(missing_ok=True)
    _make_private(unfinished)
    with closing(read_only(path)) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    unfinished.replace(copy)
