"""What the person asks not to be brought up, and what is kept only after asking."""

from datetime import date, timedelta

import pytest

from companion.care.boundaries import asked, lifted, touched
from companion.care.lines import all_lines, emergency, lines_for, spoken
from companion.care.sensitive import classes


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("Please don't bring up my father again.", "my father"),
        ("never mention the divorce", "the divorce"),
        ("Stop asking about my job, please", "my job"),
        ("Don't talk about Anna anymore", "anna"),
        ("Sprich nicht mehr von meinem Vater", "meinem vater"),
        ("No menciones a mi padre", "a mi padre"),
        ("Don't mention it.", None),
        ("I never talk about it", None),
        ("What did you mention?", None),
    ],
)
def test_a_boundary_is_heard(words: str, topic: str | None) -> None:
    assert asked(words) == topic


@pytest.mark.parametrize(
    ("boundary", "text", "holds"),
    [
        ("my father", "How is your dad these days?", True),
        ("my father", "How are your father's roses?", True),
        ("my father", "How is your mother?", False),
        ("the divorce", "Since the divorce you sleep badly.", True),
        ("anna", "Annapolis is pretty.", False),
    ],
)
def test_a_text_touches_a_boundary_by_its_content(boundary: str, text: str, holds: bool) -> None:
    assert bool(touched([boundary], text)) == holds


def test_a_boundary_can_be_lifted() -> None:
    assert touched(["my father"], lifted("You can talk about my dad again") or "") == "my father"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("My password is hunter22", ("credentials",)),
        ("I was diagnosed with cancer", ("health",)),
        ("Nobody else knows that Tom lost his job", ("others",)),
        ("I slept with my ex", ("sex",)),
        ("I want to die", ("crisis",)),
        ("I baked bread", ()),
    ],
)
def test_sensitive_things_are_told_apart(words: str, expected: tuple[str, ...]) -> None:
    assert classes(words) == expected


@pytest.mark.parametrize("line", all_lines(), ids=str)
def test_no_help_line_was_last_looked_up_more_than_180_days_ago(line) -> None:
    """Fails as time goes by, on purpose: then look every number up again and set `verified_on`."""
    assert date.today() - line.verified_on <= timedelta(days=180)  # noqa: DTZ011 - the day on the wall is meant
    assert line.source.startswith("http")
    assert line.languages


def test_an_unknown_country_gets_lines_all_the_same() -> None:
    assert lines_for("XX") == lines_for("any")
    assert "112" in emergency("XX")
    assert "988" in spoken("crisis", "xx", "US")
