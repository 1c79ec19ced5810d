"""What the README shows is what there is."""

import re
from pathlib import Path

import pytest

from companion.cli import COMMANDS
from companion.persona import loading
from companion.terminal import commands
from companion.yaml import parse

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_every_command_of_the_chat_is_shown_as_help_shows_it() -> None:
    shown = "\n".join(f"/{name:<10}{command.gist}" for name, command in commands.COMMANDS.items())
    assert shown in README


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_command_line_is_mentioned(name: str) -> None:
    assert f"companion {name}" in README


def test_the_smallest_persona_is_one() -> None:
    (example,) = [text for language, text in BLOCKS if language == "yaml" and text.startswith("name:")]
    assert loading.validate(parse(example, Path("ada.yaml"))).name == "Ada"


def test_the_two_commands_are_one_line_each() -> None:
    set_up = [text for _, text in BLOCKS if text.startswith("python3 -m venv")]
    assert [len(text.splitlines()) for text in set_up] == [1, 1]
