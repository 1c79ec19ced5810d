"""What every store promises, on every store there is."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from companion.conversation import Speaker, State
from companion.errors import NotRemembered
from companion.memory import words
from companion.memory.store import Matches, Meaning, Spent, Store, Summary, Tally
from companion.storage.sqlite import SqliteStore
from tests.conftest import Clock

ADAPTERS: dict[str, Callable[[Path], Store]] = {
    "a file": SqliteStore.open,
    "a copy that forgets": SqliteStore.open_copy,
}


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = ADAPTERS[request.param](tmp_path / "companion.db")
    yield store
    store.close()


def found(matches: Matches) -> list[str]:
    return [line.text for passage in matches.passages for line in passage]


def texts(utterances: object) -> list[str]:
    return [utterance.text for utterance in utterances]


def test_what_was_said_comes_back_as_it_was_said(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "Grüße 👋\tfrom\nhere", clock())
    assert store.utterances(said.conversation) == (said,)
    assert (said.text, said.speaker, said.state, said.parent) == (
        "Grüße 👋\tfrom\nhere",
        Speaker.PERSON,
        State.COMPLETE,
        None,
    )


def test_a_moment_keeps_the_offset_of_whoever_spoke(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "hello", clock())
    (kept,) = store.utterances(said.conversation)
    assert (kept.said_at, kept.said_at.utcoffset()) == (clock(), timedelta(hours=1))


def test_a_greeting_stands_before_the_first_words(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "hello", clock(), greeting="Hi.")
    greeting, _ = store.utterances(said.conversation)
    assert (greeting.text, greeting.is_greeting, said.parent) == ("Hi.", True, greeting.id)


def test_order_comes_from_a_number_and_not_from_the_clock(store: Store, clock: Clock) -> None:
    first = store.begin("Ada", "first", clock())
    clock.pass_(hours=-5)
    second = store.add(first, Speaker.COMPANION, "second", clock())
    assert texts(store.utterances(first.conversation)) == ["first", "second"]
    assert second.id > first.id


def test_a_reply_is_revised_while_it_comes(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "hello", clock())
    reply = store.add(said, Speaker.COMPANION, "Hel", clock(), state=State.INTERRUPTED, model="m")
    store.revise(reply.id, "Hello you", State.COMPLETE)
    kept = store.utterances(said.conversation)[1]
    assert (kept.text, kept.state, kept.model, kept.parent) == ("Hello you", State.COMPLETE, "m", said.id)


def test_what_the_model_was_told_is_kept_with_the_words(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "hello", clock())
    store.tell(said.id, "[Sunday] hello")
    assert store.utterances(said.conversation)[0].told == "[Sunday] hello"


def test_the_window_follows_one_path_and_leaves_other_branches_out(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "question", clock())
    store.add(said, Speaker.COMPANION, "first try", clock())
    second = store.add(said, Speaker.COMPANION, "second try", clock())
    on = store.add(second, Speaker.PERSON, "go on", clock())
    assert texts(store.window(on)) == ["question", "second try", "go on"]


def test_the_window_reaches_into_earlier_sittings(store: Store, clock: Clock) -> None:
    first = store.begin("Ada", "yesterday", clock())
    store.add(first, Speaker.COMPANION, "reply", clock())
    today = store.begin("Ada", "today", clock())
    assert texts(store.window(today)) == ["yesterday", "reply", "today"]


def test_what_is_said_meanwhile_in_another_sitting_does_not_change_the_window(store: Store, clock: Clock) -> None:
    mine = store.begin("Ada", "mine", clock())
    other = store.begin("Ada", "other", clock())
    store.add(other, Speaker.COMPANION, "reply to other", clock())
    reply = store.add(mine, Speaker.COMPANION, "reply to mine", clock())
    assert texts(store.window(reply)) == ["mine", "reply to mine"]


def test_a_summary_moves_the_border_of_the_window(store: Store, clock: Clock) -> None:
    first = store.begin("Ada", "old", clock())
    second = store.add(first, Speaker.COMPANION, "reply", clock())
    third = store.add(second, Speaker.PERSON, "new", clock())
    store.summarise("Ada", Summary(third.id, "They said something old."), clock())
    assert texts(store.window(third)) == ["new"]
    assert store.summary(third) == Summary(third.id, "They said something old.")
    assert store.summary(first) is None


def test_a_cut_in_another_sitting_does_not_touch_one_that_goes_on_meanwhile(store: Store, clock: Clock) -> None:
    mine = store.begin("Ada", "mine", clock())
    other = store.begin("Ada", "other", clock())
    store.summarise("Ada", Summary(other.id, "…"), clock())
    reply = store.add(mine, Speaker.COMPANION, "reply to mine", clock())
    assert texts(store.window(reply)) == ["mine", "reply to mine"]
    assert store.summary(reply) is None
    assert store.summary(store.begin("Ada", "later", clock())) == Summary(other.id, "…")


def test_without_a_summary_there_is_none(store: Store, clock: Clock) -> None:
    assert store.summary(store.begin("Ada", "hello", clock())) is None


def test_the_persons_words_follow_what_was_said_last_in_the_sitting_by_whomever(store: Store, clock: Clock) -> None:
    first = store.begin("Ada", "one", clock())
    here = store.add(first, Speaker.PERSON, "two, said in this window", clock())
    there = store.add(first, Speaker.PERSON, "three, said in that window", clock())
    assert there.parent == here.id
    assert texts(store.window(there)) == ["one", "two, said in this window", "three, said in that window"]


def test_matching_finds_any_form_of_a_word_and_counts_it(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "My sister Anna lives in Oslo.", clock())
    store.add(said, Speaker.COMPANION, "Good for her.", clock())
    matches = store.matching("Ada", words.asked("Where is she living?"), 10)
    assert found(matches) == ["My sister Anna lives in Oslo.", "Good for her."]
    assert matches.frequency == {"live": 1}


def test_matching_brings_the_turns_around_and_keeps_sittings_apart(store: Store, clock: Clock) -> None:
    first = store.begin("Ada", "Do I have a cat?", clock())
    second = store.begin("Ada", "In another window, meanwhile.", clock())
    store.add(first, Speaker.COMPANION, "You have Pixel.", clock())
    store.add(second, Speaker.COMPANION, "Yes?", clock())
    passages = store.matching("Ada", ["cat"], 10).passages
    assert [[line.text for line in passage] for passage in passages] == [
        ["Do I have a cat?", "You have Pixel."],
        ["In another window, meanwhile.", "Yes?"],
    ]
    assert [[line.opens for line in passage] for passage in passages] == [[True, False], [True, False]]


def test_matching_brings_what_was_said_in_a_time_whatever_it_was_about(store: Store, clock: Clock) -> None:
    for text in ("early", "late", "later"):
        store.begin("Ada", text, clock())
        clock.pass_(days=30)
    day = timedelta(days=1)
    period = (clock() - 61 * day, clock() - 59 * day)
    assert "late" in found(store.matching("Ada", [], 10, [period]))
    assert found(store.matching("Ada", [], 10, [(clock(), clock() + day)])) == []


def test_matching_looks_further_where_another_personas_words_crowd_a_memory(store: Store, clock: Clock) -> None:
    store.begin("Bo", "My sister paints.", clock())
    said = store.begin("Ada", "sister", clock())
    for _ in range(200):
        said = store.add(said, Speaker.PERSON, "sister sister", clock())
    assert found(store.matching("Bo", ["sister"], 10)) == ["My sister paints."]


def test_what_lies_near_in_meaning_is_found_without_a_common_word(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "I adore felines.", clock())
    store.add(said, Speaker.COMPANION, "So do I.", clock())
    assert store.unembedded("m", 10) == ((2, "I adore felines.\nSo do I."), (1, "I adore felines."))
    store.embed("m", {1: [1.0, 0.0], 2: [0.0, 1.0]})
    assert store.unembedded("m", 10) == ()
    (passage,) = store.matching("Ada", ["cat"], 10, meaning=Meaning("m", [1.0, 0.0])).passages
    assert [(line.text, line.likeness) for line in passage] == [("I adore felines.", 1.0), ("So do I.", 0.0)]


def test_vectors_of_another_model_are_made_anew_and_never_compared(store: Store, clock: Clock) -> None:
    store.begin("Ada", "I adore felines.", clock())
    store.embed("old", {1: [1.0, 0.0]})
    assert store.matching("Ada", [], 10, meaning=Meaning("new", [1.0, 0.0, 0.0])).passages == ()
    assert [number for number, _ in store.unembedded("new", 10)] == [1]
    store.embed("new", {1: [0.0, 0.0, 1.0]})
    assert store.matching("Ada", [], 10, meaning=Meaning("old", [1.0, 0.0])).passages == ()


def test_vectors_that_come_later_are_found_as_well(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "one", clock())
    store.embed("m", {1: [1.0, 0.0]})
    meaning = Meaning("m", [0.0, 1.0])
    assert [line.likeness for line in store.matching("Ada", [], 10, meaning=meaning).passages[0]] == [0.0]
    store.add(said, Speaker.PERSON, "two", clock())
    store.embed("m", {2: [0.0, 1.0]})
    assert [line.likeness for line in store.matching("Ada", [], 10, meaning=meaning).passages[0]] == [0.0, 1.0]


def test_utterances_are_told_by_their_ids(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "hello", clock())
    assert store.told([said.id, 99]) == {said.id: said}


def test_a_revised_reply_is_found_by_its_new_words_only(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "hello", clock())
    reply = store.add(said, Speaker.COMPANION, "apples", clock())
    store.revise(reply.id, "pears", State.COMPLETE)
    assert found(store.matching("Ada", ["appl"], 10)) == []
    assert found(store.matching("Ada", ["pear"], 10)) == ["hello", "pears"]


def test_what_one_persona_was_told_is_not_found_for_another(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "secret", clock())
    assert store.matching("Bo", ["secret"], 10).passages == ()
    assert store.search("secret", 10, persona="Bo") == ()
    assert store.window(said)[0].text == "secret"
    assert store.latest("Bo") is None
    assert store.said("Bo", 10) == ()


@pytest.mark.parametrize("query", ['"', "' OR 1=1 --", "a AND", "NEAR(", "*", "terms:x", "", "   ", "-", "(", "^a"])
def test_no_query_is_too_strange_to_search_for(store: Store, clock: Clock, query: str) -> None:
    store.begin("Ada", "something ordinary", clock())
    assert texts(store.search(query, 10)) == []


def test_a_search_wants_all_of_its_words_and_gives_the_newest_first(store: Store, clock: Clock) -> None:
    first = store.begin("Ada", "red apples", clock())
    second = store.add(first, Speaker.COMPANION, "an apple is red", clock())
    store.add(second, Speaker.PERSON, "green apples", clock())
    assert texts(store.search("apple red", 10)) == ["an apple is red", "red apples"]


def test_words_of_unspaced_scripts_are_found_by_their_parts(store: Store, clock: Clock) -> None:
    store.begin("Ada", "我妹妹安娜住在奥斯陆", clock())
    assert texts(store.search("奥斯陆", 10)) == ["我妹妹安娜住在奥斯陆"]


def test_a_sitting_is_known_by_the_persons_first_words_and_not_by_her_greeting(store: Store, clock: Clock) -> None:
    store.begin("Ada", "hello", clock(), greeting="Hi.")
    assert [(sitting.opening, sitting.utterances) for sitting in store.conversations()] == [("hello", 2)]


def test_sittings_are_listed_latest_first_with_their_opening(store: Store, clock: Clock) -> None:
    first = store.begin("Ada", "one", clock())
    store.begin("Bo", "two", clock())
    clock.pass_(hours=1)
    store.add(first, Speaker.COMPANION, "reply", clock())
    ada, bo = store.conversations()
    assert (ada.persona, ada.opening, ada.utterances, ada.last_at) == ("Ada", "one", 2, clock())
    assert (bo.persona, bo.utterances) == ("Bo", 1)
    assert store.conversations("Bo") == (bo,)


def test_the_last_words_come_newest_first_without_repetitions(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "one", clock())
    for text in ("two", "two", "three"):
        said = store.add(said, Speaker.PERSON, text, clock())
    store.add(said, Speaker.COMPANION, "hers", clock())
    assert store.said("Ada", 10) == ("three", "two", "one")
    assert store.said("Ada", 2) == ("three", "two")


def test_a_sitting_that_never_was_is_an_error(store: Store) -> None:
    with pytest.raises(NotRemembered, match="no sitting 7"):
        store.utterances(7)


def test_the_path_to_what_was_added_holds_and_nothing_beside_it(store: Store, clock: Clock) -> None:
    asked = store.begin("Ada", "one", clock(), greeting="Hello.")
    first = store.add(asked, Speaker.COMPANION, "first answer", clock())
    second = store.add(asked, Speaker.COMPANION, "second answer", clock())
    said = store.utterances(asked.conversation)
    assert texts(utterance for utterance in said if utterance.holds) == ["Hello.", "one", "second answer"]
    assert texts(store.window(second)) == ["Hello.", "one", "second answer"]
    assert texts(store.window(first)) == ["Hello.", "one", "first answer"]


def test_what_does_not_hold_does_not_come_to_mind_and_is_still_found(store: Store, clock: Clock) -> None:
    asked = store.begin("Ada", "My sister lives in Oslo", clock())
    later = store.add(asked, Speaker.PERSON, "She moved to Bergen", clock())
    store.turn_to(asked.conversation, asked.id)
    assert store.latest("Ada").text == asked.text
    assert later.id not in store.told(list(store.matching("Ada", words.asked("Bergen"), 5).ids()))
    assert store.memories.unread("Ada", "rules", 5) == (asked,)
    assert texts(store.search("bergen", 5)) == [later.text]
    store.turn_to(asked.conversation, None)
    assert store.latest("Ada") is None
    store.turn_to(asked.conversation, later.id)
    assert later.id in store.told(list(store.matching("Ada", words.asked("Bergen"), 5).ids()))


def test_the_persons_words_follow_the_newest_that_hold(store: Store, clock: Clock) -> None:
    asked = store.begin("Ada", "one", clock())
    store.add(asked, Speaker.COMPANION, "answer", clock())
    store.turn_to(asked.conversation, asked.id)
    assert store.add(asked, Speaker.PERSON, "two", clock()).parent == asked.id


def test_a_summary_of_what_does_not_hold_does_not_stand_for_anything(store: Store, clock: Clock) -> None:
    asked = store.begin("Ada", "one", clock())
    later = store.add(asked, Speaker.PERSON, "two", clock())
    store.summarise("Ada", Summary(later.id, "They said one."), clock())
    assert store.summary(later) is not None
    store.turn_to(asked.conversation, asked.id)
    other = store.add(asked, Speaker.PERSON, "three", clock())
    assert store.summary(other) is None
    assert texts(store.window(other)) == ["one", "three"]


def test_a_place_is_marked_once_and_its_note_can_change(store: Store, clock: Clock) -> None:
    asked = store.begin("Ada", "one", clock())
    store.bookmark(asked.id, "a", clock())
    store.bookmark(asked.id, "b", clock())
    (mark,) = store.bookmarks("Ada")
    assert (mark.utterance, mark.note) == (asked, "b")
    assert store.bookmarks("Bix") == ()
    assert store.one(asked.id) == asked
    with pytest.raises(NotRemembered):
        store.one(99)


def test_what_the_talks_come_to_is_counted(store: Store, clock: Clock) -> None:
    assert store.tally("Ada").since is None
    asked = store.begin("Ada", "one two", clock())
    answer = store.add(asked, Speaker.COMPANION, "three", clock())
    store.spend(answer.id, Spent("m", 10, 20, 5, 3))
    clock.pass_(hours=12)  # by the clock on the wall it is the next day
    store.begin("Ada", "four", clock())
    assert store.tally("Ada") == Tally(2, 2, asked.said_at, 3, 1, 20, 5, 3)


def test_her_last_replies_come_newest_first_without_greetings_and_by_persona(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "hello", clock(), greeting="Hi.")
    store.add(said, Speaker.COMPANION, "One.", clock(), model="m")
    other = store.begin("Bo", "hello", clock())
    store.add(other, Speaker.COMPANION, "Not hers.", clock())
    again = store.begin("Ada", "more", clock())
    store.add(again, Speaker.COMPANION, "Two.", clock())
    assert texts(store.replies("Ada", 5)) == ["Two.", "One."]
    assert texts(store.replies("Ada", 1)) == ["Two."]
