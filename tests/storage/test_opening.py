"""Opening the memory file: private, durable, brought up to date, and never overwritten."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from companion.conversation import Speaker
from companion.errors import StorageBusy, StorageError, StorageFull, StorageReadOnly, StorageTooNew, StorageUnreadable
from companion.storage import opening
from companion.storage.glance import last_met
from companion.storage.migrations import HEAD
from companion.storage.sqlite import SqliteStore
from companion.storage.tables import Row
from tests.conftest import Clock


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "data" / "companion.db"


def test_folder_and_files_are_the_persons_alone_whatever_the_umask(place: Path, clock: Clock) -> None:
    before = os.umask(0)
    try:
        store = SqliteStore.open(place)
        store.begin("Ada", "hello", clock())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.parent.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert modes == {"companion.db": 0o600, "companion.db-wal": 0o600, "companion.db-shm": 0o600}


def test_every_connection_is_durable_and_consistent(place: Path) -> None:
    engine, _ = opening.open_file(place)
    with engine.connect() as connection:
        values = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
        assert values == ["wal", 2]
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_the_tables_are_what_the_migrations_make(place: Path) -> None:
    engine, _ = opening.open_file(place)

    def ours(thing: object, name: str | None, kind: str, *_: object) -> bool:
        return kind != "table" or not (name or "").startswith("utterance_terms")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, Row.metadata) == []
    engine.dispose()


def test_the_newest_revision_is_the_one_that_opening_looks_for() -> None:
    config = Config()
    config.set_main_option("script_location", "companion.storage:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def laid_out(place: Path, revision: str) -> sqlite3.Connection:
    """Make a file as an older companion made it."""
    place.parent.mkdir(exist_ok=True)
    config = Config()
    config.set_main_option("script_location", "companion.storage:migrations")
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    return sqlite3.connect(place)


def test_a_file_of_an_older_layout_is_backed_up_and_brought_up_to_date(place: Path) -> None:
    with closing(laid_out(place, "0001")) as old, old:
        old.execute("INSERT INTO conversations VALUES (1, 'Ada', 0)")
        for speaker, words in (("person", "My sister Anna lives in Oslo."), ("companion", "Good.")):
            old.execute(
                "INSERT INTO utterances (conversation_id, speaker, text, said_at, offset_minutes, state)"
                " VALUES (1, ?, ?, 0, 60, 'complete')",
                (speaker, words),
            )

    store = SqliteStore.open(place)
    assert [found.text for found in store.search("sister", 10)] == ["My sister Anna lives in Oslo."]
    store.close()
    backup = place.with_name(f"companion.db.before-{HEAD}")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with sqlite3.connect(backup) as copy:
        assert copy.execute("SELECT count(*) FROM utterances").fetchone() == (2,)
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    copy.close()


def test_a_change_of_layout_that_fails_leaves_the_file_as_it_was(place: Path) -> None:
    SqliteStore.open(place).close()
    with sqlite3.connect(place) as old:
        old.execute("UPDATE alembic_version SET version_num = '0001'")  # but the index exists: the change must fail
    old.close()
    with sqlite3.connect(place) as old:
        before = list(old.iterdump())
    old.close()
    with pytest.raises(StorageError):
        SqliteStore.open(place)
    with sqlite3.connect(place) as kept:
        assert list(kept.iterdump()) == before
    kept.close()


def test_a_file_of_a_newer_companion_is_refused(place: Path) -> None:
    SqliteStore.open(place).close()
    with sqlite3.connect(place) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    before = place.read_bytes()
    for opened in (SqliteStore.open, SqliteStore.open_copy):
        with pytest.raises(StorageTooNew, match=f"{place} was written by a newer companion"):
            opened(place)
    assert place.read_bytes() == before


def test_an_older_backup_is_never_overwritten(place: Path) -> None:
    laid_out(place, "0002").close()
    backup = place.with_name(f"companion.db.before-{HEAD}")
    backup.write_bytes(b"precious")
    SqliteStore.open(place).close()
    assert backup.read_bytes() == b"precious"


def test_folder_and_file_that_stood_open_are_closed_to_others(place: Path) -> None:
    place.parent.mkdir(mode=0o755)
    place.touch(mode=0o644)
    SqliteStore.open(place).close()
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["what?", "50%", "a#b", "with space", "ünï"])
def test_a_home_may_have_any_name(tmp_path: Path, name: str, clock: Clock) -> None:
    place = tmp_path / name / "companion.db"
    store = SqliteStore.open(place)
    store.begin("Ada", "hello", clock())
    store.close()
    assert place.stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert last_met(place, "Ada") == clock()
    assert last_met(place, "Bo") is None


def test_whoever_was_never_met_is_a_stranger_and_asking_makes_no_file(place: Path) -> None:
    assert not last_met(place, "Ada")
    assert not place.exists()
    place.parent.mkdir()
    place.write_text("a letter")
    assert not last_met(place, "Ada")


@pytest.mark.parametrize(
    "content", [b"this is a letter, not a database\n" * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(place: Path, content: bytes) -> None:
    place.parent.mkdir()
    place.write_bytes(content)
    with pytest.raises(StorageUnreadable, match="left as it is"):
        SqliteStore.open(place)
    assert place.read_bytes() == content


def test_somebody_elses_database_is_refused_and_left_alone(place: Path) -> None:
    place.parent.mkdir()
    with sqlite3.connect(place) as foreign:
        foreign.execute("CREATE TABLE recipes (name TEXT)")
    foreign.close()
    before = place.read_bytes()
    for opened in (SqliteStore.open, SqliteStore.open_copy):
        with pytest.raises(StorageUnreadable, match=f"{place} is a database, but not a memory file"):
            opened(place)
    assert place.read_bytes() == before
    assert [path.name for path in place.parent.iterdir()] == ["companion.db"]


def test_a_damaged_page_is_an_error_and_not_an_empty_memory(place: Path, clock: Clock) -> None:
    store = SqliteStore.open(place)
    said = store.begin("Ada", "hello", clock())
    for number in range(300):
        said = store.add(said, Speaker.PERSON, f"line {number} " * 20, clock())
    store.close()
    raw = bytearray(place.read_bytes())
    raw[4096 : len(raw) - 4096] = b"\x00" * (len(raw) - 8192)
    place.write_bytes(raw)
    with pytest.raises(StorageUnreadable), closing(SqliteStore.open(place)) as damaged:
        damaged.said("Ada", 1000)


def test_a_file_that_another_program_holds_is_busy(place: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PATIENCE_MS", 50)
    store = SqliteStore.open(place)
    holder = sqlite3.connect(place, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageBusy, match="Another program"):
        store.begin("Ada", "hello", clock())
    holder.execute("ROLLBACK")
    holder.close()
    assert store.begin("Ada", "hello", clock()).text == "hello"
    store.close()


def test_a_folder_in_place_of_the_file_is_an_error(place: Path) -> None:
    place.mkdir(parents=True)
    with pytest.raises(StorageError):
        SqliteStore.open(place)


def test_a_home_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError):
        SqliteStore.open(tmp_path / "file" / "data" / "companion.db")


def test_a_link_in_place_of_the_file_is_not_followed(place: Path, tmp_path: Path) -> None:
    place.parent.mkdir()
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError):
        SqliteStore.open(place)
    assert not (tmp_path / "elsewhere").exists()


READ_ONLY = """
import os, sys
from datetime import datetime, timezone
from pathlib import Path
from companion.errors import StorageReadOnly
from companion.storage.sqlite import SqliteStore
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everything; nobody may not
try:
    SqliteStore.open(Path(sys.argv[1])).begin("Ada", "hello", datetime.now(timezone.utc))
