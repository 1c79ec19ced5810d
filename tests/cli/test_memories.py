"""`companion memories`: what she keeps of you, in your hands."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from companion.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program in its own home, without a model; return code, stdout, stderr."""
    monkeypatch.setenv("COMPANION_MODEL", "offline")

    def run(*arguments: str, typed: str | None = None) -> tuple[int, str, str]:
        class Typed(io.StringIO):
            def isatty(self) -> bool:
                return typed is not None

        monkeypatch.setattr(sys, "stdin", Typed(typed or ""))
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def listed(run: Run, *more: str) -> list[dict[str, object]]:
    return json.loads(run("memories", "list", "--json", *more)[1])


def everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_what_was_kept_of_a_turn_is_said_and_listed(run: Run) -> None:
    told = json.loads(run("say", "--json", "My sister Anna lives in Oslo.")[1])
    assert told["kept"] == [
        {
            "id": 1,
            "kind": "person",
            "text": "Your sister Anna lives in Oslo",
            "quote": "My sister Anna lives in Oslo",
        }
    ]
    (kept,) = listed(run)
    assert list(kept) == [
        "id", "kind", "text", "quote", "utterance", "said_at", "valid_from", "valid_to", "superseded_by", "strength",
        "pinned",
    ]  # fmt: skip
    assert (kept["utterance"], kept["valid_to"], kept["superseded_by"], kept["pinned"]) == (1, None, None, False)


def test_the_dim_line_says_what_was_kept(run: Run) -> None:
    assert "(kept: your sister Anna lives in Oslo)\n" in run("say", "My sister Anna lives in Oslo.")[2]


def test_nothing_is_kept_off_the_record(run: Run) -> None:
    assert json.loads(run("say", "--json", "--off-record", "I live in Oslo.")[1])["kept"] == []
    assert listed(run) == []


def test_where_one_lived_and_where_one_lives_both_have_answers(run: Run) -> None:
    run("say", "I live in Oslo.")
    run("say", "I live in Bergen now.")
    assert [memory["text"] for memory in listed(run)] == ["You live in Bergen"]
    once, now = listed(run, "--all")
    assert (once["superseded_by"], once["valid_to"]) == (now["id"], now["valid_from"])


def test_what_was_so_on_a_day_is_asked_for_by_that_day(run: Run) -> None:
    run("say", "I moved to Oslo in March 2019.")
    run("say", "I moved to Bergen in June 2022.")
    assert [memory["text"] for memory in listed(run, "--on", "2020-05-17")] == ["You live in Oslo"]
    assert [memory["text"] for memory in listed(run, "--on", "2022-12-01")] == ["You live in Bergen"]
    assert listed(run, "--on", "2018-12-01") == []


def test_something_is_added_in_ones_own_words(run: Run) -> None:
    code, out, _ = run("memories", "add", "The spare key is under the pot")
    assert (code, "The spare key is under the pot" in out) == (0, True)
    (kept,) = listed(run)
    assert (kept["kind"], kept["quote"]) == ("fact", "The spare key is under the pot")
    assert json.loads(run("history", "show", "--json")[1])["utterances"][0]["text"] == kept["quote"]


def test_a_correction_takes_the_place_of_what_was_never_so(run: Run) -> None:
    run("say", "My sister Anna lives in Oslo.")
    run("memories", "edit", "1", "My sister Anna lives in Bergen")
    once, now = listed(run, "--all")
    assert (once["superseded_by"], once["valid_to"]) == (now["id"], once["valid_from"])
    assert (now["text"], now["quote"]) == ("Your sister Anna lives in Bergen", "My sister Anna lives in Bergen")


def test_a_pin_is_set_and_taken_off(run: Run) -> None:
    run("say", "I love rain.")
    run("memories", "pin", "1")
    assert listed(run)[0]["pinned"] is True
    run("memories", "pin", "1", "--off")
    assert listed(run)[0]["pinned"] is False


def test_memories_are_found_by_their_words_in_any_form(run: Run) -> None:
    run("say", "My sister Anna lives in Oslo.")
    assert [found["id"] for found in json.loads(run("memories", "search", "--json", "living", "sisters")[1])] == [1]
    assert run("memories", "search", "brother")[2] == "Nothing is kept about that.\n"


def test_one_memory_is_shown_with_what_it_rests_on(run: Run) -> None:
    run("say", "I love rain.")
    assert "“I love rain”" in run("memories", "show", "1")[1]


@pytest.mark.parametrize("command", [["show", "7"], ["pin", "7"], ["edit", "7", "x"], ["forget", "7", "--yes"]])
def test_a_memory_that_is_not_there_is_one_sentence(run: Run, command: list[str]) -> None:
    run("say", "I love rain.")
    assert run("memories", *command) == (1, "", "There is no memory 7; `companion memories list` shows them all.\n")


def test_without_anything_kept_the_list_is_empty_and_makes_no_file(run: Run, home: Path) -> None:
    assert listed(run) == []
    assert not (home / "data" / "companion.db").exists()


@pytest.mark.parametrize("words", ["", "   ", "where do I live?"])
def test_what_says_nothing_is_not_added(run: Run, words: str) -> None:
    code, _, err = run("memories", "add", words)
    assert (code, err.startswith("There is nothing to keep in that")) == (1, True)


def test_forgetting_shows_what_goes_and_asks_once(run: Run) -> None:
    run("say", "I love zanzibar7 evenings.")
    code, out, err = run("memories", "forget", "1", "--with-words", typed="n\n")
    assert (code, err) == (0, "Nothing was forgotten.\n")
    assert "“I love zanzibar7 evenings.”" in out
    assert len(listed(run)) == 1
    assert "Forgotten." in run("memories", "forget", "1", "--with-words", typed="y\n")[2]
    assert listed(run) == []


def test_forgetting_with_nobody_to_ask_wants_a_yes(run: Run) -> None:
    run("say", "I love rain.")
    assert run("memories", "forget", "1")[0] == 1
    assert len(listed(run)) == 1


def test_after_forgetting_the_words_are_in_no_byte_of_the_home(run: Run, home: Path) -> None:
    run("say", "I love zanzibar7 evenings.")
    run("say", "What do I love about zanzibar7?")
    run("say", "My sister Anna lives in Oslo.")
    assert b"anzibar7" in everything(home)
    (home / "data" / "companion.db.before-0005").write_bytes(b"an older copy with zanzibar7 in it")
    said = [u for u in json.loads(run("history", "search", "--json", "zanzibar7")[1]) if u["speaker"] == "person"]
    more = [flag for utterance in said for flag in ("--said", str(utterance["id"]))]
    told = json.loads(run("memories", "forget", "1", "--with-words", "--yes", "--json", *more)[1])
    assert (told["forgotten"], told["clean"]) == ([1], True)
    assert b"anzibar" not in everything(home).lower()
    assert [memory["text"] for memory in listed(run)] == ["Your sister Anna lives in Oslo"]


def test_a_forgotten_memory_is_not_read_again_out_of_words_that_stay(run: Run) -> None:
    run("say", "I love rain.")
    run("memories", "forget", "1", "--yes")
    run("say", "Good morning.")
    assert listed(run) == []
    run("say", "I love rain.")
    assert [memory["text"] for memory in listed(run)] == ["You love rain"]
