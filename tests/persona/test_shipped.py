"""The shipped personas: whole, each with a voice of their own, and none of them human."""

from collections import Counter

import pytest

from companion.persona import loading
from companion.persona.candour import remarks
from companion.persona.persona import Greetings, Listening, Persona

SHIPPED = {name: loading.load(path) for name, path in sorted(loading.available([loading.shipped_folder()]).items())}


def lines_of(persona: Persona) -> list[str]:
    """Return everything that is said in their own voice."""
    spoken = [line for group in (persona.greetings, persona.listening) for _, lines in group for line in lines]
    return [*spoken, *(example.her for example in persona.examples)]


def test_there_are_at_least_four():
    assert len(SHIPPED) >= 4


@pytest.mark.parametrize("persona", SHIPPED.values(), ids=SHIPPED)
class TestEach:
    def test_says_something_of_their_own_on_every_occasion(self, persona):
        assert persona.greetings.model_fields_set == set(Greetings.model_fields)
        assert persona.listening.model_fields_set == set(Listening.model_fields)

    def test_is_drawn_in_full(self, persona):
        drawn = (persona.voice.habits, persona.temperament, persona.values, persona.opinions, persona.examples)
        assert all(drawn)
        assert persona.history
        assert persona.boundaries.never
        assert persona.boundaries.gently

    def test_never_claims_to_be_human(self, persona):
        assert remarks(persona) == ()
        assert any(word in persona.identity for word in ("program", "operating system", "process"))

    def test_never_uses_a_word_that_they_never_use(self, persona):
        said = " ".join(lines_of(persona)).lower()
        assert [
            phrase for phrase in persona.voice.never if phrase.lower() in said.split(" ") or f" {phrase} " in said
        ] == []

    def test_asks_for_a_name_at_the_first_meeting(self, persona):
        assert all("?" in line for line in persona.greetings.first)

    def test_says_without_a_model_that_there_is_none_and_how_to_get_one(self, persona):
        assert all("/model" in line for line in persona.listening.cannot)
        assert "model" in persona.listening.about_me[0]


def test_no_two_say_the_same():
    said = Counter(line for persona in SHIPPED.values() for line in set(lines_of(persona)))
    assert [line for line, count in said.items() if count > 1] == []
    thought = Counter(line for persona in SHIPPED.values() for line in (*persona.opinions, *persona.values))
    assert [line for line, count in thought.items() if count > 1] == []