except StorageReadOnly as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_a_file_that_may_not_be_written_is_read_only(clock: Clock) -> None:
    import tempfile  # pytest's own folders are closed to other users

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "data" / "companion.db"
        store = SqliteStore.open(place)
        store.begin("Ada", "hello", clock())
        store.close()
        place.chmod(0o444)
        place.parent.chmod(0o555)
        Path(folder).chmod(0o755)
        command = [sys.executable, "-c", READ_ONLY, str(place)]
        out = subprocess.run(command, capture_output=True, text=True, check=False)
        place.parent.chmod(0o700)
    assert "may not be written" in out.stdout, out.stderr
    assert StorageReadOnly("x").kind == "storage_read_only"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("making a small disk needs the right to mount one")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_an_error_and_what_was_kept_stays(small_disk: Path, clock: Clock) -> None:
    place = small_disk / "data" / "companion.db"
    store = SqliteStore.open(place)
    first = store.begin("Ada", "hello", clock())
    with pytest.raises(StorageFull, match="no room"):
        store.add(first, Speaker.PERSON, "word " * 400_000, clock())
    assert [said.text for said in store.utterances(first.conversation)] == ["hello"]
    assert store.add(first, Speaker.PERSON, "short again", clock()).text == "short again"
    store.close()


def test_two_processes_write_at_once_and_nothing_is_lost(place: Path) -> None:
    writer = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from companion.conversation import Speaker
from companion.storage.sqlite import SqliteStore
store = SqliteStore.open(Path(sys.argv[1]))
said = store.begin("Ada", f"{sys.argv[2]} begins", datetime.now(timezone.utc))
for number in range(100):
    said = store.add(said, Speaker.PERSON, f"{sys.argv[2]} {number}", datetime.now(timezone.utc))
"""
    SqliteStore.open(place).close()
    writers = [subprocess.Popen([sys.executable, "-c", writer, str(place), name]) for name in ("left", "right")]
    assert [process.wait(timeout=120) for process in writers] == [0, 0]
    store = SqliteStore.open(place)
    sittings = [[said.text for said in store.utterances(sitting.id)] for sitting in store.conversations()]
    store.close()
    expected = [[f"{name} begins", *(f"{name} {number}" for number in range(100))] for name in ("left", "right")]
    assert sorted(sittings) == expected


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE utterance_terms_vocabulary",
        "UPDATE indexes SET version = 1",
        "DELETE FROM indexes",
        "DELETE FROM utterance_terms",
    ],
)
def test_an_index_that_is_missing_or_stale_is_made_anew_and_said(place: Path, clock: Clock, damage: str) -> None:
    store = SqliteStore.open(place)
    store.begin("Ada", "My sister Anna lives in Oslo.", clock())
    store.close()
    with sqlite3.connect(place) as connection:
        connection.execute(damage)
    connection.close()
    store = SqliteStore.open(place)
    assert "made anew (1 line)" in store.notice
    assert [found.text for found in store.search("sister", 10)] == ["My sister Anna lives in Oslo."]
    store.close()
    store = SqliteStore.open(place)
    assert store.notice == ""
    store.close()


def test_an_index_without_its_table_is_made_anew(place: Path, clock: Clock) -> None:
    store = SqliteStore.open(place)
    store.begin("Ada", "My sister Anna lives in Oslo.", clock())
    store.close()
    with sqlite3.connect(place) as connection:
        connection.execute("DROP TABLE utterance_terms")
    connection.close()
    store = SqliteStore.open(place)
    assert [found.text for found in store.search("sister", 10)] == ["My sister Anna lives in Oslo."]
    store.close()
