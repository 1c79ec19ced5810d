"""Cards come in, live here, and leave unharmed."""

import io
import json
import zipfile
import zlib
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion import yaml
from companion.errors import CardError
from companion.persona import checking, loading
from companion.persona.cards import card, charx, png
from companion.persona.cards.card import Spec
from companion.persona.cards.exporting import exported
from companion.persona.cards.importing import arrival, move_in, stem_of
from companion.persona.cards.mapping import card_of, examples_of, persona_of
from companion.persona.persona import (
    Boundaries,
    Example,
    Greetings,
    Initiative,
    Listening,
    LoreEntry,
    Persona,
    Rules,
    Trait,
    Voice,
)
from companion.persona.writing import written
from tests.cards import BOOK, CORPUS, V1, V2, V3, chunk, picture, text_chunk

CARDS = pytest.mark.parametrize("value", CORPUS.values(), ids=CORPUS)


def raw(value: object) -> bytes:
    return json.dumps(value).encode()


def moved_in(value: object, folder: Path, name: str = "wren") -> Path:
    return move_in(arrival(card.read(value if isinstance(value, bytes) else raw(value)), name), folder)


def out(path: Path, form: str = ".json", spec: Spec | None = None) -> object:
    return json.loads(exported(path, form, spec))


# Without loss


@CARDS
def test_what_came_in_goes_out_the_same(value, tmp_path):
    path = moved_in(value, tmp_path)
    spec = card.Card(value).spec
    left = out(path, spec=None if spec is not Spec.V1 else Spec.V2)
    if spec is not Spec.V1:
        assert left == value
    else:  # the first version cannot be written any more; all of it is there in a later one
        said = {key: inner for key, inner in value.items() if not key.startswith("spec")}
        assert {key: left[key] for key in said} == said


@CARDS
def test_every_card_becomes_a_persona_that_can_be_talked_to(value, tmp_path):
    persona = loading.load(moved_in(value, tmp_path))
    assert persona.id == "wren"
    assert persona.name
    assert persona.identity


@CARDS
def test_a_picture_carries_a_card_in_and_out(value, tmp_path):
    path = moved_in(picture(text_chunk(b"chara", raw(value))), tmp_path)
    left = exported(path, ".png", Spec.V3)
    assert sorted(png.cards(left)) == ["ccv3", "chara"]
    spec = card.Card(value).spec
    if spec is Spec.V3:
        assert card.read(left).value == value
    assert png.with_cards(left, {}) == picture()


def test_of_two_cards_in_a_picture_the_newer_one_counts(tmp_path):
    both = picture(text_chunk(b"Chara", raw(V2)), text_chunk(b"CCV3", raw(V3)))
    assert card.read(both).value == V3


