"""What a person sees, in windows of 20 to 200 columns, and while the window changes."""

import json
import re
import time
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
