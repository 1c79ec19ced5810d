"""What every ChatModel promises, whichever finds the words."""

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from companion.dialogue.model import ChatModel, Finish, Piece, Text, Usage
from companion.providers.registry import open_model
from tests.models import Listened, listen, listened, told
from tests.servers import ChatServer
from tests.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with everything that the specs below name."""
    place = tmp_path_factory.mktemp("contract")
    write_tiny_gguf(place / "tiny.gguf")
    (place / "script.yaml").write_text("- Hello there.\n- text: One word after another.\n  pace: 0.001\n")
    return place


@pytest.fixture(params=["offline", "scripted:{folder}/script.yaml", "{url}#tiny", "{url}", "local:{folder}/tiny.gguf"])
def model(request, folder) -> Iterator[ChatModel]:
    """One of each kind, opened as the person would."""
    with ChatServer() as server:
        yield open_model(request.param.format(folder=folder, url=server.url), {}, folder, context=1024)
    for record in folder.glob("*.told.jsonl"):
        record.unlink()


def test_it_has_a_name_that_says_where_it_comes_from(model):
    listened(model)
    assert model.name.isprintable()
    assert model.name.partition(":")[0] in {"offline", "scripted", "http", "local"}


def test_it_streams_by_being_iterated_and_closes_by_being_awaited(model):
    assert isinstance(model.name, str)
    assert inspect.isasyncgen(model.stream(told()))
    assert inspect.iscoroutinefunction(model.aclose)


def test_it_streams_text_and_ends_with_exactly_one_finish(model):
    heard = listened(model)
    assert heard.error is None
    assert isinstance(heard.pieces[0], Text)
    assert heard.finishes == [heard.pieces[-1]] == [Finish("stop")]
    assert sum(isinstance(piece, Usage) for piece in heard.pieces) <= 1


def test_nothing_but_pieces_comes_and_no_text_is_empty(model):
    pieces = listened(model).pieces
    assert all(isinstance(piece, get_args(Piece)) for piece in pieces)
    assert all(piece.text for piece in pieces if isinstance(piece, Text))


def test_a_second_reply_follows_the_first(model):
    async def scene() -> list[Listened]:
        replies = [await listen(model), await listen(model, told("And you?"))]
        await model.aclose()
        return replies

    for heard in asyncio.run(scene()):
        assert heard.error is None
        assert heard.text
        assert heard.pieces[-1] == Finish("stop")


def test_a_stream_may_be_closed_early_and_the_next_one_is_whole(model):
    async def scene() -> Listened:
        stream = model.stream(told())
        assert isinstance(await anext(stream), Text)
        await stream.aclose()
        await stream.aclose()
        heard = await listen(model)
        await model.aclose()
        return heard

    assert asyncio.run(scene()).pieces[-1] == Finish("stop")


def test_a_stream_may_be_closed_before_it_began(model):
    async def scene() -> Listened:
        await model.stream(told()).aclose()
        heard = await listen(model)
        await model.aclose()
        return heard

    assert asyncio.run(scene()).pieces[-1] == Finish("stop")


def test_whoever_reads_a_stream_may_be_cancelled(model):
    async def scene() -> Listened:
        begun = asyncio.Event()

        async def read() -> None:
            async for _ in model.stream(told()):
                begun.set()
                await asyncio.sleep(60)

        reading = asyncio.create_task(read())
        await begun.wait()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert reading.cancelled()
        heard = await listen(model)
        await model.aclose()
        return heard

    assert asyncio.run(scene()).pieces[-1] == Finish("stop")


def test_it_may_be_let_go_twice_and_without_ever_having_spoken(model):
    async def scene() -> None:
        await model.aclose()
        await model.aclose()

    asyncio.run(scene())
    assert listened(model).pieces[-1] == Finish("stop")
    asyncio.run(scene())


def test_it_does_not_change_what_it_was_told(model):
    briefing = told("Hello.")
    before = [(message.role, message.content) for message in briefing.messages]
    listened(model, briefing)
    assert [(message.role, message.content) for message in briefing.messages] == before
