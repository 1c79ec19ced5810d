"""`kill -9` at fifty moments of a reply: the memory opens, the person's words are there, the reply lacks a second."""

import random
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from companion.conversation import State, Utterance
from companion.storage.sqlite import SqliteStore
from tests.terminals import COMPANION, environment

MOMENTS = 50
REPLY = " ".join(f"word{number}" for number in range(400))


@dataclass(frozen=True)
class Killed:
    """A turn that ended in SIGKILL.

    Attributes:
        words: what the person had said.
        shown: what stood on the output one second before the end.
    """

    words: str
    shown: str


def kill_in_mid_reply(home: Path, model: str, number: int, after: float) -> Killed:
    """Say something and kill the program so many seconds after the first word of its reply."""
    words = f"moment {number}"
    process = subprocess.Popen(
        [*COMPANION, "say", "--new", words],
        env=environment(home, model),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    arrived: list[tuple[float, bytes]] = []

    def listen() -> None:
        while piece := process.stdout.read1(4096):
            arrived.append((time.monotonic(), piece))

    listener = threading.Thread(target=listen)
    listener.start()
    while not arrived and process.poll() is None:
        time.sleep(0.005)
    time.sleep(after)
    killed_at = time.monotonic()
    process.kill()
    process.wait()
    listener.join()
    process.stdout.close()
    return Killed(words, b"".join(piece for moment, piece in arrived if moment < killed_at - 1).decode())


@pytest.fixture(scope="module")
def evening(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[list[Killed], dict[str, list[Utterance]], Path]:
    """Fifty killed turns on one memory file, several at once."""
    folder = tmp_path_factory.mktemp("kill")
    script = folder / "script.yaml"
    script.write_text(f"- text: {REPLY}\n  pace: 0.01\n", encoding="utf-8")
    home, chance = folder / "home", random.Random(20261122)
    moments = [chance.uniform(0, 2.2) for _ in range(MOMENTS)]
    with ThreadPoolExecutor(max_workers=3) as pool:
        killed = list(pool.map(lambda n: kill_in_mid_reply(home, f"scripted:{script}", n, moments[n]), range(MOMENTS)))
    place = home / "data" / "companion.db"
    store = SqliteStore.open(place)
    sittings = [store.utterances(sitting.id) for sitting in store.conversations()]
    store.close()
    return killed, {sitting[0].text: list(sitting) for sitting in sittings}, place


def test_the_memory_opens_and_is_sound(evening) -> None:
    with sqlite3.connect(evening[2]) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_the_persons_words_are_all_there(evening) -> None:
    killed, sittings, _ = evening
    assert {turn.words for turn in killed} == set(sittings)


def test_at_most_one_second_of_the_reply_is_missing(evening) -> None:
    killed, sittings, _ = evening
    kept = {words: "".join(said.text for said in sitting[1:]) for words, sitting in sittings.items()}
    assert [turn.words for turn in killed if not kept[turn.words].startswith(turn.shown)] == []
    assert sum(bool(turn.shown) for turn in killed) >= MOMENTS // 4


def test_what_was_kept_is_true_and_marked_as_interrupted(evening) -> None:
    replies = [said for sitting in evening[1].values() for said in sitting[1:]]
    assert all(REPLY.startswith(said.text) and said.state is State.INTERRUPTED for said in replies)
    assert len(replies) >= MOMENTS // 2
