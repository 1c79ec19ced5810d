"""A persona file that is changed while she talks."""

import asyncio
import json
from pathlib import Path

import pytest

from companion.dialogue.engine import Companion
from companion.dialogue.events import Noticed
from companion.errors import DocumentError
from companion.persona.watching import Watch
from companion.providers.scripted import ScriptedModel
from companion.storage.sqlite import SqliteStore
from tests.cards import BOOK
from tests.scenes import heard

ADA = "name: Ada\nidentity: You are Ada.\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ada.yaml"
    path.write_text(ADA, encoding="utf-8")
    return path


@pytest.fixture
def ada(path: Path, tmp_path: Path, clock):
    watch = Watch(path)
    store = SqliteStore.open(tmp_path / "companion.db")
    model = ScriptedModel("Hm.")
    companion = Companion(watch.character.persona, store, model, clock, watch=watch)
    yield companion
    asyncio.run(companion.aclose())


def notices(companion: Companion, words: str = "Hello.") -> list[str]:
    return [event.text for event in heard(companion, words) if isinstance(event, Noticed) and event.kind == "persona"]


def test_a_file_that_nobody_touched_is_left_alone(ada):
    assert notices(ada) == []


def test_a_change_is_taken_up_at_the_next_turn_with_a_line(ada, path):
    notices(ada)
    path.write_text(ADA + "values: [Trains.]\n", encoding="utf-8")
    assert notices(ada) == ["What you changed in the file of Ada is taken up."]
    assert "Trains." in ada.model.told[-1][0].content
    assert notices(ada) == []


def test_a_mistake_is_said_once_and_she_stays_as_she_was(ada, path):
    notices(ada)
    path.write_text(ADA + "greting: Hi.\n", encoding="utf-8")
    (said,) = notices(ada)
    assert "ada.yaml:3:1: there is no key `greting` in a persona; did you mean `greetings`?" in said
    assert said.endswith("Until that is mended, Ada stays as before.")
    assert notices(ada) == []
    path.write_text(ADA + "greetings: Hi.\n", encoding="utf-8")
    assert notices(ada) == ["What you changed in the file of Ada is taken up."]


def test_a_file_that_is_gone_for_a_moment_is_no_crash(ada, path):
    path.unlink()
    (said,) = notices(ada)
    assert "cannot be read" in said
    path.write_text(ADA, encoding="utf-8")
    assert notices(ada)


def test_whose_memory_it_is_does_not_change_in_mid_talk(ada, path):
    notices(ada, "My sister is Anna.")
    path.write_text("name: Eve\nid: eve\nidentity: You are Eve.\n", encoding="utf-8")
    notices(ada, "Who is my sister?")
    assert (ada.persona.name, ada.persona.id) == ("Eve", "Ada")


def test_the_one_she_builds_on_is_watched_too(path):
    child = path.with_name("bea.yaml")
    child.write_text("extends: ada\nname: Bea\n", encoding="utf-8")
    watch = Watch(child)
    path.write_text(ADA + "values: [Trains.]\n", encoding="utf-8")
    assert watch.changed().persona.values == ("Trains.",)


def test_a_lorebook_is_read_with_her_and_watched(path):
    book = path.with_name("town.json")
    book.write_text(json.dumps({"spec": "lorebook_v3", "data": BOOK}), encoding="utf-8")
    path.write_text(ADA + "lorebooks: town.json\n", encoding="utf-8")
    watch = Watch(path)
    assert len(watch.character.books[0].entries) == 2
    book.write_text('{"entries": {}}', encoding="utf-8")
    assert watch.changed().books[0].entries == ()


def test_a_lorebook_lies_beside_the_file_that_names_it(path):
    path.with_name("town.json").write_text(json.dumps({"spec": "lorebook_v3", "data": BOOK}), encoding="utf-8")
    path.write_text(ADA + "lorebooks: town.json\n", encoding="utf-8")
    child = path.parent / "elsewhere" / "bea.yaml"
    child.parent.mkdir()
    child.write_text("extends: ../ada.yaml\nname: Bea\n", encoding="utf-8")
    assert len(Watch(child).character.books[0].entries) == 2


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, "the lorebook town.json cannot be read"),
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[]", "is no"),
    ],
)
def test_a_lorebook_that_is_none_is_said_with_the_place(path, content, error):
    if content is not None:
        path.with_name("town.json").write_bytes(content)
    path.write_text(ADA + "lorebooks: town.json\n", encoding="utf-8")
    with pytest.raises(DocumentError, match=f"ada.yaml:3:12: .*{error}"):
        Watch(path)
