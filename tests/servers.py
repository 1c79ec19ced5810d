"""A real HTTP server on 127.0.0.1 that speaks Chat Completions, and misbehaves when it is told to.

    with ChatServer() as server:
        server.will(says("Hello", " there."), cuts_after("I was"))
        … two requests to server.url …
        assert server.asked[0].headers["authorization"] == "Bearer none"

A behaviour is a function of a `Line`, which is one request's connection as the server sees it. The behaviours that
were promised are used up in turn; the last one stays.
"""

import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, Self

Behaviour = Callable[["Line"], None]

HTML = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\n<body><h1>It works!</h1></body></html>\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def messages(self) -> list[tuple[str, str]]:
        return [(message["role"], message["content"]) for message in self.body["messages"]]


@dataclass
class ChatServer:
    """Listens on a random port from entering to leaving the context.

    Attributes:
        asked: the requests for replies, in order.
        looked: the requests for anything else, such as the list of models.
        elsewhere: how other paths than that of the chat are answered.
        silent: set when a server that was told to fall silent has done so.
        hung_up: set when a client left a line on which the server was silent.
    """

    asked: list[Asked] = field(default_factory=list)
    looked: list[Asked] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    elsewhere: Behaviour = field(default_factory=lambda: offers("tiny"))

    def __post_init__(self) -> None:
        self._behaviours: list[Behaviour] = [says("Hello", " there.")]
        self._listener = _Listener(self)
        self._thread = threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.hang_up()
        self._listener.server_close()
        self._thread.join()
        assert not self._listener.broken, self._listener.broken

    @property
    def port(self) -> int:
        return self._listener.server_address[1]

    @property
    def connections(self) -> int:
        """How many connections were made."""
        return self._listener.accepted

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    def will(self, *behaviours: Behaviour) -> None:
        """Promise how the next requests for a reply are answered; the last behaviour stays."""
        self._behaviours = list(behaviours)

    def answer(self, line: "Line") -> None:
        """Answer one request."""
        if not line.asked.path.endswith("/chat/completions"):
            self.looked.append(line.asked)
            return self.elsewhere(line)
        self.asked.append(line.asked)
        behave = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
        return behave(line)


