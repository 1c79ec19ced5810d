"""From a model spec such as `openai:gpt-5-mini` to a ChatModel.

Providers are entry points of the group `companion.providers`, ours as well as anyone's: the name before the colon
leads to a function that takes a `Request` and returns a `ChatModel`. Nothing is imported before it is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from companion.dialogue.model import ChatModel
from companion.errors import SettingsError
from companion.providers.ways import Notebook

GROUP = "companion.providers"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a provider.

    Attributes:
        spec: the whole spec, `provider:name`.
        name: what stands after the colon; may be empty.
        environment: the environment variables, for providers with customs of their own.
        data: the folder for large files, such as models.
        context: how many tokens the model may be told.
        patience: seconds of silence after which a server is given up; None leaves it to the provider.
        keys: the file that tells the keys of servers, if there may be one.
        embeds: whether vectors are asked of it, rather than words.
    """

    spec: str
    name: str
    environment: Mapping[str, str] = field(repr=False)
    data: Path
    context: int
    patience: float | None
    keys: Path | None = None
    embeds: bool = False

    @property
    def notebook(self) -> Notebook:
        """Where the ways of servers are kept."""
        return Notebook(self.data / "servers.json")

    @property
    def path(self) -> Path:
        """The name as a path, for providers whose models are files."""
        try:
            return Path(self.name).expanduser()
        except RuntimeError:  # ~somebody who is not there
            return Path(self.name)


def open_model(
    spec: str,
    environment: Mapping[str, str],
    data: Path,
    *,
    context: int = 8192,
    patience: float | None = None,
    keys: Path | None = None,
) -> ChatModel:
    """Open the model that a spec names.

    Raises:
        SettingsError: no provider of that name, or a spec that the provider cannot use.
    """
    return open_requested(Request(spec, spec.partition(":")[2], environment, data, context, patience, keys))


def open_requested(request: Request) -> ChatModel:
    """Open the model of a request.

    Raises:
        SettingsError: as `open_model`.
    """
    provider = request.spec.partition(":")[0]
    known = {entry.name: entry for entry in entry_points(group=GROUP)}
    if provider not in known:
        raise SettingsError(
            f"{request.spec!r} is not a model: write it as provider:name, such as ollama:qwen3, http://127.0.0.1:8080/v1#name"
            f" or offline; there are {', '.join(sorted(known))}."
        )
    opener: Callable[[Request], ChatModel] = known[provider].load()
    return opener(request)
