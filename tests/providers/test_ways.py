"""What servers refuse is learned, once, for each server and model, and kept for the next start."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from companion.dialogue.model import Message
from companion.errors import ModelBusy, ModelFailed
from companion.providers.openai_compatible import OpenAICompatible
from companion.providers.server import Server
from companion.providers.ways import LADDER, Notebook, Ways
from tests import servers
from tests.models import listened, run_with
from tests.servers import Behaviour, ChatServer, Line

pytestmark = pytest.mark.usefixtures("home")


class Whereabouts(BaseModel):
    person: str
    city: str


ANNA = Whereabouts(person="Anna", city="Oslo")
ASKED = [Message("system", "You are Ada."), Message("user", "Who lives where?")]


@pytest.fixture
def server():
    with ChatServer() as chat:
        yield chat


@pytest.fixture
def book(tmp_path) -> Path:
    return tmp_path / "data" / "servers.json"


def behind(server: ChatServer, book: Path, model: str = "tiny") -> OpenAICompatible:
    return OpenAICompatible(Server(server.url, None, 10.0), model, f"{server.url}#{model}", Notebook(book))


HELLO = servers.says("Hello.")


def refuses_if(refused: str, status: int, body: object, then: Behaviour = HELLO) -> Behaviour:
    """Refuse a request that carries a parameter, in a server's own words."""
    return lambda line: line.answer(status, body) if refused in line.asked.body else then(line)


REFUSALS = {  # as the servers word them
    "Groq, stream_options": ("stream_options", 400, {"error": {"message": "property 'stream_options' is unsupported"}}),
    "Mistral, extra fields": (
        "stream_options",
        422,
        {
            "detail": [
                {"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs not permitted"}
            ]
        },
    ),
    "OpenAI, max_tokens": (
        "max_tokens",
        400,
        {
            "error": {
                "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
                " 'max_completion_tokens' instead.",
                "param": "max_tokens",
                "code": "unsupported_parameter",
            }
        },
    ),
    "vLLM, max_tokens beyond its context": (
        "max_tokens",
        400,
        {"object": "error", "message": "'max_tokens' is too large: 4096. This model's context has 2048.", "code": 400},
    ),
    "somebody, without a name": ("max_tokens", 400, {"error": "Unknown parameter in request."}),
}


