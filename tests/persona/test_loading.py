"""From a YAML file to a persona, or to an error that says where to look."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from companion import yaml
from companion.errors import DocumentError, PersonaNotFound
from companion.persona import loading
from companion.persona.persona import Example, Greetings, Persona

ADA = "name: Ada\nidentity: You are Ada.\n"
HINT = "(put it in quotes if it is a word)."
SHIPPED = sorted(loading.available([loading.shipped_folder()]))


def written(text: str) -> Persona:
    return loading.validate(yaml.parse(text, Path("ada.yaml")))


def refused(text: str) -> str:
    with pytest.raises(DocumentError) as caught:
        written(text)
    return str(caught.value)


@pytest.fixture
def own(tmp_path) -> Path:
    """Somebody's own folder, in which there is an Ada."""
    folder = tmp_path / "personas"
    folder.mkdir()
    (folder / "ada.yaml").write_text(ADA, encoding="utf-8")
    return folder


# Finding


def test_samantha_and_marlow_are_shipped():
    assert {"samantha", "marlow"} <= set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_persona_loads(name):
    persona = loading.load(loading.find(name, [loading.shipped_folder()]))
    assert persona.name.lower() == name


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_persona_can_quote_what_she_remembers(name):
    listening = loading.load(loading.find(name, [loading.shipped_folder()])).listening
    assert all("{quote}" in line for line in (*listening.remembered, *listening.reminded))


def test_a_persona_is_found_by_name(own):
    assert loading.find("ada", [own]) == own / "ada.yaml"


def test_a_name_is_found_in_any_case(own):
    assert loading.find("ADA", [own]) == own / "ada.yaml"


def test_a_file_may_be_called_yml(own):
    (own / "Bob.yml").write_text(ADA, encoding="utf-8")
    assert loading.find("bob", [own]) == own / "Bob.yml"


def test_ones_own_persona_hides_the_shipped_one(own):
    (own / "samantha.yaml").write_text(ADA, encoding="utf-8")
    assert loading.find("samantha", [own, loading.shipped_folder()]) == own / "samantha.yaml"


def test_a_shipped_persona_is_found_behind_ones_own(own):
    assert loading.find("marlow", [own, loading.shipped_folder()]).parent == loading.shipped_folder()


def test_a_folder_that_is_not_there_is_passed_over(own):
    assert loading.find("ada", [own / "none", own]) == own / "ada.yaml"


def test_other_files_are_no_personas(own):
    (own / "notes.txt").write_text("", encoding="utf-8")
    (own / "folder.yaml").mkdir()
    assert set(loading.available([own])) == {"ada"}


def test_a_persona_is_found_by_path(own):
    assert loading.find(str(own / "ada.yaml"), []) == own / "ada.yaml"


def test_a_path_may_begin_at_home(own, monkeypatch):
    monkeypatch.setenv("HOME", str(own))
    assert loading.find("~/ada.yaml", []) == own / "ada.yaml"


@pytest.mark.parametrize(
    "path", ["none.yaml", "./none", "~nobody-of-that-name/ada.yaml", "a\0.yaml", "x" * 5000 + ".yml"]
)
def test_a_path_that_leads_nowhere_is_said_to_lead_nowhere(path):
    with pytest.raises(PersonaNotFound, match="There is no persona file at"):
        loading.find(path, [])


def test_an_unknown_name_suggests_a_near_one(own):
    with pytest.raises(PersonaNotFound, match=r"There is no persona called samanta\. Did you mean samantha\?"):
        loading.find("samanta", [own, loading.shipped_folder()])


def test_a_name_near_to_none_lists_what_there_is(own):
    (own / "bob.yaml").write_text(ADA, encoding="utf-8")
    with pytest.raises(PersonaNotFound, match=r"There is no persona called zzz\. There are: ada, bob\."):
        loading.find("zzz", [own])


def test_where_there_are_no_personas_none_are_listed(tmp_path):
    with pytest.raises(PersonaNotFound, match="There are: none"):
        loading.find("ada", [tmp_path])


# Reading


def test_name_and_identity_are_enough():
    assert written(ADA) == Persona(name="Ada", identity="You are Ada.")


def test_a_lone_line_is_taken_for_a_list_of_one():
    assert written(ADA + "voice: Short sentences.\n").voice == ("Short sentences.",)


def test_a_lone_line_is_taken_for_a_list_of_one_in_a_group():
    assert written(ADA + "greetings:\n  again: Back again?\n").greetings.again == ("Back again?",)


def test_a_part_that_is_left_out_keeps_its_default():
    assert written(ADA + "greetings:\n  again: Back again?\n").greetings.first == Greetings().first


def test_a_key_without_a_value_is_left_out():
    assert written(ADA + "voice:\ngreetings:\n  first:\n") == written(ADA)


def test_space_around_a_line_goes():
    assert written(ADA + "voice:\n  - '  Short.  '\n").voice == ("Short.",)


def test_examples_are_pairs():
    assert written(ADA + "examples:\n  - you: Hi\n    her: Hello.\n").examples == (Example(you="Hi", her="Hello."),)


def test_a_word_that_older_yaml_took_for_a_truth_value_is_a_word():
    assert written("name: No\nidentity: on\n").name == "No"


def test_a_persona_cannot_be_changed(persona):
    with pytest.raises(ValidationError, match="frozen"):
        persona.name = "Eve"


def test_a_part_of_a_persona_cannot_be_changed(persona):
    with pytest.raises(ValidationError, match="frozen"):
        persona.greetings.first = ()


def test_a_persona_is_a_value(persona):
    assert {persona: "Ada"}[persona.model_copy()] == "Ada"


