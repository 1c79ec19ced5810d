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
from importlib.util import find_spec
from pathlib import Path
from threading import Timer

from companion.providers.embedded import is_gguf
from companion.providers.server import speaking

PORTS = {11434: "Ollama", 1234: "LM Studio", 9931: "llama.cpp", 8080: "llama.cpp", 8000: "vLLM", 1337: "Jan"}
"""Where local servers listen unless told otherwise, in the order of preference; llama.cpp moved from 8080 to 9931."""

PROBE_SECONDS = 0.35
LARGEST_LIST = 1 << 20


def choose(spec: str | None, environment: Mapping[str, str], data: Path, ports: Iterable[int] = PORTS) -> str:
    """Return the spec of the model to use, in the order: said, environment, model file, local server, none."""
    if spec:
        return spec
    if environment.get("OPENAI_BASE_URL") or environment.get("OPENAI_API_KEY"):
        return "openai:"
    return downloaded(data) or find_server(ports) or "offline"


def downloaded(data: Path) -> str | None:
    """Return the spec of a model file that is here and can be run here."""
    files = filter(is_gguf, sorted((data / "models").glob("*.gguf")))
    first = next(files, None) if find_spec("xllamacpp") else None
    return f"local:{first.name}" if first else None


def find_server(ports: Iterable[int] = PORTS) -> str | None:
    """Return the spec of the first local server that offers a model."""
    ports = tuple(ports)
    with ThreadPoolExecutor(max_workers=max(1, len(ports))) as pool:
        return next((spec for spec in pool.map(probe, ports) if spec), None)


def probe(port: int) -> str | None:
    """Return the spec of the model that a server on a local port offers, if it is such a server."""
    try:
        answer = json.loads(_models_at(port))
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return None
    offered = speaking(answer)
    return f"http://127.0.0.1:{port}/v1#{offered[0]}" if offered else None


def _models_at(port: int) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_SECONDS)
    try:
        connection.connect()
        with _cut_off(connection.sock):
            connection.request("GET", "/v1/models")
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
