"""YAML that holds no surprises: what is read, what is refused, and where the error points."""

from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from companion.errors import DocumentError
from companion.yaml import DEEPEST_NESTING, LARGEST_FILE, Document, parse, read

FILE = Path("some.yaml")


def value(text: str) -> Any:
    return parse(text, FILE).value


def refused(text: str) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        parse(text, FILE)
    return caught.value


def refused_file(path: Path, raw: bytes) -> DocumentError:
    path.write_bytes(raw)
    with pytest.raises(DocumentError) as caught:
        read(path)
    return caught.value


def place(error: DocumentError) -> tuple[int, int]:
    return error.line, error.column


# What plain words mean


@pytest.mark.parametrize("word", ["no", "No", "on", "off", "yes", "y", "n", "1e3", "0x1F", "0o17", ".inf", ".nan"])
def test_what_yaml_1_1_would_have_guessed_at_is_a_word(word):
    assert value(f"a: {word}") == {"a": word}


@pytest.mark.parametrize("word", ["12:30:45", "1_000", "2026-11-22", "1.2.3", "=", "<<", "12345678901234567890"])
def test_what_only_looks_like_a_figure_is_a_word(word):
    assert value(f"a: {word}") == {"a": word}


@pytest.mark.parametrize("word", ["true", "True", "TRUE"])
def test_true_is_true(word):
    assert value(word) is True


@pytest.mark.parametrize("word", ["false", "False", "FALSE"])
def test_false_is_false(word):
    assert value(word) is False


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_none(word):
    assert value(f"a: {word}") == {"a": None}


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("-3", -3), ("+5", 5), ("010", 10)])
def test_an_integer_is_decimal(text, number):
    assert value(text) == number
    assert isinstance(value(text), int)


@pytest.mark.parametrize(("text", "number"), [("1.5", 1.5), ("-0.25", -0.25), (".5", 0.5), ("3.", 3.0)])
def test_a_number_with_a_point_is_a_float(text, number):
    assert value(text) == number
    assert isinstance(value(text), float)


@pytest.mark.parametrize("written", ["'true'", '"true"', "|-\n  true", ">-\n  true"])
def test_what_is_quoted_or_a_block_is_text(written):
    assert value(f"a: {written}") == {"a": "true"}


def test_keys_are_always_text():
    assert value("no: a\n1: b\ntrue: c\n~: d") == {"no": "a", "1": "b", "true": "c", "~": "d"}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n", "---\n"])
def test_an_empty_file_is_none(text):
    assert value(text) is None


def test_lists_and_mappings_nest():
    assert value("a:\n  - b: [1, {c: d}]\n  -\n") == {"a": [{"b": [1, {"c": "d"}]}, None]}


# Where things stand


def test_every_value_knows_its_place():
    document = parse("a:\n  - b\n  - c: d\n", FILE)
    assert document.values == {(): (1, 1), ("a",): (2, 3), ("a", 0): (2, 5), ("a", 1): (3, 5), ("a", 1, "c"): (3, 8)}


def test_every_key_knows_its_place():
    assert parse("a:\n  - b\n  - c: d\n", FILE).keys == {("a",): (1, 1), ("a", 1, "c"): (3, 5)}


def test_an_error_about_an_unknown_place_points_at_the_nearest_place_above():
    assert place(parse("a:\n  b: c\n", FILE).error(("a", "x", 3), "no.")) == (2, 3)


def test_an_error_about_a_key_points_at_the_key():
    assert place(parse("a:\n  b: c\n", FILE).error(("a", "b"), "no.", at_key=True)) == (2, 3)


def test_an_error_opens_with_file_line_and_column():
    assert str(parse("a: b\n", FILE).error(("a",), "no.")) == "some.yaml:1:4: no."


# What is refused, and where


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "`a` stands here twice, first in line 1."),
        ("x:\n  {a: 1, a: 2}\n", 2, 10, "`a` stands here twice, first in line 2."),
        ("a: &b c\n", 1, 4, "anchors"),
        ("&a b: c\n", 1, 1, "anchors"),
        ("a: *b\n", 1, 4, "aliases"),
        ("a: !!python/object:os.system b\n", 1, 4, "tags"),
        ("a: !b c\n", 1, 4, "tags"),
        ("!!map {}\n", 1, 1, "tags"),
        ("a: b\n---\nc: d\n", 2, 1, "a second document"),
        ("? [a, b]\n: c\n", 1, 3, "a key must be a word"),
        ("a: {b: c}: d\n", 1, 10, "not YAML"),
        ("a: b: c\n", 1, 5, "not YAML"),
        ("a:\n\t- b\n", 2, 1, "not YAML"),
        ("a: [b\n", 2, 1, "not YAML"),
        ('a: "b\n', 2, 1, "not YAML"),
        ("a: b\n  c: d\n", 2, 4, "not YAML"),
        ("a: @b\n", 1, 4, "not YAML"),
        ("a: b\nc: d\x07\n", 2, 5, "may not stand in YAML"),
        ("a: b\x00\n", 1, 5, "may not stand in YAML"),
        ("a: \ud800\n", 1, 4, "may not stand in YAML"),
        ('a: "\\ud800"\n', 1, 4, "half a character"),
        ('"\\udfff": a\n', 1, 1, "half a character"),
    ],
)
def test_what_can_only_be_a_mistake_is_refused_where_it_stands(text, line, column, said):
    error = refused(text)
    assert (error.line, error.column, said in str(error)) == (line, column, True), str(error).encode()


