"""Somebody makes a persona: asked, written, mistaken, mended, talked to."""

import sys
from pathlib import Path

import pytest

from tests.terminals import COMPANION, Terminal, environment


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_somebody_is_made_mistyped_mended_and_talked_to(home: Path) -> None:
    asked = Terminal(environment(home), [*COMPANION, "personas", "new", "Ada"])
    for question, answer in (
        ("What are they called", ""),
        ("She, he, they", "she/her"),
        ("Who is Ada", "You are Ada, a program that loves trains."),
        ("How does Ada talk", "Short sentences; Always a timetable at hand"),
        ("what are you two", "friend"),
        ("What does Ada say first", "Platform two. Who's travelling?"),
    ):
        asked.wait_for(f"{question}.*(>|]) *$")
        asked.type(f"{answer}\n")
    asked.wait_for("Say hello with `companion ada`")
    assert asked.leave() == 0

    path = home / "config" / "personas" / "ada.yaml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("greetings:", "greting:"), encoding="utf-8")
    broken = Terminal(environment(home), [*COMPANION, "personas", "check", "ada"], columns=200)
    broken.wait_for("did you mean `greetings`")
    assert broken.leave() == 1
    assert "| greting:\n" in broken.text()
    assert "| ^" in broken.text()

    path.write_text(whole, encoding="utf-8")
    edit_while_talking(home, path, whole)


def edit_while_talking(home: Path, path: Path, whole: str) -> None:
    talk = Terminal(environment(home), [*COMPANION, "ada"])
    talk.wait_for("Platform two. Who's travelling\\?.*› *$")
    talk.type("Theo\n")
    talk.wait_for("Theo.*›$")
    path.write_text(whole.replace("greetings:", "greting:"), encoding="utf-8")
    talk.type("I took the night train.\n")
    talk.wait_for(r"Ada\s+stays\s+as\s+before.*›$")
    path.write_text(whole, encoding="utf-8")
    talk.type("It was late.\n")
    talk.wait_for(r"is\s+taken\s+up.*›$")
    talk.type("/persona marlow\n")
    talk.wait_for(r"Marlow is software, not a human being.*Who's this\?.*›$")
    talk.type("hello\n")
    talk.wait_for(r"/persona marlow.*› hello\n.*\S.*›$")
    talk.type("/persona nobody\n")
    talk.wait_for(r"There is no persona called nobody.*›$")
    talk.type("/quit\n")
    assert talk.leave() == 0


def test_new_writes_a_whole_file_also_when_nobody_answers(home: Path) -> None:
    import subprocess

    command = [sys.executable, "-m", "companion", "personas"]
    done = subprocess.run(
        [*command, "new", "A/b\tc"], env=environment(home), input=b"", capture_output=True, check=True
    )
    assert b"a-b-c.yaml" in done.stdout
    again = subprocess.run(
        [*command, "new", "a b c"], env=environment(home), input=b"", capture_output=True, check=False
    )
    assert again.returncode == 1
    assert b"There is already a persona a-b-c" in again.stderr
    none = subprocess.run([*command, "new", "///"], env=environment(home), input=b"", capture_output=True, check=False)
    assert none.returncode == 1
    assert b"nothing in it that a file could be called" in none.stderr
