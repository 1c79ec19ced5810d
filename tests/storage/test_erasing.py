"""Forgetting for good: read every byte that is left."""

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from companion.conversation import Speaker, Utterance
from companion.dialogue import reflection
from companion.dialogue.engine import Companion
from companion.errors import NotRemembered
from companion.memory.memory import Kind
from companion.memory.store import Summary
from companion.persona.persona import Persona
from companion.providers.offline import OfflineModel
from companion.storage.glance import read_only
from companion.storage.sqlite import SqliteStore
from tests.conftest import Clock
from tests.scenes import an_empty_memory, heard

SECRETS = ("Zanzibar", "quixotry7", "Ærøskøbing", "маяковка", "xylophone-orchid")
SMALL_TALK = (
    "Good morning.",
    "I baked bread today.",
    "What a day.",
    "I love rain.",
    "The bus was late.",
    "I work as a nurse.",
)
ASKING = ("What did I say about {}?", "Tell me about {}.", "Do you remember {}?")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "home" / "companion.db"


@pytest.fixture
def store(place: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(an_empty_memory(place))
    yield store
    store.close()


@pytest.fixture
def ada(store: SqliteStore, persona: Persona, clock: Clock) -> Companion:
    """A companion who listens, and quotes what she is reminded of."""
    return Companion(persona, store, OfflineModel(), clock)


def bytes_of(place: Path) -> bytes:
    return b"".join(path.read_bytes() for path in place.parent.iterdir())


def traces(place: Path, secret: str) -> list[bytes]:
    found = bytes_of(place)
    forms = {secret, secret.lower(), secret.upper(), secret.casefold()}
    return [form.encode() for form in forms if form.encode() in found]


def texts(store: SqliteStore) -> list[str]:
    return [u.text for sitting in store.conversations() for u in store.utterances(sitting.id)]


def whole(place: Path) -> None:
    with closing(read_only(place)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("seed", range(10))
def test_after_forgetting_no_byte_is_left_whatever_was_said_around_it(tmp_path: Path, clock: Clock, seed: int) -> None:
    """Ten histories each, a hundred in all: said, repeated, asked about, quoted back, summed up, and forgotten."""
    chance = random.Random(seed)
    for number in range(10):
        place = tmp_path / str(number) / "companion.db"
        store = SqliteStore.open(an_empty_memory(place))
        secret = chance.choice(SECRETS)
        last = history(store, chance, secret, clock())
        if chance.random() < 0.5:
            store.summarise("Ada", Summary(last.id, f"They spoke of {secret}.", f"- fact: “{secret}”"), clock())
        kept = [memory.id for memory in store.memories.all("Ada") if secret in memory.text]
        said = [u.id for u in store.search(secret, 100) if u.speaker is Speaker.PERSON]
        assert traces(place, secret)
        assert store.memories.erase(kept, with_words=True, utterances=said)
        assert traces(place, secret) == []
        store.begin("Ada", "Good evening.", clock())
        assert traces(place, secret) == []
        whole(place)
        store.close()


def history(store: SqliteStore, chance: random.Random, secret: str, now: datetime) -> Utterance:
    """Talk for a while, so that she and what a model is told repeat it; return what was said last."""
    lines = [f"My code word is {secret}. Remember that I love {secret} evenings.", *chance.choices(SMALL_TALK, k=2)]
    lines += [chance.choice(ASKING).format(secret) for _ in range(chance.randrange(3))]
    lines += [f"I love {secret} evenings."] * chance.randrange(2)
    chance.shuffle(lines)
    last: Utterance | None = None
    heard_of = False
    for line in lines:
        last = store.add(last, Speaker.PERSON, line, now) if last else store.begin("Ada", line, now, greeting="Hi.")
        heard_of = heard_of or secret in line
        quoted = f"They said: “{chance.choice((secret, secret.upper()))} it was”"
        recalled = f"<recalled>\nSunday. {quoted}\n</recalled>\n" * chance.randrange(2)
        store.tell(last.id, f"{recalled}[Sunday 22 November, 14:05] {line}")
        again = f"Good. {secret}, then! And you?" if heard_of else "Mm."
        answer = chance.choice(("Hm. Tell me more.", again, f"You said “{line}”"))
        last = store.add(last, Speaker.COMPANION, answer, now)
        if chance.random() < 0.5:
            reflection.by_rules(store.memories, "Ada", now)
    assert last is not None
    return last


def test_only_the_memory_goes_when_the_words_may_stay(ada: Companion, store: SqliteStore) -> None:
    heard(ada, "My sister Anna lives in Oslo.")
    assert store.memories.erase([1], with_words=False)
    assert store.memories.all() == ()
    assert texts(store)[0] == "My sister Anna lives in Oslo."


def test_what_is_said_elsewhere_as_well_stays_there(ada: Companion, store: SqliteStore) -> None:
    heard(ada, "My sister Anna lives in Oslo.")
    heard(ada, "Oslo is cold in winter.")
    store.memories.erase([1], with_words=True)
    assert "Oslo is cold in winter." in texts(store)
    assert not any("Anna" in text for text in texts(store))


def test_the_talk_around_what_was_forgotten_stays_in_one_piece(ada: Companion, store: SqliteStore, place: Path) -> None:
    for words in ("Good morning.", "My sister Anna lives in Oslo.", "What a day.", "I baked bread."):
        heard(ada, words)
    ada.forget([1], with_words=True)
    heard(ada, "Good night.")
    latest = store.latest("Ada")
    assert latest is not None
    theirs = [u.text for u in store.window(latest) if u.speaker is Speaker.PERSON]
    assert theirs == ["Good morning.", "What a day.", "I baked bread.", "Good night."]
    whole(place)


def test_a_sitting_of_which_nothing_is_left_is_gone(ada: Companion, store: SqliteStore) -> None:
    heard(ada, "My sister Anna lives in Oslo.")
    ada.forget([1], with_words=True)
    assert store.conversations() == ()
    heard(ada, "Hello again.")
    assert len(store.conversations()) == 1


def test_what_would_go_is_said_before_and_nothing_has_changed(ada: Companion, store: SqliteStore, place: Path) -> None:
    heard(ada, "My sister Anna lives in Oslo.")
    place.with_name("companion.db.before-0005").write_bytes(b"older")
    before = texts(store), store.memories.all()
    reach = store.memories.reach([1], with_words=True)
    assert [memory.text for memory in reach.memories] == ["Your sister Anna lives in Oslo"]
    assert [utterance.speaker for utterance in reach.utterances] == [Speaker.PERSON, Speaker.COMPANION]
    assert [Path(copy).name for copy in reach.backups] == ["companion.db.before-0005"]
    assert (texts(store), store.memories.all()) == before


def test_a_memory_that_rests_on_other_words_as_well_stays(ada: Companion, store: SqliteStore, clock: Clock) -> None:
    heard(ada, "I love rain.")
    clock.pass_(days=1)
    heard(ada, "I love rain.")
    first = store.memories.one(1).evidence[0].utterance
    store.memories.erase([], with_words=True, utterances=[first])
    (kept,) = store.memories.all()
    assert [evidence.utterance for evidence in kept.evidence] != [first]


def test_a_closed_memory_does_not_come_back_when_its_successor_is_forgotten(
    ada: Companion, store: SqliteStore, clock: Clock
) -> None:
    heard(ada, "I live in Oslo.")
    clock.pass_(days=1)
    heard(ada, "I live in Bergen now.")
    store.memories.erase([2], with_words=True)
    (oslo,) = store.memories.all()
    assert (oslo.superseded_by, oslo.valid_to) == (None, clock())
    assert not oslo.is_current(clock())


def test_a_summary_that_was_built_on_it_is_emptied_and_its_border_moves_on(
    ada: Companion, store: SqliteStore, clock: Clock
) -> None:
    for words in ("Hello.", "My sister Anna lives in Oslo.", "What a day."):
        heard(ada, words)
    said = next(u for u in store.utterances(1) if "Anna" in u.text)
    store.summarise("Ada", Summary(said.id, "They have a sister.", "- person: Anna"), clock())
    store.memories.erase([1], with_words=True)
    latest = store.latest("Ada")
    assert latest is not None
    summary = store.summary(latest)
    assert summary is not None
    assert (summary.text, summary.profile) == ("", "")
    assert store.window(latest)[0].text == "What a day."


def test_while_another_reads_the_file_it_is_said_that_traces_may_stay(
    ada: Companion, store: SqliteStore, place: Path
) -> None:
    heard(ada, "I love Zanzibar evenings.")
    with closing(read_only(place)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM utterances").fetchone()
        assert store.memories.erase([1], with_words=True) is False
        assert store.memories.all() == ()
    heard(ada, "I love rain.")
    assert store.memories.erase([2], with_words=False) is True
    assert traces(place, "Zanzibar") == []


def test_another_persona_keeps_what_it_was_told(store: SqliteStore, clock: Clock) -> None:
    sittings = {}
    for name in ("Ada", "Bo"):
        companion = Companion(Persona(name=name, identity="x"), store, OfflineModel(), clock)
        sittings[name] = heard(companion, "I love Zanzibar evenings.")
    (ours,) = store.memories.all("Ada")
    store.memories.erase([ours.id], with_words=True)
    (theirs,) = store.memories.all("Bo")
    assert (theirs.kind, theirs.text) == (Kind.PREFERENCE, "You love Zanzibar evenings")


@pytest.mark.parametrize(("memories", "said"), [([7], []), ([], [7])])
def test_what_is_not_there_cannot_be_forgotten(store: SqliteStore, memories: list[int], said: list[int]) -> None:
    for act in (store.memories.reach, store.memories.erase):
        with pytest.raises(NotRemembered):
            act(memories, with_words=True, utterances=said)
