"""Holding a persona file to the model, and saying all that is wrong with it, each with its place."""

import difflib
from collections.abc import Iterable
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from companion import yaml
from companion.errors import DocumentError
from companion.persona.persona import Part, Persona


def checked(document: yaml.Document, value: dict[str, Any]) -> Persona:
    """Make a persona of a value that `document` and the files it builds on say together.

    Raises:
        DocumentError: the first thing that is wrong; it knows the others.
    """
    problems = list(document.problems)
    if not isinstance(document.value, dict):
        found = yaml.described(document.value)
        problems.append(document.error((), f"expected a persona (`name:`, `identity:` …), found {found}."))
    else:
        try:
            persona = Persona.model_validate(_as_written(value, ()))
        except ValidationError as error:
            found_wrong = [dict(problem) for problem in error.errors(include_url=False)]
            problems += [_problem(document, problem) for problem in _telling(found_wrong)]
    if problems:
        raise DocumentError.together(problems)
    return persona


def _telling(found: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Drop what only follows from something else: a mistyped key makes another one missing."""
    mistyped = {_suggestion(tuple(problem["loc"])) for problem in found if problem["type"] == "extra_forbidden"}
    return [problem for problem in found if problem["type"] != "missing" or tuple(problem["loc"]) not in mistyped]


def _as_written(value: Any, route: yaml.Route) -> Any:
    """Give pydantic tuples for lists, and leave out the keys we know that have no value."""
    if isinstance(value, dict):
        known = fields(route)
        kept = {key: inner for key, inner in value.items() if inner is not None or key not in known}
        return {key: _as_written(inner, (*route, key)) for key, inner in kept.items()}
    if isinstance(value, list):
        return tuple(_as_written(inner, (*route, index)) for index, inner in enumerate(value))
    return value


def _problem(document: yaml.Document, found: dict[str, Any]) -> DocumentError:
    route = _in_file(document, tuple(found["loc"]))
    match found["type"]:
        case "extra_forbidden":
            return document.error(route, _unknown_key(tuple(found["loc"])), at_key=True)
        case "missing":
            return document.error(route[:-1], f"`{_path(route)}` is missing; expected {_expected(found, route)}.")
        case "string_too_long":
            longest = found["ctx"]["max_length"]
            return document.error(route, f"`{_path(route)}` is longer than {longest} characters.")
        case _:
            described = yaml.described(found["input"])
            return document.error(route, f"`{_path(route)}`: expected {_expected(found, route)}, found {described}.")


def _in_file(document: yaml.Document, route: yaml.Route) -> yaml.Route:
    """Return a route as the file has it, where a group is written short."""
    part = _part_at(route[:1])
    if part is None or not part.SHORT or route[1:2] != (part.SHORT,):
        return route
    written = document.value.get(route[0]) if isinstance(document.value, dict) else None
    return (route[0], *route[2:]) if isinstance(written, (str, list)) else route


def _unknown_key(route: yaml.Route) -> str:
    near = _suggestion(route)
    hint = f"did you mean `{near[-1]}`?" if near else f"expected one of {', '.join(fields(route[:-1]))}."
    return f"there is no key `{_path(route)}` in a persona; {hint}"


def _suggestion(route: yaml.Route) -> yaml.Route:
    """Return the key that a mistyped one may have been meant for, or nothing."""
    near = difflib.get_close_matches(str(route[-1]), list(fields(route[:-1])), n=1)
    return (*route[:-1], near[0]) if near else ()


def fields(route: yaml.Route) -> dict[str, Any]:
    """Return the fields that may stand at `route`, from the model itself; none where no group can stand."""
    part = _part_at(route)
    return dict(part.model_fields) if part else {}


def _part_at(route: yaml.Route) -> type[Part] | None:
    part: type[Part] | None = Persona
    for step in route:
        if isinstance(step, int):
            continue
        field = part.model_fields.get(step) if part else None
        part = _part_in(field.annotation) if field else None
    return part


def _part_in(annotation: Any) -> type[Part] | None:
    """Return the group that an annotation holds: `Greetings`, or the `Example` of `tuple[Example, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation if issubclass(annotation, Part) else None
    return next((part for inner in get_args(annotation) if (part := _part_in(inner))), None)


_WANTED: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}

_KINDS = {
    "string_pattern_mismatch": "hours such as '22:00-08:00'",
    "greater_than_equal": "a number from {ge}",
    "less_than_equal": "a number up to {le}",
    "literal_error": "one of {expected}",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
}
"""What the model wanted, where the kind of the problem says it best."""


def _expected(found: dict[str, Any], route: yaml.Route) -> str:
    """Say in words what the schema wants at `route`."""
    if found["type"] in _KINDS:
        return _KINDS[found["type"]].format(**found.get("ctx", {}))
    if isinstance(route[-1], int):
        part = _part_in(_annotation(route[:-1]))
        return _keys(part) if part and not part.SHORT else "a line of text"
    return _described(_annotation(route))


def _annotation(route: yaml.Route) -> Any:
    """Return the type of the field at `route`; text where there is no such field."""
    field = fields(route[:-1]).get(str(route[-1]))
    return field.annotation if field else str


def _described(annotation: Any) -> str:
    part, kinds = _part_in(annotation), set(_types_in(annotation))
    if part:
        return f"a list of {_keys(part)}" if tuple in kinds else "a group of keys"
    if tuple in kinds:
        return "a list of lines"
    return next((wanted for kind, wanted in _WANTED.items() if kind in kinds), "text")


def _types_in(annotation: Any) -> Iterable[Any]:
    yield get_origin(annotation) or annotation
    for inner in get_args(annotation):
        yield from _types_in(inner)


def _keys(part: type[Part]) -> str:
    """Name the keys of a group, the first two that are needed or, failing that, the first two."""
    named = list(part.model_fields)[:2]
    return " and ".join(f"`{key}:`" for key in named)


def _path(route: yaml.Route) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in route)
