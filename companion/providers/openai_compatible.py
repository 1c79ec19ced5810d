"""The only wire code: Chat Completions as OpenAI, Ollama, LM Studio, llama.cpp, vLLM and OpenRouter speak it.

The official package does the talking. It takes a second to load, so it is imported when the first client is made.
What it hides is brought back here: a cut line, a web page with status 200 and a server that says nothing all end
without an exception there (measured with openai 3.54), so a reply counts as whole only with a finish reason. What it
adds is taken away: the headers of the person's OpenAI account go to no other server.
"""

import asyncio
import hashlib
import json
import math
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from threading import Lock
from typing import TYPE_CHECKING, Any

from companion.aside import aside
from companion.dialogue.model import Briefing, Finish, Form, Message, Piece, Text, Usage
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
from companion.plaintext import plain
from companion.providers import forms
from companion.providers.keys import key_for
from companion.providers.registry import Request
from companion.providers.server import OPENAI_URL, Server, checked_url, ollama_url, speaking
from companion.providers.thoughts import without_thoughts
from companion.providers.ways import Notebook, Ways

if TYPE_CHECKING:
    import httpx2
    import openai
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

OPENAI_DEFAULT = "gpt-5.4-mini"

NO_KEY = "none"
"""Sent where no key was given: the package insists on one, and would else take the person's from the environment."""

CONNECT_SECONDS = 5.0

AFTERWORD_SECONDS = 1.0
"""How long the count of tokens may take, which comes after the reply; nobody waits for more."""

NEEDED_HEADERS = frozenset(
    "accept accept-encoding authorization connection content-length content-type host user-agent".split()
)

LONGEST_REPLY_TOKENS = 4096
"""What a reply may cost at most; without it some servers reserve, or bill, as much as the model could ever say."""

PAYMENT_REQUIRED = 402

LONGEST_REASON = 200
"""Characters of what a server says of its error."""


