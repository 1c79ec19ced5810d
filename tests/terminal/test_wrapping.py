"""Lines that break between words while they stream."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from companion.terminal.wrapping import WIDEST, Wrapping

TECHNOLOGIST = "\U0001f469\u200d\U0001f4bb"
THUMB = "\U0001f44d\U0001f3fd"
NORWAY = "\U0001f1f3\U0001f1f4"


def wrapped(*pieces: str, columns: int = 21) -> str:
    wrapping = Wrapping(lambda: columns)
    return "".join(map(wrapping.feed, pieces)) + wrapping.end()


def test_a_line_breaks_between_words():
    assert wrapped("one two three four five six") == "one two three four\nfive six"


def test_a_line_may_fill_the_window_but_for_one_column():
    assert wrapped("a" * 10 + " " + "b" * 9) == "a" * 10 + " " + "b" * 9


def test_the_last_column_of_the_window_stays_free():
    assert wrapped("a" * 10 + " " + "b" * 10) == "a" * 10 + "\n" + "b" * 10


def test_a_wide_window_still_has_readable_lines():
    assert max(map(len, wrapped("word " * 100, columns=300).split("\n"))) <= WIDEST


@pytest.mark.parametrize("columns", [0, 1, 5, 8])
def test_a_very_narrow_window_still_gets_short_words(columns):
    assert wrapped("I am so glad", columns=columns) == "I am so\nglad"


def test_a_word_longer_than_the_line_stays_whole():
    link = "https://example.org/a/rather/long/address"
    assert wrapped(f"see {link} there") == f"see\n{link}\nthere"


def test_newlines_stay():
    assert wrapped("one\n\n\ntwo\n") == "one\n\n\ntwo\n"


def test_a_newline_begins_a_new_line_to_fill():
    assert wrapped("one two three four\nfive six seven") == "one two three four\nfive six seven"


def test_the_space_at_a_break_goes():
    assert wrapped("one two three four   five") == "one two three four\nfive"


def test_indentation_stays():
    assert wrapped("a\n    b") == "a\n    b"


def test_indentation_that_leaves_no_room_goes():
    assert wrapped(" " * 20 + "word") == "word"


def test_a_tab_is_four_spaces():
    assert wrapped("a\tb") == "a    b"


def test_a_word_is_held_back_until_it_is_complete():
    assert Wrapping(lambda: 80).feed("one tw") == "one"


def test_after_the_end_a_new_text_begins():
    wrapping = Wrapping(lambda: 21)
    wrapping.feed("one two three four ")
    wrapping.end()
    assert wrapping.feed("five six ") == "five six"


def test_the_width_is_asked_anew_for_every_line():
    widths = iter([30, 30, 30, 11])
    wrapping = Wrapping(lambda: next(widths, 11))
    assert wrapping.feed("aaaaaaaa bbbbbbbb cccccccc dddd eeee ") == "aaaaaaaa bbbbbbbb cccccccc\ndddd eeee"


# By the width that a terminal gives each character


def test_scripts_without_spaces_break_anywhere():
    assert wrapped("今日はとても良い天気ですね。") == "今日はとても良い天気\nですね。"


def test_a_wide_character_may_break_from_a_narrow_word():
    assert wrapped("abcdefghijklmnopqrs日本") == "abcdefghijklmnopqrs\n日本"


@pytest.mark.parametrize("whole", [TECHNOLOGIST, THUMB, NORWAY, "か\u3099", "\u2764\ufe0f\u200d\U0001f525"])
def test_what_is_shown_as_one_character_is_never_torn(whole):
    lines = [line for room in range(20) for line in wrapped("a" * room + whole * 3 + "a").split("\n")]
    assert {char for line in lines for char in line.replace(whole, "")} == {"a"}


def test_an_ideographic_space_is_two_columns_wide():
    assert wrapped("aaaaaaaaaa\u3000bbbbbbbb") == "aaaaaaaaaa\u3000bbbbbbbb"
    assert wrapped("aaaaaaaaaa\u3000bbbbbbbbb") == "aaaaaaaaaa\nbbbbbbbbb"


@pytest.mark.parametrize("space", "\u00a0\u2007\u202f")
def test_an_unbreakable_space_does_not_break(space):
    assert wrapped(f"one two three four{space}km") == f"one two three\nfour{space}km"


# Properties

BREAKING = [" ", "   ", "\t", "\u3000", "日", "か\u3099", "。", TECHNOLOGIST, THUMB, NORWAY]
TEXT = st.lists(
    st.sampled_from([*"abcde", "e\u0301", "\u00a0", "https://example.org/long", "\n", *BREAKING]), max_size=40
).map("".join)
COLUMNS = st.integers(9, 40)


@given(TEXT, COLUMNS, st.lists(st.integers(0, 60), max_size=6))
@settings(max_examples=300)
def test_pieces_in_any_cut_give_the_same_lines(text, columns, cuts):
    pieces = [text[start:end] for start, end in pairwise([0, *sorted(cuts), len(text)])]
    assert wrapped(*pieces, columns=columns) == wrapped(text, columns=columns)


@given(TEXT, COLUMNS)
def test_single_characters_give_the_same_lines(text, columns):
    assert wrapped(*text, columns=columns) == wrapped(text, columns=columns)


@given(TEXT, COLUMNS)
@settings(max_examples=300)
def test_no_line_is_as_wide_as_the_window_unless_it_is_a_single_word(text, columns):
    too_wide = [line for line in wrapped(text, columns=columns).split("\n") if wcswidth(line) >= columns]
    assert not [line for line in too_wide if any(part in line for part in BREAKING)]


@given(TEXT, COLUMNS)
@settings(max_examples=300)
def test_nothing_is_lost_but_breaking_spaces(text, columns):
    assert re.sub(r"[ \t\n\u3000]", "", wrapped(text, columns=columns)) == re.sub(r"[ \t\n\u3000]", "", text)


@given(TEXT, COLUMNS)
def test_every_line_of_the_text_is_wrapped_for_itself(text, columns):
    lines = (wrapped(line, columns=columns) for line in text.split("\n"))
    assert wrapped(text, columns=columns) == "\n".join(lines)
