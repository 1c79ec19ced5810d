"""What every store promises about memories, on every store there is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from companion.conversation import Speaker, State, Utterance
from companion.errors import NotRemembered
from companion.memory.facts import Changes, Closing
from companion.memory.memory import Evidence, Kind, Memory, Span
from companion.memory.recall import recall
from companion.memory.store import Reading, Store
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


def resting_on(said: Utterance, quote: str, **more: object) -> Memory:
    start = said.text.index(quote)
    evidence = Evidence(said.id, start, start + len(quote), quote, said.said_at)
    return Memory(0, Kind.FACT, f"You said {quote}", (evidence,), "you", "home", said.said_at, **more)


def test_a_memory_comes_back_as_it_was_kept(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "Grüße, I live in Oslo 👋", clock())
    memory = resting_on(said, "I live in Oslo", valid_to=clock() + timedelta(days=2))
    (kept,) = store.memories.take_in("Ada", Changes(new=(memory,)), clock())
    assert store.memories.all("Ada") == (kept,)
    assert store.memories.one(kept.id) == kept
    assert store.memories.resting_on([said.id, 99]) == (kept,)
    assert (kept.text, kept.quote, kept.utterance, kept.valid_to) == (
        memory.text, "I live in Oslo", said.id, memory.valid_to,
    )  # fmt: skip
    assert kept.said_at.utcoffset() == timedelta(hours=1)


def test_a_newer_memory_closes_an_older_one_in_the_same_step(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "I live in Oslo. I live in Bergen now.", clock())
    (old,) = store.memories.take_in("Ada", Changes(new=(resting_on(said, "I live in Oslo"),)), clock())
    changes = Changes(new=(resting_on(said, "I live in Bergen"),), closed=(Closing(old.id, clock(), 0),))
    (new,) = store.memories.take_in("Ada", changes, clock())
    closed = store.memories.one(old.id)
    assert (closed.valid_to, closed.superseded_by) == (clock(), new.id)


def test_more_evidence_is_added_once(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "I live in Oslo", clock())
    again = store.add(said, Speaker.PERSON, "Yes, I live in Oslo", clock())
    (kept,) = store.memories.take_in("Ada", Changes(new=(resting_on(said, "I live in Oslo"),)), clock())
    more = resting_on(again, "I live in Oslo").evidence[0]
    for _ in range(2):
        store.memories.take_in("Ada", Changes(again=((kept.id, more),)), clock())
    assert [evidence.utterance for evidence in store.memories.one(kept.id).evidence] == [said.id, again.id]


def test_a_reader_goes_on_where_it_came_to(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "one", clock())
    reply = store.add(said, Speaker.COMPANION, "two", clock())
    store.add(reply, Speaker.COMPANION, "half", clock(), state=State.INTERRUPTED)
    assert [u.text for u in store.memories.unread("Ada", "rules", 10)] == ["one", "two"]
    assert [u.text for u in store.memories.unread("Ada", "rules", 1)] == ["one"]
    store.memories.take_in("Ada", Changes(), clock(), Reading("rules", said.id))
    assert [store.memories.read_upto("Ada", reader) for reader in ("rules", "model")] == [said.id, 0]
    assert [u.text for u in store.memories.unread("Ada", "rules", 10)] == ["two"]
    assert [u.text for u in store.memories.unread("Ada", "model", 10)] == ["one", "two"]
    store.memories.take_in("Ada", Changes(), clock(), Reading("rules", reply.id))
    again = Changes(new=(resting_on(said, "one"),))
    assert store.memories.take_in("Ada", again, clock(), Reading("rules", said.id)) == ()  # another was quicker
    assert store.memories.unread("Ada", "rules", 10) == ()
    assert store.memories.all() == ()


def test_her_last_words_come_latest_first(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "one", clock())
    for text in ("two", "three"):
        said = store.add(said, Speaker.COMPANION, text, clock())
    assert store.memories.hers("Ada", said.id + 1, 5) == ("three", "two")
    assert store.memories.hers("Ada", said.id, 5) == ("two",)


def test_a_pin_settles_a_doubt(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "I live in Oslo", clock())
    memory = resting_on(said, "I live in Oslo", doubtful=True)
    (kept,) = store.memories.take_in("Ada", Changes(new=(memory,)), clock())
    assert kept.doubtful
    store.memories.pin(kept.id, pinned=True)
    store.memories.pin(kept.id, pinned=False)
    assert (store.memories.one(kept.id).pinned, store.memories.one(kept.id).doubtful) == (False, False)


def test_what_is_doubted_no_more_takes_the_place_of_what_it_contradicts(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "I live in Oslo. I live in Bergen.", clock())
    new = (resting_on(said, "I live in Oslo"), resting_on(said, "I live in Bergen", doubtful=True))
    oslo, bergen = store.memories.take_in("Ada", Changes(new=new), clock())
    store.memories.pin(bergen.id, pinned=True)
    assert store.memories.one(oslo.id).superseded_by == bergen.id
    assert store.memories.one(bergen.id).is_current(clock())


def test_what_comes_to_mind_counts_once_a_day(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "I live in Oslo", clock())
    (kept,) = store.memories.take_in("Ada", Changes(new=(resting_on(said, "I live in Oslo"),)), clock())
    for hours in (1, 25, 1, 2, 30):
        clock.pass_(hours=hours)
        store.memories.came_to_mind([said.id, 99], clock())
    assert store.memories.one(kept.id).recalled == 2


def test_where_a_forgotten_memory_rested_is_known_while_the_words_stay(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "Yes, I live in Oslo", clock())
    (kept,) = store.memories.take_in("Ada", Changes(new=(resting_on(said, "I live in Oslo"),)), clock())
    store.memories.erase([kept.id], with_words=False)
    assert store.memories.all() == ()
    assert store.memories.let_go("Ada") == (Span(said.id, 5, 19),)
    assert store.memories.let_go("Bo") == ()


def test_one_persona_knows_nothing_of_what_another_keeps(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "I live in Oslo", clock())
    store.memories.take_in("Ada", Changes(new=(resting_on(said, "I live in Oslo"),)), clock())
    assert store.memories.all("Bo") == ()
    assert store.memories.unread("Bo", "rules", 10) == ()
    assert len(store.memories.all()) == 1


def test_a_memory_that_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(NotRemembered, match="There is no memory 7"):
        store.memories.one(7)
    with pytest.raises(NotRemembered, match="There is no memory 7"):
        store.memories.pin(7, pinned=True)


def test_words_in_a_sitting_that_was_forgotten_meanwhile_are_an_error(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "I live in Oslo", clock())
    store.memories.erase([], with_words=True, utterances=[said.id])
    for speaker in Speaker:
        with pytest.raises(NotRemembered, match="forgotten meanwhile"):
            store.add(said, speaker, "hello?", clock())


def test_what_is_kept_finds_the_words_that_it_rests_on_and_comes_with_them(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "It's Theo.", clock())
    asked = "What am I called?"
    assert recall(store, "Ada", asked, now=clock()) == ()
    start = said.text.index("Theo")
    evidence = Evidence(said.id, start, start + 4, "Theo", said.said_at)
    name = Memory(0, Kind.FACT, "You are called Theo", (evidence,), "you", "name", said.said_at)
    (kept,) = store.memories.take_in("Ada", Changes(new=(name,)), clock())
    (found,) = recall(store, "Ada", asked, now=clock())
    assert (found.utterance.text, found.memories) == ("It's Theo.", (kept,))
    assert store.memories.all("Ada", aspect="name") == (kept,)
    store.memories.erase([kept.id], with_words=False)
    assert recall(store, "Ada", asked, now=clock()) == ()
    assert [line.text for line in store.search("Theo", 5)] == ["It's Theo."]


def test_what_is_doubted_neither_finds_anything_nor_comes_along(store: Store, clock: Clock) -> None:
    said = store.begin("Ada", "I live in Oslo", clock())
    doubted = replace(resting_on(said, "I live in Oslo"), text="You are allergic to nuts", doubtful=True)
    store.memories.take_in("Ada", Changes(new=(doubted,)), clock())
    assert recall(store, "Ada", "Am I allergic to nuts?", now=clock()) == ()
    assert [found.memories for found in recall(store, "Ada", "Where in Oslo?", now=clock())] == [()]
