"""The embedded engine: llama.cpp in this process, reached over loopback with the same wire code as any server.

It listens on a random port of 127.0.0.1 and lets in only who knows the random key that is made at each start.
"""

import os
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from threading import Lock
from typing import Any

from companion.aside import aside
from companion.dialogue.model import Briefing, Message, Piece
from companion.errors import ModelFailed, SettingsError
from companion.providers.openai_compatible import OpenAICompatible
from companion.providers.registry import Request
from companion.providers.server import Server

GGUF_MAGIC = b"GGUF"


class EmbeddedModel:
    """A GGUF file, run here.

    Args:
        path: the model file.
        name: how it is shown and kept.
        context: how many tokens it may be told; its reply comes on top.
    """

    def __init__(self, path: Path, name: str, context: int) -> None:
        self.name = name
        self._engine: Any = None
        self._path, self._context = path, context
        self._wire: OpenAICompatible | None = None
        self._opening = Lock()  # a thread may be warming it up already

    def stream(self, briefing: Briefing) -> AsyncGenerator[Piece]:
        """Stream one reply."""
        return self.write(briefing.messages)

    async def write(self, messages: Sequence[Message]) -> AsyncGenerator[Piece]:
        """Stream what follows these messages."""
        wire = await aside(self._open)
        async with aclosing(wire.write(messages)) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Stop the engine."""
        if self._wire is not None:
            await self._wire.aclose()
        self._wire = self._engine = None

    def warm(self) -> None:
        """Load the model."""
        self._open().warm()

    def _open(self) -> OpenAICompatible:
        with self._opening:
            if self._wire is None:
                key = secrets.token_urlsafe()
                self._engine = _start(self._path, self._context, key)
                server = Server(f"{self._engine.listening_address}/v1", key)
                self._wire = OpenAICompatible(server, self._path.stem, self.name)
            return self._wire


def open_file(request: Request) -> EmbeddedModel:
    """Open `local:FILE.gguf`: a path, or a file in the models folder.

    Raises:
        SettingsError: there is no such model.
    """
    path = request.path
    if not path.is_file():
        path = request.data / "models" / request.name
    if not path.is_file():
        raise SettingsError(
            f"There is no model file {request.name!r}, neither as a path nor in {request.data / 'models'}."
        )
    if not is_gguf(path):
        raise SettingsError(f"{path} is not a GGUF model file that can be read here.")
    return EmbeddedModel(path, request.spec, request.context)


def is_gguf(path: Path) -> bool:
    """Tell whether a path leads to a model file, going by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(len(GGUF_MAGIC)) == GGUF_MAGIC
    except OSError:
        return False


def _start(path: Path, context: int, key: str) -> Any:
    """Start the engine.

    Raises:
        ModelFailed: it is not installed, or cannot run the file.
    """
    try:
        import xllamacpp  # noqa: PLC0415 - optional, and heavy
    except ImportError as error:
        raise ModelFailed(
            f"The embedded engine cannot be loaded ({error}); install the extra `local`, as the README shows,"
            " and libgomp1 if that is what is missing."
        ) from error
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context + context // 4
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = max(1, (os.cpu_count() or 2) // 2)
    params.cache_ram_mib = 0
    params.api_keys = [key]
    params.cors_origins = "localhost"
    params.ui = False
    params.verbosity = 0
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelFailed(
            f"The engine cannot run {path}; the file may be cut short, or too big for memory. Fetch it again, or choose"
            " another model with --model."
        ) from error
