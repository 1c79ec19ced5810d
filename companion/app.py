"""The composition root: the one place that names concrete parts."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from companion import settings as choices
from companion.care.lines import country_of
from companion.dialogue.engine import Companion
from companion.dialogue.events import Noticed
from companion.dialogue.meanings import Meanings
from companion.dialogue.model import ChatModel, Warming
from companion.memory.store import Embedder, Meaning
from companion.persona import loading
from companion.persona.persona import Persona
from companion.persona.watching import Watch
from companion.providers import discovery, downloads
from companion.providers.discovery import Found
from companion.providers.downloads import Download, Report
from companion.providers.offline import NAME as OFFLINE
from companion.providers.registry import Request, open_model
from companion.providers.server import Server
from companion.settings import Settings
from companion.storage.sqlite import SqliteStore
from companion.terminal.minds import Minds, Proposal

ASKED_SECONDS = 10.0
"""How long a command may wait for the meaning of its question: its model has to be loaded first."""

LISTENING_CONTEXT = 10_000_000
"""Without a model nobody reads the briefing, so no setting for one makes a persona too long."""


def awaken(settings: Settings, ports: Iterable[int] | None = None, *, waits: Sequence[float] = ()) -> Companion:
    """Put a companion together: persona, memory, model.

    `ports` is where local servers are looked for, `waits` what she waits for a busy one, in seconds before each try.

    Raises:
        CompanionError: one of the parts cannot be had.
    """
    watch = meet(settings, settings.persona)
    persona = watch.character.persona
    spec = current_model(settings, ports)
    model, context = open_named(settings, spec, trusted=_was_named(settings))
    store = open_store(settings)
    notices = _notices(persona, model, found=spec.startswith("http") and not settings.model)
    notices += [Noticed("index", store.notice)] if store.notice else []
    return Companion(
        persona,
        store,
        model,
        present_moment,
        context,
        notices,
        off_record=settings.off_record,
        waits=waits,
        watch=watch,
        sharing=loading.sharing(settings.persona_folders),
        country=country_of(settings.country, _locale(settings.environment)),
        embedder=open_embedder(settings),
    )


def current_model(settings: Settings, ports: Iterable[int] | None = None) -> str:
    """Return the spec of the model that finds her words: the chosen one, or what is found."""
    if settings.model:
        return settings.model
    ports = discovery.ports(settings.environment) if ports is None else ports
    return discovery.choose(None, settings.environment, settings.data, ports)


def known_models(settings: Settings, ports: Iterable[int] | None = None) -> list[Found]:
    """Return every model that could find her words now, as far as it can be seen from here."""
    ports = discovery.ports(settings.environment) if ports is None else ports
    found = discovery.look(settings.data, ports)
    if settings.environment.get("OPENAI_API_KEY") or settings.environment.get("OPENAI_BASE_URL"):
        found.insert(0, Found("openai:", settings.environment.get("OPENAI_BASE_URL") or "OpenAI", None))
    found.append(Found(OFFLINE, "she listens, without a model", None))
    current = settings.model
    chosen = [Found(current, "your choice", None)] if current and current not in {one.spec for one in found} else []
    return [*chosen, *found]


def open_named(settings: Settings, spec: str, *, trusted: bool = True) -> tuple[ChatModel, int]:
    """Open the model of a spec; return it with how many tokens it may be told.

    `trusted` tells whether the person named it, so that it may have the key in COMPANION_API_KEY.

    Raises:
        SettingsError: there is no such model.
    """
    model = open_model(
        spec,
        settings.environment if trusted else _without_key(settings.environment),
        settings.data,
        context=settings.context,
        patience=settings.patience,
        keys=settings.keys,
    )
    return model, max(settings.context, LISTENING_CONTEXT) if model.name == OFFLINE else settings.context


def open_embedder(settings: Settings) -> Embedder | None:
    """Open what finds meanings, where the person chose something; it has the key of the model if it is its server.

    Raises:
        SettingsError: it cannot be used.
    """
    spec = settings.embeddings
    if not spec:
        return None
    from companion.providers import embeddings  # noqa: PLC0415 - few have it

    same = (settings.model or "").partition("#")[0] == spec.partition("#")[0]
    environment = settings.environment if same and _was_named(settings) else _without_key(settings.environment)
    _, _, name = spec.partition(":")
    known = (settings.data, settings.context, settings.patience, settings.keys)
    return embeddings.open_embedder(Request(spec, name, environment, *known, embeds=True))


def meaning_of(settings: Settings, store: SqliteStore, question: str) -> tuple[Meaning | None, str]:
    """Return where a question lies among meanings, if that is known; and what the person should know about it."""
    embedder = open_embedder(settings)
    if embedder is None:
        return None, ""
    meanings = Meanings(embedder, store, present_moment, ASKED_SECONDS)

    async def asked() -> Meaning | None:
        try:
            return await meanings.of(question)
        finally:
            await meanings.aclose()

    return asyncio.run(asked()), meanings.trouble()


def minds(settings: Settings) -> Minds:
    """Return what the faces can do about models."""
    return Minds(
        partial(open_named, settings),
        lambda: [(found.spec, found.told) for found in known_models(settings)],
        partial(proposal, settings),
        partial(choices.keep, settings),
        "no" if settings.off_record else settings.remember,
        lambda: SqliteStore.open_copy(settings.memory),
    )


def proposal(settings: Settings, companion: Companion) -> Proposal | None:
    """Return what the person should be asked before her first words, if nothing was ever chosen."""
    name = companion.model.name
    if settings.model or not (name.startswith("http") or name == OFFLINE):
        return None

    def keep(spec: str) -> str:
        choices.keep(settings, "model", spec)
        return spec

    if name != OFFLINE:
        question = (
            f"{name.partition('#')[2]} runs on this computer, at {name.partition('#')[0]}. Shall she speak with it?"
        )
        return Proposal(question, lambda _: keep(name), lambda: keep(OFFLINE))
    if not downloads.possible():
        return None
    wanted = downloads.entry(None)
    question = (
        f"There is no language model here yet. {wanted.title} can be downloaded into {settings.models}: {wanted.size},"
        f" free to use ({wanted.licence}). Fetch it now?"
    )
    return Proposal(question, lambda report: keep(fetch(settings, wanted, report)), lambda: keep(OFFLINE))


def fetch(settings: Settings, wanted: Download, report: Report) -> str:
    """Download a model and return its spec.

    Raises:
        DownloadFailed: it could not be fetched, or not whole.
    """
    return f"local:{downloads.fetch(wanted, settings.models, report, settings.environment).name}"


def meet(settings: Settings, name: str) -> Watch:
    """Find a persona with all that belongs to her, and an eye on her file."""
    return Watch(loading.find(name, settings.persona_folders))


def load_persona(settings: Settings) -> Persona:
    """Find and validate the persona of the settings."""
    return loading.load(loading.find(settings.persona, settings.persona_folders))


def open_store(settings: Settings) -> SqliteStore:
    """Open the memory file, or, off the record, a copy that forgets."""
    return SqliteStore.open_copy(settings.memory) if settings.off_record else SqliteStore.open(settings.memory)


def open_to_read(settings: Settings) -> SqliteStore:
    """Open the memory for looking something up: where there is none yet, none is made."""
    return SqliteStore.open(settings.memory) if settings.memory.exists() else SqliteStore.open_copy(settings.memory)


def warm(part: object) -> None:
    """Load what is heavy of a model, or of a companion, before it is needed."""
    if isinstance(part, Warming):
        part.warm()


def present_moment() -> datetime:
    """Return now, in the person's offset."""
    return datetime.now().astimezone()


def _was_named(settings: Settings) -> bool:
    """Tell whether the person named the model in this start, or keeps one that is not merely found on this computer."""
    if settings.model is None:
        return False
    return not (settings.model_is_kept and Server(settings.model).nearby)


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
    notices = [Noticed("model", f"The words come from a model found on this computer, {model.name}.")] if found else []
    wish = persona.model.prefers
    if wish and wish != model.name:  # she never takes one by herself: a file from a stranger may not choose a server
        notices.append(Noticed("model", f"{persona.name} would rather speak through {wish}; /model {wish} allows it."))
    return notices
