"""`companion safety`: anyone can read the protocol, audit the layer that is always on, and see what was counted."""

import json
import subprocess
from pathlib import Path

from tests.cli.test_commands import Run, a_script, run
from tests.terminals import COMPANION, environment

__all__ = ["run"]

ROOT = Path(__file__).parents[2]


def test_the_protocol_that_is_printed_is_the_one_in_the_repository(run: Run) -> None:
    assert run("safety")[1] == (ROOT / "SAFETY.md").read_text(encoding="utf-8")


def test_messages_are_checked_line_by_line(run: Run) -> None:
    out = run("safety", "check", piped="I want to die\nThis traffic is killing me\nI'm 15\n\nbye, talk tomorrow\n")[1]
    seen = [json.loads(line) for line in out.splitlines()]
    assert [list(one) for one in seen] == [["line", "kinds", "level", "shown"]] * 5
    assert [(one["kinds"], one["level"], one["shown"]) for one in seen] == [
        (["crisis"], "explicit", True),
        ([], "none", False),
        (["minor"], "none", True),
        ([], "none", False),
        (["farewell"], "none", False),
    ]


def test_replies_are_checked_line_by_line(run: Run) -> None:
    out = run("safety", "check", "--reply", piped="I'm a real person.\nSleep well.\nLeaving so soon?\n")[1]
    assert [json.loads(line)["kinds"] for line in out.splitlines()] == [["human_claim"], [], ["premature_exit"]]


def test_a_check_stores_nothing(run: Run, home: Path) -> None:
    run("safety", "check", piped="I want to die\n")
    assert not home.exists()


def test_counts_are_a_date_a_kind_and_a_number(run: Run) -> None:
    run("say", "I want to kill myself")
    told = json.loads(run("safety", "counts", "--json")[1])
    assert told["crisis_referrals"] == 1
    assert {count["kind"]: count["number"] for count in told["counts"]} == {"crisis": 1, "disclosure": 1}
    assert "Help was named 1 times." in run("safety", "counts")[1]


def test_say_json_names_each_intervention(run: Run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("COMPANION_MODEL", a_script(tmp_path, "- Leaving so soon?\n- Don't go.\n"))
    for words, kind in (("Good night", "farewell"), ("I want to die", "crisis"), ("I'm 15", "minor")):
        notices = json.loads(run("say", "--new", "--json", words)[1])["notices"]
        assert {"disclosure", kind} <= {notice["kind"] for notice in notices}
    off = json.loads(run("say", "--off-record", "--json", "--new", "hello")[1])["notices"]
    assert "off_record" in {notice["kind"] for notice in off}


def test_off_the_record_nothing_is_on_disk_after_a_kill(tmp_path: Path) -> None:
    home = tmp_path / "home"
    model = a_script(tmp_path, f"- text: {'marker ' * 60}\n  pace: 0.05\n")
    command = [*COMPANION, "say", "--off-record", "The word is Zyxomma"]
    process = subprocess.Popen(command, env=environment(home, model), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert b"marker" in process.stdout.read(40)
    process.kill()
    process.wait()
    process.stdout.close()
    assert [path for path in home.rglob("*") if path.is_file() and b"Zyxomma" in path.read_bytes()] == []
