"""The only wire code: Chat Completions as OpenAI, Ollama, LM Studio, llama.cpp, vLLM and OpenRouter speak it.

The official package does the talking. It takes a second to load, so it is imported when the first client is made.
What it hides is brought back here: a cut line, a web page with status 200 and a server that says nothing all end
without an exception there (measured with openai 3.54), so a reply counts as whole only with a finish reason.
"""

import asyncio
import ipaddress
import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from companion.dialogue.model import Briefing, Finish, Message, Piece, Text, Usage
from companion.errors import (
    BriefingTooLong,
    ModelBusy,
    ModelError,
    ModelFailed,
    ModelMissing,
    ModelRefused,
    ModelSilent,
    ModelUnreachable,
    ReplyCut,
    SettingsError,
)
from companion.providers.registry import Request

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_DEFAULT = "gpt-5.4-mini"
OLLAMA_URL = "http://127.0.0.1:11434/v1"

NO_KEY = "none"
"""Sent where no key was given: the package insists on one, and would else take the person's from the environment."""

CONNECT_SECONDS = 5.0
PATIENCE_AFAR = 120.0
PATIENCE_NEARBY = 600.0
"""A model on a plain processor may read for minutes before its first word."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a model is, and what opens the door.

    Attributes:
        url: the base address, usually ending in /v1.
        key: the key that was given for this very server, if any.
        patience: seconds of silence after which it is given up; None: two minutes afar, ten nearby.
    """

    url: str
    key: str | None = None
    patience: float | None = None

    @property
    def nearby(self) -> bool:
        """Whether it is on this computer."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    @property
    def silence(self) -> float:
        """Seconds of silence after which it is given up."""
        return self.patience or (PATIENCE_NEARBY if self.nearby else PATIENCE_AFAR)


class OpenAICompatible:
    """A model behind an OpenAI-compatible server.

    Args:
        server: where it is.
        model: its name there; empty takes the first that the server offers.
        name: how it is shown and kept.
    """

    def __init__(self, server: Server, model: str, name: str) -> None:
        self.server = server
        self.name = name
        self._model = model
        self._client: openai.AsyncOpenAI | None = None
        self._opening = Lock()  # a thread may be warming it up already

    async def stream(self, briefing: Briefing) -> AsyncGenerator[Piece]:
        """Stream one reply."""
        spoke = False
        try:
            client = await asyncio.to_thread(self._open)
            model = await self._chosen_model(client)
            chunks = await client.chat.completions.create(
                model=model,
                messages=[_wire(message) for message in briefing.messages],
                stream=True,
                stream_options={"include_usage": True},
            )
            async with chunks:
                async for chunk in chunks:
                    for piece in _pieces(chunk):
                        spoke = spoke or isinstance(piece, Text)
                        yield piece
        except ModelError:
            raise
        except Exception as error:
            raise _translate(error, self.server, self._model, spoke=spoke) from error

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def warm(self) -> None:
        """Load the package and make the client, so that the first reply need not wait for it."""
        self._open()

    def _open(self) -> "openai.AsyncOpenAI":
        with self._opening:
            if self._client is None:
                self._client = _client(self.server)
            return self._client

    async def _chosen_model(self, client: "openai.AsyncOpenAI") -> str:
        if not self._model:
            offered = [model.id for model in (await client.models.list()).data or []]
            speaking = [name for name in offered if "embed" not in name.lower()]
            if not speaking:
                raise ModelMissing(f"The server at {self.server.url} has no model loaded; load one there, then /retry.")
            self._model = speaking[0]
            self.name = f"{self.name.partition('#')[0]}#{self._model}"
        return self._model


def open_url(request: Request) -> OpenAICompatible:
    """Open `http://host:port/v1#name`, with the key in COMPANION_API_KEY, which was given for this server."""
    url, _, model = request.spec.partition("#")
    key = _key_for(url, request.environment)
    return OpenAICompatible(Server(_checked_url(url), key, request.patience), model, request.spec)


def open_openai(request: Request) -> OpenAICompatible:
    """Open `openai:name` at OPENAI_BASE_URL or OpenAI itself, with OPENAI_API_KEY."""
    url = request.environment.get("OPENAI_BASE_URL") or OPENAI_URL
    key = request.environment.get("OPENAI_API_KEY") or None
    model = request.name or (OPENAI_DEFAULT if url == OPENAI_URL else "")
    if key is None and url == OPENAI_URL:
        raise SettingsError("OpenAI wants a key: set OPENAI_API_KEY, or choose another model with COMPANION_MODEL.")
    name = f"openai:{model}" if model else url
    return OpenAICompatible(Server(_checked_url(url), key, request.patience), model, name)


def open_ollama(request: Request) -> OpenAICompatible:
    """Open `ollama:name` on this computer, or where OLLAMA_HOST says."""
    url = _ollama_url(request.environment.get("OLLAMA_HOST", ""))
    return OpenAICompatible(Server(url, None, request.patience), request.name, request.spec)


def _key_for(url: str, environment: Mapping[str, str]) -> str | None:
    given = environment.get("COMPANION_API_KEY") or None
    same = url.rstrip("/") == environment.get("OPENAI_BASE_URL", "").rstrip("/")
    return given or (environment.get("OPENAI_API_KEY") or None if same else None)


def _ollama_url(host: str) -> str:
    if not host:
        return OLLAMA_URL
    address = urlsplit(host if "//" in host else f"http://{host}")
    name = "127.0.0.1" if address.hostname in {None, "0.0.0.0"} else address.hostname  # noqa: S104 - read, not bound
    return f"{address.scheme}://{name}:{address.port or 11434}/v1"


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(f"{url!r} is not an address; write it as http://127.0.0.1:8080/v1#model-name.")
    return url


def _client(server: Server) -> "openai.AsyncOpenAI":
    import httpx2  # noqa: PLC0415 - loads with openai
    import openai  # noqa: PLC0415 - a second of work; nothing may wait for it before the first reply

    return openai.AsyncOpenAI(
        base_url=server.url,
        api_key=server.key or NO_KEY,
        max_retries=0,  # a person waits: say at once what happened, and let them decide
        timeout=httpx2.Timeout(server.silence, connect=CONNECT_SECONDS),
        # a proxy of the environment must not come between us and this computer
        http_client=openai.DefaultAsyncHttpxClient(trust_env=not server.nearby),
    )


def _wire(message: Message) -> "ChatCompletionMessageParam":
    match message.role:
        case "system":
            return {"role": "system", "content": message.content}
        case "user":
            return {"role": "user", "content": message.content}
        case "assistant":
            return {"role": "assistant", "content": message.content}


def _pieces(chunk: "ChatCompletionChunk") -> list[Piece]:
    """Return what a chunk says; servers leave out almost any part of it."""
    pieces: list[Piece] = []
    for choice in (chunk.choices or [])[:1]:
        text = choice.delta.content if choice.delta else None
        if isinstance(text, str) and text:
            pieces.append(Text(text))
        if choice.finish_reason:
            pieces.append(Finish(choice.finish_reason))
    if chunk.usage:
        cached = getattr(chunk.usage.prompt_tokens_details, "cached_tokens", None)
        pieces.append(Usage(chunk.usage.prompt_tokens or 0, cached or 0, chunk.usage.completion_tokens or 0))
    return pieces


def _translate(error: Exception, server: Server, model: str, *, spoke: bool) -> ModelError:
    """Turn whatever the package raised into one sentence of ours."""
    import openai  # noqa: PLC0415 - it raised, so it is loaded

    where = server.url
    match error:
        case openai.APIStatusError():
            return _translate_status(error, where, model)
        case openai.APITimeoutError() if spoke:
            return ReplyCut(
                f"The server fell silent for {server.silence:.0f} s in the middle of the reply."
                " What had come is kept; /retry asks again."
            )
        case openai.APITimeoutError():
            return ModelSilent(
                f"The server at {where} did not answer within its time. Your words are kept; /retry asks again."
            )
        case openai.APIConnectionError() if not spoke:
            return ModelUnreachable(
                f"Nothing answers at {where} ({_root(error)}). Is the server running? /retry asks again."
            )
        case openai.APIConnectionError():
            return ReplyCut("The line broke in the middle of the reply. What had come is kept; /retry asks again.")
        case openai.APIError():
            return ModelFailed(f"The server reported an error: {_said(error)}. Your words are kept; /retry asks again.")
        case json.JSONDecodeError() | UnicodeDecodeError():
            return ModelFailed(
                f"The server at {where} sent something that is not a reply. Your words are kept; /retry asks again."
            )
        case _:
            return ModelFailed(f"The talk with {where} failed: {_root(error)}. Your words are kept; /retry asks again.")


def _translate_status(error: "openai.APIStatusError", where: str, model: str) -> ModelError:
    said = _said(error)
    match error.status_code:
        case 401 | 403:
            return ModelRefused(f"The server at {where} refused the key: {said}. Check it, then /retry.")
        case 404:
            hint = "" if where.rstrip("/").endswith("/v1") else " Does the address lack /v1?"
            return ModelMissing(f"The server at {where} does not know the model {model!r}: {said}.{hint}")
        case 429:
            wait = _retry_after(error)
            when = f" Try again in {wait:.0f} s with /retry." if wait else " Wait a little, then /retry."
            return ModelBusy(f"The server asks for patience: {said}.{when}", wait)
        case 503:
            return ModelBusy(f"The server is not ready: {said}. Wait a little, then /retry.", _retry_after(error))
        case 400 | 413 | 422 if "context" in said.lower() or "too long" in said.lower():
            return BriefingTooLong(
                f"The model was told more than it can hold: {said}. Lower COMPANION_CONTEXT, then /retry."
            )
        case status if status >= 500:  # noqa: PLR2004 - HTTP's own border
            return ModelFailed(f"The server broke ({status}): {said}. Your words are kept; /retry asks again.")
        case status:
            return ModelFailed(f"The server did not accept the request ({status}): {said}.")


def _said(error: "openai.APIError") -> str:
    """Return what the server said of its error, on one short line."""
    body: Any = error.body
    if isinstance(body, dict):
        body = body.get("message") or body.get("error") or body
    text = body if isinstance(body, str) and body.strip() else error.message
    if "<html" in text.lower() or "<!doctype" in text.lower():
        text = "it sent a web page"
    return " ".join(text.split()).rstrip(".")[:200] or "no reason given"


def _retry_after(error: "openai.APIStatusError") -> float | None:
    try:
        return float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None


def _root(error: BaseException) -> str:
    """Return the innermost cause: the package says only "Connection error."."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
