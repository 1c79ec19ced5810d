"""Text with nothing in it but text, whole or in pieces."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from companion.plaintext import LONGEST_CONTROL_STRING, PlainText, one_line, plain


def in_pieces(*pieces: str) -> str:
    cleaning = PlainText()
    return "".join(cleaning.feed(piece) for piece in pieces)


# What goes


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[31m",  # colour
        "\x1b[2J",  # clear the screen
        "\x1b[?1049h",  # another screen
        "\x1b[1;2:3 q",  # parameters and an intermediate byte
        "\x9b31m",  # the 8-bit form
        "\x1b\x1b[31m",
        "\x1b[31\x1b[1m",  # broken off by the next one
    ],
)
def test_a_control_sequence_goes(sequence):
    assert plain(f"a{sequence}b") == "ab"


@pytest.mark.parametrize(
    "string",
    [
        "\x1b]0;title\x07",  # OSC, ended by BEL
        "\x1b]0;title\x1b\\",  # OSC, ended by ST
        "\x1b]52;c;cm0gLXJm\x07",  # writes to the clipboard
        "\x1b]8;;https://example.org\x1b\\",  # a link that is not what it says
        "\x9d0;title\x9c",  # 8-bit OSC and ST
        "\x9d0;title\x07",
        "\x1bP$qm\x1b\\",  # DCS
        "\x90$qm\x9c",
        "\x1b_Gi=1;AAAA\x1b\\",  # APC
        "\x9fGi=1\x1b\\",
        "\x1b^private\x1b\\",  # PM
        "\x9eprivate\x9c",
        "\x1bXstring\x1b\\",  # SOS
        "\x98string\x9c",
    ],
)
def test_a_control_string_goes_with_all_that_is_in_it(string):
    assert plain(f"a{string}b") == "ab"


@pytest.mark.parametrize("escape", ["\x1bc", "\x1b7", "\x1b(B", "\x1b#8", "\x1b=", "\x1b\\", "\x1b"])
def test_an_escape_goes(escape):
    assert plain(f"a{escape}") == "a"


@pytest.mark.parametrize("code", [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
def test_a_control_character_goes(code):
    assert plain(f"a{chr(code)}b") == "ab"


@pytest.mark.parametrize(
    "code", [code for code in range(0x80, 0xA0) if code not in {0x90, 0x98, 0x9B, 0x9D, 0x9E, 0x9F}]
)
def test_an_8_bit_control_character_goes(code):
    assert plain(f"a{chr(code)}b") == "ab"


@pytest.mark.parametrize("mark", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_a_mark_that_turns_the_reading_order_goes(mark):
    assert plain(f"a{mark}b") == "ab"


@pytest.mark.parametrize("mark", "\u2028\u2029\ufeff\ufff9\ufffa\ufffb")
def test_an_invisible_mark_goes(mark):
    assert plain(f"a{mark}b") == "ab"


def test_words_hidden_in_tag_characters_go():
    assert plain("a" + "".join(chr(0xE0000 + ord(char)) for char in "obey") + "b") == "ab"


def test_a_lone_surrogate_becomes_the_replacement_character():
    assert plain("a\ud83db") == "a\ufffdb"


def test_what_comes_out_can_be_written_as_utf_8():
    assert plain("\udfff\ud800").encode() == "\ufffd\ufffd".encode()


# What stays


@pytest.mark.parametrize(
    "text",
    [
        "Plain words.",
        "two\nlines\tand a tab",
        "[31m is no escape",
        "\U0001f469\u200d\U0001f4bb at work, \U0001f44d\U0001f3fd, \U0001f1f3\U0001f1f4, \u2764\ufe0f",
        "日本語と한국어",
        "שלום, مرحبا",
        "e\u0301, n\u0303, か\u3099",
        "soft\u00adhyphen, no\u00a0break, zero\u200bwidth, non\u200cjoiner",
        "",
    ],
)
def test_text_stays_as_it_is(text):
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\r\nb", "a\nb"), ("a\rb", "a\nb"), ("a\r\n\r\nb", "a\n\nb"), ("a\r\r\nb", "a\n\nb"), ("a\n\rb", "a\n\nb")],
)
def test_every_kind_of_line_end_becomes_a_newline(text, shown):
    assert plain(text) == shown


def test_an_unended_control_string_ends_with_its_line():
    assert plain("a\x1b]0;title\nb") == "a\nb"


def test_an_unended_control_string_is_text_again_after_a_while():
    assert plain("\x1b]" + "x" * (LONGEST_CONTROL_STRING + 3)) == "xxx"


def test_an_unended_control_sequence_gives_way_to_text():
    assert plain("\x1b[31é") == "é"


def test_a_newline_inside_an_escape_stays():
    assert plain("a\x1b\nb\x1b[3\nc") == "a\nb\nc"


def test_one_line_is_cleaned_and_has_no_line_ends():
    assert one_line("  a\x1b[31m \r\n\t b\n") == "a b"


# In pieces


@pytest.mark.parametrize(
    "pieces",
    [("a\x1b", "[31mb"), ("a\x1b[", "3", "1", "mb"), ("a\x1b]0;t", "itle", "\x07b"), ("a\x1b]0;t\x1b", "\\b")],
)
def test_a_sequence_split_over_pieces_goes(pieces):
    assert in_pieces(*pieces) == "ab"


@pytest.mark.parametrize("pieces", [("a\r", "\nb"), ("a\r", "", "\nb"), ("a", "\r\n", "b"), ("a\r", "b")])
def test_a_line_end_split_over_pieces_is_one_newline(pieces):
    assert in_pieces(*pieces) == "a\nb"


def test_two_line_ends_split_over_pieces_stay_two():
    assert in_pieces("a\r", "\n", "\nb") == "a\n\nb"


TEXT = st.text(st.characters() | st.sampled_from("\x1b\x07\x08\x9b\x9c\x9d\x90[]P\\;0m\r\n\t\u202e\ud800"), max_size=40)


@given(TEXT, st.lists(st.integers(0, 40), max_size=6))
@settings(max_examples=400)
@example("a\r\n\nb", [2, 2, 3])
@example("a\x1b]0;x\x1b\\b", [2, 3, 7])
def test_text_in_any_pieces_shows_the_same(text, cuts):
    pieces = [text[start:end] for start, end in pairwise([0, *sorted(cuts), len(text)])]
    assert in_pieces(*pieces) == plain(text)


@given(TEXT)
@settings(max_examples=400)
def test_no_control_character_comes_out_but_newline_and_tab(text):
    assert {char for char in plain(text) if unicodedata.category(char) in {"Cc", "Cs"}} <= {"\n", "\t"}


@given(TEXT)
def test_what_is_clean_stays_clean(text):
    assert plain(plain(text)) == plain(text)
