"""Where keys come from, and that each goes to one server only."""

import sys
from pathlib import Path

import pytest

from companion.errors import DocumentError, SettingsError
from companion.providers.keys import key_for
from companion.providers.server import OPENAI_URL

URL = "http://10.0.0.2:8000/v1"
OTHER = "http://10.0.0.3:8000/v1"


@pytest.fixture
def keys(tmp_path) -> Path:
    return tmp_path / "keys.yaml"


def written(keys: Path, text: str, mode: int = 0o600) -> Path:
    keys.write_text(text, encoding="utf-8")
    keys.chmod(mode)
    return keys


def printing(text: str) -> str:
    return f"{sys.executable} -c \"print('{text}')\""


def test_a_private_file_tells_the_key_of_one_server(keys):
    written(keys, f"{URL}/: sk-one\nopenai: sk-two\n")
    assert key_for(URL, {}, keys) == "sk-one"
    assert key_for(OPENAI_URL, {}, keys) == "sk-two"
    assert key_for(OTHER, {}, keys) is None


def test_without_a_file_there_is_no_key(keys):
    assert key_for(URL, {}, keys) is None
    assert key_for(URL, {}, None) is None


def test_the_environment_comes_before_the_file(keys):
    written(keys, "openai: sk-file\n")
    assert key_for(OPENAI_URL, {"OPENAI_API_KEY": "sk-environment"}, keys) == "sk-environment"
    assert key_for(OPENAI_URL, {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}, keys) == "sk-file"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused_unread(mode, keys):
    with pytest.raises(SettingsError, match="chmod 600"):
        key_for(URL, {}, written(keys, "not: [yaml", mode))


def test_a_command_gives_the_first_line_it_prints(keys):
    written(keys, f"{URL}:\n  command: {printing('sk-said')}\n")
    assert key_for(URL, {}, keys) == "sk-said"


def test_the_command_for_another_server_is_not_run(keys, tmp_path):
    ran = tmp_path / "ran"
    written(keys, f"{OTHER}:\n  command: touch {ran}\n{URL}: sk-one\n")
    assert key_for(URL, {}, keys) == "sk-one"
    assert not ran.exists()


@pytest.mark.parametrize("command", ["no-such-command-anywhere", "false", "'", "''"])
def test_a_command_that_gives_no_key_is_said(command, keys):
    written(keys, f'{URL}:\n  command: "{command}"\n')
    with pytest.raises(SettingsError, match="key command"):
        key_for(URL, {}, keys)


def test_the_keyring_is_asked_for_the_address(keys, tmp_path, monkeypatch):
    (tmp_path / "safe.py").write_text(
        "from keyring.backend import KeyringBackend\n"
        "class Safe(KeyringBackend):\n"
        "    priority = 9\n"
        "    def get_password(self, service, user):\n"
        f"        return 'sk-ring' if (service, user) == ('companion', '{URL}') else None\n"
        "    def set_password(self, service, user, key):\n"
        "        raise NotImplementedError\n"
    )
    keyring = pytest.importorskip("keyring")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = keyring.get_keyring()
    keyring.set_keyring(__import__("safe").Safe())
    try:
        written(keys, f"{URL}:\n  keyring: companion\n{OTHER}:\n  keyring: companion\n")
        assert key_for(URL, {}, keys) == "sk-ring"
        with pytest.raises(SettingsError, match="keyring set companion"):
            key_for(OTHER, {}, keys)
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize(
    "text", ["- a\n", "sk-alone\n", f"{URL}: 3\n", f"{URL}: [a]\n", f"{URL}: {{command: a, keyring: b}}\n", "a: ["]
)
def test_a_file_of_another_shape_is_refused_with_its_place_and_without_its_keys(text, keys):
    with pytest.raises(DocumentError) as refused:
        key_for(URL, {}, written(keys, text))
    assert str(keys) in str(refused.value)
    assert "sk-alone" not in str(refused.value)


def test_a_key_that_cannot_be_one_is_refused_without_being_shown(keys):
    with pytest.raises(SettingsError, match="copy it once more") as refused:
        key_for(URL, {}, written(keys, f'{URL}: "sk-é"\n'))
    assert "é" not in str(refused.value)
