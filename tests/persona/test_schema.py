"""The schema that editors read, and the short forms that two modules must know alike."""

import json

import pytest

from companion.persona import loading
from companion.persona.persona import Part, Persona
from companion.persona.schema import FILE, MODELINE, schema

FOLDER = loading.shipped_folder()
SHIPPED = sorted(loading.available([FOLDER]).values())


def test_the_shipped_schema_is_the_one_of_the_model():
    kept = json.loads((FOLDER / FILE).read_text(encoding="utf-8"))
    assert kept == schema(), "run: companion personas schema > personas/persona.schema.json"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_file_names_the_schema_for_the_editor(path):
    assert path.read_text(encoding="utf-8").splitlines()[0] == MODELINE


def test_every_field_is_described():
    parts = [Persona, *Part.__subclasses__()]
    missing = [
        f"{part.__name__}.{name}" for part in parts for name, f in part.model_fields.items() if not f.description
    ]
    assert missing == []


def test_the_short_forms_are_those_of_the_model():
    fields = {name: field.annotation for name, field in Persona.model_fields.items()}
    short = {name: part.SHORT for name, part in fields.items() if isinstance(part, type) and issubclass(part, Part)}
    assert {name: main for name, main in short.items() if main} == loading._SHORT


def test_the_schema_lets_a_group_be_written_short():
    voice = schema()["$defs"]["Voice"]["anyOf"]
    assert voice[0]["type"] == "object"
    assert {"type": "string"} in voice[1]["anyOf"]
