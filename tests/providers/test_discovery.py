"""Where a mind is looked for, in which order, and what counts as one."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.providers import discovery
from tests import servers
from tests.servers import HTML, ChatServer, Line
from tests.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as chat:
        yield chat


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken, and where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def with_model(data: Path, name: str = "tiny.gguf") -> Path:
    (data / "models").mkdir(exist_ok=True)
    write_tiny_gguf(data / "models" / name)
    return data


# The order

KEYS = {"OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}


def test_what_the_person_said_comes_before_everything(server, tmp_path):
    assert discovery.choose("ollama:qwen3", KEYS, with_model(tmp_path), [server.port]) == "ollama:qwen3"
    assert not server.looked


@pytest.mark.parametrize("names", [["OPENAI_API_KEY"], ["OPENAI_BASE_URL"], ["OPENAI_API_KEY", "OPENAI_BASE_URL"]])
def test_the_environment_comes_before_what_is_lying_or_listening_here(names, server, tmp_path):
    environment = {name: KEYS[name] for name in names}
    assert discovery.choose(None, environment, with_model(tmp_path), [server.port]) == "openai:"
    assert not server.looked


def test_a_model_file_comes_before_a_server(server, tmp_path):
    assert discovery.choose(None, {}, with_model(tmp_path), [server.port]) == "local:tiny.gguf"
    assert not server.looked


def test_a_server_on_this_computer_is_the_last_that_is_looked_for(server, tmp_path):
    assert discovery.choose(None, {}, tmp_path, [server.port]) == f"http://127.0.0.1:{server.port}/v1#tiny"


@pytest.mark.parametrize("environment", [{}, {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}])
def test_where_nothing_is_found_she_listens(environment, closed_port, tmp_path):
    assert discovery.choose(None, environment, tmp_path, [closed_port]) == "offline"
    assert discovery.choose("", environment, tmp_path, []) == "offline"


# Servers


def test_a_server_that_offers_a_model_is_found_with_its_first_one_that_speaks(server):
    server.elsewhere = servers.offers("mxbai-EMBED-large", "org/qwen3:4b", "llama3.2")
    assert discovery.find_server([server.port]) == f"http://127.0.0.1:{server.port}/v1#org/qwen3:4b"
    assert [asked.path for asked in server.looked] == ["/v1/models"]
    assert not server.asked


def test_of_several_servers_the_first_in_order_is_taken_however_slow_it_is(closed_port):
    def slowly(line: Line) -> None:
        time.sleep(0.1)
        servers.offers("slow")(line)

    with ChatServer(elsewhere=slowly) as slow, ChatServer(elsewhere=servers.offers("quick")) as quick:
        ports = [closed_port, slow.port, quick.port]
        assert discovery.find_server(ports) == f"http://127.0.0.1:{slow.port}/v1#slow"
        assert discovery.find_server(reversed(ports)) == f"http://127.0.0.1:{quick.port}/v1#quick"


def listing(data: object) -> servers.Behaviour:
    return servers.answers(200, {"object": "list", "data": data})


NOT_A_SERVER = {
    "a page for everything": servers.answers(200, HTML),
    "an empty answer": servers.answers(200, b""),
    "bytes that are no text": servers.answers(200, b"\xff\xfe\x00"),
    "broken JSON": servers.answers(200, b'{"data": ['),
    "JSON deeper than any": servers.answers(200, b"[" * 100_000),
    "a JSON list": servers.answers(200, ["tiny"]),
    "a JSON string": servers.answers(200, "tiny"),
    "JSON null": servers.answers(200, None),
    "another JSON": servers.answers(200, {"models": [{"name": "tiny"}]}),
    "data null": listing(None),
    "data that is an object": listing({"id": "tiny"}),
    "data of strings": listing(["tiny"]),
    "names that are none": listing([{"id": None}, {"id": 7}, {"name": "tiny"}]),
    "an empty list": listing([]),
    "only embedders": servers.offers("nomic-embed-text", "text-embedding-3-small"),
    "a list without end": servers.offers(*["tiny" * 64] * 8192),
    "a key is wanted": servers.refuses(401, "Missing API key."),
    "still loading": servers.refuses(503, "Loading model"),
    "not found": servers.answers(404, HTML),
    "hung up on": Line.cut,
    "hung up on by RST": Line.reset,
}


@pytest.mark.parametrize("behave", NOT_A_SERVER.values(), ids=NOT_A_SERVER.keys())
def test_what_does_not_have_the_shape_of_a_model_server_is_none(behave, server):
    server.elsewhere = behave
    assert discovery.probe(server.port) == []


def test_something_that_speaks_no_http_is_no_model_server():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert discovery.probe(listener.getsockname()[1]) == []


def trickles(line: Line) -> None:
    """Send a byte now and then, each well within any timeout."""
    line.open()
    for _ in range(200):
        line.send(b" ")
        time.sleep(0.05)


@pytest.mark.parametrize("behave", [servers.never_answers, servers.falls_silent_after("x"), trickles])
def test_a_server_that_keeps_us_waiting_is_left_within_the_time_for_looking(behave, server):
    server.elsewhere = behave
    began = time.monotonic()
    assert discovery.find_server([server.port]) is None
    assert discovery.PROBE_SECONDS * 0.9 < time.monotonic() - began < 3


def test_looking_sends_no_key_and_asks_no_proxy(server, monkeypatch):
    with ChatServer() as proxy:
        for name in ("OPENAI_API_KEY", "COMPANION_API_KEY"):
            monkeypatch.setenv(name, "sk-secret")
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.root)
        assert discovery.probe(server.port)
        assert not proxy.looked
    assert "authorization" not in server.looked[0].headers
    assert "sk-secret" not in json.dumps(dict(server.looked[0].headers))


# Model files


def test_without_a_models_folder_nothing_is_downloaded(tmp_path):
    assert discovery.downloaded(tmp_path) is None


def test_the_first_model_file_by_name_is_taken(tmp_path):
    with_model(tmp_path, "b.gguf")
    with_model(tmp_path, "a model.gguf")
    assert discovery.downloaded(tmp_path) == "local:a model.gguf"


@pytest.mark.parametrize("content", [b"", b"\x00\x05\x16\x07 left by a Mac", b"<!DOCTYPE html>"])
def test_what_is_only_called_a_model_file_is_passed_over(content, tmp_path):
    with_model(tmp_path, "tiny.gguf")
    (tmp_path / "models" / "._tiny.gguf").write_bytes(content)
    (tmp_path / "models" / "a.gguf").mkdir()
    (tmp_path / "models" / "a.gguf.part").write_bytes(b"GGUF")
    assert discovery.downloaded(tmp_path) == "local:tiny.gguf"


# Everything that is here


def on(paths: dict[str, object]):
    """Answer each of these paths with JSON, and any other as LM Studio does: with 200 and nothing of use."""
    return lambda line: line.answer(200, paths.get(line.asked.path, {"error": "Unexpected endpoint"}))


MODELS = {"object": "list", "data": [{"id": "qwen3:4b"}, {"id": "nomic-embed-text"}]}

CONTEXTS = {  # in the words of each server
    "vLLM": {"/v1/models": {"data": [{"id": "qwen3:4b", "max_model_len": 4096}]}},
    "llama.cpp": {"/v1/models": MODELS, "/props": {"default_generation_settings": {"n_ctx": 4096}}},
    "Ollama": {"/v1/models": MODELS, "/api/ps": {"models": [{"name": "qwen3:4b", "context_length": 4096}]}},
    "LM Studio": {
        "/v1/models": MODELS,
        "/api/v0/models": {"data": [{"id": "qwen3:4b", "loaded_context_length": 4096}]},
    },
}


@pytest.mark.parametrize("paths", CONTEXTS.values(), ids=CONTEXTS.keys())
def test_everything_that_is_here_is_listed_with_the_context_that_each_server_tells(paths, server, tmp_path):
    server.elsewhere = on(paths)
    found = discovery.look(with_model(tmp_path), [server.port])
    assert [(one.spec, one.context) for one in found] == [
        ("local:tiny.gguf", None),
        (f"http://127.0.0.1:{server.port}/v1#qwen3:4b", 4096),
    ]


@pytest.mark.parametrize(
    "answer", [{"default_generation_settings": []}, {"default_generation_settings": {"n_ctx": "many"}}, [], "x", None]
)
def test_a_context_that_is_none_is_not_told(answer, server, tmp_path):
    server.elsewhere = on({"/v1/models": MODELS, "/props": answer, "/api/ps": answer, "/api/v0/models": answer})
    assert [one.context for one in discovery.look(tmp_path, [server.port])] == [None]


@pytest.mark.parametrize(
    ("host", "first"),
    [
        ("127.0.0.1:4242", 4242),
        (":4242", 4242),
        ("0.0.0.0", 11434),  # noqa: S104 - what people put there
        ("http://10.0.0.2:4242", 11434),
        ("", 11434),
    ],
)
def test_ollama_is_looked_for_where_its_own_setting_says_if_that_is_on_this_computer(host, first):
    ports = discovery.ports({"OLLAMA_HOST": host})
    assert ports[0] == first
    assert len(ports) == len(set(ports))
    assert set(discovery.PORTS) <= set(ports)
