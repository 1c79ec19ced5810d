"""A corpus of cards: every field of the specification, and every quirk that real cards have. All of it is made up."""

import base64
import struct
import zlib
from typing import Any

Json = dict[str, Any]

V1: Json = {
    "name": "Wren",
    "description": "{{char}} mends clocks. <BOT> knows <USER> from the market.",
    "personality": "slow, exact",
    "scenario": "A shop in winter.",
    "first_mes": "*looks up* Hello, {{user}}.",
    "mes_example": "<START>\n{{user}}: Late again?\n{{char}}: Not I.\nIt ticks.\n<START>\n{{char}}: Hm.",
}

ENTRY: Json = {
    "keys": ["clock"], "content": "The tower clock stopped in spring.", "extensions": {}, "enabled": True,
    "insertion_order": 10,
}  # fmt: skip

FULL_ENTRY: Json = {
    **ENTRY,
    "case_sensitive": False, "name": "tower", "priority": 3, "id": 7, "comment": "about the tower", "selective": True,
    "secondary_keys": ["tower", "spring"], "constant": False, "position": "before_char", "use_regex": False,
    "content": "@@depth 4\n@@unheard_of 1\n@@@role system\nThe tower clock stopped in spring.",
    "extensions": {"other_program": {"colour": "#fff"}, "probability": 100, "selectiveLogic": 0},
}  # fmt: skip

BOOK: Json = {
    "name": "The town", "description": "Streets and people.", "scan_depth": 3, "token_budget": 400,
    "recursive_scanning": True, "extensions": {"x": 1}, "entries": [ENTRY, FULL_ENTRY],
}  # fmt: skip

V2_DATA: Json = {
    **V1,
    "creator_notes": "For long evenings.\n\nSecond paragraph.", "system_prompt": "{{original}} Stay slow.",
    "post_history_instructions": "Answer as {{char}}.", "alternate_greetings": ["Come in.", "Closed."],
    "tags": ["shop", "Calm"], "creator": "somebody", "character_version": "1.2",
    "extensions": {"other/program": {"deep": [1, {"a": None}]}, "talkativeness": "0.5", "fav": False},
    "character_book": BOOK,
}  # fmt: skip

V2: Json = {"spec": "chara_card_v2", "spec_version": "2.0", "data": V2_DATA}

V3: Json = {
    "spec": "chara_card_v3",
    "spec_version": "3.0",
    "data": {
        **V2_DATA,
        "nickname": "Wrenny", "creator_notes_multilingual": {"en": "For evenings.", "de": "Für Abende."},
        "assets": [{"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"},
                   {"type": "x_sound", "uri": "embeded://assets/other/tick.ogg", "name": "tick", "ext": "ogg"}],
        "source": ["https://example.org/wren"], "group_only_greetings": ["All of you?"],
        "creation_date": 1700000000, "modification_date": 0,
    },
}  # fmt: skip


def _data(**more: Any) -> Json:
    return {**V2, "data": {**V2_DATA, **more}}


def _without(key: str) -> Json:
    return {**V2, "data": {name: value for name, value in V2_DATA.items() if name != key}}


CORPUS: dict[str, Json] = {
    "v1": V1,
    "v1 with keys of its own": {**V1, "avatar": "none", "create_date": "2023-1-2"},
    "v1 with a book at the top": {**V1, "character_book": BOOK},
    "v2": V2,
    "v3": V3,
    "v2 in the fewest words": {**V2, "data": {"name": "Wren", "description": "x"}},
    "fields repeated at the top": {
        **V1,
        **V2,
        "avatar": "none",
        "chat": "Wren - 2024",
        "talkativeness": "0.5",
        "fav": 0,
    },
    "book at the top beside data": {**_without("character_book"), "character_book": BOOK},
    "book without extensions": _data(character_book={"entries": [ENTRY], "name": "x"}),
    "book that is null": _data(character_book=None),
    "book without entries": _data(character_book={"entries": [], "extensions": {}}),
    "book that is no book": _data(character_book="lost"),
    "empty name": _data(name=""),
    "name with a slash and a nul": _data(name="a/b\0c"),
    "name of 300 letters": _data(name="W" * 300),
    "name in another script": _data(name="雀 🐦"),
    "no description": _data(description=""),
    "fields of the wrong kind": _data(tags="shop", alternate_greetings=None, personality=3, extensions=None),
    "depth prompt": _data(extensions={"depth_prompt": {"prompt": "Keep calm.", "depth": 4, "role": "system"}}),
    "windows line ends": _data(description="one\r\ntwo\r\n", first_mes=" spaced \r\n"),
    "half a character": _data(description="broken \ud83d here"),
    "later version": {**V3, "spec_version": "3.7", "data": {**V3["data"], "unheard_of": {"a": [True]}}},
    "spec without data": {"spec": "chara_card_v2", "spec_version": "2.0", **V1},
    "later spec without data": {"spec": "chara_card_v3", "spec_version": "3.0", **V1},
    "data without spec": {"data": V2_DATA},
    "examples without speakers": _data(mes_example="<start>\nOnce upon a time.\n<START>\n{{user}}: Hi"),
    "text that yaml might misread": _data(description="no", personality="1e3", scenario="089", first_mes="~"),
    "creator with control characters": _data(creator="a\nname: Eve\u2028\x07\x85b"),
    "numbers": _data(extensions={"n": [0, -1, 1.5, 1e-7, 10**20]}),
    "somebody else's companion key": _data(extensions={"companion": {"id": "Samantha", "made": "elsewhere"}}),
}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def text_chunk(keyword: bytes, raw: bytes) -> bytes:
    return chunk(b"tEXt", keyword + b"\0" + base64.b64encode(raw))


def picture(*extra: bytes) -> bytes:
    """Return a PNG of one pixel with these chunks before its end."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixel = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"acTL", bytes(8)) + pixel + b"".join(extra) + chunk(b"IEND", b"")
