"""Thinking aloud is not speech."""

from collections.abc import AsyncGenerator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.dialogue.model import Finish, Piece, Text
from companion.providers.thoughts import without_thoughts
from tests.scenes import pieces


async def stream(*texts: str) -> AsyncGenerator[Piece]:
    for text in texts:
        yield Text(text)
    yield Finish("stop")


def spoken(*texts: str) -> str:
    return "".join(piece.text for piece in pieces(without_thoughts(stream(*texts))) if isinstance(piece, Text))


@pytest.mark.parametrize(
    ("reply", "speech"),
    [
        ("Hello.", "Hello."),
        ("<think>They said hello.</think>\n\nHello.", "Hello."),
        ("\n<think>\n\n</think>\n\nHello.", "Hello."),
        ("Hello <think>not now</think> you.", "Hello <think>not now</think> you."),
        ("<thinking> is what I do.", "<thinking> is what I do."),
        ("<3 you too", "<3 you too"),
        ("<think>never ends", ""),
        ("<", "<"),
        ("<thin", "<thin"),
        ("  two spaces first", "  two spaces first"),
    ],
)
def test_only_thoughts_at_the_beginning_are_left_out(reply: str, speech: str) -> None:
    assert spoken(reply) == speech


@given(cuts=st.lists(st.integers(0, 45), max_size=8))
def test_wherever_the_pieces_are_cut(cuts: list[int]) -> None:
    reply = "<think>hm, what to say?</think>\n\nHello, you."
    ends = [0, *sorted(cuts), len(reply)]
    parts = [reply[a:b] for a, b in pairwise(ends) if reply[a:b]]
    assert spoken(*parts) == "Hello, you."


def test_what_is_no_text_passes_at_once() -> None:
    assert pieces(without_thoughts(stream("<think>never ends")))[-1] == Finish("stop")
