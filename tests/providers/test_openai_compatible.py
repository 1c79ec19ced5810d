"""The wire code against a real server on loopback, well behaved and not."""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from companion.dialogue.events import Failed, Finished, Noticed, Spoke
from companion.dialogue.model import ChatModel, Finish, Message, Text, Usage
from companion.dialogue.reply import LONGEST_REPLY
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
from companion.memory.store import Summary
from companion.providers.openai_compatible import OPENAI_DEFAULT, OpenAICompatible
from companion.providers.registry import open_model
from companion.providers.server import OPENAI_URL, PATIENCE_AFAR, PATIENCE_NEARBY, Server
from tests import servers
from tests.models import Listened, Talk, listen, listened, shape, talk, told
from tests.servers import HTML, Behaviour, ChatServer, Line, delta

pytestmark = pytest.mark.usefixtures("home")

SHORT = 0.25
"""Patience, in seconds, where a server is about to be silent."""


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as chat:
        yield chat


def behind(server: ChatServer, model: str = "tiny", patience: float = 10.0) -> OpenAICompatible:
    return OpenAICompatible(Server(server.url, None, patience), model, f"{server.url}#{model}")


@dataclass(frozen=True, slots=True)
class Mishap:
    """What a server does, and what must come of it.

    Attributes:
        behave: what the server does.
        error: which error the turn ends in, exactly.
        kept: what is kept of her reply.
        state: how it is marked.
        unseen: whether the stream just ends, and only the engine sees that it was no reply.
    """

    behave: Behaviour
    error: type[ModelError]
    kept: str = ""
    state: str | None = None
    unseen: bool = False


def broken_off(behave: Behaviour, *, unseen: bool = False) -> Mishap:
    return Mishap(behave, ReplyCut, "Hello", "interrupted", unseen)


def failed(behave: Behaviour) -> Mishap:
    return Mishap(behave, ModelFailed, "Hello", "failed")


def nothing(behave: Behaviour) -> Mishap:
    return Mishap(behave, ModelFailed, unseen=True)


HELLO = (delta({"content": "Hel"}), delta({"content": "lo"}))

