"""Vectors from a server and from the engine itself, and what comes to mind by them."""

import asyncio
import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion import app, settings
from companion.cli import main
from companion.dialogue.engine import Companion
from companion.dialogue.events import Event, Finished, Noticed, Recalled
from companion.dialogue.meanings import TRIED_AGAIN_AFTER, Meanings
from companion.errors import ModelFailed, ModelUnreachable, SettingsError
from companion.providers.embeddings import Embeddings, open_embedder
from companion.providers.offline import OfflineModel
from companion.providers.registry import Request
from companion.storage.sqlite import SqliteStore
from tests.conftest import Clock
from tests.models import ADA, everything
from tests.servers import HTML, ChatServer, Line, answers, never_answers
from tests.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.usefixtures("home")

TOPICS = ("cat feline kitten", "sea harbour ship", "bread baker oven")


def direction(text: str) -> list[float]:
    """Return which topic a text is about, as a vector that is not of unit length."""
    near = [2.0 * any(word in text.lower() for word in topic.split()) for topic in TOPICS]
    return [*near, 0.0 if any(near) else 2.0]


def embeds(line: Line) -> None:
    """Answer as a server does, the last text first."""
    entries = [{"index": at, "embedding": direction(text)} for at, text in enumerate(line.asked.body["input"])]
    line.answer(200, {"object": "list", "data": entries[::-1], "model": "m"})


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer(elsewhere=embeds) as chat:
        yield chat


def asked_for(spec: str, data: Path = Path("/nowhere"), **environment: str) -> Embeddings:
    return open_embedder(Request(spec, spec.partition(":")[2], environment, data, 8192, None, embeds=True))


def vectors(embedder: Embeddings, *texts: str) -> list[list[float]]:
    """Ask once, and let go."""

    async def once() -> list[list[float]]:
        try:
            return await embedder.embed(texts)
        finally:
            await embedder.aclose()

    return asyncio.run(once())


def likeness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


# The wire


def test_a_server_gives_each_text_its_vector_at_unit_length(server):
    embedder = asked_for(f"{server.url}#nomic")
    assert vectors(embedder, "My cat.", "A ship.") == [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]
    (request,) = server.looked
    assert (request.method, request.path) == ("POST", "/v1/embeddings")
    assert request.body == {"model": "nomic", "input": ["My cat.", "A ship."], "encoding_format": "float"}
    assert embedder.name == f"{server.url}#nomic"


def test_ollama_and_openai_are_asked_where_they_are(server):
    vectors(asked_for("ollama:nomic", OLLAMA_HOST=server.root), "cat")
    vectors(asked_for("openai:small", OPENAI_BASE_URL=server.url, OPENAI_API_KEY="k"), "cat")
    told = [(request.body["model"], request.headers["authorization"]) for request in server.looked]
    assert told == [("nomic", "Bearer none"), ("small", "Bearer k")]


@pytest.mark.parametrize(
    "behave",
    [
        answers(200, HTML),
        answers(200, {"data": []}),
        answers(200, {"data": [{"index": 0}]}),
        answers(200, {"data": [{"index": 0, "embedding": ["x"]}]}),
        answers(200, {"data": [{"index": 0, "embedding": [1e400, 0.0]}]}),
        answers(500, {"error": {"message": "no"}}),
    ],
)
def test_what_is_no_embedding_is_said_to_be_none(server, behave):
    server.elsewhere = behave
    with pytest.raises(ModelFailed):
        vectors(asked_for(f"{server.url}#nomic"), "cat")


def test_where_nothing_answers_it_is_said():
    with pytest.raises(ModelUnreachable, match="Nothing answers"):
        vectors(asked_for("http://127.0.0.1:9/v1#nomic"), "cat")


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ("offline", "finds words, but no meanings"),
        ("http://127.0.0.1:9/v1", "names no model"),
        ("ollama:", "names no model"),
        ("openai:", "names no model"),
        ("nonsense:x", "is not a model"),
        ("local:none.gguf", "There is no model file"),
    ],
)
def test_a_spec_that_cannot_be_used_is_told_at_once(spec, problem):
    with pytest.raises(SettingsError, match=problem):
        asked_for(spec)


