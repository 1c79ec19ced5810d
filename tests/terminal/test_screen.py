"""What stands beside her words."""

import io

import pytest

from companion.conversation import Speaker, State, Utterance
from companion.dialogue.events import Finished, Noticed, Spoke
from companion.terminal.screen import Screen
from companion.terminal.theme import CALM, PLAIN
from tests.conftest import Clock


@pytest.mark.parametrize("theme", [PLAIN, CALM], ids=["plain", "styled"])
@pytest.mark.parametrize(("length", "gap"), [(60, " "), (68, " "), (70, "\n"), (79, "\n")])
def test_a_remark_that_has_no_room_goes_to_a_line_of_its_own(theme, length, gap):
    out = io.StringIO()
    screen = Screen(out, out, theme, wrapped=True)
    screen.show(Spoke("a" * length))
    screen.end_reply("(stopped)")
    shown = out.getvalue().replace(CALM.notice, "").replace(CALM.reset, "")
    assert shown == "a" * length + f"{gap}(stopped)\n"


def test_a_notice_never_stands_in_the_middle_of_a_word(clock: Clock):
    out = io.StringIO()
    screen = Screen(out, out, PLAIN, wrapped=True)
    screen.show(Spoke("Hello, The"))
    screen.show(Spoke("o."))
    screen.show(Noticed("context", "It holds less."))
    screen.show(Finished(Utterance(2, 1, 1, Speaker.COMPANION, "Hello, Theo.", clock(), State.COMPLETE), None))
    assert out.getvalue() == "Hello, Theo.\nIt holds less.\n"


def test_a_table_that_grows_is_told_by_a_sign_that_vanishes():
    out = io.StringIO()
    screen = Screen(out, out, CALM, wrapped=True)
    screen.show(Spoke("| a | b |\n"))
    assert out.getvalue().endswith("…" + CALM.reset)
    screen.show(Spoke("|---|---|\n| c | d |\n"))
    screen.show(Spoke("after"))
    screen.end_reply()
    assert out.getvalue().count("…") == out.getvalue().count(CALM.erase_line)
