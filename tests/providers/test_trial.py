"""Trying a model: a short question, a form, and what came of both."""

import pytest

from companion.dialogue.model import Usage
from companion.errors import ModelError, ModelUnreachable
from companion.providers.offline import OfflineModel
from companion.providers.openai_compatible import OpenAICompatible
from companion.providers.server import Server
from companion.providers.trial import tried
from tests import servers
from tests.models import run_with
from tests.servers import ChatServer, delta

pytestmark = pytest.mark.usefixtures("home")


def trial_of(url: str):
    model = OpenAICompatible(Server(url, None, 5.0), "tiny", "tiny")
    return run_with(model, tried(model))


def test_a_trial_tells_the_answer_and_what_the_server_can_do():
    with ChatServer() as server:
        server.will(servers.says("Salt,", " and", " gulls."), servers.says('{"person": "Anna", "city": "Oslo"}'))
        found = trial_of(server.url)
    assert found.answer == "Salt, and gulls."
    assert (found.streams, found.structured, found.usage) == (True, True, Usage(20, 12, 2))
    assert 0 < found.first_seconds < 5


def test_a_server_that_does_neither_stream_nor_count_nor_fill_in_forms_is_told_as_such():
    with ChatServer() as server:
        server.will(servers.streams(delta({"content": "Salt."}), delta({}, "stop")))
        found = trial_of(server.url)
    assert (found.streams, found.structured, found.usage, found.tokens_per_second) == (False, False, None, None)


def test_where_nothing_answers_a_trial_says_so():
    with pytest.raises(ModelUnreachable):
        trial_of("http://127.0.0.1:9/v1")


def test_the_listener_is_not_tried():
    model = OfflineModel()
    with pytest.raises(ModelError, match="nothing to try"):
        run_with(model, tried(model))
