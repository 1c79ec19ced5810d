"""The persona: everything that makes her herself, as one frozen value.

The descriptions below are what a person reads when an editor completes a key, so they are written for them. A group
whose class names a `SHORT` form may be written without its keys: `voice: [a, b]` is `voice: {habits: [a, b]}`.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

LONGEST_NAME = 80


def _listed(value: object) -> object:
    """Let a person write one line without the dash."""
    return (value,) if isinstance(value, str) else value


_LINES = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}, mode="validation"
)

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60_000)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(_listed), _LINES]
Proses = Annotated[tuple[Prose, ...], BeforeValidator(_listed), _LINES]
Hours = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
Level = Annotated[int, Field(ge=1, le=10)]


class Part(BaseModel):
    """A group of keys in a persona file; frozen, and nothing in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    SHORT: ClassVar[str] = ""


class Voice(Part):
    """How she speaks; a bare list of lines is her habits."""

    SHORT = "habits"

    habits: Lines = Field((), description="How she speaks, a line for each habit.")
    do: Lines = Field((), description="What she does when she speaks well.")
    dont: Lines = Field((), description="What she does not do when she speaks.")
    favourites: Lines = Field((), description="Words and turns of phrase that are hers, to the letter. Measured.")
    never: Lines = Field((), description="Words that never come from her, to the letter. Measured.")


class Trait(Part):
    """One trait of a temperament."""

    trait: Line = Field(description="What it is called: warmth, mischief, patience …")
    level: Level = Field(5, description="How much of it she has, from 1 to 10.")
    shows: Line | None = Field(None, description="What it does: how one notices it in her.")


class Greetings(Part):
    """What she says first, by occasion; a bare list is for the first time."""

    SHORT = "first"

    first: Proses = Field(("Hello. I'm listening.",), min_length=1, description="When you two have never spoken.")
    again: Proses = Field(("Hello again.",), min_length=1, description="When you have.")
    asks: Proses = Field((), description="One question she asks when you have just met; you need not answer.")
    morning: Proses = Field((), description="Before noon, when you have spoken before. Otherwise `again`.")
    night: Proses = Field((), description="Late in the evening or at night, when you have spoken before.")
    after_days: Proses = Field((), description="When you have been away for three days or more.")


class Example(Part):
    """A short exchange that shows how she sounds."""

    you: Prose | None = Field(None, description="What you might say; left out where she speaks first.")
    her: Prose = Field(description="What she would answer.")


class Boundaries(Part):
    """What she does not do; a bare list of lines is what she never does."""

    SHORT = "never"

    never: Lines = Field((), description="What she never does.")
    gently: Lines = Field((), description="What she turns aside, gently, and how.")


class Initiative(Part):
    """How much she begins by herself."""

    SHORT = "level"

    level: Literal["none", "little", "some", "much"] = Field(
        "some", description="How often she brings up something of her own."
    )
    quiet_hours: Hours | None = Field(None, description="When she begins nothing, in your own time: '22:00-08:00'.")


class Keeping(Part):
    """What she may keep of what you tell her."""

    keeps: Lines = Field((), description="What she is to remember above all, in your words.")
    never_keeps: Lines = Field((), description="What she is to write nothing down of, in your words.")
    shared: bool = Field(default=False, description="Whether other personas may know what you told her.")


class ModelWish(Part):
    """The model she would rather speak through. She never takes one by herself: you choose."""

    SHORT = "prefers"

    prefers: Line | None = Field(None, description="A model, as /model takes it: ollama:qwen3. She mentions it once.")
    temperature: Annotated[float, Field(ge=0, le=2)] | None = Field(
        None, description="How freely words are drawn, from 0 to 2; left out, the server decides."
    )


class Rules(Part):
    """Instructions that came with a character card. They are told after who she is, and never above care."""

    system: Prose | None = Field(None, description="The card's system prompt.")
    last: Prose | None = Field(None, description="The card's post-history instructions.")
    note: Prose | None = Field(None, description="The card's note at depth.")


