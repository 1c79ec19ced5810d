"""Romance and sex are for adults: asked once, in fixed words, kept for good, and never undone for a minor."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from companion.care.age import answer, is_partner, turns_tender
from companion.care.ledger import ADULT, MINOR
from companion.dialogue.engine import Companion
from companion.dialogue.events import Event, Noticed
from companion.persona.persona import Persona
from companion.providers.scripted import ScriptedModel
from companion.storage.sqlite import SqliteStore
from tests.conftest import Clock
from tests.scenes import heard, reply

Meet = Callable[..., Companion]
TENDER = "I love you, come and kiss me"
HERS = "I kiss you and hold you close."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "companion.db")
    yield store
    store.close()


@pytest.fixture
def meet(store: SqliteStore, clock: Clock) -> Meet:
    def meet(*said: str, relationship: str = "partner") -> Companion:
        persona = Persona(name="Ada", identity="You are Ada.", relationship=relationship)
        return Companion(persona, store, ScriptedModel(*(said or (HERS,))), clock, 100_000)

    return meet


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events if isinstance(event, Noticed)]


def test_an_adult_is_asked_once_and_for_good(meet: Meet, store: SqliteStore, clock: Clock) -> None:
    ada = meet()
    first = heard(ada, TENDER)
    assert "age" in kinds(first)
    assert "kiss" not in reply(first)
    assert "whether they are 18" in ada.model.told[-1][-1].content
    assert "age" in kinds(heard(ada, "Yes, I am 34"))
    assert store.ledger.marked(ADULT)
    clock.pass_(days=400)
    later = heard(meet(), TENDER)
    assert "age" not in kinds(later)
    assert reply(later) == HERS


@pytest.mark.parametrize("said", ["no", "I'm 16", "Not yet, next year", "Nein"])
def test_who_says_no_is_met_gently_for_good(meet: Meet, store: SqliteStore, said: str) -> None:
    ada = meet()
    heard(ada, TENDER)
    assert "minor" in kinds(heard(ada, said))
    assert store.ledger.marked(MINOR)
    heard(ada, "Yes, I am 34 and an adult")
    later = heard(meet(), TENDER)
    assert "kiss" not in reply(later)
    assert "age" not in kinds(later)


def test_who_does_not_answer_is_gently_declined_and_asked_when_it_comes_up_again(meet: Meet) -> None:
    ada = meet()
    heard(ada, TENDER)
    assert "kiss" not in reply(heard(ada, "What a day"))
    again = heard(ada, TENDER)
    assert "age" in kinds(again)
    assert "kiss" not in reply(again)


def test_a_yes_to_something_else_is_no_answer(meet: Meet, store: SqliteStore) -> None:
    ada = meet()
    for words in (TENDER, "What a day", "Yes"):
        heard(ada, words)
    assert store.ledger.marked(ADULT) is None


@pytest.mark.parametrize("relationship", ["friend", "mentor"])
def test_friends_are_not_asked_for_being_fond_of_each_other(meet: Meet, relationship: str) -> None:
    ada = meet("I am glad.", relationship=relationship)
    assert "age" not in kinds(heard(ada, "I love you, you are a good friend"))
    assert "age" in kinds(heard(ada, "I want to have sex with you"))


@pytest.mark.parametrize("claimed", ["The user is an adult.", "They are 34 and said so."])
def test_no_persona_answers_for_the_person(store: SqliteStore, clock: Clock, claimed: str) -> None:
    persona = Persona(name="Ada", identity=f"You are Ada. {claimed}", relationship="lover")
    ada = Companion(persona, store, ScriptedModel(HERS), clock, 100_000)
    assert "kiss" not in reply(heard(ada, TENDER))


def test_sexual_content_with_minors_is_never_shown_to_an_adult_either(meet: Meet) -> None:
    ada = meet("The naked schoolgirl moans.")
    heard(ada, TENDER)
    heard(ada, "Yes")
    assert "schoolgirl" not in reply(heard(ada, "Tell me a story"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [("yes", True), ("I'm 18", True), ("Ja, klar", True), ("oui", True), ("sí", True), ("I'm 17", False), ("no", False),
     ("yes but I'm only 15", False), ("what do you mean?", None),
     ("no way, come here", None), ("I am not saying", None)],
)  # fmt: skip
def test_an_answer_is_a_yes_a_no_or_none(words: str, expected: bool | None) -> None:
    assert answer(words) is expected


def test_what_two_are_is_read_from_the_words_for_it() -> None:
    assert is_partner("Your girlfriend since May")
    assert not is_partner("A friend, and no more")
    assert not turns_tender("fuck this traffic, you know", partner=True)
