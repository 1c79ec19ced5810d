"""`companion models`: looking, choosing, trying and fetching."""

import json
from pathlib import Path

import pytest

from companion.providers import discovery
from tests import servers
from tests.cli.test_commands import Run, run  # noqa: F401 - a fixture
from tests.servers import ChatServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch):
    """A server where Ollama is said to be; the well-known ports may be somebody else's on this computer."""
    monkeypatch.setattr(discovery, "PORTS", {})
    with ChatServer() as chat:
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{chat.port}")
        yield chat


@pytest.fixture
def looking(run: Run, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Run:  # noqa: F811 - the fixture
    """The program where nothing is chosen, and one server runs."""
    monkeypatch.delenv("COMPANION_MODEL")
    return run


def test_list_shows_what_is_here_and_which_one_would_speak(looking: Run, server: ChatServer) -> None:
    code, out, err = looking("models", "list", "--json")
    spec = f"{server.url}#tiny"
    assert code == 0
    assert json.loads(out) == [
        {"spec": spec, "where": f"a server on this computer, port {server.port}", "context": None, "current": True},
        {"spec": "offline", "where": "she listens, without a model", "context": None, "current": False},
    ]
    assert not err
    _, out, err = looking("models", "list")
    assert out.splitlines()[0].startswith(f"* {spec} ")
    assert "qwen3-1.7b  1.28 GB, Apache-2.0: small and quick" in err


def test_use_keeps_the_choice_and_say_follows_it(looking: Run, server: ChatServer, home: Path) -> None:
    code, out, _ = looking("models", "use", f"{server.url}#other")
    assert code == 0
    assert str(home / "config" / "config.yaml") in out
    assert looking("say", "hello")[1] == "Hello there.\n"
    assert server.asked[0].body["model"] == "other"
    assert json.loads(looking("models", "list", "--json")[1])[0]["spec"] == f"{server.url}#other"


@pytest.mark.parametrize("spec", ["nonsense", "ftp:x", "local:missing.gguf"])
def test_use_refuses_what_is_no_model_and_keeps_nothing(spec: str, looking: Run, home: Path) -> None:
    code, _, err = looking("models", "use", spec)
    assert (code, err.count("\n")) == (1, 1)
    assert not (home / "config" / "config.yaml").exists()


def test_try_asks_one_question_and_tells_what_came_of_it(looking: Run, server: ChatServer) -> None:
    server.will(servers.says("Salt,", " and gulls."), servers.says('{"person": "Anna", "city": "Oslo"}'))
    code, out, _ = looking("models", "try")
    assert code == 0
    assert out.startswith("“Salt, and gulls.”\n")
    assert "streams, can fill in a form, and counts tokens." in out
    server.will(servers.says("Salt."))
    told = json.loads(looking("models", "try", f"{server.url}#tiny", "--json")[1])
    assert list(told) == ["model", "answer", "first_seconds", "tokens_per_second", "streams", "structured", "usage"]
    assert (told["answer"], told["structured"]) == ("Salt.", False)


def test_try_says_what_is_wrong_in_a_sentence(looking: Run, server: ChatServer) -> None:
    server.will(servers.refuses(401, "Incorrect API key."))
    code, out, err = looking("models", "try")
    assert (code, out) == (1, "")
    assert "refused the key" in err


def test_download_says_what_it_will_fetch_and_fails_politely_without_the_hub(
    looking: Run, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    code, out, err = looking("models", "download")
    assert code == 1
    assert out.startswith(f"Qwen3 1.7B, 1.28 GB, Apache-2.0, into {home / 'data' / 'models'}; ")
    assert "Nothing has come" in err
    assert err.count("\n") == 1


def test_download_of_an_unknown_model_names_the_known_ones(looking: Run) -> None:
    code, _, err = looking("models", "download", "gpt-9")
    assert code == 1
    assert "qwen3-1.7b, qwen3-4b" in err