# The engine


def test_a_model_file_gives_vectors_in_which_like_words_lie_near(tmp_path):
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    hello, greeting, other = vectors(asked_for(f"local:{path}"), "Hello there!", "there! Hello", "tiny test model")
    assert math.isclose(likeness(hello, hello), 1.0, rel_tol=1e-3)
    assert likeness(hello, greeting) > 0.8 > likeness(hello, other)


# In the talk


class Evening:
    """A companion with an embedder, and a look at what comes of her turns."""

    def __init__(self, folder: Path, clock: Clock, embedder: Embeddings, *, patient: bool) -> None:
        self.store = SqliteStore.open(folder / "companion.db")
        self.clock = clock
        self.companion = Companion(ADA, self.store, OfflineModel(), clock, 10_000_000, embedder=embedder)
        if patient:  # a busy computer may take longer than the limit
            self.companion._meanings = Meanings(embedder, self.store, clock, 10.0)

    async def says(self, words: str) -> list[Event]:
        self.clock.pass_(minutes=1)
        events = await everything(self.companion.hear(words))
        assert any(isinstance(event, Finished) for event in events)
        return events

    async def has_told(self) -> None:
        for words in ("The kitten is called Pixel.", "I work at the harbour.", "The oven is broken.", "It rained."):
            await self.says(words)
            await self.companion.rest()


def recalled(events: list[Event]) -> list[str]:
    return [r.utterance.text for event in events if isinstance(event, Recalled) for r in event.recollections]


def notices(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Noticed) and event.kind == "embeddings"]


def evening(folder: Path, clock: Clock, embedder: Embeddings, scene, *, patient: bool = True) -> None:
    async def play() -> None:
        here = Evening(folder, clock, embedder, patient=patient)
        try:
            await scene(here)
        finally:
            await here.companion.aclose()

    asyncio.run(play())


def test_what_lies_near_in_meaning_comes_to_mind_without_a_common_word(server, tmp_path, clock):
    async def scene(here: Evening) -> None:
        await here.has_told()
        assert here.store.unembedded(f"{server.url}#nomic", 10) == ()
        assert "The kitten is called Pixel." in recalled(await here.says("What about felines?"))
        assert "The kitten is called Pixel." not in recalled(await here.says("What about zebras?"))

    evening(tmp_path, clock, asked_for(f"{server.url}#nomic"), scene)


def test_another_model_makes_all_vectors_anew(server, tmp_path, clock):
    async def told(here: Evening) -> None:
        await here.has_told()

    async def asked(here: Evening) -> None:
        assert here.store.unembedded(f"{server.url}#second", 100)
        here.companion.resume()
        await here.companion.rest(at_leisure=True)
        assert here.store.unembedded(f"{server.url}#second", 100) == ()
        assert here.store.unembedded(f"{server.url}#first", 100)
        assert "The kitten is called Pixel." in recalled(await here.says("What about felines?"))

    evening(tmp_path, clock, asked_for(f"{server.url}#first"), told)
    evening(tmp_path, clock, asked_for(f"{server.url}#second"), asked)


def test_an_embedder_that_is_not_there_is_told_once_and_words_still_find(tmp_path, clock):
    async def scene(here: Evening) -> None:
        first = await here.says("My kitten is called Pixel.")
        (said,) = notices(first)
        assert said.startswith("For now she goes by words alone when she remembers. Nothing answers at")
        await here.companion.rest()
        again = await here.says("What is my kitten called?")
        assert (notices(again), recalled(again)) == ([], ["My kitten is called Pixel."])

    evening(tmp_path, clock, asked_for("http://127.0.0.1:9/v1#nomic"), scene)


def test_an_embedder_that_comes_back_is_used_again(server, tmp_path, clock):
    async def scene(here: Evening) -> None:
        server.elsewhere = answers(503, {"error": {"message": "loading"}})
        await here.has_told()
        server.elsewhere = embeds
        clock.pass_(seconds=TRIED_AGAIN_AFTER.total_seconds())
        await here.companion.rest()
        assert "The kitten is called Pixel." in recalled(await here.says("What about felines?"))

    evening(tmp_path, clock, asked_for(f"{server.url}#nomic"), scene)