def test_a_charx_goes_out_with_all_its_parts(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as parts:
        parts.writestr("card.json", raw(V3))
        parts.writestr("assets/other/tick.ogg", b"tick")
        parts.writestr("module.risum", b"\0\1")
    path = moved_in(buffer.getvalue(), tmp_path)
    left = exported(path, ".charx", None)
    assert card.read(left).value == V3
    assert charx.member(left, "assets/other/tick.ogg") == b"tick"
    assert charx.member(left, "module.risum") == b"\0\1"


def test_a_picture_goes_out_within_a_charx_and_is_found_again(tmp_path):
    path = moved_in(picture(text_chunk(b"chara", raw(V2))), tmp_path)
    back = card.read(exported(path, ".charx", None))
    assert back.picture == picture()
    assert back.spec is Spec.V3


def test_the_main_picture_of_a_charx_is_its_avatar():
    value = {**V3, "data": {**V3["data"], "assets": [
        {"type": "icon", "uri": "embeded://a.png", "name": "side", "ext": "png"},
        {"type": "icon", "uri": "embeded://assets/icon/images/b.png", "name": "main", "ext": "png"},
    ]}}  # fmt: skip
    made = charx.packed(raw(value), None, {"assets/icon/images/b.png": picture(), "a.png": b"no"})
    assert card.read(made).picture == picture()


def test_only_what_was_changed_in_the_file_is_changed_in_the_card(tmp_path):
    path = moved_in(V3, tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("slow, exact", "quick"), encoding="utf-8")
    assert out(path) == {**V3, "data": {**V3["data"], "personality": "quick"}}


@CARDS
@pytest.mark.parametrize("spec", [Spec.V2, Spec.V3])
def test_any_card_can_be_edited_and_goes_out_and_comes_back_edited(value, spec, tmp_path):
    path = moved_in(value, tmp_path)
    more = "values: [Patience.]\nlore: [{keys: bell, text: It rings.}]\n"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{more}", encoding="utf-8")
    back = loading.load(moved_in(out(path, spec=spec), tmp_path, "again"))
    mine = loading.load(path)
    kept = {"id", "card", "lorebooks"}
    assert back.model_dump(exclude=kept) == mine.model_dump(exclude=kept)


def test_an_edited_field_is_edited_where_the_card_repeats_it(tmp_path):
    path = moved_in({**V1, **V2}, tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("slow, exact", "quick"), encoding="utf-8")
    left = out(path)
    assert (left["personality"], left["data"]["personality"]) == ("quick", "quick")


def test_what_a_card_has_no_field_for_goes_out_under_our_own_key_and_comes_back(tmp_path):
    path = moved_in(V3, tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "\nvalues: [Patience.]\n", encoding="utf-8")
    left = out(path)
    assert left["data"]["extensions"]["companion"] == {"values": ["Patience."]}
    again = loading.load(moved_in(left, tmp_path, "again"))
    assert again.values == ("Patience.",)


def test_an_edited_lorebook_goes_out_edited(tmp_path):
    path = moved_in(V3, tmp_path)
    book = tmp_path / "wren.card" / "lorebook.json"
    book.write_text(book.read_text(encoding="utf-8").replace("stopped", "started"), encoding="utf-8")
    entries = out(path)["data"]["character_book"]["entries"]
    assert [entry["content"].splitlines()[-1] for entry in entries] == ["The tower clock started in spring."] * 2
    assert out(path)["data"]["character_book"]["extensions"] == BOOK["extensions"]


def test_going_out_in_version_two_the_decorators_are_gone(tmp_path):
    entries = out(moved_in(V3, tmp_path), spec=Spec.V2)["data"]["character_book"]["entries"]
    assert [entry["content"] for entry in entries] == ["The tower clock stopped in spring."] * 2


def test_going_out_in_a_later_version_a_card_has_what_that_version_needs(tmp_path):
    left = out(moved_in(V2, tmp_path), spec=Spec.V3)
    assert (left["spec"], left["spec_version"]) == ("chara_card_v3", "3.0")
    assert left["data"] == {**V2["data"], "group_only_greetings": []}


def test_a_picture_of_version_two_carries_one_card_and_of_version_three_both(tmp_path):
    path = moved_in(V3, tmp_path)
    assert list(png.cards(exported(path, ".png", Spec.V2))) == ["chara"]
    both = png.cards(exported(path, ".png", Spec.V3))
    assert json.loads(both["chara"])["spec"] == "chara_card_v2"
    assert json.loads(both["ccv3"])["spec"] == "chara_card_v3"


def test_a_persona_without_a_picture_goes_out_in_a_grey_one():
    path = loading.find("bix", [loading.shipped_folder()])
    assert card.read(exported(path, ".png", None)).data["name"] == "Bix"


def test_a_persona_file_goes_out_as_it_is():
    path = loading.find("bix", [loading.shipped_folder()])
    assert exported(path, ".yaml", None) == path.read_bytes()


@pytest.mark.parametrize("form", ["", ".txt", ".jpeg"])
def test_there_are_only_so_many_forms(form):
    with pytest.raises(CardError, match="can be given out as"):
        exported(loading.find("bix", [loading.shipped_folder()]), form, None)


def test_a_shipped_persona_goes_out_and_comes_back(tmp_path):
    for name, path in loading.available([loading.shipped_folder()]).items():
        back = loading.load(moved_in(exported(path, ".png", None), tmp_path, f"{name}-again"))
        left = loading.load(path)
        mine = {"id", "card", "model", "lorebooks"}
        assert back.model_dump(exclude=mine) == left.model_dump(exclude=mine)


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(str.strip)
texts = st.one_of(
    words, st.sampled_from(["{{char}}: a", "<START>", "no", "1e3", "089", "- a", "# b", "a: b", "a\nb\n\n c"])
)
lines = st.lists(texts, max_size=3).map(tuple)
some = st.lists(texts, min_size=1, max_size=3).map(tuple)
personas = st.builds(
    Persona,
    name=words.map(lambda name: name[:60]),
    identity=texts,
    nickname=st.none() | texts,
    tagline=st.none() | texts,
    personality=st.none() | texts,
    scenario=st.none() | texts,
    values=lines,
    voice=st.builds(Voice, habits=lines, never=lines),
    temperament=st.lists(
        st.builds(Trait, trait=texts, level=st.integers(1, 10), shows=st.none() | texts), max_size=2
    ).map(tuple),
    examples=st.lists(st.builds(Example, you=st.none() | texts, her=texts), max_size=3).map(tuple),
    greetings=st.builds(Greetings, first=some, again=some, morning=lines),
    boundaries=st.builds(Boundaries, never=lines),
    initiative=st.builds(
        Initiative, level=st.sampled_from(["none", "some"]), quiet_hours=st.none() | st.just("22:00-08:00")
    ),
    rules=st.builds(Rules, system=st.none() | texts, last=st.none() | texts, note=st.none() | texts),
    lore=st.lists(st.builds(LoreEntry, keys=lines, text=texts, always=st.booleans(), also=lines), max_size=2).map(
        tuple
    ),
    listening=st.builds(Listening, heard=some),
)


@settings(max_examples=40)
@given(personas, st.sampled_from([Spec.V2, Spec.V3]))
def test_any_persona_goes_out_as_a_card_and_comes_back_the_same(persona, spec):
    value = card_of(persona, None, spec)
    json.dumps(value)
    back = {**persona_of(value), "id": persona.id}
    text = written(back)
    document = yaml.surveyed(text, Path("x.yaml"))
    assert checking.checked(document, loading.spelled_out(document.value)) == persona


@settings(max_examples=40)
@given(personas)
def test_any_persona_is_written_as_yaml_and_read_the_same(persona):
    text = written(persona.model_dump(mode="json", exclude_defaults=True))
    document = yaml.surveyed(text, Path("x.yaml"))
    assert checking.checked(document, document.value) == persona


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from([*V3["data"], "unheard_of"]), anything, max_size=8), st.sampled_from([V2, V3]))
def test_a_card_with_anything_in_its_fields_goes_out_as_it_came(tmp_path_factory, more, base):
    value = {**base, "data": {**base["data"], **more}}
    path = moved_in(value, tmp_path_factory.mktemp("cards"))
    assert out(path) == json.loads(json.dumps(value))


