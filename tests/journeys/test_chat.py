"""Evenings at a real pseudo-terminal."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import servers
from tests.benchmarks.startup import modules_at_first_prompt
from tests.servers import ChatServer
from tests.terminals import COMPANION, Terminal, environment, heed_ctrl_c

DISCLOSURE = "is software, not a human being"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def script(folder: Path, text: str) -> str:
    path = folder / "script.yaml"
    path.write_text(text, encoding="utf-8")
    return f"scripted:{path}"


def history(home: Path) -> list[tuple[str, str, str]]:
    """Return the latest sitting as the command line shows it."""
    command = [*COMPANION, "history", "show", "--json"]
    done = subprocess.run(command, env=environment(home), capture_output=True, check=True)
    return [(said["speaker"], said["text"], said["state"]) for said in json.loads(done.stdout)["utterances"]]


def test_a_first_evening_and_the_next_day_she_knows_what_was_said(home: Path) -> None:
    evening = Terminal(environment(home))
    evening.wait_for("› *$")
    assert DISCLOSURE in evening.text()
    assert "Hello. I'm Samantha." in evening.text()
    evening.type("My sister Anna lives in Oslo.\n")
    evening.wait_for("No language model is connected")
    evening.wait_for("Oslo.\n.*›$")
    evening.type("I baked bread today.\n")
    evening.wait_for("bread today.\n.*›$")
    evening.type("What a day.\n")
    evening.wait_for("What a day.\n.*›$")
    evening.type("/quit\n")
    assert evening.leave() == 0

    morning = Terminal(environment(home))
    morning.wait_for("› *$")
    assert "I picked the name myself" not in morning.text()
    morning.type("Where does my sister live?\n")
    morning.wait_for("“My sister Anna\\s+lives in Oslo.”")
    morning.type("\x04")
    assert morning.leave() == 0
    assert "Go well. It was good to hear from you." in morning.text()
    first = history(home)
    assert [speaker for speaker, _, _ in first] == ["companion", "person", "companion"]


def test_ctrl_c_stops_a_reply_and_keeps_the_words(home: Path, tmp_path: Path) -> None:
    model = script(tmp_path, "- text: one two three four five six seven eight nine ten\n  pace: 0.3\n- Good.\n")
    terminal = Terminal(environment(home, model))
    terminal.wait_for("› *$")
    terminal.type("count\n")
    terminal.wait_for("one two three")
    terminal.type("\x03")
    terminal.wait_for(r"\(stopped\)\n.*›$")
    shown = re.search(r"(one[a-z ]*) \(stopped\)", terminal.text()).group(1)
    terminal.type("thanks\n")
    terminal.wait_for("Good.\n.*›$")
    terminal.type("\x04")
    assert terminal.leave() == 0
    kept = history(home)
    assert kept[2] == ("companion", shown, "interrupted")
    assert kept[4] == ("companion", "Good.", "complete")


def test_ctrl_c_works_every_time(home: Path, tmp_path: Path) -> None:
    terminal = Terminal(environment(home, script(tmp_path, f"- text: {'word ' * 50}\n  pace: 0.2\n")))
    terminal.wait_for("› *$")
    for turn in range(1, 4):
        terminal.type(f"turn {turn}\n")
        terminal.wait_for(rf"turn {turn}\n.*word")
        terminal.type("\x03")
        terminal.wait_for(rf"turn {turn}\n.*\(stopped\)\n.*›$")
    terminal.type("\x04")
    assert terminal.leave() == 0


def test_ctrl_c_on_an_empty_line_hints_and_the_second_leaves(home: Path) -> None:
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    terminal.type("\x03")
    terminal.wait_for("Ctrl-C again or Ctrl-D leaves")
    terminal.type("\x03")
    assert terminal.leave() == 0


def test_ctrl_c_from_the_moment_enter_is_pressed_loses_neither_words_nor_chat(home: Path, tmp_path: Path) -> None:
    terminal = Terminal(environment(home, script(tmp_path, f"- text: {'word ' * 50}\n  pace: 0.2\n- Good.\n")))
    terminal.wait_for("› *$")
    terminal.type("hello\n")
    terminal.wait_for("› hello\n")
    terminal.process.kill(signal.SIGINT)
    terminal.wait_for("› hello\n.*›$")
    terminal.type("\x03again\n")
    terminal.wait_for("again\n.*(word|Good)")
    terminal.process.kill(signal.SIGINT)
    terminal.wait_for("again\n.*›$")
    terminal.type("\x04")
    assert terminal.leave() == 0
    theirs = [text for speaker, text, _ in history(home) if speaker == "person"]
    assert theirs in (["hello", "again"], ["again"])
    assert "hello" in terminal.text()


def test_ctrl_c_in_plain_talk_stops_the_reply_and_not_the_talk(home: Path, tmp_path: Path) -> None:
    model = script(tmp_path, f"- text: {'word ' * 50}\n  pace: 0.2\n- Good.\n")
    terminal = Terminal(environment(home, model), [*COMPANION, "--plain"])
    terminal.wait_for("> *$")
    terminal.type("hello\n")
    terminal.wait_for("word word word")
    terminal.type("\x03")
    terminal.wait_for(r"\(stopped\)\n> *$")
    terminal.type("again\n")
    terminal.wait_for("Good.\n> *$")
    terminal.type("/quit\n")
    assert terminal.leave() == 0
    assert [state for _, _, state in history(home)] == ["complete", "complete", "interrupted", "complete", "complete"]


def test_ctrl_c_in_say_keeps_what_was_said(home: Path, tmp_path: Path) -> None:
    model = script(tmp_path, f"- text: {'word ' * 50}\n  pace: 0.2\n")
    process = subprocess.Popen(
        [*COMPANION, "say", "hello"],
        env=environment(home, model),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_ctrl_c,  # noqa: PLW1509 - the child has one thread
    )
    assert process.stdout.read(10) == b"word word "
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert history(home)[1][2] == "interrupted"


def test_ctrl_c_on_a_draft_empties_the_line_and_sends_nothing(home: Path) -> None:
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    terminal.type("never mind")
    terminal.wait_for("never mind")
    terminal.type("\x03")
    terminal.wait_for("› *$")
    terminal.type("hello\n")
    terminal.wait_for("mostly ears")
    terminal.type("\x04")
    terminal.leave()
    assert [text for _, text, _ in history(home)][1] == "hello"


@pytest.mark.parametrize("newline", ["\n", "\x1b\r"], ids=["Ctrl-J", "Alt-Enter"])
def test_a_message_may_have_several_lines(home: Path, newline: str) -> None:
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    terminal.process.send(f"first line{newline}second line")
    terminal.wait_for("first line\n.*second line")
    terminal.type("\n")
    terminal.wait_for("No language model.*›$")
    terminal.type("\x04")
    terminal.leave()
    assert history(home)[1][1] == "first line\nsecond line"


def test_a_paste_never_sends(home: Path) -> None:
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    terminal.process.send("\x1b[200~one\rtwo\rthree\x1b[201~")
    terminal.wait_for("one\n.*two\n.*three")
    assert not (home / "data" / "companion.db").exists() or history_is_empty(home)
    terminal.type("\n")
    terminal.wait_for("No language model.*›$")
    terminal.type("\x04")
    terminal.leave()
    assert history(home)[1][1] == "one\ntwo\nthree"


def history_is_empty(home: Path) -> bool:
    command = [*COMPANION, "history", "list", "--json"]
    done = subprocess.run(command, env=environment(home), capture_output=True, check=True)
    return json.loads(done.stdout) == []


def test_ctrl_r_finds_what_was_said_and_enter_sends_it(home: Path) -> None:
    subprocess.run([*COMPANION, "say", "an earlier remark"], env=environment(home), check=True, capture_output=True)
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    terminal.type("something else\n")
    terminal.wait_for("something else\n.*›$")
    terminal.type("\x12remark")
    terminal.wait_for("an earlier remark")
    terminal.type("\n")
    terminal.wait_for("› an earlier remark *$")
    terminal.type("\n")
    terminal.wait_for("› an earlier remark\n.*›$")
    terminal.type("\x04")
    assert terminal.leave() == 0


def test_what_is_typed_while_she_speaks_survives_ctrl_c_and_enter_sends_it(home: Path, tmp_path: Path) -> None:
    model = script(tmp_path, f"- text: {'word ' * 50}\n  pace: 0.2\n- First answer.\n- Second answer.\n")
    terminal = Terminal(environment(home, model))
    terminal.wait_for("› *$")
    terminal.type("hello\n")
    terminal.wait_for("word word")
    terminal.type("typed ahead\nand more")
    terminal.process.send("\x03")
    terminal.wait_for(r"\(stopped\).*› typed ahead\n.*First answer.*› and more")
    terminal.type("\n")
    terminal.wait_for("Second answer.*›$")
    terminal.type("\x04")
    assert terminal.leave() == 0
    assert [text for speaker, text, _ in history(home) if speaker == "person"] == ["hello", "typed ahead", "and more"]


def test_every_sign_of_a_new_line_begins_one_and_a_path_does_not(home: Path) -> None:
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    terminal.process.send("one\\\rtwo\x1b[13;2uthree\x1b[27;2;13~four")
    terminal.wait_for("one\n.*two\n.*three\n.*four")
    terminal.type("\n")
    terminal.wait_for("No language model.*›$")
    terminal.type("C:\\Users\\me\\\n")
    terminal.wait_for("me.\n.*›$")
    terminal.type("\x04")
    terminal.leave()
    assert [text for who, text, _ in history(home) if who == "person"] == ["one\ntwo\nthree\nfour", "C:\\Users\\me\\"]


def test_escape_stops_her_and_a_paste_meanwhile_waits_whole_in_the_next_line(home: Path, tmp_path: Path) -> None:
    terminal = Terminal(environment(home, script(tmp_path, f"- text: {'word ' * 50}\n  pace: 0.2\n- Good.\n")))
    terminal.wait_for("› *$")
    terminal.type("hello\n")
    terminal.wait_for("word word")
    terminal.process.send("\x1b[200~pasted\rlines\x1b[201~ and\x1b[D\x1b[C")
    terminal.wait_for("word word word word")
    assert "(stopped)" not in terminal.text()
    terminal.process.send("\x1b")
    terminal.wait_for(r"\(stopped\)\n\n› pasted\n *lines and *$")
    terminal.type("\n")
    terminal.wait_for("Good.\n.*›$")
    terminal.type("\x04")
    assert terminal.leave() == 0
    assert [text for who, text, _ in history(home) if who == "person"] == ["hello", "pasted\nlines and"]


def test_what_was_said_before_is_suggested_and_right_takes_it(home: Path) -> None:
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    terminal.type("I went for a walk.\n")
    terminal.wait_for("a walk.\n.*›$")
    terminal.type("I went")
    terminal.wait_for("› I went for a walk. *$")
    terminal.process.send("\x1b[C")
    terminal.type("\n")
    terminal.wait_for("› I went for a walk.\n.*› I went for a walk.\n.*›$")
    terminal.type("\x04")
    terminal.leave()
    assert [text for who, text, _ in history(home) if who == "person"] == ["I went for a walk."] * 2


def test_the_keys_of_vi_by_choice(home: Path) -> None:
    terminal = Terminal(environment(home, COMPANION_EDITING="vi"))
    terminal.wait_for("› *$")
    terminal.type("not word")
    terminal.process.send("\x1b")
    time.sleep(0.8)
    terminal.process.send("0xxxx")
    terminal.wait_for("› word *$")
    terminal.type("\n")
    terminal.wait_for("No language model.*›$")
    terminal.type("\x04")
    terminal.leave()
    assert history(home)[1][1] == "word"


def test_what_is_typed_before_the_first_prompt_stands_is_not_lost(home: Path) -> None:
    terminal = Terminal(environment(home))
    terminal.wait_for(DISCLOSURE)
    terminal.type("quick one\nquick two")
    terminal.wait_for("› quick one\n.*›.*quick two")
    terminal.type("\n")
    terminal.wait_for("› quick two\n.*›$")
    terminal.type("\x04")
    assert terminal.leave() == 0
    assert [text for speaker, text, _ in history(home) if speaker == "person"] == ["quick one", "quick two"]


def test_words_that_begin_with_a_slash_are_words(home: Path) -> None:
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    terminal.type("/usr/bin/env is a path I like\n")
    terminal.wait_for("No language model.*›$")
    terminal.type("/bye\n")
    assert terminal.leave() == 0
    assert history(home)[1][1] == "/usr/bin/env is a path I like"


def test_a_memory_deleted_during_the_chat_is_noticed_and_the_words_stay(home: Path) -> None:
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    terminal.type("one\n")
    terminal.wait_for("No language model.*›$")
    for path in (home / "data").iterdir():
        path.unlink()
    terminal.type("two\n")
    terminal.wait_for("was moved, deleted or replaced.*› two *$")
    terminal.type("\x03\x04")
    assert terminal.leave() == 0


def test_a_terminal_that_is_closed_in_mid_reply_loses_nothing(home: Path, tmp_path: Path) -> None:
    terminal = Terminal(environment(home, script(tmp_path, f"- text: {'word ' * 60}\n  pace: 0.1\n")))
    terminal.wait_for("› *$")
    terminal.type("go on\n")
    terminal.wait_for("word word word word")
    pid = terminal.process.pid
    os.close(terminal.process.child_fd)
    give_up = time.monotonic() + 20
    while os.waitpid(pid, os.WNOHANG) == (0, 0) and time.monotonic() < give_up:
        time.sleep(0.05)
    kept = history(home)
    assert (kept[1][1], kept[2][2]) == ("go on", "interrupted")


def test_up_brings_back_what_was_said_in_an_earlier_sitting(home: Path) -> None:
    subprocess.run([*COMPANION, "say", "an earlier remark"], env=environment(home), check=True, capture_output=True)
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    give_up = time.monotonic() + 20
    while "an earlier remark" not in terminal.text() and time.monotonic() < give_up:
        terminal.type("\x1b[A")  # she may still be waking
        terminal.read()
    assert "› an earlier remark" in terminal.text()
    terminal.type("\x03\x04")
    terminal.leave()
    assert [path.name for path in home.rglob("*") if path.is_file()] == ["companion.db"]


def test_what_is_typed_while_she_speaks_waits_in_the_next_line(home: Path, tmp_path: Path) -> None:
    terminal = Terminal(environment(home, script(tmp_path, "- text: one two three four five\n  pace: 0.2\n- Yes.\n")))
    terminal.wait_for("› *$")
    terminal.type("count\n")
    terminal.wait_for("one two")
    terminal.type("meanwhile")
    terminal.wait_for("five\n\n› meanwhile")
    assert re.search(r"one two three four five\n", terminal.text())
    terminal.type("\n")
    terminal.wait_for("Yes.")
    terminal.type("\x04")
    terminal.leave()


def test_no_control_sequence_of_a_reply_reaches_the_terminal(home: Path, tmp_path: Path) -> None:
    model = script(tmp_path, '- "bell\\a \\e]0;pwned\\a \\e]52;c;cHduZWQ=\\e\\\\ \\e[2J \\u009b31m end"\n')
    terminal = Terminal(environment(home, model))
    terminal.wait_for("› *$")
    before = len(terminal.sent)
    terminal.type("hi\n")
    terminal.wait_for("end\n.*›$")
    reply = terminal.sent[before:]
    for forbidden in (b"\a", b"]0;", b"]52;", b"[2J", b"\xc2\x9b"):
        assert forbidden not in reply
    terminal.type("\x04")
    terminal.leave()


def test_the_chat_stays_on_the_normal_screen_and_in_the_scrollback(home: Path, tmp_path: Path) -> None:
    paragraphs = "\\n\\n".join(f"marker {number} " + "and some more words " * 8 for number in range(30))
    terminal = Terminal(environment(home, script(tmp_path, f'- "{paragraphs}"\n')), lines=24)
    terminal.wait_for("› *$")
    terminal.type("tell me\n")
    terminal.wait_for("marker 29 .*›$")
    found = [int(number) for number in re.findall(r"marker (\d+)", terminal.text())]
    assert found == list(range(30))
    assert b"\x1b[?1049h" not in terminal.sent
    assert all(len(line) < 80 for line in terminal.text().splitlines())
    terminal.type("\x04")
    terminal.leave()


def test_the_commands_answer(home: Path) -> None:
    terminal = Terminal(environment(home), lines=60)
    terminal.wait_for("› *$")
    for command, shows in {
        "/help": "Alt-Enter, Ctrl-J or .* begins a new\\s+line",
        "/model": "No language model is connected. *\n",
        "/persona": "Samantha .she/her.",
        "/nonsense": "There is no /nonsense",
        "/memories": "Nothing is kept yet beyond what was said.",
        "/why": "Nothing came to mind",
    }.items():
        terminal.type(f"{command}\n")
        terminal.wait_for(f"{shows}.*›$")
    terminal.type("My sister Anna lives in Oslo.\n")
    terminal.wait_for(r"\(kept: your sister Anna lives in Oslo\)\n.*›$")
    terminal.type("/memories sister\n")
    terminal.wait_for("1  Your sister Anna lives in Oslo. person, you said today at .*›$")
    terminal.type("/forget sister\n")
    terminal.wait_for("/forget yes forgets what is kept.*›$")
    terminal.type("/forget words\n")
    terminal.wait_for("Forgotten. What cannot be reached.*›$")
    terminal.type("Where does my sister live?\n")
    terminal.wait_for("live\\?\n.*›$")
    terminal.type("/quit\n")
    assert terminal.leave() == 0
    assert not any(b"Oslo" in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_the_model_can_be_changed_in_mid_talk_and_the_talk_goes_on(home: Path, tmp_path: Path) -> None:
    terminal = Terminal(environment(home))
    terminal.wait_for("› *$")
    terminal.type("My sister Anna lives in Oslo.\n")
    terminal.wait_for("No language model.*›$")
    terminal.type("/model nonsense\n")
    terminal.wait_for("'nonsense' is not a model.*›$")
    terminal.type(f"/model {script(tmp_path, '- In Oslo, of course.')}\n")
    terminal.wait_for("From now on the words come from.*›$")
    terminal.type("Where does she live?\n")
    terminal.wait_for("In Oslo, of course..*›$")
    terminal.type("/quit\n")
    assert terminal.leave() == 0
    told = json.loads((tmp_path / "script.yaml.told.jsonl").read_text(encoding="utf-8"))
    assert "My sister Anna lives in Oslo." in told["messages"][1]["content"]
    assert [said[0] for said in history(home)] == ["companion", "person", "companion", "person", "companion"]


def test_a_dead_server_is_one_sentence_and_the_words_can_be_sent_again(home: Path) -> None:
    terminal = Terminal(environment(home, "http://127.0.0.1:9/v1#none"))
    terminal.wait_for("› *$")
    terminal.type("Are you there?\n")
    terminal.wait_for(
        r"Nothing answers at http://127.0.0.1:9/v1.*then try again.*/retry sends your last words again;.*›$"
    )
    terminal.type("/retry\n")
    terminal.wait_for(r"/retry\n.*Nothing answers.*›$")
    assert "Traceback" not in terminal.text()
    terminal.type("\x04")
    assert terminal.leave() == 0
    assert [text for _, text, _ in history(home)][1:] == ["Are you there?"]


def test_a_broken_persona_is_one_sentence(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("name: Ada\nidentity: x\ngreting: hi\n", encoding="utf-8")
    terminal = Terminal(environment(home), [*COMPANION, str(broken)], columns=200)
    assert terminal.leave() == 1
    assert f"{broken}:3:1: there is no key `greting` in a persona; did you mean `greetings`?" in terminal.text()
    assert "Traceback" not in terminal.text()


def test_a_memory_that_is_no_database_is_one_sentence_and_left_alone(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    memory = home / "data" / "companion.db"
    memory.write_text("a letter\n" * 500)
    terminal = Terminal(environment(home), columns=200)
    assert terminal.leave() == 1
    assert "is damaged or not a memory file; it was left as it is" in terminal.text()
    assert memory.read_text() == "a letter\n" * 500


def test_a_window_of_twenty_columns_is_enough(home: Path, tmp_path: Path) -> None:
    model = script(
        tmp_path, "- A short reply with an extraordinarilylongwordinthemiddle of it, 你好世界你好世界你好世界.\n"
    )
    terminal = Terminal(environment(home, model), columns=20)
    terminal.wait_for("› *$")
    terminal.type("hi\n")
    terminal.wait_for("世界.*›$")
    terminal.type("\x04")
    assert terminal.leave() == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP], ids=["terminated", "terminal closed"])
def test_ended_from_outside_in_mid_reply_the_words_are_kept(home: Path, tmp_path: Path, how: signal.Signals) -> None:
    terminal = Terminal(environment(home, script(tmp_path, f"- text: {'word ' * 60}\n  pace: 0.1\n")))
    terminal.wait_for("› *$")
    terminal.type("go on\n")
    terminal.wait_for("word word word word")
    terminal.process.kill(how)
    give_up = time.monotonic() + 10
    while not terminal.process.getecho() and time.monotonic() < give_up:
        terminal.read()
    assert terminal.process.getecho()
    assert terminal.leave() == 143
    kept = history(home)
    assert kept[1][1] == "go on"
    assert (kept[2][0], kept[2][2]) == ("companion", "interrupted")


def test_a_terminal_that_does_not_say_where_its_cursor_is_serves_as_well(home: Path) -> None:
    terminal = Terminal(environment(home))
    terminal.says_where_the_cursor_is = False
    terminal.wait_for("› *$")
    time.sleep(2.5)  # as long as prompt-toolkit waits for an answer
    terminal.type("hello\n")
    terminal.wait_for("mostly ears.*›$")
    assert "WARNING" not in terminal.text()
    terminal.process.send(b"caf\xe9 \xff\xfe and \xf0\x9f more\r")
    terminal.wait_for("more\n.*›$")
    terminal.type("\x04")
    assert terminal.leave() == 0
    assert history(home)[-2][1].startswith("caf")


def test_two_chats_on_one_memory_see_each_other_and_lose_nothing(home: Path) -> None:
    first, second = Terminal(environment(home)), Terminal(environment(home))
    for number, terminal in enumerate((first, second, first, second)):
        terminal.wait_for("› *$")
        terminal.type(f"remark {number}\n")
        terminal.wait_for(f"remark {number}\n.*›$")
    first.type("/search remark\n")
    first.wait_for("remark 3.*remark 2.*remark 1.*remark 0")
    first.type("/undo\n")
    first.wait_for("Taken back: “remark 2”.*›$")
    for terminal in (first, second):
        terminal.type("\x04")
        assert terminal.leave() == 0


def test_a_simple_terminal_gets_plain_lines(home: Path) -> None:
    terminal = Terminal({**environment(home), "TERM": "dumb"})
    terminal.wait_for(f"{DISCLOSURE}.*I'm Samantha.*\n> *$")
    terminal.type("hello\n")
    terminal.wait_for("mostly ears.*\n> *$")
    assert terminal.text().count(DISCLOSURE) == 1
    assert b"\x1b" not in terminal.sent
    terminal.type("/quit\n")
    assert terminal.leave() == 0


def test_nothing_heavy_is_loaded_when_the_first_prompt_stands() -> None:
    loaded = modules_at_first_prompt()
    assert "prompt_toolkit" in loaded
    assert not {"openai", "alembic", "numpy", "sqlalchemy", "pydantic"} & set(loaded)


def test_the_program_runs_as_a_module(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "companion", "paths"], env=environment(home), capture_output=True, check=False
    )
    assert done.returncode == 0


# Where her words come from


def without_a_choice(home: Path, **more: str) -> dict[str, str]:
    """Return an environment in which no model was ever chosen."""
    return {name: value for name, value in environment(home, **more).items() if name != "COMPANION_MODEL"}


def test_a_server_on_this_computer_is_asked_for_once_and_remembered(home: Path) -> None:
    with ChatServer() as server:
        server.will(servers.says("Hello,", " Theo."))
        first = Terminal(without_a_choice(home, OLLAMA_HOST=f"127.0.0.1:{server.port}"))
        first.wait_for("› *$")
        first.type("I am Theo.\n")
        first.wait_for(r"tiny runs on this computer, at http://127\.0\.0\.1:\d+/v1\. Shall she")
        first.wait_for("y or n › *$")
        assert not server.asked
        first.type("y")
        first.wait_for("Hello, Theo.\n.*›$")
        first.type("\x04")
        assert first.leave() == 0

        second = Terminal(without_a_choice(home))
        second.wait_for("› *$")
        second.type("And again.\n")
        second.wait_for("Hello, Theo.\n.*›$")
        assert "Shall she" not in second.text()
        second.type("\x04")
        assert second.leave() == 0


@pytest.mark.parametrize(("key", "asked_again"), [("n", False), ("\x03", True)])
def test_a_model_that_was_declined_is_not_offered_again_and_she_listens(
    home: Path, key: str, asked_again: bool
) -> None:
    with ChatServer() as server:
        env = without_a_choice(home, OLLAMA_HOST=f"127.0.0.1:{server.port}")
        for round_ in range(2):
            terminal = Terminal(env)
            terminal.wait_for("› *$")
            terminal.type("I baked bread today.\n")
            if round_ == 0 or asked_again:
                terminal.wait_for("y or n › *$")
                terminal.type(key)
                terminal.wait_for("Without a model she listens and remembers")
            terminal.wait_for("bread today.\n(.*\n)+.*›$")
            terminal.type("\x04")
            assert terminal.leave() == 0
        assert not server.asked


def test_a_download_that_cannot_begin_is_said_and_she_listens(home: Path) -> None:
    terminal = Terminal(without_a_choice(home, HF_ENDPOINT="http://127.0.0.1:9", OLLAMA_HOST="127.0.0.1:9"))
    terminal.wait_for("› *$")
    terminal.type("I am Theo.\n")
    terminal.wait_for("Qwen3 1.7B can be downloaded")
    terminal.wait_for("y or n › *$")
    terminal.type("y")
    terminal.wait_for("Nothing has come; try again")
    terminal.wait_for("Theo.*\n(.*\n)+.*›$")
    terminal.type("/model\n")
    terminal.wait_for("companion models download")
    terminal.type("\x04")
    assert terminal.leave() == 0
    assert not (home / "config" / "config.yaml").exists()