MISHAPS = {
    "401": Mishap(servers.refuses(401, "Incorrect API key provided."), ModelRefused),
    "401 with a page": Mishap(servers.answers(401, b"<h1>Unauthorized</h1>"), ModelRefused),
    "403": Mishap(servers.refuses(403, "Your country is not served."), ModelRefused),
    "404": Mishap(servers.refuses(404, "The model `tiny` does not exist."), ModelMissing),
    "404 with a page": Mishap(servers.answers(404, HTML), ModelMissing),
    "429": Mishap(servers.refuses(429, "Too many requests.", Retry_After="7"), ModelBusy),
    "429 without a time": Mishap(servers.refuses(429, "You exceeded your current quota."), ModelBusy),
    "429 with a date": Mishap(servers.refuses(429, "Slow.", Retry_After="Sun, 22 Nov 2026 13:05:00 GMT"), ModelBusy),
    "429 with no number": Mishap(servers.refuses(429, "Slow.", Retry_After="nan"), ModelBusy),
    "500": Mishap(servers.refuses(500, "CUDA error: out of memory\n  at line 1\n  at line 2"), ModelFailed),
    "502 with a page": Mishap(servers.answers(502, HTML), ModelFailed),
    "503 while loading": Mishap(servers.refuses(503, "Loading model"), ModelBusy),
    "400 too long": Mishap(
        servers.refuses(400, "the request exceeds the available context size, try increasing it"),
        BriefingTooLong,
    ),
    "400 for other reasons": Mishap(servers.refuses(400, "Conversation roles must alternate."), ModelFailed),
    "400 that colours the terminal": Mishap(servers.refuses(400, "\x1b]0;pwned\x07\x1b[31mred\u202e"), ModelFailed),
    "400 with a string": Mishap(servers.answers(400, {"error": "no such thing"}), ModelFailed),
    "422 with details": Mishap(servers.answers(422, {"detail": [{"loc": ["body"], "msg": "nope"}]}), ModelFailed),
    "418": Mishap(servers.refuses(418, "I am a teapot. " * 100), ModelFailed),
    "hung up on": Mishap(Line.cut, ModelUnreachable),
    "hung up on by RST": Mishap(Line.reset, ModelUnreachable),
    "cut before the first word": Mishap(servers.cuts_after(), ModelUnreachable),
    "cut in mid-stream": broken_off(servers.cuts_after("Hel", "lo")),
    "RST in mid-stream": broken_off(servers.resets_after("Hel", "lo")),
    "clean end without a finish": broken_off(servers.sends(*HELLO), unseen=True),
    "[DONE] without a finish": broken_off(servers.streams(*HELLO), unseen=True),
    "closing body ended early": broken_off(servers.sends(*HELLO, chunked=False), unseen=True),
    "silent in mid-stream": broken_off(servers.falls_silent_after("Hel", "lo")),
    "silent from the beginning": Mishap(servers.never_answers, ModelSilent),
    "silent after the headers": Mishap(servers.falls_silent_after(), ModelSilent),
    "error event": failed(servers.streams(*HELLO, {"error": {"message": "out of memory", "code": 500}})),
    "error event with a string": failed(servers.streams(*HELLO, {"error": "out of memory"})),
    "error event with a page": failed(servers.streams(*HELLO, {"error": {"message": HTML.decode()}})),
    "error event with a list": failed(servers.streams(*HELLO, {"error": ["out", "of", "memory"]})),
    "broken JSON": failed(servers.streams(*HELLO, b'{"choices": [{')),
    "invalid UTF-8": failed(servers.streams(*HELLO, b'{"choices": [{"delta": {"content": "\xff\xfe"}}]}')),
    "JSON deeper than any": failed(servers.streams(*HELLO, b"[" * 100_000)),
    "page with 200": nothing(servers.answers(200, HTML)),
    "JSON without a stream": nothing(servers.answers(200, {"choices": [{"message": {"content": "Hi"}}]})),
    "only [DONE]": nothing(servers.streams()),
    "choices null": nothing(servers.streams(delta({}, choices=None))),
    "choices missing": nothing(servers.streams({"id": "c", "object": "chat.completion.chunk"})),
    "choices that are none": nothing(servers.streams({"choices": {"a": 1}}, {"choices": ["b"]}, {"choices": "c"})),
    "JSON that is no chunk": nothing(servers.streams(42, "text", [1], None, True)),
    "finish without a word": Mishap(servers.says(), ModelSilent, unseen=True),
    "only reasoning": Mishap(
        servers.streams(delta({"reasoning_content": "Hm."}), delta({"reasoning": "Hm."}), delta({}, "stop")),
        ModelSilent,
        unseen=True,
    ),
    "content that is an object": Mishap(
        servers.streams(delta({"content": {"text": "Hi"}}), delta("Hi"), delta({}, "stop")), ModelSilent, unseen=True
    ),
}

each_mishap = pytest.mark.parametrize("mishap", MISHAPS.values(), ids=MISHAPS.keys())


def patience_for(mishap: Mishap) -> float:
    return SHORT if mishap.error is ModelSilent or mishap is MISHAPS["silent in mid-stream"] else 10.0


@each_mishap
def test_a_stream_that_goes_wrong_yields_what_had_come_and_raises_one_of_our_errors(mishap, server):
    server.will(mishap.behave)
    heard = listened(behind(server, patience=patience_for(mishap)))
    assert heard.text == mishap.kept
    assert type(heard.error) is (type(None) if mishap.unseen else mishap.error)


@each_mishap
def test_a_turn_that_goes_wrong_keeps_the_words_of_both_says_what_to_do_and_can_be_tried_again(
    mishap, server, tmp_path, clock
):
    server.will(mishap.behave, servers.says("Hello", " again."))

    async def scene(ada: Talk) -> None:
        events = await ada.says("I had soup.")
        assert isinstance(events[-1], Failed)
        assert type(events[-1].error) is mishap.error
        assert_is_a_sentence_to_act_on(str(events[-1].error))
        partial = [("companion", mishap.kept, mishap.state)] if mishap.kept else []
        assert shape(ada.kept) == [("person", "I had soup.", "complete"), *partial]

        again = await ada.again()
        assert isinstance(again[-1], Finished)
        assert shape(ada.kept)[1:] == [*partial, ("companion", "Hello again.", "complete")]
        assert server.asked[-1].messages == server.asked[0].messages

    talk(tmp_path, behind(server, patience=patience_for(mishap)), clock, scene)