def test_a_silent_embedder_delays_a_turn_by_no_more_than_its_limit(server, tmp_path, clock):
    async def scene(here: Evening) -> None:
        server.elsewhere = never_answers
        here.companion.warm()
        began = asyncio.get_running_loop().time()
        assert notices(await here.says("My kitten is called Pixel.")) == []
        assert asyncio.get_running_loop().time() - began < 5.0
        assert recalled(await here.says("What is my kitten called?")) == ["My kitten is called Pixel."]

    evening(tmp_path, clock, asked_for(f"{server.url}#nomic"), scene, patient=False)


def test_rest_can_be_stopped_while_meanings_are_found_and_what_was_kept_is_told(server, tmp_path, clock):
    async def scene(here: Evening) -> None:
        await here.says("I am afraid of heights.")
        server.elsewhere = never_answers
        resting = asyncio.create_task(here.companion.rest(at_leisure=True))
        await asyncio.to_thread(server.silent.wait, 10)
        resting.cancel()
        await asyncio.wait([resting], timeout=5)
        assert resting.done()
        assert not resting.cancelled()
        assert await asyncio.to_thread(server.hung_up.wait, 10)

    evening(tmp_path, clock, asked_for(f"{server.url}#nomic"), scene)


def test_a_text_that_is_too_long_for_the_embedder_is_tried_shorter(server, tmp_path, clock):
    def small(line: Line) -> None:
        if max(map(len, line.asked.body["input"])) > 300:
            return line.answer(500, {"error": {"message": "input is too large to process"}})
        return embeds(line)

    async def scene(here: Evening) -> None:
        await here.says("word " * 400)
        server.elsewhere = small
        await here.companion.rest()
        assert here.store.unembedded(f"{server.url}#nomic", 10) == ()

    evening(tmp_path, clock, asked_for(f"{server.url}#nomic"), scene)


# Putting it together


def test_the_command_that_asks_the_memory_finds_by_meaning_as_well(server, home, monkeypatch, capsys):
    monkeypatch.setenv("COMPANION_MODEL", "offline")
    monkeypatch.setenv("COMPANION_EMBEDDINGS", f"{server.url}#nomic")
    for words in ("It rained.", "The kitten is called Pixel."):
        main(["say", words])
    capsys.readouterr()
    main(["recall", "--json", "felines"])
    assert [found["text"] for found in json.loads(capsys.readouterr().out)] == ["The kitten is called Pixel."]
    server.elsewhere = answers(500, {"error": {"message": "no"}})
    main(["recall", "--json", "felines"])
    said = capsys.readouterr()
    assert (json.loads(said.out), said.err.startswith("For now she goes by words alone")) == ([], True)


def awaken(home: Path, **environment: str) -> Companion:
    return app.awaken(settings.read({"COMPANION_HOME": str(home), "COMPANION_MODEL": "offline", **environment}))


def one_turn(companion: Companion) -> list[Event]:
    async def talk() -> list[Event]:
        events = await everything(companion.hear("hello"))
        await companion.aclose()
        return events

    return asyncio.run(talk())


def test_the_setting_names_the_embedder_and_the_key_of_another_server_is_not_for_it(server, home):
    one_turn(awaken(home, COMPANION_EMBEDDINGS=f"{server.url}#nomic", COMPANION_API_KEY="secret"))
    assert [request.headers["authorization"] for request in server.looked] in ([], ["Bearer none"])
    companion = awaken(home, COMPANION_EMBEDDINGS=f"{server.url}#nomic")
    companion.warm()
    one_turn(companion)
    assert {request.path for request in server.looked} == {"/v1/embeddings"}


def test_the_server_of_the_model_gets_its_key_for_embeddings_as_well(server, home):
    chosen = {"COMPANION_MODEL": f"{server.url}#tiny", "COMPANION_EMBEDDINGS": f"{server.url}#nomic"}
    companion = awaken(home, COMPANION_API_KEY="secret", **chosen)
    companion.warm()
    one_turn(companion)
    assert {request.headers["authorization"] for request in server.looked} == {"Bearer secret"}
