"""A card, out of whatever container: its JSON exactly as it was, and the picture that came with it."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from companion.errors import CardError
from companion.persona.cards import charx, png

LARGEST_FILE = 64 * 1024 * 1024
LARGEST_PICTURE = 16 * 1024 * 1024

NEWEST = 3.0
"""The latest version of the specification that is known here."""

Json = dict[str, Any]


class Spec(StrEnum):
    """The versions of the card specification."""

    V1 = "v1"
    V2 = "v2"
    V3 = "v3"


@dataclass(frozen=True, slots=True)
class Card:
    """A character card.

    Attributes:
        value: the JSON, all of it, as it was.
        picture: the avatar as a PNG, with its cards; where there was one.
        archive: the CHARX file that it came in, for the other parts in it.
    """

    value: Json
    picture: bytes | None = None
    archive: bytes | None = None

    @property
    def data(self) -> Json:
        """The fields of the character: under `data`, or, in version 1, at the top."""
        inner = self.value.get("data")
        return inner if isinstance(inner, dict) else self.value

    @property
    def spec(self) -> Spec:
        """The version, leniently: by its name, or by where the fields stand."""
        if self.data is self.value:
            return Spec.V1
        return Spec.V3 if self.value.get("spec") == "chara_card_v3" else Spec.V2

    @property
    def is_newer(self) -> bool:
        """Whether it was made for a later version of the specification than is known here."""
        try:
            return self.spec is Spec.V3 and float(self.value.get("spec_version", 3)) > NEWEST
        except (TypeError, ValueError):
            return False


def read(raw: bytes) -> Card:
    """Read a card from the bytes of a PNG, APNG, CHARX or JSON file.

    Raises:
        CardError: there is no card in it, or it cannot be read.
    """
    if len(raw) > LARGEST_FILE:
        raise CardError(f"The file is larger than {LARGEST_FILE // 1024 // 1024} MiB, which no card should be.")
    if raw.startswith(png.SIGNATURE):
        return _from_picture(raw)
    if raw.startswith(charx.SIGNATURE):
        value = _character(parsed(charx.member(raw, charx.CARD)))
        return Card(value, _icon(value, raw), raw)
    return Card(_character(parsed(raw)))


def _from_picture(raw: bytes) -> Card:
    found = png.cards(raw)
    if not found:
        raise CardError("There is no character card in this picture; pictures often lose it when they are shared.")
    return Card(_character(parsed(next(found[keyword] for keyword in png.KEYWORDS if keyword in found))), raw)


def _icon(value: Json, archive: bytes) -> bytes | None:
    """Return the main picture of a CHARX file, if it is one that can carry a card."""
    assets = Card(value).data.get("assets")
    icons = [a for a in assets if isinstance(a, dict) and a.get("type") == "icon"] if isinstance(assets, list) else []
    for asset in sorted(icons, key=lambda asset: asset.get("name") != "main"):
        scheme, _, place = str(asset.get("uri")).partition("://")
        if scheme in {"embeded", "embedded"}:
            try:
                picture = charx.member(archive, place, LARGEST_PICTURE)
            except CardError:
                continue
            if picture.startswith(png.SIGNATURE):
                return picture
    return None


def _character(value: Any) -> Json:
    """Hold it to the least that a card is: an object that says something of a character."""
    if not isinstance(value, dict):
        raise CardError("This is JSON, and no character card.")
    fields = Card(value).data
    if not any(isinstance(fields.get(key), str) for key in ("name", "description", "personality", "first_mes")):
        raise CardError("This is JSON, and no character card: it has neither name nor description.")
    return value


def parsed(raw: bytes) -> Any:
    """Read JSON.

    Raises:
        CardError: it is none, or none that could be written again.
    """
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_number)
    except UnicodeDecodeError as error:
        raise CardError(f"The card is not in UTF-8 (byte {error.start + 1}).") from error
    except json.JSONDecodeError as error:
        raise CardError(f"The card is not JSON: line {error.lineno}, column {error.colno}.") from error
    except (RecursionError, ValueError) as error:
        raise CardError("The card is nested too deeply, or has a number that is too large.") from error


def written(value: Any) -> bytes:
    """Write JSON; halves of characters, which JSON can carry, are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=2, allow_nan=False).encode()


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _number(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(text)
    return number
