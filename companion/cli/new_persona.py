"""`companion personas new NAME`: a few questions, and a file with room to grow."""

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from companion.settings import Settings

PRONOUNS = "they/them"

QUESTIONS = (
    ("name", "Somebody new, then. What are they called?"),
    ("pronouns", "She, he, they? (she/her, he/him, they/them)"),
    ("identity", "Who is {name}? A sentence or two is plenty; I'd begin with “You are {name}”."),
    ("voice", "How does {name} talk? Two or three habits, with a semicolon between."),
    ("relationship", "And what are you two to each other? friend, partner, mentor, or your own words."),
    ("greeting", "Last one. What does {name} say first, when you meet?"),
)

OPENING = (
    "Yours to change; it is read again at every turn, also while you talk.",
    "`companion personas check {stem}` tells what is wrong, `--briefing` what a model is told.",
    "Your editor completes the keys; `companion personas schema` describes them all.",
)

NOTES = {
    "id": "What the memory is kept under. Leave it, and the name may change.",
    "identity": "Who they are, spoken to them.",
    "voice": "How they speak. Also here: do, dont, favourites, never.",
    "relationship": "What you two are to each other.",
    "greetings": "What they say first. Also here: again, morning, night, after_days.",
}

MORE = """\
# There is room for more; take the # away and make it yours.
# tagline: One line, for lists.
# temperament:
#   - {trait: patience, level: 8, shows: never hurries you}
# values: [What matters most.]
# interests: [What they like to think about.]
# opinions: [What they think, and will say when it fits.]
# history: How they came to be.
# calls_you: [your name]
# boundaries:
#   never: [What they do not do.]
#   gently: [What they turn aside.]
# initiative: some        # none, little, some, much
# examples:
#   - you: I had a terrible day.
#     her: What they would say.
# lore:
#   - keys: [the harbour, boats]
#     text: Something they know, told when it comes up.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    parser.add_argument("name", metavar="NAME", help="what they are called; the file is named after it")


def run(options: argparse.Namespace, chosen: "Settings") -> int:
    """Ask, and write the file."""
    from companion.cli import printing
    from companion.errors import CardError, SettingsError
    from companion.persona import loading
    from companion.persona.cards.importing import lay_out_schema, stem_of

    stem = stem_of(options.name)
    if not stem:
        raise SettingsError(f"{options.name!r} has nothing in it that a file could be called; use letters or digits.")
    path = chosen.personas / f"{stem}.yaml"
    if (there := loading.available(chosen.persona_folders).get(stem)) is not None:
        raise CardError(f"There is already a persona {stem}: {there}. Choose another name; `extends:` builds on it.")
    text = _file(stem, dict(_answers(options.name)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        lay_out_schema(path.parent)
    except OSError as error:
        raise CardError(f"{path} cannot be written ({error.strerror}).") from error
    name = loading.load(path).name
    printing.print_line(
        f"\n{name} is in {path}. Say hello with `companion {stem}`; what you edit meanwhile is taken up."
    )
    return 0


def _answers(given: str) -> Iterator[tuple[str, str]]:
    """Ask each question and yield what is answered; nothing, where the person just presses Enter or has left."""
    from companion.cli import printing
    from companion.plaintext import one_line

    name = one_line(given)
    name = name[:1].upper() + name[1:]
    for key, question in QUESTIONS:
        sys.stderr.write(f"{question.replace('{name}', name)}\n")
        sys.stderr.write(f"[{name}] " if key == "name" else "> ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            printing.print_aside("")
        answer = one_line(line)[:2_000]
        name = answer[:80] if key == "name" and answer else name
        yield key, answer
    yield "name", name[:80]


def _file(stem: str, answers: dict[str, str]) -> str:
    from companion.persona.writing import written

    name = answers["name"]
    value: dict[str, object] = {
        "name": name,
        "id": stem,
        "pronouns": answers["pronouns"] or PRONOUNS,
        "identity": answers["identity"] or f"You are {name}, a program with a mind of its own.",
    }
    habits = [habit.strip() for habit in answers["voice"].split(";") if habit.strip()]
    value |= {"voice": {"habits": habits}} if habits else {}
    value |= {"relationship": answers["relationship"]} if answers["relationship"] else {}
    first = answers["greeting"] or f"Hello. I'm {name}. And you are?"
    value |= {"greetings": {"first": [first]}}
    opening = [line.replace("{stem}", stem) for line in OPENING]
    return f"{written(value, opening, NOTES)}\n{MORE}"
