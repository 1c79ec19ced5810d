"""Hearing: every rule of the grammar takes its examples, and leaves what only looks like them."""

import pytest

from companion.providers.listener.hearing import Act, Weight, act, asks, feeling, foreign, is_loss
from companion.providers.listener.lexicon import table

RULES = {rule["name"]: rule for rule in table("hearing")["rules"]}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_takes_its_examples_and_leaves_the_others(rule):
    assert [line for line in rule["takes"] if act(line) != rule["act"]] == []
    assert [line for line in rule["leaves"] if act(line) == rule["act"]] == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("I want to kill myself", Act.IN_DANGER),
        ("Hi, I want to die", Act.IN_DANGER),
        ("", Act.SILENCE),
        ("…", Act.SILENCE),
        ("🙂", Act.SILENCE),
        ("x", Act.SILENCE),
        ("xkcdq wrtzp", Act.NONSENSE),
        ("def f(x):\n    return x;", Act.CODE),
        ("Ich war heute bei meiner Schwester und es war nicht gut", Act.FOREIGN),
        ("Où habite ma soeur ? Je ne sais pas", Act.FOREIGN),
        ("no, Oslo", Act.CORRECTED),
        ("Actually it's Bergen now.", Act.CORRECTED),
        ("Where does my sister live", Act.ASKED),
        ("What did I say about Anna?", Act.ASKED),
        ("When I was seven, I had a dog.", Act.TOLD),
        ("What a day.", Act.TOLD),
        ("How lovely.", Act.TOLD),
        ("Was at the dentist today.", Act.TOLD),
        ("I AM SO ANGRY", Act.TOLD),
        ("My sister asked who you are.", Act.TOLD),
        ("My brother is sad", Act.TOLD),
    ],
)
def test_what_a_line_does(line, what):
    assert act(line) is what


@pytest.mark.parametrize("line", ['"Are you mad?" she said.', "He asked “where were you?” and left."])
def test_a_question_in_quotation_marks_is_somebody_elses(line):
    assert not asks(line)


@pytest.mark.parametrize(
    ("line", "felt"),
    [
        ("I'm so sad today", ("sad", Weight.HEAVY)),
        ("I feel a bit lonely", ("lonely", Weight.LIGHT)),
        ("I was happy", ("happy", Weight.GOOD)),
        ("I'm not sad", None),
        ("My brother is sad", None),
        ("The film was sad", None),
    ],
)
def test_a_feeling_is_the_persons_own_and_not_denied(line, felt):
    found = feeling(line)
    assert (found and (found.word, found.weight)) == felt


def test_a_persona_of_another_language_is_spoken_to_in_hers():
    assert foreign("Ich bin heute sehr müde", "German") == ""


def test_a_loss_is_near():
    assert is_loss("My mother died last year")
    assert not is_loss("The battery died")