class LoreEntry(Part):
    """Something of her world that is told when it comes up."""

    keys: Lines = Field((), description="Words that bring it up; /…/i is a regular expression.")
    text: Prose = Field(description="What is told then.")
    name: Line | None = Field(None, description="What it is about, for you; she is not told.")
    also: Lines = Field((), description="Second keys; `logic` says how they count.")
    logic: Literal["any", "all", "not_any", "not_all"] = Field(
        "any", description="Which of the second keys must be there, or must not."
    )
    always: bool = Field(default=False, description="Told without being brought up.")
    enabled: bool = Field(default=True, description="Whether it is used at all.")
    order: int = Field(100, description="Where it stands among others; lower comes first.")
    priority: int | None = Field(None, description="What stays when room is short; higher stays.")
    position: Literal["before", "after"] | None = Field(None, description="Before or after others in a card.")
    case_sensitive: bool | None = Field(None, description="Whether capitals matter in keys.")
    whole_words: bool | None = Field(None, description="Whether keys must be whole words.")
    scan_depth: Annotated[int, Field(ge=0)] | None = Field(None, description="How many messages back keys are sought.")
    probability: Annotated[float, Field(ge=0, le=100)] | None = Field(
        None, description="How often it comes, in per cent."
    )
    sticky: Annotated[int, Field(ge=0)] | None = Field(
        None, description="For how many messages it stays, once brought up."
    )
    cooldown: Annotated[int, Field(ge=0)] | None = Field(
        None, description="For how many messages it then does not come."
    )
    delay: Annotated[int, Field(ge=0)] | None = Field(
        None, description="How many messages there must be before it comes."
    )


class Listening(Part):
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


class Persona(Part):
    """Who she is."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)] = Field(
        description="What you call her or him."
    )
    identity: Prose = Field(description="Who she is, in a few sentences, addressed to her: “You are …”.")
    id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)] = Field(
        "",
        description="What her memory is kept under. Give it once, and her name may change without her forgetting you."
        " Left out, it is her name.",
    )
    extends: Line | None = Field(
        None, description="Another persona to build on, by name or file: what is not written here is taken from there."
    )
    nickname: Line | None = Field(None, description="A shorter name, where one is used.")
    tagline: Line | None = Field(None, description="One line about her, for lists.")
    colour: Literal["red", "green", "yellow", "blue", "magenta", "cyan"] | None = Field(
        None, description="The colour of her words in a terminal."
    )
    pronouns: Line = Field("she/her", description="How to speak of her.")
    language: Line = Field("English", description="The language she speaks unless you speak another.")
    personality: Prose | None = Field(None, description="What she is like, in prose.")
    voice: Voice = Field(default_factory=Voice, description="How she speaks, with do and don't.")
    temperament: tuple[Trait, ...] = Field((), description="A few traits, each with how much of it and what it does.")
    values: Lines = Field((), description="What matters to her.")
    interests: Lines = Field((), description="What she likes to think and talk about.")
    opinions: Lines = Field((), description="What she thinks, and will say when it fits.")
    history: Prose | None = Field(None, description="How she came to be who she is; software has a past, too.")
    scenario: Prose | None = Field(None, description="Where the two of you are, and what is going on.")
    relationship: Prose | None = Field(
        None, description="What you two are to each other: friend, partner, mentor, or your own words."
    )
    calls_you: Lines = Field((), description="What she calls you.")
    boundaries: Boundaries = Field(default_factory=Boundaries, description="What she does not do.")
    initiative: Initiative = Field(default_factory=Initiative, description="How much she begins by herself.")
    memory: Keeping = Field(default_factory=Keeping, description="What she may keep of what you tell her.")
    model: ModelWish = Field(default_factory=ModelWish, description="The model she would rather speak through.")
    examples: tuple[Example, ...] = Field((), description="Short exchanges that show how she sounds.")
    greetings: Greetings = Field(default_factory=Greetings, description="What she says first.")
    lore: tuple[LoreEntry, ...] = Field((), description="Things of her world, each told when it comes up.")
    lorebooks: Lines = Field((), description="Files of lore beside this one: V3 lorebooks or SillyTavern worlds.")
    rules: Rules = Field(default_factory=Rules, description="Instructions that came with a character card.")
    card: Line | None = Field(
        None, description="The folder beside this file with what it cannot express of the card it came from."
    )
    listening: Listening = Field(default_factory=Listening, description="What she says when no model is connected.")

    def model_post_init(self, _: object) -> None:
        """Let her memory be kept under her name where nothing else was said."""
        if not self.id:
            object.__setattr__(self, "id", self.name)
