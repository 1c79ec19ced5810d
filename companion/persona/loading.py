"""From a YAML file to a Persona, with errors that say where to look.

A persona is found by name, the person's own folder first, then the shipped ones; or by the path of its file.
"""

import difflib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from companion import yaml
from companion.errors import DocumentError, PersonaNotFound

if TYPE_CHECKING:
    from pydantic import BaseModel

    from companion.persona.persona import Persona

SUFFIXES = (".yaml", ".yml")


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
        with suppress(OSError, RuntimeError):  # a name that is too long, a ~person who is not known here
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


def load(path: Path) -> "Persona":
    """Read and validate a persona file.

    Raises:
        DocumentError: it is not YAML, or not a persona; with line and column.
    """
    return validate(yaml.read(path))


def validate(document: yaml.Document) -> "Persona":
    """Make a persona of a document that has been read.

    Raises:
        DocumentError: for the first thing that is wrong, in the order of the file.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - heavy, and not needed to draw the first prompt

    from companion.persona.persona import Persona  # noqa: PLC0415 - as above

    if not isinstance(document.value, dict):
        raise document.error(
            (), f"expected a persona (`name:`, `identity:` …), found {yaml.described(document.value)}."
        )
    try:
        return Persona.model_validate(_as_written(document.value, ()))
    except ValidationError as error:
        found = [dict(problem) for problem in error.errors(include_url=False)]
        # a mistyped key makes another one missing; the mistyping is what the person wants to know
        present = [problem for problem in found if problem["type"] != "missing"]
        problems = [_problem(document, problem) for problem in present or found]
        raise min(problems, key=lambda problem: (problem.line, problem.column)) from error


def opening_lines(document: yaml.Document) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return name, first greetings and later greetings of a persona that is not validated yet.

    The screen shows them before validation is loaded; what is not as it should be is left empty here, and refused by
    `validate` a moment later.
    """
    value = document.value if isinstance(document.value, dict) else {}
    greetings = value.get("greetings")
    greetings = greetings if isinstance(greetings, dict) else {}
    name = value.get("name")
    return (
        name if isinstance(name, str) else "",
        _texts(greetings.get("first")),
        _texts(greetings.get("again")),
    )


def _texts(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(item.strip() for item in items if isinstance(item, str) and item.strip())


def _as_written(value: Any, route: yaml.Route) -> Any:
    """Give pydantic tuples for lists, and leave out the keys we know that have no value."""
    if isinstance(value, dict):
        kept = {key: inner for key, inner in value.items() if inner is not None or key not in _fields(route)}
        return {key: _as_written(inner, (*route, key)) for key, inner in kept.items()}
    if isinstance(value, list):
        return tuple(_as_written(inner, (*route, index)) for index, inner in enumerate(value))
    return value


def _problem(document: yaml.Document, found: dict[str, Any]) -> DocumentError:
    route: yaml.Route = tuple(found["loc"])
    match found["type"]:
        case "extra_forbidden":
            return document.error(route, _unknown_key(route), at_key=True)
        case "missing":
            return document.error(route[:-1], f"`{route[-1]}` is missing; expected {_expected(route)}.")
        case "string_too_long":
            longest = found["ctx"]["max_length"]
            return document.error(route, f"`{_path(route)}` is longer than {longest} characters.")
        case _:
            described = yaml.described(found["input"])
            return document.error(route, f"`{_path(route)}`: expected {_expected(route)}, found {described}.")


def _unknown_key(route: yaml.Route) -> str:
    known = list(_fields(route[:-1]))
    near = difflib.get_close_matches(str(route[-1]), known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"expected one of {', '.join(known)}."
    return f"there is no key `{_path(route)}` in a persona; {hint}"


def _fields(route: yaml.Route) -> dict[str, Any]:
    """Return the fields that may stand at `route`, from the model itself."""
    from companion.persona.persona import Example, Greetings, Listening, Persona  # noqa: PLC0415 - as above

    parts: dict[str, type[BaseModel]] = {"greetings": Greetings, "examples": Example, "listening": Listening}
    part = parts.get(str(route[0]), Persona) if route else Persona
    return dict(part.model_fields)


def _expected(route: yaml.Route) -> str:
    """Say in words what the schema wants at `route`."""
    if isinstance(route[-1], int):
        return "`you:` and `her:`" if route[0] == "examples" else "a line of text"
    field = _fields(route[:-1]).get(str(route[-1]))
    annotation = str(field.annotation) if field else ""
    if "Example" in annotation:
        return "a list of `you:` and `her:`"
    if "tuple" in annotation:
        return "a list of lines"
    return "text" if "str" in annotation or not annotation else "a group of keys"


def _path(route: yaml.Route) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in route)