class OpenAICompatible:
    """A model behind an OpenAI-compatible server.

    Args:
        server: where it is.
        model: its name there; empty takes the first that the server offers.
        name: how it is shown and kept.
        notebook: where the ways of servers are kept.
        extras: parameters of this server's own.

    Attributes:
        limit: how many tokens prompt and reply may have together, once the server has said so.
    """

    def __init__(
        self,
        server: Server,
        model: str,
        name: str,
        notebook: Notebook | None = None,
        extras: Mapping[str, Any] | None = None,
    ) -> None:
        self.server = server
        self.name = name
        self.limit: int | None = None
        self._model = model
        self._notebook = notebook or Notebook()
        self._extras = dict(extras or {})
        self._client: openai.AsyncOpenAI | None = None
        self._opening = Lock()  # a thread may be warming it up already

    def stream(self, briefing: Briefing) -> AsyncGenerator[Piece]:
        """Stream one reply, as freely as the persona would have it."""
        wish = briefing.persona.model.temperature
        return self._write(briefing.messages, {}, {} if wish is None else {"temperature": wish})

    def write(self, messages: Sequence[Message]) -> AsyncGenerator[Piece]:
        """Stream what follows these messages."""
        return self._write(messages, {})

    async def fill(self, messages: Sequence[Message], form: type[Form]) -> Form:
        """Return the form as the model filled it in; asked for by schema, else as JSON, else in words.

        Raises:
            ModelError: no answer, or none that is such a form.
        """
        known = ways = await self._ways()
        while True:
            try:
                wanted = forms.response_format(form, ways.form)
                answer = await forms.collected(self._write(forms.asking(messages, form, ways.form), wanted))
                found = forms.filled(answer, form)
            except ModelFailed:
                lower = ways.down()
                if lower is None:
                    raise
                ways = lower
            else:
                if ways != known:
                    self._notebook.learn(self.server.url, self._model, ways)
                return found

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text.

        Raises:
            ModelError: no vectors, or not one for each text.
        """
        asked = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        try:
            client = await aside(self._open)
            answer = await client.post("/embeddings", body=asked, cast_to=object)  # its own type trusts any answer
        except ModelError:
            raise
        except Exception as error:
            raise _translate(error, self.server, self._model, spoke=False) from error
        found = _vectors(answer)
        if len(found) != len(texts):
            raise ModelFailed(f"The server at {self.server.url} sent something that is no embedding.")
        return found

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def warm(self) -> None:
        """Load the package and make the client, so that the first reply need not wait for it.

        Raises:
            ModelUnreachable: the address, a proxy or certificates of the environment cannot be used.
        """
        self._open()

    def _open(self) -> "openai.AsyncOpenAI":
        with self._opening:
            if self._client is None:
                self._client = _client(self.server)
            return self._client

    async def _write(
        self, messages: Sequence[Message], wanted: Mapping[str, Any], wished: Mapping[str, Any] | None = None
    ) -> AsyncGenerator[Piece]:
        """Stream what follows; `wanted` is insisted on, `wished` may be refused."""
        spoke = False
        try:
            chunks = await self._request(messages, wanted, wished or {})
            async with chunks, aclosing(without_thoughts(_read(chunks))) as pieces:
                async for piece in pieces:
                    spoke = spoke or isinstance(piece, Text)
                    yield piece
        except ModelError:
            raise
        except Exception as error:
            translated = _translate(error, self.server, self._model, spoke=spoke)
            if isinstance(translated, BriefingTooLong):
                self.limit = translated.limit
            raise translated from error

    async def _request(
        self, messages: Sequence[Message], wanted: Mapping[str, Any], wished: Mapping[str, Any]
    ) -> "openai.AsyncStream[ChatCompletionChunk]":
        """Ask for a reply; what the server refuses of the optional parameters is left out from then on."""
        client = await aside(self._open)
        import openai  # noqa: PLC0415 - loaded by now, in a thread

        while True:
            ways = await self._ways()
            optional = ways.parameters({**self._offered(messages), **wished})
            try:
                return await client.chat.completions.create(
                    model=self._model,
                    messages=[_wire(message) for message in messages],
                    stream=True,
                    extra_body={**self._extras, **optional, **wanted},
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                learned = ways.after_refusal(optional, _everything(error))
                if learned is None:
                    raise
                self._notebook.learn(self.server.url, self._model, learned)

    def _offered(self, messages: Sequence[Message]) -> dict[str, Any]:
        """Return the parameters that a server may refuse."""
        offered: dict[str, Any] = {
            "stream_options": {"include_usage": True},
            "max_tokens": LONGEST_REPLY_TOKENS,
        }
        if self.server.url == OPENAI_URL:  # others refuse it; there it leads to the machine that has read the beginning
            offered["prompt_cache_key"] = hashlib.sha256(messages[0].content.encode()).hexdigest()[:32]
        return offered

    async def _ways(self) -> Ways:
        """Return what is known of the server's ways with the model, which is chosen first if it has to be."""
        if not self._model:
            await self._choose_model(await aside(self._open))
        return self._notebook.ways(self.server.url, self._model)

    async def _choose_model(self, client: "openai.AsyncOpenAI") -> None:
        answer = await client.get("/models", cast_to=object)  # the package's own type breaks on a web page
        offered = speaking(answer)
        if not offered:
            raise ModelMissing(f"The server at {self.server.url} has no model loaded; load one there, then try again.")
        self._model = offered[0]
        shown = self.name.partition("#")[0]
        self.name = f"{shown}{self._model}" if shown.endswith(":") else f"{shown}#{self._model}"


def open_url(request: Request) -> OpenAICompatible:
    """Open `http://host:port/v1#name`, with the key in COMPANION_API_KEY, which was given for this server."""
    url, _, model = request.spec.partition("#")
    key = key_for(checked_url(url), request.environment, request.keys)
    return OpenAICompatible(Server(url, key, request.patience), model, request.spec, request.notebook)


def open_openai(request: Request) -> OpenAICompatible:
    """Open `openai:name` at OPENAI_BASE_URL or OpenAI itself, with OPENAI_API_KEY."""
    url = checked_url(request.environment.get("OPENAI_BASE_URL") or OPENAI_URL)
    key = key_for(url, request.environment, request.keys)
    model = request.name or (OPENAI_DEFAULT if url == OPENAI_URL else "")
    if key is None and url == OPENAI_URL:
        raise SettingsError(
            "OpenAI wants a key: set OPENAI_API_KEY, or name one in keys.yaml, or choose another model with"
            " COMPANION_MODEL."
        )
    name = f"openai:{model}" if model else url
    return OpenAICompatible(Server(url, key, request.patience, account=True), model, name, request.notebook)


