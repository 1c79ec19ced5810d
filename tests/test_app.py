"""Putting a companion together: which parts, and what they are trusted with."""

import asyncio
from pathlib import Path

import pytest

from companion import app, settings
from companion.dialogue.engine import Companion
from companion.dialogue.events import Event
from companion.providers.openai_compatible import OpenAICompatible
from tests.servers import ChatServer


@pytest.fixture
def server():
    with ChatServer() as server:
        yield server


def one_turn(companion: Companion) -> list[Event]:
    """Say hello, and part."""

    async def talk() -> list[Event]:
        events = [event async for event in companion.hear("hello")]
        await companion.aclose()
        return events

    return asyncio.run(talk())


def awaken(home: Path, *ports: int, **environment: str):
    return app.awaken(settings.read({"COMPANION_HOME": str(home), **environment}), ports)


def test_a_server_that_was_merely_found_never_gets_a_key(home: Path, server: ChatServer) -> None:
    ada = awaken(home, server.port, COMPANION_API_KEY="secret")
    assert isinstance(ada.model, OpenAICompatible)
    notices = [event.text for event in one_turn(ada) if getattr(event, "kind", "") == "model"]
    assert notices == [f"The words come from a model found on this computer, {ada.model.name}."]
    assert len(server.asked) == 1
    assert all("secret" not in str(request.headers) for request in (*server.asked, *server.looked))


def test_a_server_that_was_named_gets_the_key_that_was_given_for_it(home: Path, server: ChatServer) -> None:
    ada = awaken(home, COMPANION_API_KEY="secret", COMPANION_MODEL=f"{server.url}#any")
    one_turn(ada)
    assert server.asked[-1].headers["authorization"] == "Bearer secret"


def test_without_a_model_she_listens_and_says_so(home: Path) -> None:
    ada = awaken(home, COMPANION_MODEL="offline", COMPANION_PERSONA="marlow")
    notices = [event.text for event in one_turn(ada) if getattr(event, "kind", "") == "model"]
    assert notices == ["No language model is connected: Marlow listens and remembers. /model says how to connect one."]


def test_a_server_that_was_found_and_agreed_to_still_gets_no_key_at_the_next_start(
    home: Path, server: ChatServer
) -> None:
    found = awaken(home, server.port)
    agreed = app.proposal(settings.read({"COMPANION_HOME": str(home)}), found)
    assert agreed is not None
    assert agreed.accept(lambda *_: None) == f"{server.url}#tiny"
    one_turn(found)
    one_turn(awaken(home, COMPANION_API_KEY="secret"))
    assert len(server.asked) == 2
    assert all("secret" not in str(request.headers) for request in (*server.asked, *server.looked))


def test_what_was_chosen_once_is_not_asked_again(home: Path, server: ChatServer) -> None:
    found = awaken(home, server.port)
    declined = app.proposal(settings.read({"COMPANION_HOME": str(home)}), found)
    assert declined is not None
    assert declined.question == f"tiny runs on this computer, at {server.url}. Shall she speak with it?"
    assert declined.decline() == "offline"
    one_turn(found)
    chosen = settings.read({"COMPANION_HOME": str(home)})
    ada = app.awaken(chosen, [server.port])
    assert (ada.model.name, app.proposal(chosen, ada)) == ("offline", None)
    one_turn(ada)


FREE = "name: Ada\nidentity: You are Ada.\nmodel: {prefers: 'ollama:qwen3', temperature: 0.4}\n"


def test_a_persona_only_mentions_the_model_it_would_rather_have(home: Path, server: ChatServer, tmp_path: Path) -> None:
    path = tmp_path / "ada.yaml"
    path.write_text(FREE, encoding="utf-8")
    ada = awaken(home, COMPANION_MODEL=f"{server.url}#any", COMPANION_PERSONA=str(path))
    notices = [event.text for event in one_turn(ada) if getattr(event, "kind", "") == "model"]
    assert notices == ["Ada would rather speak through ollama:qwen3; /model ollama:qwen3 allows it."]
    assert server.asked[-1].body["temperature"] == 0.4


def test_a_persona_without_a_wish_leaves_the_temperature_to_the_server(home: Path, server: ChatServer) -> None:
    one_turn(awaken(home, COMPANION_MODEL=f"{server.url}#any"))
    assert "temperature" not in server.asked[-1].body


@pytest.mark.parametrize(("shared", "knows"), [("true", True), ("false", False)])
def test_others_know_what_a_persona_was_told_only_if_its_file_says_so(home: Path, shared: str, knows: bool) -> None:
    own = home / "config" / "personas"
    own.mkdir(parents=True)
    (own / "ada.yaml").write_text(f"name: Ada\nidentity: You.\nmemory: {{shared: {shared}}}\n", encoding="utf-8")
    (own / "broken.yaml").write_text("shared: [", encoding="utf-8")

    async def tell_ada_and_ask_marlow() -> list[str]:
        ada = awaken(home, COMPANION_MODEL="offline", COMPANION_PERSONA="ada")
        [event async for event in ada.hear("My sister Anna lives in Oslo.")]
        await ada.aclose()
        marlow = awaken(home, COMPANION_MODEL="offline", COMPANION_PERSONA="marlow")
        found = [recollection.utterance.text for recollection in marlow.recall("Where does my sister Anna live?")]
        await marlow.aclose()
        return found

    assert asyncio.run(tell_ada_and_ask_marlow()) == (["My sister Anna lives in Oslo."] if knows else [])
