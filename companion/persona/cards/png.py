"""Cards in pictures: base64 of JSON in a tEXt chunk of a PNG or APNG, under `chara` or, for version 3, `ccv3`.

The layout is that of the PNG specification, third edition, §5.3: length, type, data, CRC-32 of type and data. Nothing
is unpacked beyond a limit, and a picture is never decoded.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from companion.errors import CardError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_TEXT = 12 * 1024 * 1024
"""Bytes of a text chunk, unpacked: a card of 8 MiB in base64 is 11 MiB."""

MOST_CHUNKS = 100_000
KEYWORDS = ("ccv3", "chara")
"""Where a card may stand; the first wins."""

_TEXTS = frozenset((b"tEXt", b"zTXt", b"iTXt"))


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of a picture, without its length and checksum; `sound` tells whether the checksum was right."""

    kind: bytes
    data: bytes
    sound: bool = True


def cards(picture: bytes) -> dict[str, bytes]:
    """Return the JSON of each card in a picture, by its keyword.

    Raises:
        CardError: it is no PNG, it is cut off, or a card in it cannot be read.
    """
    found: dict[str, bytes] = {}
    for chunk in chunks(picture):
        keyword = _keyword(chunk)
        if keyword in KEYWORDS and keyword not in found:
            if not chunk.sound:
                raise CardError("The picture is damaged: the checksum of the card in it is wrong.")
            found[keyword] = _decoded(_text(chunk))
    return found


def with_cards(picture: bytes, texts: Mapping[str, bytes]) -> bytes:
    """Return a picture with these cards in place of any that it held; everything else in it stays."""
    kept = [chunk for chunk in chunks(picture) if _keyword(chunk) not in KEYWORDS]
    new = [Chunk(b"tEXt", keyword.encode() + b"\0" + base64.b64encode(text)) for keyword, text in texts.items()]
    end = next((index for index, chunk in enumerate(kept) if chunk.kind == b"IEND"), len(kept))
    return SIGNATURE + b"".join(map(_packed, [*kept[:end], *new, *kept[end:]]))


def blank(width: int = 400, height: int = 600) -> bytes:
    """Return a plain grey picture, for a persona without one."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff" * -(-width // 8)) * height, 9)
    parts = (Chunk(b"IHDR", header), Chunk(b"IDAT", rows), Chunk(b"IEND", b""))
    return SIGNATURE + b"".join(map(_packed, parts))


def chunks(picture: bytes) -> Iterator[Chunk]:
    """Yield the chunks of a picture.

    Raises:
        CardError: it is no PNG, or it is cut off.
    """
    if not picture.startswith(SIGNATURE):
        raise CardError("This is no PNG picture.")
    at, number = len(SIGNATURE), 0
    while at < len(picture):
        number += 1
        if at + 12 > len(picture) or number > MOST_CHUNKS:
            raise CardError("The picture is cut off, or no PNG at all.")
        (length,) = struct.unpack_from(">I", picture, at)
        end = at + 8 + length
        if end + 4 > len(picture):
            raise CardError("The picture is cut off; fetch it again.")
        kind, data = picture[at + 4 : at + 8], picture[at + 8 : end]
        (checksum,) = struct.unpack_from(">I", picture, end)
        yield Chunk(kind, data, sound=zlib.crc32(data, zlib.crc32(kind)) == checksum)
        if kind == b"IEND":
            return  # what some programs append is no part of the picture
        at = end + 4


def _packed(chunk: Chunk) -> bytes:
    checksum = zlib.crc32(chunk.data, zlib.crc32(chunk.kind))
    return struct.pack(">I", len(chunk.data)) + chunk.kind + chunk.data + struct.pack(">I", checksum)


def _keyword(chunk: Chunk) -> str:
    if chunk.kind not in _TEXTS:
        return ""
    return chunk.data[:80].partition(b"\0")[0].decode("latin-1").strip().lower()


def _text(chunk: Chunk) -> bytes:
    """Return the text of a chunk; packed ones are not in the card specification, and are in the wild."""
    rest = chunk.data.partition(b"\0")[2]
    match chunk.kind:
        case b"tEXt":
            return rest
        case b"zTXt":
            return _unpacked(rest[1:])
        case _:
            packed, text = rest[:1] == b"\1", rest[2:].partition(b"\0")[2].partition(b"\0")[2]
            return _unpacked(text) if packed else text


def _unpacked(packed: bytes) -> bytes:
    try:
        text = zlib.decompressobj().decompress(packed, LARGEST_TEXT + 1)
    except zlib.error as error:
        raise CardError("The card in the picture is packed, and cannot be unpacked.") from error
    if len(text) > LARGEST_TEXT:
        raise CardError(f"The card in the picture is larger than {LARGEST_TEXT // 1024 // 1024} MiB unpacked.")
    return text


def _decoded(text: bytes) -> bytes:
    if len(text) > LARGEST_TEXT:
        raise CardError(f"The card in the picture is larger than {LARGEST_TEXT // 1024 // 1024} MiB.")
    squeezed = b"".join(text.split())
    try:
        return base64.b64decode(squeezed + b"=" * (-len(squeezed) % 4), validate=True)
    except binascii.Error as error:
        raise CardError("The card in the picture is not in base64, so it cannot be read.") from error