WHAT_TO_DO = ("ry again", "COMPANION_CONTEXT", "--model", "Is the address right")


def assert_is_a_sentence_to_act_on(sentence: str) -> None:
    assert sentence.isprintable()
    assert len(sentence) < 420
    assert sentence[0].isupper()
    assert sentence[-1] in ".?"
    assert any(advice in sentence for advice in WHAT_TO_DO), sentence
    assert not any(mark in sentence for mark in ("Traceback", "<", "httpx", "openai.", "object has no", "\x1b"))


WHOLE = {
    "in two pieces": servers.says("Hello", " there."),
    "without a count of tokens": servers.streams(delta({"content": "Hello there."}), delta({}, "stop")),
    "with the finish beside the last word": servers.streams(delta({"content": "Hello there."}, "stop")),
    "with two finishes": servers.streams(
        delta({"content": "Hello there."}), delta({}, "stop"), delta({"content": ""}, "stop", usage={})
    ),
    "with reasoning before it": servers.streams(
        delta({"reasoning_content": "Polite, I think."}), delta({"content": "Hello there."}), delta({}, "stop")
    ),
    "with empty chunks between": servers.streams(
        delta({}, choices=None), delta({"content": "Hello there."}), delta(None), {}, delta(None, "stop")
    ),
    "with a count that is none": servers.streams(
        delta({"content": "Hello there."}), delta({}, "stop"), delta({}, choices=[], usage="many")
    ),
    "without [DONE]": servers.sends(delta({"content": "Hello there."}), delta({}, "stop")),
    "in a body that closes": servers.sends(delta({"content": "Hello there."}), delta({}, "stop"), chunked=False),
}


@pytest.mark.parametrize("behave", WHOLE.values(), ids=WHOLE.keys())
def test_a_whole_reply_is_heard_however_it_is_dressed(behave, server):
    server.will(behave)
    heard = listened(behind(server))
    assert (heard.text, heard.error) == ("Hello there.", None)
    assert heard.finishes == [heard.pieces[-1]] == [Finish("stop")]


def and_then(how: Behaviour) -> Behaviour:
    def behave(line: Line) -> None:
        line.open()
        line.say("Hello there.")
        line.event(delta({}, "stop"))
        how(line)

    return behave


AFTERWARDS = {
    "the line is cut": Line.cut,
    "the line is torn down": Line.reset,
    "an error is sent": lambda line: (line.event({"error": "too late"}), line.done()),
    "broken JSON is sent": lambda line: (line.event(b"{"), line.done()),
    "nothing more is sent": Line.fall_silent,
    "[DONE] is sent, and the line stays open": lambda line: (line.event(b"[DONE]"), line.fall_silent()),
}


@pytest.mark.parametrize("how", AFTERWARDS.values(), ids=AFTERWARDS.keys())
def test_what_happens_after_the_finish_does_not_take_the_reply_back(how, server, tmp_path, clock):
    server.will(and_then(how))

    async def scene(ada: Talk) -> None:
        events = await ada.says("Hello.")
        assert isinstance(events[-1], Finished)
        assert shape(ada.kept)[1:] == [("companion", "Hello there.", "complete")]

    began = time.monotonic()
    talk(tmp_path, behind(server, patience=60.0), clock, scene)
    assert time.monotonic() - began < 20


def test_the_count_of_tokens_comes_with_its_cached_part(server):
    server.will(servers.says("Hello."))
    assert Usage(20, 12, 2) in listened(behind(server)).pieces
    assert server.asked[0].body["stream_options"] == {"include_usage": True}


def test_a_reply_at_its_longest_is_kept_as_interrupted_and_is_no_error(server, tmp_path, clock):
    server.will(servers.says("Hello", finish="length"))

    async def scene(ada: Talk) -> None:
        assert isinstance((await ada.says("Hello."))[-1], Finished)
        assert shape(ada.kept)[1:] == [("companion", "Hello", "interrupted")]

    talk(tmp_path, behind(server), clock, scene)


