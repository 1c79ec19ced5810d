"""A card as a persona, and back, without loss.

Coming in, the card's fields become the keys of a persona file, as plain data. Going out, the card that came in is
taken as it was, and only what the person changed in the file is written over it; what a card has no field for goes
into `extensions.companion`. So a card that nobody touched leaves as it came, and a persona comes back as it left.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from companion.persona.cards.books import BOOK, entries, our_entry, put_book, strip_decorators
from companion.persona.cards.card import Card, Json, Spec
from companion.persona.cards.strangers import NAMESPACE, dict_of, fits, frozen, line_of, list_of, text_of
from companion.persona.persona import LONGEST_NAME, Example, Persona

OURS_ALONE = frozenset({"id", "extends", "card", "lorebooks", "model"})
"""What a card can neither set nor carry: whose memory it is, which files, where words are sent."""

MOST_GREETINGS, MOST_EXAMPLES = 60, 60
_WITHOUT_NAME = "Somebody"
_WITHOUT_DESCRIPTION = "You are {{char}}."

_SEPARATOR = re.compile(r"<start>", re.IGNORECASE)
_SPEAKER = re.compile(r"^[ \t]*(\{\{(?:user|char)\}\}|<(?:user|bot|char)>)[ \t]*:[ \t]?", re.IGNORECASE | re.MULTILINE)


def persona_of(card: Json) -> Json:
    """Return the keys and values of a persona file for a card; macros in them stay macros."""
    data = Card(card).data
    made = {key: value for key, value in _keys(data) if value}
    return {**made, **_kept_for_us(data)}


def _keys(data: Json) -> Iterator[tuple[str, Any]]:
    yield "name", text_of(data.get("name"))[:LONGEST_NAME].strip() or _WITHOUT_NAME
    yield "nickname", line_of(data.get("nickname"))
    yield "pronouns", "they/them"
    yield "identity", text_of(data.get("description")) or _WITHOUT_DESCRIPTION
    yield "personality", text_of(data.get("personality"))
    yield "scenario", text_of(data.get("scenario"))
    greetings = list(filter(None, map(text_of, [data.get("first_mes"), *list_of(data.get("alternate_greetings"))])))
    yield "greetings", {"first": greetings[:MOST_GREETINGS]} if greetings else None
    yield "examples", examples_of(text_of(data.get("mes_example")))
    rules = {key: text_of(value) for key, value in _rules(data)}
    yield "rules", {key: value for key, value in rules.items() if value}
    yield "lore", [entry for entry in map(our_entry, entries(data)) if entry]


def _rules(data: Json) -> Iterator[tuple[str, Any]]:
    yield "system", data.get("system_prompt")
    yield "last", data.get("post_history_instructions")
    yield "note", dict_of(dict_of(data.get("extensions")).get("depth_prompt")).get("prompt")


def examples_of(text: str) -> list[Json]:
    """Return example exchanges of a card's text: `<START>` begins one, `{{user}}:` and `{{char}}:` begin a turn."""
    found: list[Json] = []
    for block in _SEPARATOR.split(text):
        asked = ""
        for speaker, said in _turns(block):
            if "user" in speaker.lower():
                asked = said
            else:
                found.append({"you": asked, "her": said} if asked else {"her": said})
                asked = ""
    return found[:MOST_EXAMPLES]


def _turns(block: str) -> Iterator[tuple[str, str]]:
    before, *rest = _SPEAKER.split(block)
    if before.strip():
        yield "{{char}}", before.strip()
    for speaker, said in zip(rest[::2], rest[1::2], strict=True):
        if said.strip():
            yield speaker, said.strip()


def _kept_for_us(data: Json) -> Json:
    """Return what we ourselves once wrote into a card, as far as it still is what a persona can be."""
    kept = {key: value for key, value in _ours(data).items() if key in Persona.model_fields and key not in OURS_ALONE}
    return kept if fits(kept) else {}


def _ours(data: Json) -> Json:
    return dict_of(dict_of(data.get("extensions")).get(NAMESPACE))


def card_of(persona: Persona, original: Json | None, spec: Spec, book: Json | None = None) -> Json:
    """Return the card of a persona.

    Args:
        persona: as its file says it, macros unfilled.
        original: the card that it came from, if it came from one.
        spec: the version to write, 2 or 3.
        book: the lorebook that goes with it, where there is one.
    """
    made = _raised(deepcopy(original) if original is not None else {}, spec)
    data, before = made["data"], _before(original)
    for field, write in _WRITERS.items():
        if before is None or getattr(persona, field) != getattr(before, field):
            write(data, persona)
    put_book(made, book, persona, before)
    if spec is Spec.V2 and original is not None and Card(original).spec is Spec.V3:
        strip_decorators(data)
    _put_the_rest(data, persona, before)
    _match_the_top(made, data)
    return made