# Errors: where, what was found, what was expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "1:1: expected a persona (`name:`, `identity:` …), found nothing."),
        ("- a\n", "1:1: expected a persona (`name:`, `identity:` …), found a list."),
        ("Ada\n", "1:1: expected a persona (`name:`, `identity:` …), found the text “Ada”."),
        ("# Ada\nname: Ada\n", "2:1: `identity` is missing; expected text."),
        ("identity: You.\nname:\n", "1:1: `name` is missing; expected text."),
        (
            "identity: You.\nname: true\n",
            f"2:7: `name`: expected text, found the truth value true {HINT}",
        ),
        (
            "identity: You.\nname: 7\n",
            f"2:7: `name`: expected text, found the number 7 {HINT}",
        ),
        ("identity: You.\nname: ' '\n", "2:7: `name`: expected text, found an empty text."),
        ("identity: You.\nname: [Ada]\n", "2:7: `name`: expected text, found a list."),
        ("identity: You.\nname: {first: Ada}\n", "2:7: `name`: expected text, found a group of keys."),
        (f"identity: You.\nname: {'a' * 81}\n", "2:7: `name` is longer than 80 characters."),
        (
            ADA + "tagline: 1.5\n",
            f"3:10: `tagline`: expected text, found the number 1.5 {HINT}",
        ),
        (ADA + "relationship: []\n", "3:15: `relationship`: expected text, found an empty list."),
        (ADA + "voice: {a: b}\n", "3:8: `voice`: expected a list of lines, found a group of keys."),
        (
            ADA + "voice: 3\n",
            f"3:8: `voice`: expected a list of lines, found the number 3 {HINT}",
        ),
        (ADA + "voice:\n  - Short.\n  -\n", "5:4: `voice.2`: expected a line of text, found nothing."),
        (ADA + "voice:\n  - You: kind.\n", "4:5: `voice.1`: expected a line of text, found a group of keys."),
        (ADA + "voice: ''\n", "3:8: `voice.1`: expected a line of text, found an empty text."),
        (ADA + f"voice: {'a' * 2001}\n", "3:8: `voice.1` is longer than 2000 characters."),
        (ADA + "greetings: Hello.\n", "3:12: `greetings`: expected a group of keys, found the text “Hello.”."),
        (ADA + "greetings:\n  first: []\n", "4:10: `greetings.first`: expected a list of lines, found an empty list."),
        (
            ADA + "listening:\n  heard:\n    - no\n    - 12\n",
            f"6:7: `listening.heard.2`: expected a line of text, found the number 12 {HINT}",
        ),
        (
            ADA + "examples: {you: a, her: b}\n",
            "3:11: `examples`: expected a list of `you:` and `her:`, found a group of keys.",
        ),
        (ADA + "examples:\n  - Hi\n", "4:5: `examples.1`: expected `you:` and `her:`, found the text “Hi”."),
        (ADA + "examples:\n  - you: Hi\n", "4:5: `her` is missing; expected text."),
        (ADA + "examples:\n  - you: Hi\n    her: []\n", "5:10: `examples.1.her`: expected text, found an empty list."),
        (ADA + "voices: Short.\n", "3:1: there is no key `voices` in a persona; did you mean `voice`?"),
        (
            ADA + "greetings:\n  frist: Hello.\n",
            "4:3: there is no key `greetings.frist` in a persona; did you mean `first`?",
        ),
        (
            ADA + "greetings:\n  x: Hello.\n",
            "4:3: there is no key `greetings.x` in a persona; expected one of first, again.",
        ),
        (
            ADA + "examples:\n  - you: a\n    her: b\n    him: c\n",
            "6:5: there is no key `examples.1.him` in a persona; expected one of you, her.",
        ),
        (
            ADA + "listening:\n  remember: a\n",
            "4:3: there is no key `listening.remember` in a persona; did you mean `remembered`?",
        ),
    ],
)
def test_an_error_says_where_it_is_and_what_was_expected(text, error):
    assert refused(text) == f"ada.yaml:{error}"


def test_of_several_errors_the_first_in_the_file_is_told():
    assert refused("zzz: 1\nname: 2\nvoice: 3\n").startswith("ada.yaml:1:1:")


def test_the_first_error_in_the_file_is_told_whatever_its_kind():
    assert refused("name: 2\nzzz: 1\nidentity: a\n").startswith("ada.yaml:1:7:")


def test_a_mistyped_key_is_told_rather_than_the_one_it_leaves_missing():
    assert refused("identity: You.\nnmae: Ada\n").startswith("ada.yaml:2:1: there is no key `nmae`")


def test_an_error_names_the_file_that_was_asked_for(own):
    path = own / "broken.yaml"
    path.write_text("name: [", encoding="utf-8")
    with pytest.raises(DocumentError, match="this is not YAML") as caught:
        loading.load(path)
    assert caught.value.path == path


# The first lines, before anything is validated


def opening(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return loading.opening_lines(yaml.parse(text, Path("ada.yaml")))


def test_the_opening_lines_are_there_before_validation():
    text = "name: Ada\ngreetings:\n  first: [' Hello. ', Hi.]\n  again: Back?\n"
    assert opening(text) == ("Ada", ("Hello.", "Hi."), ("Back?",))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_opening_lines_are_those_of_the_validated_persona(name):
    document = yaml.read(loading.find(name, [loading.shipped_folder()]))
    persona = loading.validate(document)
    assert loading.opening_lines(document) == (persona.name, persona.greetings.first, persona.greetings.again)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada",
        "- Ada",
        "name: 7",
        "name: [Ada]\ngreetings: Hello.",
        "greetings: [Hello.]",
        "greetings:\n  first: {a: b}\n  again: 7",
        "greetings:\n  first: [1, null, ' ', [a]]",
    ],
)
def test_what_is_broken_in_the_opening_lines_is_left_empty(text):
    assert opening(text) == ("", (), ())