# Examples


def test_examples_are_turns_with_their_continuation_lines():
    assert examples_of(V1["mes_example"]) == [
        {"you": "Late again?", "her": "Not I.\nIt ticks."},
        {"her": "Hm."},
    ]


@pytest.mark.parametrize("text", ["", "<START>", "{{user}}: Hi", "<START>\n<START>\n"])
def test_examples_in_which_she_says_nothing_are_none(text):
    assert examples_of(text) == []


# Never written over, never outside


def test_nobody_is_ever_written_over(tmp_path):
    path = moved_in(V2, tmp_path)
    before = path.read_bytes()
    with pytest.raises(CardError, match="There is already a persona wren"):
        moved_in(V3, tmp_path)
    assert path.read_bytes() == before


def test_a_shipped_persona_is_not_hidden_by_a_card(tmp_path):
    with pytest.raises(CardError, match="There is already a persona samantha"):
        moved_in(V2, tmp_path, "Samantha")


def test_a_second_card_of_that_name_moves_in_under_another(tmp_path):
    moved_in(V2, tmp_path)
    assert moved_in(V3, tmp_path, "other").name == "other.yaml"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a/b\0c", "a-b-c"),
        ("../../etc/passwd", "etc-passwd"),
        ("W" * 300, "w" * 48),
        ("雀 🐦", "雀"),
        ("Über Ärger", "über-ärger"),
        ("", ""),
        ("🐦", ""),
        (".hidden", "hidden"),
    ],
)
def test_any_name_becomes_a_harmless_file_name(name, stem):
    assert stem_of(name) == stem


