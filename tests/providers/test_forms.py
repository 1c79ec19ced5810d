"""Forms that models fill in, as they really come."""

import asyncio
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from companion.dialogue.model import Message
from companion.errors import ModelFailed
from companion.providers.forms import filled
from companion.providers.scripted import ScriptedModel


class Note(BaseModel):
    subject: str
    importance: int = 0


class Notes(BaseModel):
    notes: list[Note]


TEA = Note(subject="tea", importance=3)
JSON = TEA.model_dump_json()


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        f"```json\n{JSON}\n```",
        f"Here you are:\n\n{JSON}\n\nAnything else?",
        f"<think>{{maybe}} tea</think>{JSON}",
        f"The form {{subject, importance}} is this: {JSON}",
        f"{JSON}{JSON}",
    ],
)
def test_a_form_is_read_wherever_it_stands(text):
    assert filled(text, Note) == TEA


def test_a_form_cut_short_is_read_as_far_as_it_goes():
    assert filled('{"notes": [{"subject": "tea", "importance": 3}, {"subj', Notes) == Notes(notes=[TEA])


def test_a_brace_in_a_quotation_does_not_end_a_form():
    assert filled('Well: {"subject": "a } and a \\" and a {", "importance": 1} So.', Note).importance == 1


@pytest.mark.parametrize("text", ["", "no", "{", '{"subject": 3}', "[]", "null", '{"subject": "x"' * 2000])
def test_what_is_no_form_is_an_error_of_ours(text):
    with pytest.raises(ModelFailed):
        filled(text, Notes)


@given(st.text())
def test_any_text_is_a_form_or_an_error_of_ours(text):
    with suppress(ModelFailed):
        assert isinstance(filled(text, Note), Note)


@given(subject=st.text(), before=st.text(alphabet=st.characters(blacklist_characters='{}<>"')))
def test_any_subject_comes_through(subject, before):
    assert filled(before + json.dumps({"subject": subject}), Note).subject == subject


def test_a_script_gives_its_forms_in_turn():
    model = ScriptedModel("Hello.", forms=[JSON, '{"subject": "milk"}'])

    async def asked() -> list[str]:
        return [(await model.fill([Message("user", "Well?")], Note)).subject for _ in range(3)]

    assert asyncio.run(asked()) == ["tea", "milk", "milk"]
