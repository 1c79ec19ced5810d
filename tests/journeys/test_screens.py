"""What a person sees, in windows of 20 to 200 columns, and while the window changes."""

import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.terminals import COMPANION, Terminal, environment

PARAGRAPHS = (
    "# Oslo",
    r"It is **cold** here, and *quiet*: 2 * 3 = 6, snake_case, C:\Users\me.",
    '- 日本語のとても長い文です。今日は良い天気ですね。猫がいます。\n- 🐈 writes `x = "*"`, e\u0301 and ⛄',
    "> Not all those who wander are lost, as somebody once wrote in a book that I like.",
    "```python\nprint('a line of code that is longer than a narrow window, and that stays whole')\n```",
    "| name | 都市 |\n|---|---|\n| Anna | オスロ |",
    "That is *all*.",
)
REPLY = json.dumps([{"text": "\n\n".join(PARAGRAPHS)}], ensure_ascii=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def script(folder: Path, text: str) -> str:
    path = folder / "script.yaml"
    path.write_text(text, encoding="utf-8")
    return f"scripted:{path}"


def steady(text: str) -> str:
    """Return a screen without what differs from one day to the next."""
    text = re.sub(r"\d\d:\d\d", "00:00", text)
    return re.sub(r"\w+day \d+ \w+ \d{4}", "Sunday 1 January 2000", text)


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_a_reply_with_everything_in_it(home: Path, tmp_path: Path, columns: int, snapshot: SnapshotAssertion) -> None:
    terminal = Terminal(environment(home, script(tmp_path, REPLY)), columns=columns)
    terminal.wait_for("› *$")
    terminal.type("How is it?\n")
    terminal.wait_for("all.\n\n› *$")
    assert snapshot == terminal.text()
    terminal.type("\x04")
    terminal.leave()


def test_a_sitting_is_read_again_as_it_looked(home: Path, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    model = script(tmp_path, REPLY)
    said = Terminal(environment(home, model), [*COMPANION, "say", "How is it?"])
    assert said.leave() == 0
    again = Terminal(environment(home, model), [*COMPANION, "history", "show"])
    assert again.leave() == 0
    assert snapshot == steady(again.text())


def test_thirty_markers_survive_a_window_that_changes_in_mid_reply(home: Path, tmp_path: Path) -> None:
    paragraphs = "\\n\\n".join(f"marker {number} " + "and *some* more words " * 6 for number in range(30))
    terminal = Terminal(environment(home, script(tmp_path, f'- text: "{paragraphs}"\n  pace: 0.001\n')), lines=24)
    terminal.wait_for("› *$")
    terminal.type("tell me\n")
    terminal.wait_for("marker 7 ")
    terminal.resize(60, 20)
    terminal.wait_for("marker 15 ")
    terminal.resize(100, 30)
    terminal.wait_for("marker 29 .*›$")
    assert [int(number) for number in re.findall(r"marker (\d+)", terminal.text())] == list(range(30))
    terminal.type("\x04")
    terminal.leave()


def test_a_paste_of_a_megabyte_is_taken_and_nothing_of_it_is_lost(home: Path, tmp_path: Path) -> None:
    terminal = Terminal(environment(home, script(tmp_path, "- Long, that.\n")), lines=10)
    terminal.wait_for("› *$")
    pasted = "".join(f"line {number} of a very long letter that somebody kept\r" for number in range(20_000))
    assert len(pasted) > 1_000_000
    began = time.monotonic()
    terminal.paste(pasted)
    terminal.wait_for("line 19999", patience=60)
    assert time.monotonic() - began < 60
    terminal.type("\x03")
    terminal.wait_for("› *$")
    terminal.type("\x04")
    assert terminal.leave() == 0


def test_after_a_break_she_shows_where_the_two_were(home: Path, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    model = script(
        tmp_path, '- "\\e[31mSo.\\e[0m And *how* was it, all in all, when you look back on it now?"\n- Hm.\n'
    )
    evening = Terminal(environment(home, model), [*COMPANION, "say", "I went to Oslo."])
    assert evening.leave() == 0
    with closing(sqlite3.connect(home / "data" / "companion.db")) as memory, memory:
        memory.execute("UPDATE utterances SET said_at = said_at - 7200000000")
    terminal = Terminal(environment(home, model))
    terminal.wait_for("› *$")
    terminal.type("/resume\n")
    terminal.wait_for("/resume\n.*›$")
    terminal.type("It was good.\n")
    terminal.wait_for("Hm.\n\n›$")
    assert snapshot == re.sub(r"(today|yesterday) at", "today at", steady(terminal.text())).partition("yours.")[2][:600]
    terminal.type("\x04")
    terminal.leave()


def test_going_back_and_finding_again(home: Path, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    model = script(tmp_path, "- Oslo is *cold*.\n- Oslo is cold now.\n- 卑尔根 rains.\n")
    terminal = Terminal(environment(home, model), columns=80, lines=60)
    terminal.wait_for("› *$")
    terminal.type("I live in Oslo.\n")
    terminal.wait_for("is cold.\n.*›$")
    terminal.type("/retry shorter\n")
    terminal.wait_for("cold now.\n.*›$")
    terminal.type("/again\n")
    terminal.wait_for("goes on from another.*›$")
    terminal.type("/edit\n")
    terminal.wait_for("› I live in Oslo. *$")
    terminal.process.send("\x7f" * 5 + "Bergen.")
    terminal.type("\n")
    terminal.wait_for("rains.\n.*›$")
    for command in ("/branches", "/undo", "/redo", "/search cold", "/search 1", "/help"):
        terminal.type(f"{command}\n")
        terminal.wait_for(rf"{command}\n.*›$")
    assert snapshot == steady(terminal.text()).partition("call")[2]
    terminal.type("\x04")
    assert terminal.leave() == 0


def test_what_old_words_carry_reaches_no_screen(home: Path) -> None:
    said = Terminal(environment(home), [*COMPANION, "say", "Remember the lighthouse."])
    assert said.leave() == 0
    hostile = "lighthouse \x1b]0;pwned\x07\x1b[2J\x9b31m\u202e\u2066\U000e0041\x1b]52;c;cHduZWQ=\x1b\\ end"
    with closing(sqlite3.connect(home / "data" / "companion.db")) as memory, memory:
        memory.execute("UPDATE utterances SET text = ?, said_at = said_at - 7200000000", (hostile,))
    terminal = Terminal(environment(home))
    terminal.wait_for("lighthouse.*› *$")
    for command in ("/history", "/history 1", "/search lighthouse", "/search 1", "/resume", "/again", "/branches"):
        terminal.type(f"{command}\n")
        terminal.wait_for(rf"{command}\n.*›$")
    terminal.type("\x04")
    assert terminal.leave() == 0
    shown = Terminal(environment(home), [*COMPANION, "history", "show"])
    assert shown.leave() == 0
    assert "lighthouse  end" in shown.text()
    for forbidden in ("]0;", "\x07", "[2J", "\x9b", "\u202e", "\u2066", "\U000e0041", "]52;"):
        assert forbidden.encode() not in terminal.sent + shown.sent, forbidden
