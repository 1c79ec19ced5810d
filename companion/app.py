"""The composition root: the one place that names concrete parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from companion.care.lines import country_of
from companion.dialogue.engine import Companion
from companion.dialogue.events import Noticed
from companion.dialogue.model import ChatModel, Warming
from companion.persona import loading
from companion.persona.persona import Persona
from companion.providers import discovery
from companion.providers.offline import NAME as OFFLINE
from companion.providers.registry import open_model
from companion.settings import Settings
from companion.storage.sqlite import SqliteStore

LISTENING_CONTEXT = 10_000_000
"""Without a model nobody reads the briefing, so no setting for one makes a persona too long."""


def awaken(settings: Settings, ports: Iterable[int] = discovery.PORTS, *, waits: Sequence[float] = ()) -> Companion:
    """Put a companion together: persona, memory, model.

    `ports` is where local servers are looked for, `waits` what she waits for a busy one, in seconds before each try.

    Raises:
        CompanionError: one of the parts cannot be had.
    """
    persona = load_persona(settings)
    spec = discovery.choose(settings.model, settings.environment, settings.data, ports)
    given = settings if settings.model else replace(settings, environment=_without_key(settings.environment))
    model, context = open_named(given, spec)
    store = open_store(settings)
    notices = _notices(persona, model, found=spec.startswith("http") and not settings.model)
    return Companion(
        persona,
        store,
        model,
        present_moment,
        context,
        notices,
        off_record=settings.off_record,
        waits=waits,
        country=country_of(settings.country, _locale(settings.environment)),
    )


def open_named(settings: Settings, spec: str) -> tuple[ChatModel, int]:
    """Open the model of a spec that the person named; return it with how many tokens it may be told.

    Raises:
        SettingsError: there is no such model.
    """
    model = open_model(spec, settings.environment, settings.data, context=settings.context, patience=settings.patience)
    return model, max(settings.context, LISTENING_CONTEXT) if model.name == OFFLINE else settings.context


def load_persona(settings: Settings) -> Persona:
    """Find and validate the persona of the settings."""
    return loading.load(loading.find(settings.persona, settings.persona_folders))


def open_store(settings: Settings) -> SqliteStore:
    """Open the memory file, or, off the record, a copy that forgets."""
    return SqliteStore.open_copy(settings.memory) if settings.off_record else SqliteStore.open(settings.memory)


def open_to_read(settings: Settings) -> SqliteStore:
    """Open the memory for looking something up: where there is none yet, none is made."""
    return SqliteStore.open(settings.memory) if settings.memory.exists() else SqliteStore.open_copy(settings.memory)


def warm(companion: Companion) -> None:
    """Load what is heavy before it is needed."""
    if isinstance(companion.model, Warming):
        companion.model.warm()


def present_moment() -> datetime:
    """Return now, in the person's offset."""
    return datetime.now().astimezone()


def _locale(environment: Mapping[str, str]) -> str:
    """Return the locale of the environment, such as `de_AT.UTF-8`: the only sign of a country that we look at."""
    return next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")


def _without_key(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the key that was given for a model that the person names: none was named."""
    return {name: value for name, value in environment.items() if name != "COMPANION_API_KEY"}


def _notices(persona: Persona, model: ChatModel, *, found: bool) -> list[Noticed]:
    if model.name == OFFLINE:
        listens = (
            f"No language model is connected: {persona.name} listens and remembers. /model says how to connect one."
        )
        return [Noticed("model", listens)]
    return [Noticed("model", f"The words come from a model found on this computer, {model.name}.")] if found else []
