"""The first evening: what is asked once, by a person who answers, one who declines, and one who talks on."""

import re
import subprocess
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.journeys.test_chat import history
from tests.terminals import COMPANION, Terminal, environment


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def fresh(home: Path) -> dict[str, str]:
    """Return an environment in which nothing but the model was ever chosen."""
    return {name: value for name, value in environment(home).items() if name != "COMPANION_REMEMBER"}


def test_she_asks_whether_she_may_remember_and_one_thing_more(home: Path, snapshot: SnapshotAssertion) -> None:
    first = Terminal(fresh(home))
    first.wait_for("› *$")
    first.type("Theo\n")
    first.wait_for("May she remember.*›$")
    first.type("Yes.\n")
    first.wait_for(r"who do\s+you tell first.*›$")
    first.type("My sister Anna.\n")
    first.wait_for("sister Anna.\n.*›$")
    assert snapshot == first.text()
    first.type("\x04")
    assert first.leave() == 0
    assert "remember: yes\n" in (home / "config" / "config.yaml").read_text()
    speakers = [who for who, _, _ in history(home)]
    assert speakers == ["companion", "person", "companion", "companion", "person", "companion"]

    second = Terminal(fresh(home))
    second.wait_for("› *$")
    second.type("Hello again.\n")
    second.wait_for("Hello again.\n.*›$")
    assert "May she" not in second.text()
    second.type("\x04")
    assert second.leave() == 0


def test_who_declines_is_forgotten_to_the_last_byte_and_nothing_more_is_kept(home: Path) -> None:
    first = Terminal(fresh(home))
    first.wait_for("› *$")
    first.type("My secret is xylophone.\n")
    first.wait_for("May she remember.*›$")
    first.type("no\n")
    first.wait_for("Then nothing is kept.*›$")
    first.type("And marimba.\n")
    first.wait_for("And marimba.\n.*›$")
    first.type("\x04")
    assert first.leave() == 0
    there = b"".join(path.read_bytes() for path in (home / "data").iterdir())
    assert b"xylophone" not in there
    assert b"marimba" not in there

    second = Terminal(fresh(home))
    second.wait_for("off the record.*› *$")
    second.type("\x04")
    assert second.leave() == 0


def test_who_talks_on_is_not_asked_again(home: Path) -> None:
    first = Terminal(fresh(home))
    first.wait_for("› *$")
    first.type("Theo\n")
    first.wait_for("May she remember.*›$")
    first.type("It rained all day.\n")
    first.wait_for("all day.\n.*›$")
    first.type("\x04")
    assert first.leave() == 0
    assert len(re.findall("May she", first.text())) == 1
    assert (home / "config" / "config.yaml").read_text() == "remember: asked\n"
    assert "It rained all day." in [text for _, text, _ in history(home)]


def test_a_pipe_is_asked_nothing(home: Path) -> None:
    done = subprocess.run([*COMPANION], input=b"Theo\nyes\n", env=fresh(home), capture_output=True, check=True)
    assert b"May she" not in done.stdout + done.stderr
