"""Her voice: measured, compared, and called back when it drifts."""

import asyncio
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.conversation import Speaker, State, Utterance
from companion.dialogue import voice
from companion.dialogue.briefing import ANCHORED
from companion.dialogue.engine import Companion
from companion.dialogue.events import Finished, Noticed
from companion.persona import loading
from companion.persona.persona import Persona, Voice
from companion.providers.scripted import ScriptedModel
from companion.storage.sqlite import SqliteStore
from tests.conftest import OSLO
from tests.scenes import heard

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)
NONE = Voice()
CURT = ["Right. Logged.", "Sit down. Worst part first?", "Good.", "Aye. And then?", "Light is on.", "Fair enough."]
FLORID = [
    "Oh, what an absolutely extraordinary and luminous thing that is to hear on an evening such as this one!",
    "I could listen for hours upon hours to the many splendid ways in which you describe the passing of your days!",
]


def replies(texts: list[str], model: str = "m") -> list[Utterance]:
    """Return these texts as replies, the newest first."""
    return [Utterance(n, 1, n - 1, Speaker.COMPANION, t, NOW, model=model) for n, t in enumerate(texts, 2)][::-1]


@pytest.mark.parametrize(
    "text",
    [
        "As an AI language model, I cannot say.",
        "As an AI, I don't have feelings.",
        "I'm here to help!",
        "I’m here to help you.",
        "How can I help you today?",
        "I hope this helps.",
        "Feel free to ask.",
        "Great question!",
        "Is there anything else I can do?",
        "I'm just an AI assistant.",
    ],
)
def test_stock_phrases_of_assistants_are_noticed(text):
    assert voice.foreign([text], NONE)


@pytest.mark.parametrize(
    "text",
    [
        "I'm here. Tell me.",
        "How can that help?",
        "As an aide he was hopeless.",
        "That helps.",
        "A good question, that.",
    ],
)
def test_what_anybody_might_say_is_no_stock_phrase(text):
    assert not voice.foreign([text], NONE)


def test_no_shipped_persona_speaks_in_stock_phrases():
    for path in loading.available([loading.shipped_folder()]).values():
        persona = loading.load(path)
        lines = [line for group in (persona.greetings, persona.listening) for _, said in group for line in said]
        assert not voice.foreign([*lines, *(example.her for example in persona.examples)], persona.voice), persona.name


def test_words_that_never_come_from_her_are_noticed_as_whole_words_in_any_case():
    assert voice.foreign(["Amazing! AMAZING. Amazingly so."], Voice(never=("amazing",))) == {"amazing": 2}


def test_a_fingerprint_is_made_of_plain_figures():
    print_ = voice.fingerprint(["One two three. Four!", "Five six?"], Voice(favourites=("five six",)))
    assert (print_.replies, print_.words, print_.questions, print_.exclamations) == (2, 3.0, 0.5, 0.5)
    assert print_.sentence == 2.0
    assert print_.favourites == {"five six": 1}


def test_the_same_voice_has_not_drifted():
    hearing = voice.listen(replies(CURT * 6), NONE)
    assert hearing.before is not None
    assert hearing.shifts == ()


def test_two_models_sound_different():
    hearing = voice.listen(replies(CURT * 6 + FLORID * 4), NONE)
    assert {"longer", "long-winded", "more exclaiming"} <= set(hearing.shifts)


def test_somebody_who_stops_asking_has_drifted():
    hearing = voice.listen(replies(["And you?"] * 20 + ["I see it."] * 8), NONE)
    assert "asks less" in hearing.shifts


def test_of_a_few_replies_nothing_is_said():
    assert voice.listen(replies(CURT[:5]), NONE).before is None
    assert voice.listen([], NONE).shifts == ()


def test_only_whole_replies_of_a_model_count():
    theirs = Utterance(1, 1, None, Speaker.PERSON, "Hi", NOW)
    odd = Utterance(9, 1, 8, Speaker.COMPANION, "Half a", NOW, state=State.INTERRUPTED, model="m")
    assert not any(map(voice.counts, [odd, *replies(["Hm."], "offline"), theirs]))


def test_characteristic_lines_are_real_usual_and_her_own():
    lines = voice.characteristic([*CURT, *FLORID, "Great question!"], NONE)
    assert len(lines) == voice.ANCHORS
    assert set(lines) <= set(CURT)


@given(st.lists(st.text(max_size=40), max_size=30))
def test_any_replies_can_be_listened_to(texts):
    voice.listen(replies(texts), Voice(never=("a",), favourites=("b",)))


# In a talk


@pytest.fixture
def meet(tmp_path, clock):
    made = []

    def meet(model: ScriptedModel, voice_: Voice = NONE) -> Companion:
        persona = Persona(name="Ada", identity="You are Ada.", voice=voice_)
        made.append(Companion(persona, SqliteStore.open(tmp_path / "companion.db"), model, clock))
        return made[-1]

    yield meet
    for companion in made:
        asyncio.run(companion.aclose())


def talk(ada: Companion, turns: int) -> list[bool]:
    """Talk for so many turns; tell for each whether past lines of hers were told."""
    told = []
    for number in range(turns):
        heard(ada, f"Number {number}.")
        told.append(ANCHORED in ada.model.told[-1][-1].content)
    return told


def test_while_she_is_herself_nothing_is_told(meet):
    assert not any(talk(meet(ScriptedModel(*CURT, name="a")), 25))


def test_another_model_is_told_real_past_lines_of_hers_at_once(meet):
    talk(meet(ScriptedModel(*CURT, name="a")), 20)
    ada = meet(ScriptedModel(*FLORID, name="b"))
    ada.resume()
    told = talk(ada, 3)
    assert told == [True, False, False]
    first = ada.model.told[0][-1].content
    assert sum(f"“{line}”" in first for line in CURT) == voice.ANCHORS


def test_a_voice_that_has_drifted_is_called_back_every_few_replies(meet):
    ada = meet(ScriptedModel(*(CURT * 3), *(FLORID * 20), name="a"))
    told = talk(ada, 45)
    assert not any(told[:18])
    assert 2 <= sum(told) <= 6


def test_past_lines_stay_where_they_were_told(meet):
    talk(meet(ScriptedModel(*CURT, name="a")), 20)
    ada = meet(ScriptedModel(*FLORID, name="b"))
    ada.resume()
    talk(ada, 2)
    first, second = ada.model.told
    assert second[: len(first)] == first


def test_a_stock_phrase_is_noticed_once_in_a_sitting(meet):
    ada = meet(ScriptedModel("As an AI language model, no.", name="a"))
    events = [event for _ in range(2) for event in heard(ada, "Hello.")]
    noticed = [event.text for event in events if isinstance(event, Noticed) and event.kind == "voice"]
    assert noticed == ["“as an ai language model” is the model, and not Ada. /voice shows more."]
    assert isinstance(events[-1], Finished)