def test_a_reply_of_a_megabyte_streams_whole_and_the_engine_stops_it_early(server, tmp_path, clock):
    server.will(servers.says(*["x" * 1023 + " "] * 1024))

    async def scene(ada: Talk) -> None:
        ending = (await ada.says("Hello."))[-1]
        assert isinstance(ending, Failed)
        assert type(ending.error) is ReplyCut
        assert ending.reply is not None
        assert len(ending.reply.text) == LONGEST_REPLY
        assert [said.state for said in ada.kept] == ["complete", "interrupted"]

    assert len(listened(behind(server)).text) == 1 << 20
    talk(tmp_path, behind(server), clock, scene)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("nan", None), ("inf", None), ("-3", None), ("soon", None)]
)
def test_a_busy_server_says_when_to_come_back_if_it_knows(header, seconds, server):
    server.will(servers.refuses(429, "Too many requests.", Retry_After=header))
    error = listened(behind(server)).error
    assert isinstance(error, ModelBusy)
    assert error.retry_after == seconds


def test_a_port_where_nothing_listens_is_unreachable_and_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        error = listened(OpenAICompatible(Server(url), "tiny", url)).error
    assert type(error) is ModelUnreachable
    assert url in str(error)
    assert_is_a_sentence_to_act_on(str(error))


def test_what_had_come_before_a_cut_reaches_the_screen_and_only_once(server, tmp_path, clock):
    server.will(servers.cuts_after("Hel", "lo"))

    async def scene(ada: Talk) -> None:
        events = await ada.says("Hello.")
        assert [event.text for event in events if isinstance(event, Spoke)] == ["Hel", "lo"]

    talk(tmp_path, behind(server), clock, scene)


# How much a model holds


HOLDS = {  # as llama.cpp, LM Studio, vLLM and OpenAI refuse what is too long
    "llama.cpp": {
        "error": {
            "code": 400,
            "message": "the request exceeds the available context size, try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 2100,
            "n_ctx": 1500,
        }
    },
    "LM Studio": {"error": "n_keep: 2100 >= n_ctx: 1500: the context length is too long"},
    "vLLM": {"message": "This model's maximum context length is 1500 tokens. However, you requested 2100 tokens."},
    "OpenAI": {
        "error": {
            "message": "This model's maximum context length is 1500 tokens. However, your messages have 2100.",
            "code": "context_length_exceeded",
        }
    },
}


@pytest.mark.parametrize("body", HOLDS.values(), ids=HOLDS.keys())
def test_a_model_that_holds_less_than_was_set_is_told_less_and_the_turn_goes_on(body, server, tmp_path, clock):
    def holds(line: Line) -> None:
        told = sum(len(content) for _, content in line.asked.messages) // 4
        said = servers.streams(delta({"content": "Hello."}), delta({}, "stop"), servers.usage(told))
        line.answer(400, body) if told > 1250 else said(line)

    server.will(holds)

    async def scene(ada: Talk) -> None:
        events = []
        for words in range(6):
            events += await ada.says(f"{words} and " + "so on " * 190)
            clock.pass_(minutes=1)
        (notice,) = [event for event in events if isinstance(event, Noticed) and event.kind == "context"]
        assert notice.text == "This model holds less than 8192 tokens; from now on she is told 1200."
        assert [type(event) for event in events if isinstance(event, Finished | Failed)] == [Finished] * 6
        assert ada.companion.context().budget == 1200

    talk(tmp_path, behind(server), clock, scene)


def test_a_model_that_holds_less_than_who_she_is_ends_the_turn_in_a_sentence(server, tmp_path, clock):
    server.will(servers.answers(400, {"error": {"message": "context size", "n_ctx": 16}}))

    async def scene(ada: Talk) -> None:
        ending = (await ada.says("Hello."))[-1]
        assert isinstance(ending, Failed)
        assert type(ending.error) is BriefingTooLong
        assert shape(ada.kept) == [("person", "Hello.", "complete")]

    talk(tmp_path, behind(server), clock, scene)


def test_two_chats_share_one_server_and_each_hears_its_own_reply(server):
    def echo(line: Line) -> None:
        servers.says(*line.asked.messages[-1][1].split(" "))(line)

    server.will(echo)

    async def scene() -> list[str]:
        models = [behind(server), behind(server)]
        heard = await asyncio.gather(
            *(listen(model, told(f"I_am_{n}")) for n, model in enumerate(models) for _ in range(5))
        )
        for model in models:
            await model.aclose()
        return [one.text for one in heard]

    assert asyncio.run(scene()) == ["I_am_0"] * 5 + ["I_am_1"] * 5


# Stopping


