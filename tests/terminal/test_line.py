"""The input line: what Enter, Tab and the keys of a terminal mean in it."""

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from companion.terminal.commands import COMMANDS
from companion.terminal.line import CommandLine, continues


def offered(typed: str) -> list[str]:
    line = CommandLine(COMMANDS)
    found = line.get_completions(Document(typed), CompleteEvent(completion_requested=True))
    return [completion.text for completion in found]


@pytest.mark.parametrize("typed", ["one \\", "one\\", "\\", "first\nsecond\\", "a b\\"])
def test_a_backslash_before_enter_begins_a_new_line(typed):
    assert continues(Document(typed))


@pytest.mark.parametrize("typed", ["one", "C:\\Users\\me\\", "look in C:\\", "\\\\server\\share\\", "\\ no"])
def test_a_path_of_windows_is_sent(typed):
    assert not continues(Document(typed))


def test_a_backslash_in_mid_line_is_no_sign():
    assert not continues(Document("one\\two", cursor_position=4))


def test_commands_are_completed_with_what_they_do():
    assert offered("/bo") == ["/bookmark", "/bookmarks"]
    assert offered("/help und") == ["undo"]
    assert offered("bo") == []


def test_what_a_command_may_be_given_is_completed():
    assert offered("/forget ") == ["words", "yes"]
    assert offered("/model off") == ["offline"]
    assert offered("/undo ") == []
    assert offered("/unknown x") == []
