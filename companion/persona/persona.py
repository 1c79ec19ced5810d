"""The persona: everything that makes her herself, as one frozen value.

The descriptions below are what a person reads when an editor completes a key, so they are written for them.
"""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


def _listed(value: object) -> object:
    """Let a person write one line without the dash."""
    return (value,) if isinstance(value, str) else value


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(_listed)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Greetings(_Part):
    """What she says first."""

    first: Lines = Field(("Hello. I'm listening.",), min_length=1, description="When you two have never spoken.")
    again: Lines = Field(("Hello again.",), min_length=1, description="When you have.")


class Example(_Part):
    """A short exchange that shows how she sounds."""

    you: Prose = Field(description="What you might say.")
    her: Prose = Field(description="What she would answer.")


class Listening(_Part):
    """What she says when no model is connected; `{…}` is filled in, and each list needs at least one line."""

    hello: Lines = Field(("Hello. It's good to hear from you.",), min_length=1, description="Answering a greeting.")
    met: Lines = Field(
        ("{name}. Good to meet you. What's on your mind?",), min_length=1, description="Told your name: {name}."
    )
    goodbye: Lines = Field(("Goodbye for now.",), min_length=1, description="Answering a goodbye.")
    thanks: Lines = Field(("You're welcome.",), min_length=1, description="Answering thanks.")
    about_me: Lines = Field(
        ("I'm software, and right now without a language model: I listen, and I remember what you tell me.",),
        min_length=1,
        description="Asked who or what she is.",
    )
    remembered: Lines = Field(
        ("You told me {when}: “{quote}”",), min_length=1, description="Found what was asked: {when}, {quote}."
    )
    unknown: Lines = Field(
        ("You haven't told me that, as far as I remember.",), min_length=1, description="Found nothing."
    )
    reminded: Lines = Field(
        ("That reminds me of something you said {when}: “{quote}”",),
        min_length=1,
        description="Something from before comes to mind: {when}, {quote}.",
    )
    cannot: Lines = Field(
        ("That takes a language model, and none is connected. /model says how to connect one.",),
        min_length=1,
        description="Asked for what only a language model can do; must say so.",
    )
    sorry: Lines = Field(
        ("I'm sorry. I'm here, for as long as you like.",), min_length=1, description="Told of a death or a loss."
    )
    let_be: Lines = Field(
        ("All right. We'll leave it there.",), min_length=1, description="Asked to stop, or to let be."
    )
    heard: Lines = Field(
        ("I'll keep that. What matters most to you about it?", "I hear you. Go on, if you like."),
        min_length=1,
        description="Anything else that you tell her.",
    )


class Persona(_Part):
    """Who she is."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)] = Field(
        description="What you call her or him."
    )
    identity: Prose = Field(description="Who she is, in a few sentences, addressed to her: “You are …”.")
    tagline: Line | None = Field(None, description="One line about her, for lists.")
    pronouns: Line = Field("she/her", description="How to speak of her.")
    language: Line = Field("English", description="The language she speaks unless you speak another.")
    voice: Lines = Field((), description="How she speaks, a line for each habit.")
    values: Lines = Field((), description="What matters to her.")
    interests: Lines = Field((), description="What she likes to think and talk about.")
    opinions: Lines = Field((), description="What she thinks, and will say when it fits.")
    relationship: Prose | None = Field(None, description="What you two are to each other.")
    boundaries: Lines = Field((), description="What she does not do.")
    examples: tuple[Example, ...] = Field((), description="Short exchanges that show how she sounds.")
    greetings: Greetings = Field(default_factory=Greetings, description="What she says first.")
    listening: Listening = Field(default_factory=Listening, description="What she says when no model is connected.")
