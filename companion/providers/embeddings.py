"""Where texts lie among meanings, asked of any model that can say: the specs are those of `registry`.

`http://127.0.0.1:11434/v1#nomic-embed-text`, `ollama:nomic-embed-text`, `openai:text-embedding-3-small` and
`local:FILE.gguf` name one.
"""

import math
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Protocol, runtime_checkable

from companion.errors import ModelFailed, SettingsError
from companion.providers.registry import Request, open_requested

Vector = list[float]


@runtime_checkable
class Embedding(Protocol):
    """A model of a provider that can be asked for vectors."""

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return one vector for each text, of any length.

        Raises:
            ModelError: no vectors, or not one for each text.
        """
        ...

    def warm(self) -> None:
        """Load whatever is heavy."""
        ...

    async def aclose(self) -> None:
        """Let go of connections and engines."""
        ...


class Embeddings:
    """The embedder of the product: vectors of unit length, kept under the spec of their model.

    Args:
        model: what makes them.
        name: the spec.
    """

    def __init__(self, model: Embedding, name: str) -> None:
        self.name = name
        self._model = model

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return a vector of unit length for each text."""
        return [_unit(vector) for vector in await self._model.embed(texts)]

    def warm(self) -> None:
        """Load whatever is heavy, numpy included, in which vectors are searched."""
        import numpy  # noqa: F401, ICN001, PLC0415 - heavy, and only for those who have vectors

        self._model.warm()

    async def aclose(self) -> None:
        """Let go of the model."""
        await self._model.aclose()


def open_embedder(request: Request) -> Embeddings:
    """Open what a spec names; `request.embeds` must be set.

    Raises:
        SettingsError: there is no such model, its provider has no vectors, or numpy is missing.
    """
    if find_spec("numpy") is None:
        raise SettingsError("To search by meaning, install the extra `embeddings`, as the README shows.")
    if _unnamed(request):
        raise SettingsError(
            f"{request.spec!r} names no model for embeddings; write it as ollama:nomic-embed-text or"
            " http://127.0.0.1:8080/v1#name."
        )
    model = open_requested(request)
    if not isinstance(model, Embedding):
        raise SettingsError(f"{request.spec!r} finds words, but no meanings; for embeddings name another model.")
    return Embeddings(model, request.spec)


def _unnamed(request: Request) -> bool:
    """Tell whether a spec leaves open which model of a server is meant."""
    provider = request.spec.partition(":")[0]
    if provider in {"http", "https"}:
        return not request.spec.partition("#")[2]
    return provider in {"ollama", "openai"} and not request.name


def _unit(vector: Vector) -> Vector:
    """Return a vector at unit length; what has no direction lies nowhere.

    Raises:
        ModelFailed: it holds what is no number.
    """
    length = math.sqrt(math.fsum(value * value for value in vector))
    if not math.isfinite(length):
        raise ModelFailed("The embedder sent numbers that are none; choose another one.")
    return [value / length for value in vector] if length else vector
