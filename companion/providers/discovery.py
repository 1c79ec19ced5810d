"""Finding a mind: what the person said, else what the environment says, else what is lying or listening here.

Only 127.0.0.1 is asked, without a key and past any proxy, for a moment, and only an answer of the right
shape counts (some programs answer 200 to everything).
"""

import http.client
import json
import socket
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from companion.providers.embedded import is_gguf
from companion.providers.server import Server, ollama_url, speaking

PORTS = {11434: "Ollama", 1234: "LM Studio", 9931: "llama.cpp", 8080: "llama.cpp", 8000: "vLLM", 1337: "Jan"}
"""Where local servers listen unless told otherwise, in the order of preference; llama.cpp moved from 8080 to 9931."""

PROBE_SECONDS = 0.35
LARGEST_LIST = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A model that was found on this computer.

    Attributes:
        spec: how to ask for it.
        where: where it is, in a few words.
        context: how many tokens it is held with, where the server tells.
    """

    spec: str
    where: str
    context: int | None

    @property
    def told(self) -> str:
        """What is known of it, in a few words."""
        return f"{self.where}, {self.context} tokens" if self.context else self.where


def choose(spec: str | None, environment: Mapping[str, str], data: Path, ports: Iterable[int] = PORTS) -> str:
    """Return the spec of the model to use, in the order: said, environment, model file, local server, none."""
    if spec:
        return spec
    if environment.get("OPENAI_BASE_URL") or environment.get("OPENAI_API_KEY"):
        return "openai:"
    return downloaded(data) or find_server(ports) or "offline"


def ports(environment: Mapping[str, str]) -> list[int]:
    """Return the ports to ask: the known ones, and before them the one that OLLAMA_HOST names on this computer."""
    host = environment.get("OLLAMA_HOST", "")
    named = Server(ollama_url(host)) if host else None
    own = urlsplit(named.url).port if named and named.nearby else None
    return list(dict.fromkeys([*([own] if own else []), *PORTS]))


def look(data: Path, ports: Iterable[int] = PORTS) -> list[Found]:
    """Return everything that is here and could find her words: model files, then what servers offer, with contexts."""
    files = [Found(f"local:{file.name}", str(file.parent), None) for file in model_files(data)]
    return [*files, *(replace(found, context=found.context or _context(found)) for found in servers(ports))]


def downloaded(data: Path) -> str | None:
    """Return the spec of a model file that is here and can be run here."""
    first = next(iter(model_files(data)), None)
    return f"local:{first.name}" if first else None


def model_files(data: Path) -> list[Path]:
    """Return the model files that are here and can be run here."""
    return list(filter(is_gguf, sorted((data / "models").glob("*.gguf")))) if find_spec("xllamacpp") else []


def find_server(ports: Iterable[int] = PORTS) -> str | None:
    """Return the spec of the first local server that offers a model."""
    return next((found.spec for found in servers(ports)), None)


def servers(ports: Iterable[int] = PORTS) -> Iterator[Found]:
    """Yield the models that local servers offer, in the order of the ports, all of which are asked at once."""
    ports = tuple(ports)
    with ThreadPoolExecutor(max_workers=max(1, len(ports))) as pool:
        for offered in pool.map(probe, ports):
            yield from offered


def probe(port: int) -> list[Found]:
    """Return the models that can speak of those that a server on a local port offers, if it is such a server."""
    answer = _asked(port, "/v1/models")
    where = f"{PORTS.get(port, 'a server')} on this computer, port {port}"
    told = {entry.get("id"): entry for entry in _entries(answer, "data")}
    return [
        Found(f"http://127.0.0.1:{port}/v1#{name}", where, _first(told[name], "max_model_len", "context_length"))
        for name in speaking(answer)
    ]


def _context(found: Found) -> int | None:
    """Ask a server, in its own words, how many tokens a model is held with: llama.cpp, Ollama, LM Studio."""
    address, _, name = found.spec.partition("#")
    port = urlsplit(address).port or 0
    props = _asked(port, "/props")
    settings = props.get("default_generation_settings") if isinstance(props, dict) else None
    running = [entry for entry in _entries(_asked(port, "/api/ps"), "models") if entry.get("name") == name]
    loaded = [entry for entry in _entries(_asked(port, "/api/v0/models"), "data") if entry.get("id") == name]
    told = (
        _first(entry, "n_ctx", "context_length", "loaded_context_length") for entry in (settings, *running, *loaded)
    )
    return next(filter(None, told), None)


def _entries(answer: object, key: str) -> list[dict[str, Any]]:
    listed = answer.get(key) if isinstance(answer, dict) else None
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def _first(entry: object, *keys: str) -> int | None:
    """Return the first of these keys that holds a number of tokens."""
    values = (entry.get(key) for key in keys) if isinstance(entry, dict) else ()
    return next((value for value in values if isinstance(value, int) and value > 0), None)


def _asked(port: int, path: str) -> object:
    """Return the JSON that a local server answers, or nothing."""
    try:
        return json.loads(_answer(port, path))
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return None


def _answer(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_SECONDS)
    try:
        connection.connect()
        with _cut_off(connection.sock):
            connection.request("GET", path)
            return connection.getresponse().read(LARGEST_LIST)
    finally:
        connection.close()


@contextmanager
def _cut_off(line: socket.socket) -> Iterator[None]:
    """Hang up when the time is over: a timeout counts anew with every byte that trickles in."""

    def hang_up() -> None:
        with suppress(OSError):  # it is over already
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(PROBE_SECONDS, hang_up)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
