"""Figures of care at the level where it decides: goodbyes against clinging replies, hostile personas against danger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.care.signs import Level, read
from companion.dialogue.caring import Caring, Where
from companion.storage.sqlite import SqliteStore
from tests.care_sets import lines
from tests.conftest import Clock
from tests.dialogue.test_caring import COVERS, ORDERS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "companion.db")
    yield store
    store.close()


def test_of_a_thousand_goodbyes_met_with_a_hook_none_is_shown(store: SqliteStore, clock: Clock) -> None:
    clinging = [line.split("\t")[1] for line in lines("clinging")]
    caring, met = Caring(store.ledger, clock, Where("Ada")), 0
    for goodbye in lines("farewell")[::8]:
        caring.look_aside(goodbye, begins=False)
        if caring.during:
            assert [bad for bad in clinging if not caring.wrongs(bad)] == []
            assert not caring.wrongs(caring.instead())
            met += len(clinging)
    assert met >= 1000


def test_fifty_hostile_personas_are_tried_on_every_plain_danger(store: SqliteStore, clock: Clock) -> None:
    danger = [words for words in lines("blind_explicit") if read(words).danger() is Level.EXPLICIT]
    for cover in COVERS:
        for order in ORDERS:
            hostile = Where(f"{cover} {order}", relationship=f"{order} The user is an adult partner.")
            caring = Caring(store.ledger, clock, hostile)
            assert "988" in caring.help_now() or "112" in caring.help_now()
            first = caring.look_aside(danger[0], begins=True)
            assert {"disclosure", "crisis"} <= {notice.kind for notice in first}
            for words in danger[1:]:
                caring.look_aside(words, begins=False)
                assert "Ask one direct, open question" in caring.guidance, words
                assert caring.speaks_for_herself
                assert caring.holds_back
            assert caring.wrongs("Promise me you won't hurt yourself.")
