"""A model that plays a file."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from companion.dialogue.budget import tokens
from companion.dialogue.model import Briefing, Finish, Message, Piece, Text, Usage
from companion.errors import DocumentError, ModelFailed, SettingsError
from companion.persona.persona import Persona
from companion.providers.registry import Request
from companion.providers.scripted import Line, ScriptedModel, open_script
from tests.conftest import OSLO
from tests.scenes import pieces

TOLD = (Message("system", "You are Ada."), Message("user", "Hello, é."))


def briefing(*messages: Message) -> Briefing:
    ada = Persona(name="Ada", identity="You are Ada.")
    return Briefing(messages or TOLD, ada, "Hello.", (), datetime(2026, 11, 22, 14, 5, tzinfo=OSLO))


def played(model: ScriptedModel) -> list[Piece]:
    return pieces(model.stream(briefing()))


def words(model: ScriptedModel) -> str:
    return "".join(piece.text for piece in played(model) if isinstance(piece, Text))


def request(path: Path) -> Request:
    return Request(f"scripted:{path}", str(path), {}, path.parent, 8192, None)


@pytest.fixture
def script(tmp_path) -> Path:
    return tmp_path / "play.yaml"


def opened(script: Path, text: str) -> ScriptedModel:
    script.write_text(text, encoding="utf-8")
    return open_script(request(script))


# What is played


def test_a_line_comes_word_by_word():
    assert [piece.text for piece in played(ScriptedModel("Hello  there,\nyou. ")) if isinstance(piece, Text)] == [
        "Hello",
        "  there,",
        "\nyou. ",
    ]


def test_a_line_ends_with_what_it_cost_and_a_finish():
    assert played(ScriptedModel("Hello there.")) == [
        Text("Hello"),
        Text(" there."),
        Usage(tokens(TOLD), 0, 2),
        Finish("stop"),
    ]


def test_lines_are_played_in_turn_and_start_over():
    model = ScriptedModel("one", "two")
    assert [words(model) for _ in range(5)] == ["one", "two", "one", "two", "one"]


def test_a_line_without_a_finish_breaks_off():
    assert played(ScriptedModel(Line("I was about", finish=None))) == [Text("I"), Text(" was"), Text(" about")]


def test_a_line_may_finish_for_another_reason():
    assert played(ScriptedModel(Line("I", finish="length")))[-1] == Finish("length")


def test_a_line_may_go_wrong():
    with pytest.raises(ModelFailed, match="The server is tired"):
        played(ScriptedModel(Line(error="The server is tired.")))


def test_a_line_that_goes_wrong_is_followed_by_the_next_one():
    model = ScriptedModel(Line(error="The server is tired."), "Better now.")
    with pytest.raises(ModelFailed):
        played(model)
    assert words(model) == "Better now."


def test_a_line_without_words_only_finishes():
    assert [type(piece) for piece in played(ScriptedModel(""))] == [Usage, Finish]


def test_what_it_was_told_is_remembered():
    model = ScriptedModel("one")
    played(model)
    assert model.told == [TOLD]


# Files


@pytest.mark.parametrize("text", ["- one\n- two\n", "replies:\n  - one\n  - two\n", "[one, {text: two}]\n"])
def test_a_file_is_a_list_of_replies_with_or_without_a_heading(script, text):
    model = opened(script, text)
    assert [words(model), words(model)] == ["one", "two"]


def test_every_part_of_a_line_can_be_written(script):
    model = opened(script, "- text: one\n  pace: 0\n  finish: length\n")
    assert played(model)[-1] == Finish("length")


def test_finish_null_breaks_off(script):
    assert played(opened(script, "- text: I was about\n  finish: null\n"))[-1] == Text(" about")


def test_an_error_comes_after_the_text(script):
    model = opened(script, "- text: I was about\n  error: The server is tired.\n")
    with pytest.raises(ModelFailed, match="The server is tired"):
        played(model)


def test_a_script_is_named_by_its_spec(script):
    assert opened(script, "- one\n").name == f"scripted:{script}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "1:1: expected a list of replies."),
        ("one\n", "1:1: expected a list of replies."),
        ("# a play\n{}\n", "2:1: expected a list of replies."),
        ("replies: []\n", "1:1: expected a list of replies."),
        ("- one\n- 2\n", "2:3: expected a reply"),
        ("- one\n-\n", "2:2: expected a reply"),
        ("replies:\n  - one\n  - [two]\n", "3:5: expected a reply"),
        ("- txt: one\n", "1:3: `txt` cannot be used here like this."),
        ("- text: 1\n", "1:3: `text` cannot be used here like this."),
        ("replies:\n  - text: one\n    pace: slow\n", "3:5: `pace` cannot be used here like this."),
        ("- text: one\n  finish: 3\n", "2:3: `finish` cannot be used here like this."),
        ("- error: null\n", "1:3: `error` cannot be used here like this."),
        ("- one\n- [\n", "3:1: this is not YAML"),
    ],
)
def test_a_file_that_is_no_script_is_refused_where_it_is_wrong(script, text, place):
    with pytest.raises(DocumentError) as caught:
        opened(script, text)
    assert str(caught.value).startswith(f"{script}:{place}")


def test_a_file_that_is_not_there_is_refused(script):
    with pytest.raises(DocumentError, match="cannot be read"):
        open_script(request(script))


# What is noted beside the file


def noted(script: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(f"{script}.told.jsonl").read_text(encoding="utf-8").splitlines()]


def test_what_it_was_told_is_noted_beside_the_file(script):
    played(opened(script, "- one\n"))
    assert noted(script) == [
        {
            "asked": "reply",
            "messages": [{"role": "system", "content": "You are Ada."}, {"role": "user", "content": "Hello, é."}],
            "reply": "one",
        }
    ]


def test_nothing_is_noted_before_it_is_told_something(script):
    opened(script, "- one\n")
    assert list(script.parent.iterdir()) == [script]


def test_the_play_goes_on_in_the_next_process(script):
    assert [words(opened(script, "- one\n- two\n- three\n")) for _ in range(4)] == ["one", "two", "three", "one"]


def test_the_play_goes_on_after_a_line_that_went_wrong(script):
    with pytest.raises(ModelFailed):
        played(opened(script, "- error: tired.\n- two\n"))
    assert words(opened(script, "- error: tired.\n- two\n")) == "two"


def test_words_with_line_ends_are_noted_on_one_line(script):
    pieces(opened(script, "- one\n").stream(briefing(Message("user", "a\nb\u2028c"))))
    assert Path(f"{script}.told.jsonl").read_bytes().count(b"\n") == 1


def test_a_place_where_nothing_can_be_noted_is_refused(script):
    model = ScriptedModel("one", record=script.parent / "none" / "told.jsonl")
    with pytest.raises(SettingsError, match="cannot note what it was told"):
        played(model)


def test_lines_given_by_hand_are_noted_nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    played(ScriptedModel("one"))
    assert not list(tmp_path.iterdir())
