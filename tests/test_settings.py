"""Settings: flags, then the environment, then config.yaml, then defaults."""

from pathlib import Path

import pytest

from companion.errors import DocumentError, SettingsError
from companion.persona import loading
from companion.settings import Settings, keep, read


@pytest.fixture
def place(tmp_path) -> Path:
    """A home with a folder for config.yaml."""
    (tmp_path / "config").mkdir()
    return tmp_path


def chosen(place: Path, config: str = "", *, flags: dict[str, str] | None = None, **environment: str) -> Settings:
    (place / "config" / "config.yaml").write_text(config, encoding="utf-8")
    return read({"COMPANION_HOME": str(place), **environment}, **(flags or {}))


# Which one wins


def test_samantha_is_the_default_persona(place):
    assert chosen(place).persona == "samantha"


def test_no_model_is_chosen_by_default(place):
    assert chosen(place).model is None


def test_words_alone_find_what_was_said_by_default(place):
    assert chosen(place).embeddings is None


def test_the_environment_names_the_embedder_before_config_yaml(place):
    config = "embeddings: ollama:nomic-embed-text\n"
    assert chosen(place, config).embeddings == "ollama:nomic-embed-text"
    assert chosen(place, config, COMPANION_EMBEDDINGS="openai:small").embeddings == "openai:small"


def test_the_default_context_is_eight_thousand_tokens(place):
    assert chosen(place).context == 8192


def test_patience_is_left_to_the_provider_by_default(place):
    assert chosen(place).patience is None


def test_everything_is_on_record_by_default(place):
    assert chosen(place).off_record is False


def test_config_yaml_goes_before_the_default(place):
    settings = chosen(place, "persona: marlow\nmodel: offline\ncontext: 4096\npatience: 2.5\n")
    assert (settings.persona, settings.model, settings.context, settings.patience) == ("marlow", "offline", 4096, 2.5)


def test_the_environment_goes_before_config_yaml(place):
    settings = chosen(
        place,
        "persona: marlow\nmodel: offline\ncontext: 4096\npatience: 2.5\n",
        COMPANION_PERSONA="ada",
        COMPANION_MODEL="ollama:x",
        COMPANION_CONTEXT="1024",
        COMPANION_PATIENCE="9",
    )
    assert (settings.persona, settings.model, settings.context, settings.patience) == ("ada", "ollama:x", 1024, 9)


def test_a_flag_goes_before_the_environment(place):
    settings = chosen(
        place,
        "persona: marlow\nmodel: offline\n",
        flags={"persona": "eve", "model": "openai:y"},
        COMPANION_PERSONA="ada",
        COMPANION_MODEL="ollama:x",
    )
    assert (settings.persona, settings.model) == ("eve", "openai:y")


@pytest.mark.parametrize("name", ["COMPANION_PERSONA", "COMPANION_MODEL", "COMPANION_CONTEXT", "COMPANION_PATIENCE"])
def test_an_empty_variable_is_as_good_as_none(place, name):
    config = "persona: marlow\nmodel: offline\ncontext: 4096\npatience: 2.5\n"
    settings = chosen(place, config, **{name: ""})
    assert (settings.persona, settings.model, settings.context, settings.patience) == ("marlow", "offline", 4096, 2.5)


def test_off_record_is_a_flag(place):
    assert read({"COMPANION_HOME": str(place)}, off_record=True).off_record is True


# Where things are kept


def test_everything_is_kept_below_companion_home(place):
    settings = chosen(place)
    assert (settings.config, settings.data) == (place / "config", place / "data")


def test_companion_home_may_begin_at_home():
    assert read({"COMPANION_HOME": "~/somewhere"}).data == Path.home() / "somewhere" / "data"


def test_the_home_of_a_stranger_is_refused():
    with pytest.raises(SettingsError, match="COMPANION_HOME is '~nobody-there'"):
        read({"COMPANION_HOME": "~nobody-there"})


def test_without_companion_home_the_folders_are_the_systems_own(tmp_path, monkeypatch):
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "WIN_PD_OVERRIDE_LOCAL_APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / name))
    settings = read({})
    assert tmp_path in settings.config.parents and tmp_path in settings.data.parents  # noqa: PT018 - one idea


def test_nothing_is_made_by_reading(tmp_path):
    read({"COMPANION_HOME": str(tmp_path / "new")})
    assert not (tmp_path / "new").exists()


def test_the_memory_is_one_file(place):
    assert chosen(place).memory == place / "data" / "companion.db"


def test_ones_own_personas_go_before_the_shipped_ones(place):
    assert chosen(place).persona_folders == (place / "config" / "personas", loading.shipped_folder())


def test_settings_do_not_show_the_environment(place):
    assert "sk-secret" not in repr(chosen(place, OPENAI_API_KEY="sk-secret"))


# What cannot be used


