"""The floor of care: plain danger is met with help, and figures of speech are not."""

from pathlib import Path

import pytest

from companion.care.signs import in_danger
from companion.dialogue.engine import Companion
from companion.dialogue.events import Noticed, Spoke
from companion.persona.persona import Persona
from companion.providers.scripted import ScriptedModel
from companion.storage.sqlite import SqliteStore
from tests.conftest import Clock
from tests.scenes import heard


@pytest.mark.parametrize(
    "words",
    [
        "I want to kill myself",
        "i'm going to end my life tonight",
        "I just want to die.",
        "I don’t want to live anymore",
        "honestly I'm suicidal",
        "I keep thinking about suicide",
        "I'd be better off dead",
        "I am thinking of hurting myself again",
        "I want to end it all",
        "I wish I was dead",
    ],
)
def test_plain_danger_is_recognised(words: str) -> None:
    assert in_danger(words)


@pytest.mark.parametrize(
    "words",
    [
        "This traffic is killing me",
        "I could die of embarrassment",
        "I want to die laughing",
        "kill -9 1234",
        "My grandfather died in March",
        "I'm dead tired",
        "The hero wants to end his life in the second act",
        "I'd kill for a coffee",
        "I nearly died when I saw the bill",
        "Suicide Squad was on last night",
    ],
)
def test_figures_of_speech_are_not(words: str) -> None:
    assert not in_danger(words)


def test_help_is_named_before_the_model_says_a_word_and_once_in_a_sitting(
    tmp_path: Path, persona: Persona, clock: Clock
) -> None:
    store = SqliteStore.open(tmp_path / "companion.db")
    ada = Companion(persona, store, ScriptedModel("I'm here."), clock)
    first, second = heard(ada, "I want to kill myself"), heard(ada, "I want to kill myself")
    kinds = [event.kind if isinstance(event, Noticed) else type(event) for event in first]
    assert kinds.index("crisis") < kinds.index(Spoke)
    assert "crisis" not in [event.kind for event in second if isinstance(event, Noticed)]
    store.close()
