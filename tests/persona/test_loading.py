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
    return loading.validate(yaml.surveyed(text, Path("ada.yaml")))


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
    assert written(ADA + "voice: Short sentences.\n").voice.habits == ("Short sentences.",)


def test_a_lone_line_is_taken_for_a_list_of_one_in_a_group():
    assert written(ADA + "greetings:\n  again: Back again?\n").greetings.again == ("Back again?",)


def test_a_part_that_is_left_out_keeps_its_default():
    assert written(ADA + "greetings:\n  again: Back again?\n").greetings.first == Greetings().first


def test_a_key_without_a_value_is_left_out():
    assert written(ADA + "voice:\ngreetings:\n  first:\n") == written(ADA)


def test_space_around_a_line_goes():
    assert written(ADA + "voice:\n  - '  Short.  '\n").voice.habits == ("Short.",)


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
        (
            ADA + "voice: {a: b}\n",
            "3:9: there is no key `voice.a` in a persona; expected one of habits, do, dont, favourites, never.",
        ),
        (
            ADA + "voice: 3\n",
            f"3:8: `voice`: expected a group of keys, found the number 3 {HINT}",
        ),
        (ADA + "voice:\n  - Short.\n  -\n", "5:4: `voice.2`: expected a line of text, found nothing."),
        (ADA + "voice:\n  - You: kind.\n", "4:5: `voice.1`: expected a line of text, found a group of keys."),
        (ADA + "voice: ''\n", "3:8: `voice.1`: expected a line of text, found an empty text."),
        (ADA + f"voice: {'a' * 2001}\n", "3:8: `voice.1` is longer than 2000 characters."),
        (ADA + "lore: Hello.\n", "3:7: `lore`: expected a list of `keys:` and `text:`, found the text “Hello.”."),
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
        (ADA + "examples:\n  - you: Hi\n", "4:5: `examples.1.her` is missing; expected text."),
        (ADA + "examples:\n  - you: Hi\n    her: []\n", "5:10: `examples.1.her`: expected text, found an empty list."),
        (ADA + "voices: Short.\n", "3:1: there is no key `voices` in a persona; did you mean `voice`?"),
        (
            ADA + "greetings:\n  frist: Hello.\n",
            "4:3: there is no key `greetings.frist` in a persona; did you mean `first`?",
        ),
        (
            ADA + "greetings:\n  x: Hello.\n",
            "4:3: there is no key `greetings.x` in a persona; expected one of "
            + ", ".join(Greetings.model_fields)
            + ".",
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


# All at once


def all_wrong(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        written(text)
    return [problem.args[0].partition("ada.yaml:")[2] for problem in (caught.value, *caught.value.others)]


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file():
    assert all_wrong("name: 2\ngreting: Hi.\nvoice:\n  habits: [a, 3]\ngreting: Ho.\nidentity: &x You.\n") == [
        "1:7: `name`: expected text, found the number 2 (put it in quotes if it is a word).",
        "2:1: there is no key `greting` in a persona; did you mean `greetings`?",
        "4:15: `voice.habits.2`: expected a line of text, found the number 3 (put it in quotes if it is a word).",
        "5:1: `greting` stands here twice, first in line 2.",
        "6:11: anchors (&name) are not allowed here; write the value out.",
    ]


def test_a_mistyped_key_is_not_told_a_second_time_as_a_missing_one():
    assert all_wrong("nmae: Ada\nidentty: You.\nx: 1\n")[:2] == [
        "1:1: there is no key `nmae` in a persona; did you mean `name`?",
        "2:1: there is no key `identty` in a persona; did you mean `identity`?",
    ]


def test_a_caret_stands_under_the_place():
    with pytest.raises(DocumentError) as caught:
        written("name: Ada\nidentity: You.\ngreting: Hi.\nvoice: [日本, 7]\n")
    assert caught.value.pointed() == (
        "ada.yaml:3:1: there is no key `greting` in a persona; did you mean `greetings`?\n"
        "     3 | greting: Hi.\n"
        "       | ^\n\n"
        "ada.yaml:4:13: `voice.2`: expected a line of text, found the number 7 (put it in quotes if it is a word).\n"
        "     4 | voice: [日本, 7]\n"
        "       |               ^\n"
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("initiative: {quiet_hours: late}", "`initiative.quiet_hours`: expected hours such as '22:00-08:00', found"),
        ("initiative: often", "`initiative`: expected one of 'none', 'little', 'some' or 'much', found the text"),
        ("temperament: [{trait: warmth, level: 11}]", "`temperament.1.level`: expected a number up to 10, found"),
        ("temperament: [warmth]", "`temperament.1`: expected `trait:` and `level:`, found the text “warmth”."),
        ("memory: {shared: 3}", "`memory.shared`: expected true or false, found the number 3"),
        ("model: {temperature: warm}", "`model.temperature`: expected a number, found the text “warm”."),
        ("lore: [{keys: a}]", "`lore.1.text` is missing; expected text."),
    ],
)
def test_what_was_expected_is_said_in_words(text, error):
    (told,) = all_wrong(f"{ADA}{text}\n")
    assert told.partition(": ")[2].startswith(error) or told.partition(" ")[2].startswith(error)


# Building on another


def test_a_persona_builds_on_another_group_by_group(own):
    (own / "ada.yaml").write_text(ADA + "values: [Trains.]\nvoice: {habits: Dry., do: Wait.}\n", encoding="utf-8")
    (own / "bea.yaml").write_text("extends: ada\nname: Bea\nvoice: Loud.\n", encoding="utf-8")
    bea = loading.load(own / "bea.yaml")
    assert (bea.name, bea.identity, bea.values, bea.voice.habits, bea.voice.do) == (
        "Bea", "You are Ada.", ("Trains.",), ("Loud.",), ("Wait.",),
    )  # fmt: skip


def test_a_shipped_persona_can_be_built_on_under_its_own_name(own):
    (own / "samantha.yaml").write_text("extends: samantha\ntagline: Mine.\n", encoding="utf-8")
    mine = loading.load(own / "samantha.yaml")
    assert (mine.name, mine.tagline) == ("Samantha", "Mine.")


def test_a_namesake_does_not_read_the_memory_of_the_one_it_builds_on(own):
    (own / "other.yaml").write_text("extends: ada\ntagline: Another.\n", encoding="utf-8")
    assert loading.load(own / "other.yaml").id == "other"
    assert loading.load(own / "ada.yaml").id == "Ada"


def test_an_id_is_kept_when_the_name_changes():
    assert written("name: Eve\nidentity: You are Eve.\nid: ada\n").id == "ada"


def test_building_in_a_circle_is_refused_with_the_circle(own):
    for name, base in (("a", "b"), ("b", "c"), ("c", "a")):
        (own / f"{name}.yaml").write_text(f"name: X\nextends: {base}\n", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"c\.yaml:2:10: `extends` goes in a circle: a → b → c → a\."):
        loading.load(own / "a.yaml")


def test_building_on_nobody_is_refused_with_the_place(own):
    (own / "b.yaml").write_text("name: B\nextends: adda\n", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"b\.yaml:2:10: `extends`: There is no persona called adda"):
        loading.load(own / "b.yaml")


def test_an_error_in_the_one_it_builds_on_names_that_file(own):
    (own / "ada.yaml").write_text(ADA + "name: Eve\n", encoding="utf-8")
    (own / "b.yaml").write_text("name: B\nextends: ada\n", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"ada\.yaml:3:1: `name` stands here twice"):
        loading.load(own / "b.yaml")


# Strange files


@pytest.mark.parametrize("text", [ADA.replace("\n", "\r\n"), "\ufeff" + ADA])
def test_line_ends_and_a_byte_order_mark_do_not_matter(own, text):
    (own / "ada.yaml").write_bytes(text.encode())
    assert loading.load(own / "ada.yaml").name == "Ada"


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("name: Ada\n".encode("utf-16"), "this byte is not UTF-8; save the file as UTF-8."),
        (b"name: Ad\xe9\n", "broken.yaml:1:9: this byte is not UTF-8"),
        (b"name:\n\t- a\n", "a tab stands here; indent with spaces"),
        (ADA.encode() + b"tagline: *b\n", "aliases"),
        (b"[" * 40, "nested more than 32 deep"),
        (b"x: " + b"a" * 10_000_000, "larger than 256 KiB"),
    ],
)
def test_a_strange_file_is_refused_in_one_sentence(own, raw, error):
    (own / "broken.yaml").write_bytes(raw)
    with pytest.raises(DocumentError) as caught:
        loading.load(own / "broken.yaml")
    assert error in str(caught.value)