def open_ollama(request: Request) -> OpenAICompatible:
    """Open `ollama:name` on this computer, or where OLLAMA_HOST says.

    Raises:
        SettingsError: OLLAMA_HOST is no address.
    """
    url = ollama_url(request.environment.get("OLLAMA_HOST", ""))
    key = key_for(url, {}, request.keys)  # keys of the environment are for others
    return OpenAICompatible(Server(url, key, request.patience), request.name, request.spec, request.notebook)


def _client(server: Server) -> "openai.AsyncOpenAI":
    import openai  # noqa: PLC0415 - a second of work; nothing may wait for it before the first reply

    key = server.key or NO_KEY
    try:
        return openai.AsyncOpenAI(
            base_url=server.url,
            api_key=key,
            max_retries=0,  # a person waits: say at once what happened, and let them decide
            timeout=openai.Timeout(server.silence, connect=CONNECT_SECONDS),
            # OPENAI_CUSTOM_HEADERS may hold a key for somebody else; one that is given here goes before it
            default_headers=None if server.account else {"Authorization": f"Bearer {key}"},
            http_client=openai.DefaultAsyncHttpxClient(
                trust_env=not server.nearby,  # a proxy of the environment must not come between us and this computer
                event_hooks={} if server.account else {"request": [_bare]},
            ),
        )
    except Exception as error:
        raise ModelUnreachable(
            f"No way leads to {server.url} ({_root(error)}). Check the address, and the proxy and certificates in the"
            " environment (HTTP_PROXY, SSL_CERT_FILE), then start again."
        ) from error


async def _bare(request: "httpx2.Request") -> None:
    """Leave a request only the headers it needs: the package adds the person's account and computer."""
    for name in set(request.headers) - NEEDED_HEADERS:
        del request.headers[name]


def _wire(message: Message) -> "ChatCompletionMessageParam":
    match message.role:
        case "system":
            return {"role": "system", "content": message.content}
        case "user":
            return {"role": "user", "content": message.content}
        case "assistant":
            return {"role": "assistant", "content": message.content}


async def _read(chunks: "openai.AsyncStream[ChatCompletionChunk]") -> AsyncGenerator[Piece]:
    """Yield what the chunks say, with one finish, last: what goes wrong after the reply cannot take it back."""
    finish: Finish | None = None
    ends_by: float | None = None
    try:
        while True:
            async with asyncio.timeout_at(ends_by):
                chunk = await anext(chunks)
            for piece in _pieces(chunk):
                if isinstance(piece, Finish):
                    finish = piece
                    ends_by = ends_by or asyncio.get_running_loop().time() + AFTERWORD_SECONDS
                else:
                    yield piece
    except StopAsyncIteration:
        pass
    except Exception:
        if finish is None:
            raise
    if finish:
        yield finish


def _pieces(chunk: object) -> list[Piece]:
    """Return what a chunk says; servers leave out or disfigure almost any part of it, and the package lets it pass."""
    pieces: list[Piece] = []
    choices = getattr(chunk, "choices", None)
    for choice in choices[:1] if isinstance(choices, list) else ():
        text = getattr(getattr(choice, "delta", None), "content", None)
        if isinstance(text, str) and text:
            pieces.append(Text(text))
        reason = getattr(choice, "finish_reason", None)
        if isinstance(reason, str) and reason:
            pieces.append(Finish(reason))
    usage = getattr(chunk, "usage", None)
    if prompt_tokens := _count(usage, "prompt_tokens"):
        cached = _count(getattr(usage, "prompt_tokens_details", None), "cached_tokens")
        pieces.append(Usage(prompt_tokens, cached, _count(usage, "completion_tokens")))
    return pieces


def _vectors(answer: object) -> list[list[float]]:
    """Return the vectors of an answer in the order of the texts; none where it is not what was asked for."""
    listed = answer.get("data") if isinstance(answer, dict) else None
    try:
        entries = sorted(listed or (), key=lambda entry: entry["index"])
        return [[float(value) for value in entry["embedding"]] for entry in entries]
    except (KeyError, TypeError, ValueError):
        return []