@pytest.mark.parametrize(("refused", "status", "body"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refused_parameter_costs_one_request_once_and_for_good(refused, status, body, server, book):
    server.will(refuses_if(refused, status, body))
    assert listened(behind(server, book)).text == "Hello."
    assert [refused in asked.body for asked in server.asked] == [True, False]
    assert listened(behind(server, book)).text == "Hello."
    assert [refused in asked.body for asked in server.asked] == [True, False, False]


def test_the_longest_reply_is_called_otherwise_where_the_server_says_so(server, book):
    server.will(refuses_if(*REFUSALS["OpenAI, max_tokens"]))
    listened(behind(server, book))
    assert "max_completion_tokens" in server.asked[1].body


def test_a_server_that_refuses_one_parameter_after_the_other_is_understood(server, book):
    second = refuses_if(*REFUSALS["Groq, stream_options"])
    server.will(refuses_if(*REFUSALS["vLLM, max_tokens beyond its context"], then=second))
    assert listened(behind(server, book)).text == "Hello."
    assert len(server.asked) == 3


def test_what_one_model_refuses_another_of_the_server_is_still_asked(server, book):
    server.will(refuses_if(*REFUSALS["OpenAI, max_tokens"]))
    listened(behind(server, book))
    listened(behind(server, book, "other"))
    assert [asked.body["model"] for asked in server.asked] == ["tiny", "tiny", "other", "other"]


def test_a_refusal_of_the_words_themselves_is_not_taken_for_a_parameter(server, book):
    server.will(servers.refuses(400, "Conversation roles must alternate user/assistant."))
    assert type(listened(behind(server, book)).error) is ModelFailed
    assert len(server.asked) == 1
    assert not book.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"x": 3}', '{"x": {"without": 3}}', "\x00" * 100])
def test_a_notebook_that_cannot_be_read_is_begun_anew(content, book, server):
    book.parent.mkdir()
    book.write_text(content, encoding="utf-8")
    server.will(refuses_if(*REFUSALS["Groq, stream_options"]))
    assert listened(behind(server, book)).text == "Hello."
    assert json.loads(book.read_text(encoding="utf-8"))[f"{server.url}#tiny"]["without"] == ["stream_options"]


def test_a_notebook_that_cannot_be_written_costs_only_the_memory_of_it(server, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be", encoding="utf-8")
    server.will(refuses_if(*REFUSALS["Groq, stream_options"]))
    assert listened(behind(server, tmp_path / "data" / "servers.json")).text == "Hello."


@given(
    ways=st.builds(Ways, without=st.frozensets(st.text()), renamed=st.booleans(), form=st.sampled_from(LADDER)),
    url=st.text(),
    model=st.text(),
)
def test_ways_come_back_as_they_were_kept(ways, url, model, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "servers.json"
    Notebook(path).learn(url, model, ways)
    assert Notebook(path).ways(url, model) == ways


# Forms


def filled(model: OpenAICompatible) -> Whereabouts:
    return run_with(model, model.fill(ASKED, Whereabouts))


def formats(server: ChatServer) -> list[str | None]:
    return [asked.body.get("response_format", {}).get("type") for asked in server.asked]


def takes_only(kind: str | None, status: int = 400) -> Behaviour:
    """Fill in the form only when it is asked for in one way."""

    def behave(line: Line) -> None:
        asked = line.asked.body.get("response_format", {}).get("type")
        if asked == kind:
            servers.says("```json\n" if kind is None else "", ANNA.model_dump_json(), "\n")(line)
        else:
            message = f"'response_format.type' must be '{kind}' or 'text'"
            line.answer(status, {"error": {"message": message}})

    return behave


def test_a_form_is_asked_for_by_its_schema(server, book):
    server.will(takes_only("json_schema"))
    assert filled(behind(server, book)) == ANNA
    schema = server.asked[0].body["response_format"]["json_schema"]["schema"]
    assert set(schema["properties"]) == {"person", "city"}
    assert server.asked[0].messages[-1] == ("user", "Who lives where?")


@pytest.mark.parametrize(
    ("kind", "status", "steps"),
    [
        ("json_object", 500, ["json_schema", "json_object"]),  # llama-cpp-python answers the first with a 500
        ("json_object", 422, ["json_schema", "json_object"]),
        (None, 400, ["json_schema", "json_object", None]),
    ],
)
def test_a_form_is_asked_for_in_a_simpler_way_where_the_server_knows_no_better_and_that_is_kept(
    kind, status, steps, server, book
):
    server.will(takes_only(kind, status))
    assert filled(behind(server, book)) == ANNA
    assert formats(server) == steps
    assert "JSON Schema" in server.asked[-1].messages[-1][1]
    assert filled(behind(server, book)) == ANNA
    assert formats(server) == [*steps, steps[-1]]


def test_a_server_that_ignores_the_schema_is_asked_in_words(server, book):
    server.will(servers.says("Anna lives in Oslo."), servers.says("Well!"), servers.says(ANNA.model_dump_json()))
    assert filled(behind(server, book)) == ANNA


def test_a_form_that_never_comes_is_an_error_and_nothing_is_learned_from_it(server, book):
    server.will(servers.says("Anna lives in Oslo."))
    with pytest.raises(ModelFailed):
        filled(behind(server, book))
    assert len(server.asked) == 3
    assert not book.exists()


def test_a_busy_server_is_not_taken_for_a_simple_one(server, book):
    server.will(servers.refuses(429, "Too many requests."))
    with pytest.raises(ModelBusy):
        filled(behind(server, book))
    assert len(server.asked) == 1


def test_a_form_whose_answer_was_thought_aloud_first_is_read(server, book):
    server.will(servers.says("<think>{Anna?}</think>", ANNA.model_dump_json()))
    assert filled(behind(server, book)) == ANNA