def test_a_card_cannot_take_over_somebody_elses_memory(tmp_path):
    value = {**V3, "data": {**V3["data"], "extensions": {"companion": {"id": "Samantha", "extends": "samantha"}}}}
    assert loading.load(moved_in(value, tmp_path)).id == "wren"
    assert out(tmp_path / "wren.yaml") == value


# Trouble


def zipped(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("card.json", raw(V3))
        parts.writestr(name, data)
    return buffer.getvalue()


@cache
def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parts, parts.open("card.json", "w") as part:
        for _ in range(64):
            part.write(bytes(1024 * 1024))
    return buffer.getvalue()


@cache
def packed_text(kind: bytes, megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(megabytes)) + packer.flush()
    head = b"chara\0\0" if kind == b"zTXt" else b"chara\0\1\0\0\0"
    return picture(chunk(kind, head + packed))


WRONG_CRC = picture(text_chunk(b"chara", raw(V2))[:-1] + b"\xff")


@pytest.mark.parametrize(
    ("given_", "error"),
    [
        (picture(), "There is no character card in this picture"),
        (WRONG_CRC, "the checksum of the card in it is wrong"),
        (picture(text_chunk(b"chara", raw(V2)))[:-30], "The picture is cut off"),
        (picture(chunk(b"tEXt", b"chara\0!!not base64!!")), "not in base64"),
        (picture(text_chunk(b"chara", b"{")), "The card is not JSON: line 1"),
        (packed_text(b"zTXt", 200), "larger than 12 MiB unpacked"),
        (packed_text(b"iTXt", 200), "larger than 12 MiB unpacked"),
        (picture(chunk(b"zTXt", b"chara\0\0junk")), "cannot be unpacked"),
        (zipped("../evil", b"x"), "wants to lie outside of it"),
        (zipped("/evil", b"x"), "wants to lie outside of it"),
        (zipped("c:\\evil", b"x"), "wants to lie outside of it"),
        (bomb(), "larger than 8 MiB unpacked"),
        (zipped("a", b"")[:60], "damaged"),
        (raw(V2).decode().encode("utf-16"), "not in UTF-8"),
        (b"", "not JSON"),
        (b"[1]", "no character card"),
        (b'{"entries": []}', "neither name nor description"),
        (b'{"name": "x", "n": NaN}', "too large"),
        (b'{"name": "x", "n": 1e999}', "too large"),
        (b'{"name": ' + b"[" * 100_000, "nested too deeply"),
        (b"GIF89a", "not JSON"),
    ],
    ids=lambda value: "a file" if isinstance(value, bytes) else value,  # a ZIP file has the time in it
)
def test_what_is_no_card_is_refused_in_one_sentence(given_, error):
    with pytest.raises(CardError, match=error):
        card.read(given_)


def test_a_byte_order_mark_is_no_trouble():
    assert card.read(b"\xef\xbb\xbf" + raw(V2)).value == V2