def _before(original: Json | None) -> Persona | None:
    """Return the persona that a card was when it came in; None if there was none, or it is none any more."""
    if original is None:
        return None
    try:
        return Persona.model_validate(frozen(persona_of(original)))
    except ValidationError:
        return None


_NAMES = {Spec.V2: ("chara_card_v2", "2.0"), Spec.V3: ("chara_card_v3", "3.0")}
_ALWAYS: Json = {
    "name": "", "description": "", "personality": "", "scenario": "", "first_mes": "", "mes_example": "",
    "creator_notes": "", "system_prompt": "", "post_history_instructions": "", "alternate_greetings": [], "tags": [],
    "creator": "", "character_version": "", "extensions": {},
}  # fmt: skip
"""What every version from 2 on must have."""


def _raised(value: Json, spec: Spec) -> Json:
    """Return a card in the wanted version; one that is in it already is left as it is."""
    was = Card(value).spec if value else None
    if was is spec:
        return value
    data = value["data"] if was in {Spec.V2, Spec.V3} else {k: v for k, v in value.items() if k in _ALWAYS or k == BOOK}
    for key, default in {**_ALWAYS, **({"group_only_greetings": []} if spec is Spec.V3 else {})}.items():
        data.setdefault(key, deepcopy(default))
    name, version = _NAMES[spec]
    return {**value, "spec": name, "spec_version": version, "data": data}


def _write_greetings(data: Json, persona: Persona) -> None:
    data["first_mes"], *data["alternate_greetings"] = persona.greetings.first


def _write_rules(data: Json, persona: Persona) -> None:
    data["system_prompt"] = persona.rules.system or ""
    data["post_history_instructions"] = persona.rules.last or ""
    extensions = _extensions(data)
    depth = extensions.get("depth_prompt")
    if persona.rules.note:
        kept = depth if isinstance(depth, dict) else {"depth": 4, "role": "system"}
        extensions["depth_prompt"] = {**kept, "prompt": persona.rules.note}
    elif isinstance(depth, dict):
        depth["prompt"] = ""


def _write_examples(data: Json, persona: Persona) -> None:
    data["mes_example"] = "\n".join(map(_example, persona.examples))


def _example(example: Example) -> str:
    asked = f"{{{{user}}}}: {example.you}\n" if example.you else ""
    return f"<START>\n{asked}{{{{char}}}}: {example.her}"


def _write_nickname(data: Json, persona: Persona) -> None:
    if persona.nickname:
        data["nickname"] = persona.nickname
    else:
        data.pop("nickname", None)


def _plainly(key: str, field: str) -> Callable[[Json, Persona], None]:
    def write(data: Json, persona: Persona) -> None:
        data[key] = getattr(persona, field) or ""

    return write


_WRITERS: dict[str, Callable[[Json, Persona], None]] = {
    "name": _plainly("name", "name"),
    "nickname": _write_nickname,
    "identity": _plainly("description", "identity"),
    "personality": _plainly("personality", "personality"),
    "scenario": _plainly("scenario", "scenario"),
    "greetings": _write_greetings,
    "examples": _write_examples,
    "rules": _write_rules,
}


def _put_the_rest(data: Json, persona: Persona, before: Persona | None) -> None:
    """Write what the card does not give back by itself into our own namespace."""
    if before is not None and not _differing(persona, before):
        return
    ours = _ours(data)
    if ours:
        data["extensions"].pop(NAMESPACE)
    back = Persona.model_validate(frozen(persona_of({"spec": "chara_card_v3", "data": data})))
    dumped = persona.model_dump(mode="json", exclude_defaults=True)
    default = Persona(name="x", identity="x").model_dump(mode="json")
    theirs = {key: value for key, value in ours.items() if key in OURS_ALONE or key not in Persona.model_fields}
    rest = {field: dumped.get(field, default[field]) for field in _differing(persona, back)}
    if theirs or rest:
        _extensions(data)[NAMESPACE] = {**theirs, **rest}


def _extensions(data: Json) -> Json:
    """Return the extensions of a card, for writing into; whatever was no object gives way to one."""
    extensions = data["extensions"] = dict_of(data.get("extensions"))
    return extensions


def _differing(persona: Persona, other: Persona) -> list[str]:
    fields = [field for field in Persona.model_fields if field not in OURS_ALONE]
    return [field for field in fields if getattr(persona, field) != getattr(other, field)]


def _match_the_top(made: Json, data: Json) -> None:
    """Let the fields that many cards repeat at the top, as version 1 had them, say what `data` says."""
    for key in ("name", "description", "personality", "scenario", "first_mes", "mes_example"):
        if key in made:
            made[key] = data.get(key, made[key])
