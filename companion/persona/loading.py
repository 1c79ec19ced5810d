"""From a YAML file to a Persona, with errors that say where to look.

A persona is found by name, the person's own folder first, then the shipped ones; or by the path of its file. It may
build on another (`extends:`), which is found in the same way.
"""

import difflib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from companion import yaml
from companion.errors import CompanionError, DocumentError, PersonaNotFound
from companion.persona import macros

if TYPE_CHECKING:
    from companion.persona.persona import Persona

SUFFIXES = (".yaml", ".yml")

LONGEST_LINEAGE = 8
"""Personas that build on one another; more is a mistake."""

_SHORT = {"voice": "habits", "greetings": "first", "boundaries": "never", "initiative": "level", "model": "prefers"}
"""The groups that may be written without their keys, as the model has them (a test compares); kept here as well since
the first greeting is shown before the model is loaded."""

_NEVER_INHERITED = ("id", "extends", "card")
"""Whose memory it is, and where it comes from, is each file's own."""


@dataclass(frozen=True, slots=True)
class Written:
    """A persona as it is written: her file and those that it builds on, not validated yet.

    Attributes:
        document: her own file.
        value: what all of them say together, groups spelled out; empty where her file holds no group of keys.
        files: the files, her own first.
    """

    document: yaml.Document
    value: dict[str, Any]
    files: tuple[Path, ...]


def shipped_folder() -> Path:
    """Return the folder of the personas that come with the program, in a wheel as in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "personas"
    return inside if inside.is_dir() else package.parent / "personas"


def find(name: str, folders: Sequence[Path]) -> Path:
    """Return the file of a persona.

    `name` is a name that is looked for in `folders`, first folder first, or a path, which has a suffix or a slash.

    Raises:
        PersonaNotFound: there is none.
    """
    if name.endswith(SUFFIXES) or "/" in name or "\\" in name:
        with suppress(OSError, RuntimeError, ValueError):  # a name that is too long, a ~person who is not known here
            path = Path(name).expanduser()
            if path.is_file():
                return path
        raise PersonaNotFound(f"There is no persona file at {name}.")
    known = available(folders)
    if name.lower() in known:
        return known[name.lower()]
    near = difflib.get_close_matches(name.lower(), known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(known)) or 'none'}."
    raise PersonaNotFound(f"There is no persona called {name}. {hint}")


def available(folders: Sequence[Path]) -> dict[str, Path]:
    """Return every persona file by its name in lower case; a name in an earlier folder hides later ones."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path.suffix in SUFFIXES and path.is_file():
                found.setdefault(path.stem.lower(), path)
    return found


def sharing(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the ids of the personas whose files let others know what they were told."""
    found = []
    for path in available(folders).values():
        with suppress(CompanionError, OSError):
            written = read(path) if b"shared" in path.read_bytes() else None
            memory = written.value.get("memory") if written else None
            if written and isinstance(memory, dict) and memory.get("shared") is True:
                found.append(str(written.value.get("id") or written.value.get("name")))
    return tuple(found)


def load(path: Path) -> "Persona":
    """Read and validate a persona file.

    Raises:
        DocumentError: it is not YAML, or not a persona; with line and column, and all that is wrong at once.
    """
    return validate(read(path))


def read(path: Path) -> Written:
    """Read a persona file and those that it builds on, without validating them.

    Raises:
        DocumentError: one of them cannot be read, or they build on one another in a circle.
    """
    return _read(path, ())


def _read(path: Path, lineage: tuple[Path, ...]) -> Written:
    document = yaml.survey(path)
    own = spelled_out(document.value)
    base = own.get("extends")
    if not isinstance(base, str):
        return Written(document, own, (path,))
    lineage = (*lineage, path.resolve())
    found = _base(document, base)
    if found.resolve() in lineage:
        circle = " → ".join(step.stem for step in (*lineage, found))
        raise document.error(("extends",), f"`extends` goes in a circle: {circle}.")
    if len(lineage) >= LONGEST_LINEAGE:
        raise document.error(("extends",), f"more than {LONGEST_LINEAGE} personas build on one another here.")
    beneath = _read(found, lineage)
    if beneath.document.problems:
        raise DocumentError.together(beneath.document.problems)
    inherited = {key: value for key, value in beneath.value.items() if key not in _NEVER_INHERITED}
    if "lorebooks" in inherited:  # they lie beside the file that names them
        inherited["lorebooks"] = [str(found.parent.absolute() / name) for name in _texts(inherited["lorebooks"])]
    if "name" not in own and "id" not in own:  # a namesake does not read the other's memory
        inherited["id"] = path.stem
    return Written(document, _merged(inherited, own), (path, *beneath.files))


def _base(document: yaml.Document, name: str) -> Path:
    """Find the persona that a file builds on: beside it, or among the shipped ones; never itself."""
    here = document.source.parent
    try:
        if name.endswith(SUFFIXES) or "/" in name:
            return find(str(here / Path(name).expanduser()), ())
        beside = {stem: path for stem, path in available([here]).items() if path.resolve() != document.source.resolve()}
        return beside.get(name.lower()) or find(name, [shipped_folder()])
    except (PersonaNotFound, RuntimeError) as error:
        raise document.error(("extends",), f"`extends`: {error}") from error


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Lay one persona over another: groups key by key, everything else as a whole."""
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        both = isinstance(before, dict) and isinstance(value, dict)
        merged[key] = (
            {**before, **value} if both and isinstance(before, dict) else value if value is not None else before
        )
    return merged


def spelled_out(value: Any) -> dict[str, Any]:
    """Write out the groups that may be written short; what is no group of keys at all is empty here."""
    if not isinstance(value, dict):
        return {}
    return {
        key: {_SHORT[key]: inner} if key in _SHORT and isinstance(inner, (str, list)) else inner
        for key, inner in value.items()
    }


def validate(written: Written | yaml.Document) -> "Persona":
    """Make a persona of what has been read.

    Raises:
        DocumentError: the first thing that is wrong, in the order of the file; it knows the others.
    """
    from companion.persona import checking  # noqa: PLC0415 - heavy, and not needed to draw the first prompt

    if isinstance(written, yaml.Document):
        written = Written(written, spelled_out(written.value), (written.source,))
    return macros.filled(checking.checked(written.document, written.value))


def _texts(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str))