@pytest.mark.parametrize(
    "behave", [servers.never_answers, servers.falls_silent_after(), servers.falls_silent_after("Hm")]
)
def test_cancelling_a_stalled_stream_returns_at_once_and_the_server_sees_it(behave, server):
    server.will(behave)

    async def scene() -> float:
        model = behind(server, patience=60.0)
        task = asyncio.create_task(listen(model))
        assert await asyncio.to_thread(server.silent.wait, 5)
        began = time.monotonic()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        took = time.monotonic() - began
        assert task.cancelled()
        assert await asyncio.to_thread(server.hung_up.wait, 5)
        await model.aclose()
        return took

    assert asyncio.run(scene()) < 2


def test_stopping_her_in_mid_sentence_keeps_the_words_and_hangs_up(server, tmp_path, clock):
    server.will(servers.falls_silent_after("Let me ", "think"), servers.says("Yes."))

    async def scene(ada: Talk) -> None:
        async with aclosing(ada.companion.hear("Is it far?")) as events:
            async for event in events:
                if event == Spoke("think"):
                    break
        assert await asyncio.to_thread(server.hung_up.wait, 5)
        assert shape(ada.kept)[1:] == [("companion", "Let me think", "interrupted")]
        assert isinstance((await ada.says("Well?"))[-1], Finished)
        assert ("assistant", "Let me think") in server.asked[-1].messages

    talk(tmp_path, behind(server, patience=60.0), clock, scene)


# What goes over the wire

AWKWARD = [
    "plain",
    "  spaces at both ends \n",
    "CR LF\r\nand tab\t and\u00a0nbsp",
    'quotes " \\ / \\u0041 </s> <|im_end|> {{braces}} ${HOME}',
    "cafe\u0301 is not café; \u2028 \u2029 \ufeff",
    "👩\u200d👩\u200d👧 🏳️\u200d🌈 𝔘𝔫𝔦",
    "שלום, 你好, नमस्ते",
]


@pytest.mark.parametrize("words", AWKWARD)
def test_messages_go_over_the_wire_byte_for_byte(words, server):
    before = (Message("user", words[::-1]), Message("assistant", words))
    listened(behind(server), told(words, *before))
    assert server.asked[0].messages == [
        ("system", told().messages[0].content),
        ("user", words[::-1]),
        ("assistant", words),
        ("user", words),
    ]


@pytest.mark.parametrize("words", AWKWARD)
def test_replies_come_back_byte_for_byte_also_when_they_are_cut_between_characters(words, server):
    server.will(servers.says(*words))
    assert listened(behind(server)).text == words


FACTS = [
    "My sister Ingrid keeps bees in Bergen.",
    "The cello stands in the hall since August.",
    "I am afraid of lifts, ever since the one in Trieste.",
    "On Friday I have an interview at the museum.",
    "Grandmother's waffles had cardamom in them.",
    "I sold the sailing boat in spring.",
]
QUESTIONS = [
    "Where does Ingrid keep her bees?",
    "Where does the cello stand?",
    "Why am I afraid of lifts?",
    "What about the museum interview?",
    "What was in the waffles?",
    "When did I sell the sailing boat?",
]


def test_each_request_with_its_reply_is_a_prefix_of_the_next_one(server, tmp_path, clock):
    server.will(*[servers.says(f"  Hm,\n\nnumber {turn}. ") for turn in range(len(FACTS) + len(QUESTIONS))])

    async def scene(ada: Talk) -> None:
        for words in (*FACTS, *QUESTIONS):
            await ada.says(words)
            clock.pass_(minutes=1)
            if words == FACTS[-1]:  # what she was told so far falls out of the window, and must come to mind
                ada.store.summarise("Ada", Summary(ada.kept[-1].id, ""), clock())

    talk(tmp_path, behind(server), clock, scene)
    asked = server.asked[len(FACTS) :]
    said = [request.messages for request in asked]
    assert all("<recalled>" in messages[-1][1] for messages in said)
    for turn, (messages, after) in enumerate(pairwise(said), start=len(FACTS)):
        assert after[:-1] == [*messages, ("assistant", f"  Hm,\n\nnumber {turn}. ")]
    raw = [request.raw[request.raw.index(b'"messages":[') : request.raw.rindex(b"]")] for request in asked]
    assert all(after.startswith(before) for before, after in pairwise(raw))


