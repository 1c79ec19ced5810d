"""The embedded engine: llama.cpp in this process, reached over loopback with the same wire code as any server.

It listens on a random port of 127.0.0.1 and lets in only who knows the random key that is made at each start.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from threading import Lock
from typing import Any

from companion.aside import aside
from companion.dialogue.model import Briefing, Form, Message, Piece
from companion.errors import ModelFailed, SettingsError
from companion.plaintext import one_line
from companion.providers.openai_compatible import OpenAICompatible
from companion.providers.registry import Request
from companion.providers.server import Server

GGUF_MAGIC = b"GGUF"

PROPERTIES_READ = 1 << 20

ANSWER_AT_ONCE = {"chat_template_kwargs": {"enable_thinking": False}}
"""Small models that think first take minutes for a hello; templates that know nothing of it ignore it."""


class EmbeddedModel:
    """A GGUF file, run here.

    Args:
        path: the model file.
        name: how it is shown and kept.
        context: how many tokens it may be told; its reply comes on top.
        embeds: whether it gives vectors, rather than words.
    """

    def __init__(self, path: Path, name: str, context: int, *, embeds: bool = False) -> None:
        self.name = name
        self._embeds = embeds
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

    async def fill(self, messages: Sequence[Message], form: type[Form]) -> Form:
        """Return the form as the model filled it in; the engine's grammar sees to its shape."""
        return await (await aside(self._open)).fill(messages, form)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text."""
        return await (await aside(self._open)).embed(texts)

    @property
    def limit(self) -> int:
        """How many tokens prompt and reply may have together."""
        return _held(self._context)

    def warm(self) -> None:
        """Load the model."""
        self._open().warm()

    def _open(self) -> OpenAICompatible:
        with self._opening:
            if self._wire is None:
                key = secrets.token_urlsafe()
                self._engine = _start(self._path, self._context, key, embeds=self._embeds)
                server = Server(f"{self._engine.listening_address}/v1", key)
                self._wire = OpenAICompatible(server, self._path.stem, self.name, extras=ANSWER_AT_ONCE)
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
    return EmbeddedModel(path, request.spec, request.context, embeds=request.embeds)


def is_gguf(path: Path) -> bool:
    """Tell whether a path leads to a model file, going by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(len(GGUF_MAGIC)) == GGUF_MAGIC
    except OSError:
        return False


def _held(context: int) -> int:
    """Return how many tokens the engine holds when it may be told so many: a quarter on top is for the reply."""
    return context + context // 4


def _start(path: Path, context: int, key: str, *, embeds: bool) -> Any:
    """Start the engine.

    Raises:
        ModelFailed: it is not installed, cannot run on this computer, or cannot run the file.
    """
    _check_engine()
    _check_memory(path)
    import xllamacpp  # noqa: PLC0415 - optional, and heavy

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = _held(context)
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = max(1, (os.cpu_count() or 2) // 2)
    params.cache_ram_mib = 0
    params.api_keys = [key]
    params.cors_origins = "localhost"
    params.ui = False
    params.verbosity = 0
    if embeds:
        _embed(xllamacpp, params, path)
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelFailed(
            f"The engine cannot run {path}; the file may be cut short, or too big for memory. Fetch it again, or choose"
            " another model with --model."
        ) from error


def _embed(engine: Any, params: Any, path: Path) -> None:
    """Have the engine give vectors: each text in one step, and the mean of its words where the file names no other way.

    The names of a file's properties stand at its beginning.
    """
    params.embedding = True
    params.n_batch = params.n_ubatch = params.n_ctx
    with path.open("rb") as file:
        if b".pooling_type" not in file.read(PROPERTIES_READ):
            params.pooling_type = engine.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN


def _check_engine() -> None:
    """Load the engine in a process of its own first: on a processor without AVX2 it dies, and takes its host with it.

    Raises:
        ModelFailed: it cannot be loaded here.
    """
    if "xllamacpp" in sys.modules:
        return
    tried = subprocess.run([sys.executable, "-c", "import xllamacpp"], capture_output=True, text=True, check=False)
    if tried.returncode < 0:
        raise ModelFailed(
            "The embedded engine cannot run on this computer's processor (it needs AVX2, FMA and F16C). Choose a model"
            " on a server with --model."
        )
    if tried.returncode:
        reason = tried.stderr.strip().rpartition("\n")[2].partition(": ")[2] or "it ended early"
        missing = "install libgomp1 (`apt install libgomp1`)" if "libgomp" in reason else "install the extra `local`"
        raise ModelFailed(f"The embedded engine cannot be loaded ({one_line(reason)}): {missing}, as the README shows.")


def _check_memory(path: Path) -> None:
    """See that a model could fit into the memory of this computer, where the system tells how much it has.

    Raises:
        ModelFailed: it cannot.
    """
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return
    if path.stat().st_size > memory:
        raise ModelFailed(
            f"{path.name} needs {path.stat().st_size / 1e9:.1f} GB of memory, and this computer has {memory / 1e9:.1f}."
            " Choose a smaller model: `companion models download` names some."
        )
