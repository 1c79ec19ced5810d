"""Truth over time: the newer closes the older, the same again strengthens, the doubtful waits."""

from datetime import datetime, timedelta

from companion.memory.facts import Changes, reconcile
from companion.memory.memory import Evidence, Kind, Memory, Proposal, known_as
from tests.conftest import OSLO

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)


def spoken(quote: str, utterance: int, days: float = 0) -> Evidence:
    return Evidence(utterance, 0, len(quote), quote, NOW + timedelta(days=days))


def home(place: str, utterance: int, days: float = 0, **more: object) -> tuple[Proposal, Evidence]:
    text = f"You live in {place}"
    return Proposal(Kind.FACT, text, text, aspect="home", **more), spoken(text, utterance, days)


def kept(changes: Changes, first: int = 1) -> list[Memory]:
    from dataclasses import replace

    return [replace(memory, id=first + index) for index, memory in enumerate(changes.new)]


def test_a_newer_home_closes_the_older_one() -> None:
    known = kept(reconcile([], [home("Oslo", 1)]))
    changes = reconcile(known, [home("Bergen", 5, days=3)])
    (closing,) = changes.closed
    assert (closing.memory, closing.by, closing.valid_to) == (1, 0, NOW + timedelta(days=3))
    assert [memory.text for memory in changes.new] == ["You live in Bergen"]


def test_the_older_one_ends_where_the_newer_one_says_that_it_began() -> None:
    known = kept(reconcile([], [home("Oslo", 1, days=-300)]))
    moved = NOW - timedelta(days=200)
    (closing,) = reconcile(known, [home("Bergen", 5, valid_from=moved)]).closed
    assert closing.valid_to == moved


def test_which_is_newer_is_told_by_the_order_of_speaking_and_not_by_the_clock() -> None:
    known = kept(reconcile([], [home("Oslo", 1)]))
    (closing,) = reconcile(known, [home("Bergen", 5, days=-100)]).closed
    assert closing.memory == 1
    assert (
        closing.valid_to == known[0].valid_from
    )  # the clock was set back: it never held, rather than until before it began


def test_two_homes_in_one_breath_leave_the_last_one() -> None:
    first, second = reconcile([], [home("Oslo", 1), home("Bergen", 2, days=1)]).new
    assert (first.valid_to, second.valid_to) == (NOW + timedelta(days=1), None)


def test_the_same_again_strengthens() -> None:
    known = kept(reconcile([], [home("Oslo", 1)]))
    changes = reconcile(known, [home("Oslo", 9)])
    assert (changes.new, changes.closed) == ((), ())
    assert [(number, evidence.utterance) for number, evidence in changes.again] == [(1, 9)]


def test_the_same_words_read_twice_are_no_further_evidence() -> None:
    known = kept(reconcile([], [home("Oslo", 1)]))
    assert reconcile(known, [home("Oslo", 1)]) == Changes()


def test_another_reader_of_the_same_words_adds_nothing() -> None:
    likes = Proposal(Kind.PREFERENCE, "You love rain", "I love rain")
    paraphrase = Proposal(Kind.PREFERENCE, "You are fond of rain", "I love rain")
    known = kept(reconcile([], [(likes, spoken("I love rain", 3))]))
    assert reconcile(known, [(paraphrase, spoken("I love rain", 3))]).new == ()


def test_what_may_stand_side_by_side_does() -> None:
    fears = [(Proposal(Kind.FEAR, f"You're afraid of {x}", x), spoken(x, n)) for n, x in enumerate(["dogs", "cats"])]
    assert [memory.valid_to for memory in reconcile([], fears).new] == [None, None]


def anna(about: str, place: str, utterance: int) -> tuple[Proposal, Evidence]:
    text = f"{about} lives in {place}"
    return Proposal(Kind.PERSON, text, text, about, "home"), spoken(text, utterance)


def test_a_bare_name_means_the_one_person_of_that_name() -> None:
    known = kept(reconcile([], [anna("sister anna", "Oslo", 1)]))
    changes = reconcile(known, [anna("anna", "Rome", 2)])
    assert (changes.new[0].about, [closing.memory for closing in changes.closed]) == ("sister anna", [1])


def test_a_bare_name_of_two_people_waits() -> None:
    known = kept(reconcile([], [anna("sister anna", "Oslo", 1), anna("colleague anna", "Turin", 2)]))
    changes = reconcile(known, [anna("anna", "Rome", 3)])
    assert changes.new[0].doubtful
    assert changes.closed == ()


def test_what_is_pinned_is_not_closed_unasked() -> None:
    from dataclasses import replace

    known = [replace(memory, pinned=True) for memory in kept(reconcile([], [home("Oslo", 1)]))]
    changes = reconcile(known, [home("Bergen", 2)])
    assert (changes.new[0].doubtful, changes.closed) == (True, ())


def test_a_doubtful_memory_closes_nothing() -> None:
    known = kept(reconcile([], [home("Oslo", 1)]))
    assert reconcile(known, [home("Bergen", 2, doubtful=True)]).closed == ()


def test_the_name_that_was_given_last_is_the_name() -> None:
    def named(name: str, utterance: int) -> tuple[Proposal, Evidence]:
        return Proposal(Kind.FACT, f"Your name is {name}", name, aspect="name"), spoken(name, utterance)

    assert known_as([]) == ""
    assert known_as(kept(reconcile([], [named("Theo", 1), named("Teddy", 2)]))) == "Teddy"
