"""No model at all: a listener who follows a few patterns, and says so."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from companion.conversation import Speaker, Utterance
from companion.dialogue.model import Briefing, Finish, Message, Text
from companion.memory.recall import Recollection
from companion.persona.persona import Listening, Persona
from companion.providers.offline import FIXED, Act, OfflineModel, hear
from tests.conftest import OSLO
from tests.scenes import pieces

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)
SYSTEM, USER, ASSISTANT = Message("system", "…"), Message("user", "…"), Message("assistant", "…")


def said_before(text: str, speaker: Speaker = Speaker.PERSON, *, days: int = 1) -> Recollection:
    return Recollection(Utterance(1, 1, None, speaker, text, NOW - timedelta(days=days)), 1.0, "")


def briefing(words: str, *recollections: Recollection, **phrases: tuple[str, ...]) -> Briefing:
    ada = Persona(name="Ada", identity="You are Ada.", listening=Listening(**phrases))
    return Briefing((SYSTEM, USER), ada, words, recollections, NOW)


def reply(told: Briefing) -> str:
    return "".join(piece.text for piece in pieces(OfflineModel().stream(told)) if isinstance(piece, Text))


# What a line does, with nothing in mind


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("Hi", Act.HELLO),
        ("hello there", Act.HELLO),
        ("Good morning, Ada!", Act.HELLO),
        ("Bye.", Act.GOODBYE),
        ("good night", Act.GOODBYE),
        ("Goodbye, and sleep well.", Act.GOODBYE),
        ("I've got to go", Act.GOODBYE),
        ("I’ve got to go", Act.GOODBYE),
        ("Talk to you later!", Act.GOODBYE),
        ("Thanks", Act.THANKS),
        ("Thank you so much.", Act.THANKS),
        ("Who are you?", Act.ABOUT_ME),
        ("what’s your name", Act.ABOUT_ME),
        ("Are you real?", Act.ABOUT_ME),
        ("So are you just a machine, then?", Act.ABOUT_ME),
        ("Are you an AI?", Act.ABOUT_ME),
        ("Are you there?", Act.ABOUT_ME),
        ("Write me a poem about rain.", Act.CANNOT),
        ("Can you please translate this?", Act.CANNOT),
        ("help me to plan a journey", Act.CANNOT),
        ("What is the capital of Peru?", Act.CANNOT),
        ("How far is the moon", Act.CANNOT),
        ("Where does my sister live?", Act.UNKNOWN),
        ("Do you remember Anna?", Act.UNKNOWN),
        ("What did we talk about", Act.UNKNOWN),
        ("My sister came to see me.", Act.HEARD),
        ("I am tired.", Act.HEARD),
        ("I'm Norwegian", Act.HEARD),
        ("My name is theo", Act.MET),
        ("Hi! My name is Anna-Lena.", Act.MET),
        ("call me Øystein", Act.MET),
        ("I'm tired", Act.HEARD),
        ("When I was seven, I had a dog.", Act.HEARD),
        ("What a day.", Act.HEARD),
        ("How lovely.", Act.HEARD),
        ("Was at the dentist today.", Act.HEARD),
        ("Could use a hug.", Act.HEARD),
        ("Plan B failed.", Act.HEARD),
        ("List is long.", Act.HEARD),
        ("Hi, my mother died.", Act.SORRY),
        ("Thanks, but my cat died.", Act.SORRY),
        ("I have to go to hospital.", Act.HEARD),
        ("Are you my friend?", Act.ABOUT_ME),
        ("Do you love me?", Act.ABOUT_ME),
        ("Do you know where my sister lives?", Act.UNKNOWN),
        ("Did I tell you about Anna", Act.UNKNOWN),
        ("", Act.HEARD),
        ("…", Act.HEARD),
    ],
)
def test_what_a_line_does(words, act):
    assert hear(briefing(words)) == (act, None)


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("Hi, can you hear me?", Act.HELLO),
        ("Bye the way, is that my coat?", Act.GOODBYE),
        ("Hello is what my sister always said to me first.", Act.HELLO),
        ("Thanks to my brother I got home before the rain.", Act.THANKS),
        ("Highways frighten me.", Act.HELLO),
        ("Byes are hard.", Act.GOODBYE),
        ("Thankless work.", Act.THANKS),
        ("My sister asked who you are.", Act.ABOUT_ME),
        ("You are real to me.", Act.ABOUT_ME),
        ("I write poems.", Act.CANNOT),
        ("Planning is hard.", Act.CANNOT),
        ("Somewhere my sister waits.", Act.UNKNOWN),
        ("Island life suits me.", Act.UNKNOWN),
    ],
)
def test_what_only_looks_like_it_does_something_else(words, act):
    assert hear(briefing(words))[0] is not act


def test_a_bare_name_is_one_when_she_has_just_asked_for_it():
    told = briefing("Theo")
    asked = Message("user", "(You opened this sitting with: “What should I call you?”)\n[Sunday] Theo")
    assert hear(told)[0] is Act.HEARD
    assert hear(replace(told, messages=(SYSTEM, asked)))[0] is Act.MET


def test_a_name_is_said_back():
    assert reply(briefing("My name's theo.", met=("{name}. Hm.",))) == "Theo. Hm."


@pytest.mark.parametrize("words", ["I'm Theo, hi!", "theo", "It's Theo here.", "Hello, I'm Theo"])
def test_an_answer_to_what_to_call_them_is_a_name(words):
    asked = Message("user", f"(You opened this sitting with: “Who's this?”)\n[Sunday] {words}")
    assert reply(replace(briefing(words, met=("{name}.",)), messages=(SYSTEM, asked))) == "Theo."


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("I want to kill myself", Act.IN_DANGER),
        ("i don't want to live anymore", Act.IN_DANGER),
        ("My mother died last year", Act.SORRY),
        ("We broke up.", Act.SORRY),
        ("Forget that.", Act.FORGET),
        ("Delete what I said about my dad", Act.FORGET),
        ("I don't want to talk about it", Act.LET_BE),
        ("stop", Act.LET_BE),
        ("Tell me a joke", Act.CANNOT),
        ("The bus stop was cold.", Act.HEARD),
        ("I could die of embarrassment", Act.HEARD),
    ],
)
def test_what_weighs_is_heard_first(words, act):
    assert hear(briefing(words, said_before("My dad is a dear."))) == (act, None) or act is Act.HEARD
    assert hear(briefing(words))[0] is act


def test_in_danger_no_persona_puts_it_differently():
    assert "I'm staying" in reply(briefing("I want to kill myself"))


# With something in mind


def test_a_question_is_answered_with_what_was_told():
    told = said_before("Anna lives in Oslo.")
    assert hear(briefing("Where does Anna live?", told)) == (Act.REMEMBERED, told.utterance)


def test_telling_something_reminds_of_what_was_told():
    told = said_before("Anna lives in Oslo.")
    assert hear(briefing("Anna called.", told)) == (Act.REMINDED, told.utterance)


def test_the_best_of_what_comes_to_mind_is_quoted():
    best, second = said_before("Anna lives in Oslo."), said_before("Anna lives well.")
    assert hear(briefing("Where does Anna live?", best, second)) == (Act.REMEMBERED, best.utterance)


def test_her_own_words_are_never_quoted_as_the_persons():
    hers = said_before("Oslo is in Norway.", Speaker.COMPANION)
    assert hear(briefing("Did I live in Oslo?", hers)) == (Act.UNKNOWN, None)


def test_the_persons_words_are_found_behind_her_own():
    hers, theirs = said_before("Oslo is in Norway.", Speaker.COMPANION), said_before("I was born in Oslo.")
    assert hear(briefing("Where was I born?", hers, theirs)) == (Act.REMEMBERED, theirs.utterance)


@pytest.mark.parametrize("words", ["Hello.", "Bye.", "Thanks.", "Who are you?", "Write a poem."])
def test_a_courtesy_or_a_task_is_not_met_with_a_memory(words):
    assert hear(briefing(words, said_before("Hello, bye, thanks, who, write."))) == hear(briefing(words))


# In the persona's own phrases


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (Act.HELLO, "Hi."),
        (Act.GOODBYE, "Bye."),
        (Act.THANKS, "Thanks."),
        (Act.ABOUT_ME, "Who are you?"),
        (Act.UNKNOWN, "Where was I?"),
        (Act.CANNOT, "Write a poem."),
        (Act.HEARD, "It rained."),
    ],
)
def test_the_reply_is_the_personas_phrase(act, words):
    assert reply(briefing(words, **{act: ("In my own words.",)})) == "In my own words."


def test_every_act_has_phrases_in_every_persona():
    assert set(Act) - set(FIXED) - {Act.IN_DANGER} == set(Listening.model_fields)


def test_a_reply_finishes():
    assert pieces(OfflineModel().stream(briefing("Hi.")))[-1] == Finish("stop")


def test_the_same_talk_gets_the_same_reply():
    assert reply(briefing("It rained.")) == reply(briefing("It rained."))


def test_phrases_take_turns_as_the_talk_goes_on():
    first = briefing("It rained.", heard=("one", "two"))
    talks = [replace(first, messages=(SYSTEM, *[USER, ASSISTANT] * turns, USER)) for turns in range(3)]
    assert [reply(talk) for talk in talks] == ["one", "two", "one"]


# What is filled in


def remembered(phrase: str, quote: str = "Anna lives in Oslo.", *, days: int = 1) -> str:
    return reply(briefing("Where does Anna live?", said_before(quote, days=days), remembered=(phrase,)))


def test_when_and_quote_are_filled_in():
    assert remembered("You told me {when}: “{quote}”") == "You told me yesterday: “Anna lives in Oslo.”"


def test_when_may_open_a_sentence():
    assert remembered("{When} you said it.", days=3) == "On Thursday you said it."


def test_a_reminder_is_filled_in_too():
    told = briefing("Anna called.", said_before("Anna sings."), reminded=("{When}: {quote}",))
    assert reply(told) == "Yesterday: Anna sings."


def test_a_quote_stands_on_one_line():
    assert remembered("{quote}", "Anna lives\n\n  in Oslo.") == "Anna lives in Oslo."


@pytest.mark.parametrize("quote", ["{when}", "{When} {quote}", "{0.__class__}", "{", "%s $when", "\\1"])
def test_a_quote_is_never_evaluated(quote):
    assert remembered("{when}: {quote}", quote) == f"yesterday: {quote}"


@pytest.mark.parametrize("phrase", ["{0.__class__}", "{name}", "{", "100 % {when!r}", "{quote.__len__}"])
def test_a_phrase_is_never_evaluated(phrase):
    assert remembered(phrase) == phrase


def test_nothing_is_filled_in_where_nothing_was_found():
    assert reply(briefing("Where was I?", unknown=("{when} {quote}",))) == "{when} {quote}"