class Line:
    """One request's connection."""

    def __init__(self, handler: "_Handler", asked: Asked) -> None:
        self.asked = asked
        self._handler = handler
        self._chunked = True

    def answer(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        """Answer in one go: bytes are a web page, anything else is JSON."""
        sent, kind = (body, "text/html") if isinstance(body, bytes) else (json.dumps(body).encode(), "application/json")
        self._begin(status, {"Content-Type": kind, "Content-Length": str(len(sent)), **(headers or {})})
        self._handler.wfile.write(sent)

    def open(self, *, chunked: bool = True) -> None:
        """Begin a stream: in chunks, or as a body that ends when the connection does."""
        self._chunked = chunked
        framing = {"Transfer-Encoding": "chunked"} if chunked else {"Connection": "close"}
        self._begin(200, {"Content-Type": "text/event-stream", **framing})

    def send(self, data: bytes) -> None:
        frame = b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data
        self._handler.wfile.write(frame)

    def event(self, value: object) -> None:
        """Send one event; bytes go as they are."""
        self.send(b"data: %b\n\n" % (value if isinstance(value, bytes) else json.dumps(value).encode()))

    def say(self, *texts: str) -> None:
        for text in texts:
            self.event(delta({"content": text}))

    def end(self) -> None:
        """End the stream as HTTP would have it ended, and nothing more."""
        if self._chunked:
            self._handler.wfile.write(b"0\r\n\r\n")
        else:
            self.cut()

    def done(self) -> None:
        """End the stream as the protocol would have it ended."""
        self.event(b"[DONE]")
        self.end()

    def cut(self) -> None:
        """Close the connection, whatever is still missing."""
        self._handler.close_connection = True

    def reset(self) -> None:
        """Have the connection torn down by a RST."""
        self._handler.server.torn.add(self._handler.connection)
        self.cut()

    def fall_silent(self) -> None:
        """Say nothing until the client leaves, or the server is shut down."""
        server = self._handler.server
        server.chat.silent.set()
        left = not self._handler.rfile.read(1)
        if left and not server.closing:
            server.chat.hung_up.set()
        self.cut()

    def _begin(self, status: int, headers: Mapping[str, str]) -> None:
        self._handler.send_response_only(status)
        for name, value in headers.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()


def delta(said: object, finish: str | None = None, **more: object) -> dict[str, object]:
    """Return one chunk of a reply."""
    choice = {"index": 0, "delta": said, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "tiny", "choices": [choice], **more}


def usage(prompt: int = 20, cached: int = 12, completion: int = 2) -> dict[str, object]:
    """Return the chunk with the count of tokens: it has no choices."""
    counts = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    return delta({}, choices=[], usage=counts)


def says(*texts: str, finish: str = "stop") -> Behaviour:
    """Reply well."""
    return streams(delta({"role": "assistant", "content": ""}), *map(_said, texts), delta({}, finish), usage())


def streams(*events: object) -> Behaviour:
    """Send these events and end the stream as the protocol would have it; bytes are sent as they are."""

    def behave(line: Line) -> None:
        line.open()
        for event in events:
            line.event(event)
        line.done()

    return behave


def sends(*events: object, chunked: bool = True) -> Behaviour:
    """Send these events and end the body, with no word that it was the end."""

    def behave(line: Line) -> None:
        line.open(chunked=chunked)
        for event in events:
            line.event(event)
        line.end()

    return behave


def answers(status: int, body: object, **headers: str) -> Behaviour:
    """Answer in one go, without a stream."""
    return lambda line: line.answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def refuses(status: int, message: str, **headers: str) -> Behaviour:
    """Answer with an error in the protocol's own form."""
    return answers(status, {"error": {"message": message, "type": "error", "code": None}}, **headers)


def cuts_after(*texts: str) -> Behaviour:
    """Close the connection in the middle of the reply."""
    return _breaks(texts, Line.cut)


def resets_after(*texts: str) -> Behaviour:
    """Tear the connection down in the middle of the reply."""
    return _breaks(texts, Line.reset)


def falls_silent_after(*texts: str) -> Behaviour:
    """Say this much and no more, with the line open."""
    return _breaks(texts, Line.fall_silent)


def never_answers(line: Line) -> None:
    """Take the request and say nothing at all."""
    line.fall_silent()


def offers(*models: str) -> Behaviour:
    """Offer these models."""
    return answers(200, {"object": "list", "data": [{"id": model, "object": "model"} for model in models]})


def _breaks(texts: tuple[str, ...], how: Behaviour) -> Behaviour:
    def behave(line: Line) -> None:
        line.open()
        line.say(*texts)
        how(line)

    return behave


def _said(text: str) -> dict[str, object]:
    return delta({"content": text})


class _Handler(BaseHTTPRequestHandler):
    """Reads requests from one connection and hands them over."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Listener"

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests ask what arrived."""

    def _take(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        chat = self.server.chat
        chat.answer(Line(self, Asked(self.command, self.path, headers, raw)))


class _Listener(ThreadingTCPServer):
    """Gives each connection a thread, and waits for all of them at the end."""

    request_queue_size = 32

    def __init__(self, chat: ChatServer) -> None:
        self.chat = chat
        self.closing = False
        self.broken: list[BaseException] = []
        self.torn: set[socket.socket] = set()
        self.accepted = 0
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.accepted += 1
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        if request in self.torn:
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        """A client may leave at any time; anything else is a mistake of this file."""
        error = sys.exception()
        if error and not isinstance(error, ConnectionError):
            self.broken.append(error)

    def hang_up(self) -> None:
        self.closing = True
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