@pytest.mark.parametrize("text", ['a: "\\UFFFFFFFF"', 'a: "\\U00110000"', f"%YAML 1.{'9' * 5000}\n---\na"])
def test_a_number_that_the_parser_chokes_on_is_refused(text):
    assert refused(text).line == 1


def test_the_alias_bomb_is_refused_at_its_first_anchor():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert place(refused(bomb)) == (1, 4)


@pytest.mark.parametrize("text", ["[" * 2000 + "]" * 2000, "- " * 2000, "{a: " * 2000 + "}" * 2000, "? " * 2000])
def test_nesting_two_thousand_deep_is_refused(text):
    assert refused(text).line == 1


def test_nesting_to_the_limit_is_read():
    assert value("[" * DEEPEST_NESTING + "]" * DEEPEST_NESTING) is not None


def test_nesting_beyond_the_limit_is_refused_where_it_goes_too_deep():
    assert place(refused("[" * (DEEPEST_NESTING + 1) + "]" * (DEEPEST_NESTING + 1))) == (1, DEEPEST_NESTING + 1)


# Files


def test_a_file_is_read_with_its_name(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: é", encoding="utf-8")
    assert read(path) == Document(path, {"a": "é"}, {("a",): (1, 1)}, {(): (1, 1), ("a",): (1, 4)})


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: b\n")
    assert read(path).keys == {("a",): (1, 1)}


def test_a_byte_order_mark_in_a_text_is_passed_over():
    assert value("\ufeffa: b") == {"a": "b"}


def test_windows_line_ends_are_line_ends(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: |\r\n  b\r\n  c\r\nd: e\r\n")
    assert read(path).value == {"a": "b\nc\n", "d": "e"}


def test_windows_line_ends_count_as_one_line_in_errors(tmp_path):
    assert place(refused_file(tmp_path / "a.yaml", b"a: b\r\nc: d\r\na: e\r\n")) == (3, 1)


def test_a_byte_that_is_not_utf_8_is_named_by_line_and_column(tmp_path):
    assert place(refused_file(tmp_path / "a.yaml", b"a: b\nname: Bj\xf8rn\n")) == (2, 9)


def test_utf_16_is_refused(tmp_path):
    assert "UTF-8" in str(refused_file(tmp_path / "a.yaml", "a: b".encode("utf-16")))


def test_a_file_as_large_as_allowed_is_read(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * LARGEST_FILE)
    assert read(path).value is None


def test_a_file_that_is_too_large_is_refused_as_a_whole(tmp_path):
    error = refused_file(tmp_path / "a.yaml", b"#" * (LARGEST_FILE + 1))
    assert str(error) == f"{tmp_path / 'a.yaml'}: the file is larger than 256 KiB, which no such file should be."


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(DocumentError, match="cannot be read"):
        read(tmp_path / "none.yaml")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(DocumentError, match="cannot be read"):
        read(tmp_path)


# Properties


class QuotedDumper(pyyaml.SafeDumper):
    """Dumps every text in quotes and everything else as it is."""


def quoted(dumper: pyyaml.SafeDumper, text: str) -> pyyaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


QuotedDumper.add_representer(str, quoted)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.integers(-(10**6), 10**6).map(lambda number: number / 8)
    | st.text(max_size=30)
)
PLAIN_DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


@given(data=PLAIN_DATA, flow=st.sampled_from([True, False, None]), unicode=st.booleans())
def test_plain_data_comes_back_as_it_was_dumped(data, flow, unicode):
    dumped = pyyaml.dump(data, Dumper=QuotedDumper, default_flow_style=flow, allow_unicode=unicode)
    assert value(dumped) == data


MARKS = st.text("-?:,[]{}#&*!|>'\"%@`~<=\\ \n\t\r.0123456789aeuxUY", max_size=60)


@given(st.text(st.characters(), max_size=60) | MARKS)
@settings(max_examples=400)
@example("%YAML 1.1\n...\n")
@example('"\\U7fffffff"')
@example("? - ? - ?")
def test_any_text_is_a_document_or_an_error_that_says_where(text):
    try:
        assert isinstance(parse(text, FILE), Document)
    except DocumentError as error:
        assert min(error.line, error.column) >= 1  # noqa: PT017 - both outcomes are right


@given(st.binary(max_size=60))
def test_any_bytes_are_a_document_or_an_error(tmp_path_factory, raw):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(raw)
    try:
        read(path)
    except DocumentError as error:
        assert error.line >= 1  # noqa: PT017 - both outcomes are right
