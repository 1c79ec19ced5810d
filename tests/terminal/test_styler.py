"""Her words get a look while they stream, and nothing that is written is touched again."""

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from companion.plaintext import PlainText
from companion.terminal.styler import Styler
from companion.terminal.theme import CALM, Theme
from tests.benchmarks.hostile import GIVEN, hostile, reaches_the_terminal

MARKS = Theme(strong="‹b›", em="‹i›", strike="‹s›", code="‹c›", notice="‹dim›", reset="‹/›")


def styled(*pieces: str, columns: int = 80, theme: Theme = MARKS) -> str:
    styler = Styler(theme, lambda: columns)
    return "".join(map(styler.feed, pieces)) + styler.end()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("so *very* glad", "so ‹/›‹i›very‹/› glad"),
        ("so _very_ glad", "so ‹/›‹i›very‹/› glad"),
        ("so **very** glad", "so ‹/›‹b›very‹/› glad"),
        ("so ***very*** glad", "so ‹/›‹i›‹b›very‹/› glad"),
        ("~~no~~ yes", "‹/›‹s›no‹/› yes"),
        ("run `ls *.py` now", "run ‹/›‹c›ls *.py‹/› now"),
        ("**日本**語", "‹/›‹b›日本‹/›語"),
        ("日**本**語", "日‹/›‹b›本‹/›語"),
        ("(*smiles*)", "(‹/›‹i›smiles‹/›)"),
        ("**a *b* c**", "‹/›‹b›a ‹/›‹i›‹b›b‹/›‹b› c‹/›"),
        (r"\*not\*", "*not*"),
    ],
)
def test_emphasis_has_a_look(written, shown):
    assert styled(written) == shown


@pytest.mark.parametrize(
    "words",
    [
        "2 * 3 * 4",
        "2*3*4",
        "snake_case_name",
        r"C:\Users\me and \\server\share",
        "a ** b",
        "x**2 + y**2",
        "a **** b",
        "~ 5 ~",
        "5.",
        "#hashtag",
        "1999 was long ago",
        "-5 degrees",
        "a | b",
        "https://example.org/a_b_c",
        "...",
    ],
)
def test_what_is_no_emphasis_stays_as_it_is(words):
    assert styled(words) == words


def test_a_heading_is_bold_and_loses_its_hashes():
    assert styled("# One *two*\nthree") == "‹/›‹b›One ‹/›‹i›‹b›two‹/›\nthree"


def test_a_list_hangs():
    assert styled("- one two three four\n10. five six seven", columns=14) == (
        "• one two\n  three four\n10. five six\n    seven"
    )


def test_a_quote_has_a_bar_on_every_line():
    assert styled("> one two three four", columns=14) == "│ one two\n│ three four"


def test_code_is_never_wrapped_nor_styled():
    code = "x = '*a*'  " + "and so on " * 5
    assert styled(f"```python\n{code}\n```\nafter", columns=20) == f"‹dim›```python‹/›\n{code}\n‹dim›```‹/›\nafter"


def test_code_ends_only_with_its_own_fence():
    assert styled("````\n```\nx\n````\n*y*").endswith("```\nx\n‹dim›````‹/›\n‹/›‹i›y‹/›")


def test_a_table_is_aligned_when_it_is_whole():
    styler = Styler(MARKS, lambda: 80)
    assert styler.feed("| a | b |\n|---|---|\n| 日本 | *c* |\n") == ""
    assert styler.holds_a_table
    assert styler.feed("after ") + styler.end() == "‹/›‹b›a     b‹/›\n日本  c\nafter"


def test_a_table_that_is_too_wide_stays_as_it_was_written():
    table = "| one long cell | another one |\n|---|---|\n| c | d |\n"
    assert styled(table, columns=20) == table


def test_a_line_that_only_looks_like_a_table_is_a_line():
    assert styled("|x| is a norm.\n\nYes.") == "|x| is a norm.\n\nYes."


def test_emphasis_ends_with_its_paragraph():
    assert styled("an *open end\n\nnext") == "an ‹/›‹i›open end\n‹/›\nnext"


def test_emphasis_goes_on_over_the_end_of_a_line():
    assert styled("so *very\nmuch* so") == "so ‹/›‹i›very\nmuch‹/› so"


def test_no_more_than_a_word_is_held_back():
    styler = Styler(MARKS, lambda: 80)
    written = "It was the best of times, it was *the* worst of times. - 5. # "
    shown = ""
    for upto, char in enumerate(written, 1):
        shown += styler.feed(char)
        bare = re.sub(r"‹[^›]*›", "", shown)
        assert len(written[:upto].replace("*", "")) - len(bare) <= len("times. ")


def test_a_look_begins_and_ends_with_the_reply():
    assert styled("a", "b", theme=Theme(hers="‹h›", reset="‹/›", em="‹i›")) == "‹h›ab‹/›"


# Properties

LINES = st.lists(
    st.sampled_from([
        *"ab*_~`#>-+|\\1.) ", "\n", "\n\n", "**", "***", "```", "~~", "日", "か\u3099", "\U0001f469\u200d\U0001f4bb",
        "word ", "| a | b |\n|---|---|\n| c | d |\n", "- item ", "1. ", "> ", "# ", "```py\nx = 1\n```\n", "\t",
        "---\n",
    ]),
    max_size=40,
).map("".join)  # fmt: skip


@given(LINES, st.integers(9, 60), st.lists(st.integers(0, 120), max_size=8))
@settings(max_examples=400, deadline=None)
def test_pieces_in_any_cut_look_the_same(text, columns, cuts):
    pieces = [text[start:end] for start, end in pairwise([0, *sorted(cuts), len(text)])]
    assert styled(*pieces, columns=columns) == styled(text, columns=columns)


@given(LINES, st.integers(9, 60))
@settings(max_examples=400, deadline=None)
def test_no_letter_is_lost(text, columns):
    shown = re.sub(r"‹[^›]*›", "", styled(text, columns=columns))
    assert [c for c in shown if c.isalnum()] == [c for c in text if c.isalnum()]


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_the_look_is_put_back_in_the_end(text):
    sequences = re.findall(r"‹[^›]*›", styled(text))
    assert not sequences or sequences[-1] == "‹/›"


WORDS = st.lists(st.sampled_from(["word ", "*two* ", "**three** ", "日本語 ", "\n", "- item ", "> "]), max_size=40)


@given(WORDS.map("".join), st.integers(16, 60))
@settings(max_examples=200, deadline=None)
def test_no_line_is_as_wide_as_the_window(text, columns):
    shown = re.sub(r"‹[^›]*›", "", styled(text, columns=columns))
    assert all(wcswidth(line) < columns for line in shown.split("\n"))


def test_no_control_byte_reaches_the_terminal():
    draw = random.Random(20261122)
    for _ in range(1500):
        pieces = hostile(draw)
        assert not GIVEN.search(reaches_the_terminal(pieces, draw.randrange(1, 120))), pieces


def test_the_search_for_control_bytes_finds_them():
    assert GIVEN.search("a\x1b[2Jb")
    assert GIVEN.search("a\u202eb")
    assert not GIVEN.search(f"a\n\tb{CALM.em}c{CALM.reset}")
    assert PlainText().feed("\x1b]0;title\x07x") == "x"
