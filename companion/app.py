"""The composition root: the one place that names concrete parts."""

from datetime import datetime

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


def awaken(settings: Settings) -> Companion:
    """Put a companion together: persona, memory, model.

    Raises:
        CompanionError: one of the parts cannot be had.
    """
    persona = load_persona(settings)
    spec = discovery.choose(settings.model, settings.environment, settings.data)
    model = open_model(spec, settings.environment, settings.data, context=settings.context, patience=settings.patience)
    store = open_store(settings)
    notices = _notices(persona, model, found=spec.startswith("http") and not settings.model)
    return Companion(persona, store, model, present_moment, settings.context, notices)


def load_persona(settings: Settings) -> Persona:
    """Find and validate the persona of the settings."""
    return loading.load(loading.find(settings.persona, settings.persona_folders))


def open_store(settings: Settings) -> SqliteStore:
    """Open the memory file, or, off the record, a copy that forgets."""
    return SqliteStore.open_copy(settings.memory) if settings.off_record else SqliteStore.open(settings.memory)


def warm(companion: Companion) -> None:
    """Load what is heavy before it is needed."""
    if isinstance(companion.model, Warming):
        companion.model.warm()


def present_moment() -> datetime:
    """Return now, in the person's offset."""
    return datetime.now().astimezone()


def _notices(persona: Persona, model: ChatModel, *, found: bool) -> list[Noticed]:
    if model.name == OFFLINE:
        listens = (
            f"No language model is connected: {persona.name} listens and remembers. /model says how to connect one."
        )
        return [Noticed("model", listens)]
    return [Noticed("model", f"The words come from a model found on this computer, {model.name}.")] if found else []