@pytest.mark.parametrize("name", ["COMPANION_CONTEXT", "COMPANION_PATIENCE"])
@pytest.mark.parametrize("text", ["many", "0", "-1", "nan", "inf", "8k"])
def test_a_variable_that_is_no_number_above_zero_is_refused(place, name, text):
    with pytest.raises(SettingsError, match=f"{name} is '{text}'; it must be a number above zero"):
        chosen(place, **{name: text})


def test_a_context_in_which_she_cannot_be_told_who_she_is_is_refused(place):
    with pytest.raises(SettingsError, match="The context is 511 tokens; below 512"):
        chosen(place, COMPANION_CONTEXT="511")


def test_the_smallest_context_is_allowed(place):
    assert chosen(place, COMPANION_CONTEXT="512").context == 512


def test_a_context_in_config_yaml_is_held_to_the_same(place):
    with pytest.raises(SettingsError, match="The context is 100 tokens"):
        chosen(place, "context: 100\n")


@pytest.mark.parametrize("config", ["", "# nothing yet\n", "{}\n"])
def test_an_empty_config_yaml_chooses_nothing(place, config):
    assert chosen(place, config) == chosen(place)


SETTINGS = "persona, model, context, patience, country, editing, theme, remember, embeddings"


@pytest.mark.parametrize(
    ("config", "error"),
    [
        (
            "# mine\nshade: red\n",
            f"2:1: there is no setting `shade`; there are {SETTINGS}.",
        ),
        (
            "persona: marlow\n  model: x\n",
            "2:8: this is not YAML: a colon is out of place; quote the text, or mind the indentation.",
        ),
        (
            "- persona\n",
            f"1:1: expected settings ({SETTINGS}).",
        ),
        ("marlow\n", f"1:1: expected settings ({SETTINGS})."),
        ("persona: 7\n", "1:10: `persona`: expected text, found the number 7 (put it in quotes if it is a word)."),
        ("model:\n  - x\n", "2:3: `model`: expected text, found a list."),
        ("persona: a\ncontext: many\n", "2:10: `context`: expected a whole number above zero, found 'many'."),
        ("context: 0.5\n", "1:10: `context`: expected a whole number above zero, found 0.5."),
        ("context: true\n", "1:10: `context`: expected a whole number above zero, found True."),
        ("context: 0\n", "1:10: `context`: expected a whole number above zero, found 0."),
        ("patience: -2.5\n", "1:11: `patience`: expected a number of seconds above zero, found -2.5."),
        ("patience: 0\n", "1:11: `patience`: expected a number of seconds above zero, found 0."),
    ],
)
def test_a_config_yaml_that_cannot_be_used_is_refused_where_it_is_wrong(place, config, error):
    with pytest.raises(DocumentError) as caught:
        chosen(place, config)
    assert str(caught.value) == f"{place / 'config' / 'config.yaml'}:{error}"


def test_a_config_yaml_that_cannot_be_used_is_refused_whatever_the_flags(place):
    with pytest.raises(DocumentError):
        chosen(place, "persona: 7\n", flags={"persona": "ada"})


# Keeping a choice


def kept(place: Path, config: str, value: str = "ollama:qwen3") -> str:
    keep(chosen(place, config), "model", value)
    return (place / "config" / "config.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "model: ollama:qwen3\n"),
        ("persona: marlow\n", "persona: marlow\nmodel: ollama:qwen3\n"),
        ("persona: marlow", "persona: marlow\nmodel: ollama:qwen3\n"),
        (
            "# mine\nmodel: offline # for now\npersona: marlow\n",
            "# mine\nmodel: ollama:qwen3 # for now\npersona: marlow\n",
        ),
    ],
)
def test_a_choice_changes_its_own_line_only(before, after, place):
    assert kept(place, before) == after
    assert read({"COMPANION_HOME": str(place)}).model == "ollama:qwen3"


def test_a_choice_is_kept_where_there_was_no_file(tmp_path):
    keep(read({"COMPANION_HOME": str(tmp_path)}), "model", 'a "b" \\ #c')
    assert read({"COMPANION_HOME": str(tmp_path)}).model == 'a "b" \\ #c'


@pytest.mark.parametrize("config", ["{persona: marlow}\n", "model: |\n  ollama:x\n"])
def test_a_file_that_only_the_person_can_change_is_left_as_it_is(config, place):
    with pytest.raises(SettingsError, match="write `model: ollama:qwen3` into it yourself"):
        kept(place, config)
    assert (place / "config" / "config.yaml").read_text(encoding="utf-8") == config


def test_a_model_in_config_yaml_is_known_to_be_kept_there(place):
    assert chosen(place, "model: offline").model_is_kept
    assert not chosen(place, "model: offline", COMPANION_MODEL="ollama:x").model_is_kept
    assert not chosen(place).model_is_kept
