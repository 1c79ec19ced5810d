"""The JSON Schema of a persona file, for editors to complete and check it (https://json-schema.org/draft/2020-12)."""

from typing import Any

from companion.persona.persona import Part, Persona

FILE = "persona.schema.json"
"""Its name beside the personas, which their first line gives to the editor."""

MODELINE = f"# yaml-language-server: $schema={FILE}"
"""As https://github.com/redhat-developer/yaml-language-server reads it."""


def schema() -> dict[str, Any]:
    """Return the schema, the short forms of groups included."""
    made = Persona.model_json_schema(mode="validation")
    for part in Part.__subclasses__():
        if part.SHORT and part.__name__ in made["$defs"]:
            made["$defs"][part.__name__] = _or_short(made["$defs"][part.__name__], part.SHORT)
    made["properties"]["id"].pop("default")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A persona of companion", **_rest(made)}


def _or_short(group: dict[str, Any], short: str) -> dict[str, Any]:
    """Let the group be written as its main key alone."""
    main = {key: value for key, value in group["properties"][short].items() if key not in {"default", "title"}}
    return {"description": group.get("description", ""), "anyOf": [group, main]}


def _rest(made: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in made.items() if key != "title"}
