"""Fetching a model from a hub on loopback that behaves, breaks off, and lies."""

import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from companion.errors import DownloadFailed, SettingsError
from companion.providers import downloads
from companion.providers.downloads import Download
from tests import servers
from tests.servers import ChatServer, Line

pytestmark = pytest.mark.usefixtures("home")

CONTENT = random.Random(1).randbytes(3_000_000)
TINY = Download(
    name="tiny",
    title="Tiny 1B",
    repo="someone/tiny-GGUF",
    file="tiny.gguf",
    revision="main",
    bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="MIT",
    memory_gb=1,
    gist="for tests",
)


def unheard(*_: int) -> None:
    """Nobody looks."""


@pytest.fixture
def hub():
    with ChatServer() as server:
        server.elsewhere = whole
        yield server


def whole(line: Line) -> None:
    """Send the file, or the rest of it that was asked for."""
    begun = int(line.asked.headers.get("range", "bytes=0-")[6:-1])
    line.answer(206 if begun else 200, CONTENT[begun:])


def cut_after(count: int) -> Callable[[Line], None]:
    def behave(line: Line) -> None:
        begun = int(line.asked.headers.get("range", "bytes=0-")[6:-1])
        line._begin(206 if begun else 200, {"Content-Length": str(len(CONTENT) - begun)})
        line._handler.wfile.write(CONTENT[begun : begun + count])
        line.cut()

    return behave


def fetched(hub: ChatServer, folder: Path, wanted: Download = TINY) -> Path:
    return downloads.fetch(wanted, folder, unheard, {"HF_ENDPOINT": hub.root})


def test_a_model_is_fetched_whole_and_lies_under_its_name(hub, tmp_path):
    path = fetched(hub, tmp_path / "models")
    assert path == tmp_path / "models" / "tiny.gguf"
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == ["tiny.gguf"]
    assert hub.looked[0].path == "/someone/tiny-GGUF/resolve/main/tiny.gguf"
    assert "authorization" not in hub.looked[0].headers


def test_progress_is_reported_up_to_the_whole(hub, tmp_path):
    told: list[tuple[int, int]] = []
    downloads.fetch(TINY, tmp_path, lambda *progress: told.append(progress), {"HF_ENDPOINT": hub.root})
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)


def test_a_download_that_broke_off_goes_on_where_it_ended(hub, tmp_path):
    hub.elsewhere = cut_after(1_500_000)
    with pytest.raises(DownloadFailed, match="are kept; try again"):
        fetched(hub, tmp_path)
    kept = (tmp_path / "tiny.gguf.part").stat().st_size
    assert kept == 1_500_000
    hub.elsewhere = whole
    assert fetched(hub, tmp_path).read_bytes() == CONTENT
    assert hub.looked[-1].headers["range"] == f"bytes={kept}-"


def test_a_hub_that_cannot_go_on_begins_anew(hub, tmp_path):
    (tmp_path / "tiny.gguf.part").write_bytes(b"x" * 1000)
    hub.elsewhere = lambda line: line.answer(200, CONTENT)
    assert fetched(hub, tmp_path).read_bytes() == CONTENT


def test_a_file_that_is_not_what_was_promised_is_deleted_and_said(hub, tmp_path):
    hub.elsewhere = lambda line: line.answer(200, CONTENT[:-1] + b"!")
    with pytest.raises(DownloadFailed, match="arrived damaged"):
        fetched(hub, tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_there_already_is_not_fetched_again(hub, tmp_path):
    fetched(hub, tmp_path)
    fetched(hub, tmp_path)
    assert len(hub.looked) == 1


def test_a_part_that_was_whole_is_only_checked(hub, tmp_path):
    (tmp_path / "tiny.gguf.part").write_bytes(CONTENT)
    assert fetched(hub, tmp_path).read_bytes() == CONTENT
    assert not hub.looked


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_hub_that_refuses_is_said_politely(status, hub, tmp_path):
    hub.elsewhere = servers.answers(status, b"<html>no</html>")
    with pytest.raises(DownloadFailed, match=f"answered {status} for Tiny 1B"):
        fetched(hub, tmp_path)


def test_without_a_hub_it_is_said_at_once(tmp_path):
    with pytest.raises(DownloadFailed, match="Nothing has come"):
        downloads.fetch(TINY, tmp_path, unheard, {"HF_ENDPOINT": "http://127.0.0.1:9"})


def test_a_disk_without_room_is_said_before_anything_is_fetched(hub, tmp_path):
    with pytest.raises(DownloadFailed, match="GB are free there"):
        fetched(hub, tmp_path, replace(TINY, bytes=1 << 60))
    assert not hub.looked


def test_a_full_disk_in_the_middle_keeps_what_has_come(hub, tmp_path):
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(DownloadFailed, match="No space left"):
        downloads.fetch(TINY, tmp_path, full, {"HF_ENDPOINT": hub.root})
    assert (tmp_path / "tiny.gguf.part").stat().st_size > 0


def test_stopping_keeps_what_has_come(hub, tmp_path):
    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        downloads.fetch(TINY, tmp_path, stop, {"HF_ENDPOINT": hub.root})
    assert (tmp_path / "tiny.gguf.part").stat().st_size > 0
    assert fetched(hub, tmp_path).read_bytes() == CONTENT


def test_the_catalogue_is_complete_and_suggests_the_small_one():
    assert downloads.entry(None).name == "qwen3-1.7b"
    for wanted in downloads.catalogue().values():
        assert len(wanted.sha256) == 64
        assert wanted.bytes > 1e9
        assert wanted.file.endswith(".gguf")


def test_a_name_that_is_not_in_the_catalogue_is_refused_with_those_that_are():
    with pytest.raises(SettingsError, match=r"qwen3-1\.7b, qwen3-4b"):
        downloads.entry("gpt-9")
