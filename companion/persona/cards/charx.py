"""Cards in CHARX files: a zip with `card.json` at its root and pictures, sounds and the like beside it.

Only what is needed is unpacked, each part with a limit, and nothing is ever written to a path that a zip names.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath

from companion.errors import CardError

CARD = "card.json"
SIGNATURE = b"PK\x03\x04"
LARGEST_CARD = 8 * 1024 * 1024
LARGEST_PART = 32 * 1024 * 1024
MOST_PARTS = 2_000
_STAMP = (1980, 1, 1, 0, 0, 0)
"""The day that zip files begin with, so that the same card makes the same file."""


def member(archive: bytes, name: str, largest: int = LARGEST_CARD) -> bytes:
    """Return one part of a CHARX file.

    Raises:
        CardError: it is no such file, the part is missing, or larger than `largest` when unpacked.
    """
    with _opened(archive) as parts:
        return _unpacked(parts, name, largest)


def packed(card: bytes, original: bytes | None, more: Mapping[str, bytes]) -> bytes:
    """Return a CHARX file with this card, the other parts of the original one, and more.

    Raises:
        CardError: the original cannot be read.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(zipfile.ZipInfo(CARD, _STAMP), card)
        for name, data in {**dict(_others(original)), **more}.items():
            made.writestr(zipfile.ZipInfo(name, _STAMP), data)
    return buffer.getvalue()


def _others(original: bytes | None) -> Iterator[tuple[str, bytes]]:
    if original is None:
        return
    with _opened(original) as parts:
        for info in parts.infolist():
            if info.filename != CARD and not info.is_dir():
                yield info.filename, _unpacked(parts, info.filename, LARGEST_PART)


@contextmanager
def _opened(archive: bytes) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as parts:
            names = parts.namelist()
            if len(names) > MOST_PARTS:
                raise CardError(f"There are more than {MOST_PARTS} parts in this CHARX file.")
            if stray := next((name for name in names if _strays(name)), None):
                raise CardError(f"A part of this CHARX file wants to lie outside of it ({stray[:60]!r}); not taken.")
            yield parts
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        ValueError,
        EOFError,
        OSError,
        OverflowError,
    ) as error:
        raise CardError("This CHARX file is damaged, locked or no zip at all.") from error


def _unpacked(parts: zipfile.ZipFile, name: str, largest: int) -> bytes:
    import zlib  # noqa: PLC0415 - for its error alone

    try:
        with parts.open(name) as part:
            data = part.read(largest + 1)
    except KeyError as error:
        raise CardError(f"There is no {name} in this CHARX file.") from error
    except zlib.error as error:
        raise CardError("This CHARX file is damaged.") from error
    if len(data) > largest:
        raise CardError(f"{name} in this CHARX file is larger than {largest // 1024 // 1024} MiB unpacked.")
    return data


def _strays(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name