# Keys


def opened(spec: str, environment: Mapping[str, str], data: Path = Path("/nowhere")) -> ChatModel:
    return open_model(spec, environment, data, patience=10.0)


def key_that_arrived(server: ChatServer, spec: str, environment: Mapping[str, str]) -> str:
    assert listened(opened(spec, environment)).text == "Hello there."
    keys = {asked.headers["authorization"] for asked in (*server.looked, *server.asked)}
    assert len(keys) == 1
    return keys.pop()


@pytest.fixture
def openai_key(home, monkeypatch):
    """The person's key for OpenAI stands in the environment, where the package looks for it."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")


@pytest.mark.usefixtures("openai_key")
@pytest.mark.parametrize("spec", ["{url}#tiny", "{url}", "{url}/#tiny"])
def test_a_server_named_by_its_address_never_gets_the_openai_key(spec, server):
    assert key_that_arrived(server, spec.format(url=server.url), os.environ) == "Bearer none"


@pytest.mark.usefixtures("openai_key")
def test_ollama_never_gets_a_key(server, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{server.port}")
    monkeypatch.setenv("COMPANION_API_KEY", "ck-secret")
    assert key_that_arrived(server, "ollama:tiny", os.environ) == "Bearer none"


@pytest.mark.usefixtures("openai_key")
def test_the_openai_key_goes_to_the_openai_base_url(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    assert key_that_arrived(server, "openai:tiny", os.environ) == "Bearer sk-secret"


@pytest.mark.usefixtures("openai_key")
def test_the_openai_key_also_goes_to_the_openai_base_url_when_that_is_spelled_out(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/")
    assert key_that_arrived(server, f"{server.url}#tiny", os.environ) == "Bearer sk-secret"


@pytest.mark.usefixtures("openai_key")
def test_the_key_that_was_given_for_an_address_goes_there(server, monkeypatch):
    monkeypatch.setenv("COMPANION_API_KEY", "ck-secret")
    assert key_that_arrived(server, f"{server.url}#tiny", os.environ) == "Bearer ck-secret"


def test_an_openai_base_url_without_a_key_is_asked_without_one(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    assert key_that_arrived(server, "openai:tiny", os.environ) == "Bearer none"


@pytest.mark.usefixtures("openai_key")
def test_a_redirect_does_not_take_the_key_along(server, monkeypatch):
    with ChatServer() as other:
        server.will(servers.answers(307, {}, Location=f"{other.url}/chat/completions"))
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        listened(opened("openai:tiny", os.environ))
        assert server.asked[0].headers["authorization"] == "Bearer sk-secret"
        assert [asked.headers.get("authorization") for asked in other.asked] == [None]


ACCOUNT = {
    "OPENAI_ORG_ID": "org-secret",
    "OPENAI_PROJECT_ID": "proj-secret",
    "OPENAI_CUSTOM_HEADERS": "X-Gateway: gw-secret\nAuthorization: Bearer custom-secret",
    "OPENAI_ADMIN_KEY": "admin-secret",
}


@pytest.fixture
def openai_account(openai_key, monkeypatch):
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("openai_account")
def test_nothing_of_the_openai_account_reaches_another_server(server):
    assert key_that_arrived(server, server.url, os.environ) == "Bearer none"
    for asked in (*server.looked, *server.asked):
        assert "secret" not in str(asked.headers)
        assert not any(name.startswith(("openai-", "x-")) for name in asked.headers)


@pytest.mark.usefixtures("openai_account")
def test_the_openai_account_is_named_at_the_openai_base_url(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    listened(opened("openai:tiny", os.environ))
    headers = server.asked[0].headers
    assert (headers["openai-organization"], headers["x-gateway"]) == ("org-secret", "gw-secret")


@pytest.mark.parametrize("base", [{}, {"OPENAI_BASE_URL": ""}])
def test_openai_itself_is_asked_where_no_base_url_is_set_or_an_empty_one(base):
    model = opened("openai:", {"OPENAI_API_KEY": "sk-secret", **base})
    assert isinstance(model, OpenAICompatible)
    assert (model.server.url, model.server.key) == (OPENAI_URL, "sk-secret")
    assert model.name == f"openai:{OPENAI_DEFAULT}"


def test_an_empty_base_url_does_not_match_anything(server):
    environment = {"OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": ""}
    assert key_that_arrived(server, f"{server.url}#tiny", environment) == "Bearer none"


@pytest.mark.parametrize("environment", [{}, {"OPENAI_API_KEY": ""}, {"OPENAI_API_KEY": "  \n"}])
def test_openai_itself_without_a_key_is_refused_in_a_sentence(environment):
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        opened("openai:gpt-5.4-mini", environment)


def test_a_newline_after_a_key_is_no_part_of_it(server):
    environment = {"OPENAI_API_KEY": "sk-secret\r\n", "OPENAI_BASE_URL": server.url}
    assert key_that_arrived(server, "openai:tiny", environment) == "Bearer sk-secret"


@pytest.mark.parametrize("key", ["sk-\nsecret", "sk-sécret", "sk-\x00secret"])
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(key):
    with pytest.raises(SettingsError, match="COMPANION_API_KEY") as refused:
        opened("http://127.0.0.1:9/v1#tiny", {"COMPANION_API_KEY": key})
    assert "cret" not in str(refused.value)


def test_a_key_is_not_shown_with_its_server():
    assert "sk-secret" not in repr(Server("http://127.0.0.1:9/v1", "sk-secret"))


# Addresses


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_does_not_stand_between_us_and_this_computer(name, server, monkeypatch):
    with ChatServer() as proxy:
        monkeypatch.setenv(name, proxy.root)
        assert listened(behind(server)).text == "Hello there."
        assert len(server.asked) == 1
        assert not proxy.asked


def test_a_proxy_of_the_environment_is_used_for_servers_elsewhere(server, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.root)
    assert listened(opened("http://model.example/v1#tiny", {})).text == "Hello there."
    assert server.asked[0].path == "http://model.example/v1/chat/completions"


@pytest.mark.parametrize(
    ("url", "nearby"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://127.8.0.1/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://localhost:8080/v1", True),
        ("http://model.localhost/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://192.168.1.7:8080/v1", False),
        ("http://localhost.example/v1", False),
    ],
)
def test_more_patience_is_had_with_this_computer_than_with_others(url, nearby):
    assert Server(url).nearby is nearby
    assert Server(url).silence == (PATIENCE_NEARBY if nearby else PATIENCE_AFAR)
    assert Server(url, patience=3).silence == 3


@pytest.mark.parametrize("spec", ["http:", "http://", "http://:8080/v1", "http://127.0.0.1:eighty/v1", "https:name"])
def test_what_is_no_address_is_refused_in_a_sentence(spec):
    with pytest.raises(SettingsError, match="is not an address"):
        opened(spec, {})


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),  # noqa: S104 - read, not bound
        ("0.0.0.0:8080", "http://127.0.0.1:8080/v1"),
        (":8080", "http://127.0.0.1:8080/v1"),
        ("box", "http://box:11434/v1"),
        ("box:8080", "http://box:8080/v1"),
        ("[::1]", "http://[::1]:11434/v1"),
        ("[::1]:8080", "http://[::1]:8080/v1"),
        ("http://box:8080", "http://box:8080/v1"),
        ("http://box:8080/v1/", "http://box:8080/v1"),
        ("https://box.example/ollama", "https://box.example/ollama/v1"),
    ],
)
def test_ollama_is_where_its_own_variable_says(host, url):
    model = opened("ollama:qwen3", {"OLLAMA_HOST": host})
    assert isinstance(model, OpenAICompatible)
    assert model.server.url == url


@pytest.mark.parametrize("host", ["box:eighty", "http://", "http://box:99999"])
def test_an_ollama_host_that_is_no_address_is_refused_in_a_sentence(host):
    with pytest.raises(SettingsError, match="is not an address"):
        opened("ollama:qwen3", {"OLLAMA_HOST": host})


# Which model


def test_the_model_that_is_named_is_asked_for_without_looking_around(server):
    model = opened(f"{server.url}#qwen3:4b", {})
    assert listened(model).text == "Hello there."
    assert server.asked[0].body["model"] == "qwen3:4b"
    assert model.name == f"{server.url}#qwen3:4b"
    assert not server.looked


def test_without_a_name_the_first_model_that_speaks_is_taken_and_then_kept(server):
    server.elsewhere = servers.offers("nomic-Embed-text", "qwen3", "llama3.2")
    model = opened(server.url, {})

    async def scene() -> list[Listened]:
        replies = [await listen(model), await listen(model)]
        await model.aclose()
        return replies

    assert [heard.text for heard in asyncio.run(scene())] == ["Hello there."] * 2
    assert [asked.body["model"] for asked in server.asked] == ["qwen3", "qwen3"]
    assert [asked.path for asked in server.looked] == ["/v1/models"]
    assert model.name == f"{server.url}#qwen3"


def test_a_model_that_ollama_chose_is_shown_as_a_spec_that_can_be_given_again(server):
    model = opened("ollama:", {"OLLAMA_HOST": f"127.0.0.1:{server.port}"})
    listened(model)
    assert model.name == "ollama:tiny"


def assert_missing(server: ChatServer) -> None:
    error = listened(opened(server.url, {})).error
    assert type(error) is ModelMissing
    assert_is_a_sentence_to_act_on(str(error))


NO_MODELS: dict[str, Callable[[Line], None]] = {
    "none loaded": servers.offers(),
    "only an embedder": servers.offers("text-embedding-3-small"),
    "a page": servers.answers(200, HTML),
    "data null": servers.answers(200, {"object": "list", "data": None}),
    "no data": servers.answers(200, {"models": ["tiny"]}),
    "names that are none": servers.answers(200, {"data": [{"id": None}, {"name": "tiny"}, "tiny", {"id": 7}]}),
    "a JSON list": servers.answers(200, ["tiny"]),
    "404": servers.answers(404, HTML),
}


@pytest.mark.parametrize("behave", NO_MODELS.values(), ids=NO_MODELS.keys())
def test_a_server_without_a_model_to_speak_to_is_said_to_have_none(behave, server):
    server.elsewhere = behave
    assert_missing(server)
    assert not server.asked


def test_an_address_that_may_lack_its_path_is_told_so(server):
    server.will(servers.refuses(404, "Not found."))
    error = listened(OpenAICompatible(Server(server.root), "tiny", server.root)).error
    assert "Does the address lack /v1?" in str(error)
    assert "Does the address lack" not in str(listened(behind(server)).error)


# Waking


def test_warming_loads_what_is_heavy_and_asks_nothing(server):
    model = behind(server)
    model.warm()
    assert listened(model).text == "Hello there."
    assert len(server.asked) == 1
    assert not server.looked


UNUSABLE = [("http_proxy", "nonsense://proxy"), ("http_proxy", "http://[zz]"), ("SSL_CERT_FILE", "/no/such/file.pem")]


@pytest.mark.parametrize(("name", "value"), UNUSABLE)
def test_an_environment_that_bars_the_way_is_named_in_a_sentence(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    model = opened("http://model.example/v1#tiny", {})
    assert isinstance(model, OpenAICompatible)
    with pytest.raises(ModelUnreachable, match="HTTP_PROXY"):
        model.warm()
    error = listened(model).error
    assert type(error) is ModelUnreachable
    assert str(error).isprintable()


def test_a_second_question_goes_over_the_same_connection(server):
    async def scene() -> None:
        model = behind(server)
        for _ in range(3):
            assert (await listen(model)).pieces[0] == Text("Hello")
        await model.aclose()

    asyncio.run(scene())
    assert len(server.asked) == 3
    assert server.connections == 1


# --- learning a server's ways


def test_a_parameter_that_the_server_refuses_is_left_out_from_then_on() -> None:
    with ChatServer() as server:
        server.will(servers.refuses(400, "Unrecognized request argument: stream_options"), servers.says("Hello."))
        model = OpenAICompatible(Server(server.url), "tiny", "test")

        async def twice() -> list[str]:
            replies = []
            for _ in range(2):
                pieces = [piece async for piece in model.stream(told("hello"))]
                replies.append("".join(piece.text for piece in pieces if isinstance(piece, Text)))
            await model.aclose()
            return replies

        assert asyncio.run(twice()) == ["Hello.", "Hello."]
        assert ["stream_options" in asked.body for asked in server.asked] == [True, False, False]


def test_thoughts_in_the_text_are_not_speech() -> None:
    with ChatServer() as server:
        server.will(servers.says("<think>They said", " hello.</think>", "\n\nHello", " you."))
        heard = listened(OpenAICompatible(Server(server.url), "tiny", "test"))
        assert heard.text == "Hello you."
