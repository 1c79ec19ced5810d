"""A persona file with all that belongs to it, and whether it was changed since it was read.

Somebody who writes a persona talks to her meanwhile: what they save is taken up at the next turn, or refused with what
is wrong while she stays as she was.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from companion import yaml
from companion.errors import CompanionError, DocumentError
from companion.persona import loading, lorebooks
from companion.persona.lore import Book
from companion.persona.persona import Persona

LARGEST_LOREBOOK = 16 * 1024 * 1024

Stamps = tuple[tuple[Path, int, int], ...]


@dataclass(frozen=True, slots=True)
class Character:
    """Who she is and what she knows of her world.

    Attributes:
        persona: who she is.
        books: her lore, the persona file's own first.
    """

    persona: Persona
    books: tuple[Book, ...] = ()


class Watch:
    """Reads a persona file, and looks at it again when asked.

    Attributes:
        character: what the file said when it was last in order.

    Raises:
        CompanionError: the file is no persona.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: tuple[Path, ...] = (path,)
        self._stamps: Stamps = ()
        self.character = self._read()

    def changed(self) -> Character | None:
        """Return who she is now if a file was changed since it was last looked at.

        Raises:
            CompanionError: what stands there now is no persona; it is said once for each change.
        """
        if _stamps(self._files) == self._stamps:
            return None
        self.character = self._read()
        return self.character

    def _read(self) -> Character:
        self._stamps = _stamps(self._files)
        try:
            written = loading.read(self._path)
            persona = loading.validate(written)
            books = tuple(_book(written.document, name) for name in persona.lorebooks)
            self._files = (*written.files, *(self._path.parent / name for name in persona.lorebooks))
        finally:
            self._stamps = _stamps(self._files)
        own = (lorebooks.of_persona(persona.lore),) if persona.lore else ()
        return Character(persona, (*own, *books))


def _book(document: yaml.Document, name: str) -> Book:
    """Read a lorebook that a persona file names, beside it."""
    path = document.source.parent / name
    problem = None
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST_LOREBOOK:
            problem = f"is larger than {LARGEST_LOREBOOK // 1024 // 1024} MiB."
        elif not isinstance(value := json.loads(raw.decode("utf-8-sig")), dict):
            problem = "is no lorebook."
        else:
            return lorebooks.book(value)
    except (ValueError, RecursionError):
        problem = "is not JSON."
    except OSError as error:
        problem = f"cannot be read ({error.strerror})."
    raise document.error(("lorebooks",), f"the lorebook {name} {problem}")


def _stamps(files: tuple[Path, ...]) -> Stamps:
    found = []
    for path in files:
        try:
            status = path.stat()
        except OSError:
            found.append((path, 0, -1))
        else:
            found.append((path, status.st_mtime_ns, status.st_size))
    return tuple(found)


def stays(error: CompanionError, name: str) -> str:
    """Return the sentence for a change that is refused; a whole path would hide it."""
    sentence = str(error)
    if isinstance(error, DocumentError):
        sentence = sentence.replace(str(error.path), Path(error.path).name)
    return f"{sentence} Until that is mended, {name} stays as before."