def _count(counts: object, part: str) -> int:
    found = getattr(counts, part, None)
    return found if isinstance(found, int) else 0


def _translate(error: Exception, server: Server, model: str, *, spoke: bool) -> ModelError:
    """Turn whatever the package raised into one sentence of ours."""
    import openai  # noqa: PLC0415 - it raised, so it is loaded

    where = server.url
    match error:
        case openai.APIStatusError():
            return _translate_status(error, server, model)
        case openai.APITimeoutError() if spoke:
            return ReplyCut(
                f"The server fell silent for {server.silence:g} s in the middle of the reply."
                " What had come is kept; try again."
            )
        case openai.APITimeoutError():
            return ModelSilent(
                f"The server at {where} said nothing for {server.silence:g} s. Your words are kept; try again."
            )
        case openai.APIConnectionError() if not spoke:
            return ModelUnreachable(f"Nothing answers at {where} ({_root(error)}). Start it, then try again.")
        case openai.APIConnectionError():
            return ReplyCut("The line broke in the middle of the reply. What had come is kept; try again.")
        case openai.APIError():
            return ModelFailed(f"The server reported an error: {_said(error)}. Your words are kept; try again.")
        case json.JSONDecodeError() | UnicodeDecodeError():
            return ModelFailed(
                f"The server at {where} sent something that is not a reply. Your words are kept; try again."
            )
        case _:
            return ModelFailed(f"The talk with {where} failed: {_root(error)}. Your words are kept; try again.")


def _translate_status(error: "openai.APIStatusError", server: Server, model: str) -> ModelError:
    where = server.url
    said = _said(error).replace(server.key or NO_KEY, "…")
    match error.status_code:
        case 401 | 403:
            return ModelRefused(f"The server at {where} refused the key: {said}. Check it, then try again.")
        case 404:
            asked = f"does not know the model {model!r}" if model else "does not tell which models it has"
            hint = "" if where.rstrip("/").endswith("/v1") else " Does the address lack /v1?"
            return ModelMissing(f"The server at {where} {asked}: {said}.{hint} Name one that it has with --model.")
        case 402 | 429 if error.status_code == PAYMENT_REQUIRED or error.code == "insufficient_quota":
            return ModelRefused(
                f"The account at {where} has no credit left: {said}. Top it up, or choose another model."
            )
        case 429:
            wait = _retry_after(error)
            when = f" Try again in {wait:.0f} s." if wait else " Wait a little, then try again."
            return ModelBusy(f"The server asks for patience: {said}.{when}", wait)
        case 503:
            return ModelBusy(f"The server is not ready: {said}. Wait a little, then try again.", _retry_after(error))
        case 400 | 413 | 422 if "context" in said.lower() or "too long" in said.lower():
            return BriefingTooLong(
                f"The model was told more than it can hold: {said}. Lower COMPANION_CONTEXT, then try again.",
                _limit(_everything(error)),
            )
        case status if status >= 500:  # noqa: PLR2004 - HTTP's own border
            return ModelFailed(f"The server broke ({status}): {said}. Your words are kept; try again.")
        case status:
            return ModelFailed(f"The server did not accept the request ({status}): {said}. Try again.")


def _limit(said: str) -> int | None:
    """Return how many tokens a server can hold, if its refusal tells: llama.cpp, LM Studio, vLLM and OpenAI do."""
    told = re.search(r"""(?:n_ctx['"]?: ?|context size \(|context length is (?:only )?)(\d+)""", said)
    return int(told[1]) if told else None


def _everything(error: "openai.APIError") -> str:
    """Return all that a refusal holds: where the reason stands in its body differs from server to server."""
    return f"{error.message} {error.body}"


def _said(error: "openai.APIError") -> str:
    """Return what the server said of its error, on one short line."""
    body: Any = error.body
    if isinstance(body, dict):
        body = body.get("message") or body.get("error") or body.get("detail")
    text = plain(body if isinstance(body, str) and body.strip() else error.message)
    if text.lstrip().startswith("<") or "<html" in text.lower():
        text = "it sent a web page"
    return " ".join(text.split()).rstrip(".")[:LONGEST_REASON] or "no reason given"


def _retry_after(error: "openai.APIStatusError") -> float | None:
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _root(error: BaseException) -> str:
    """Return the innermost cause: the package says only "Connection error."."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
