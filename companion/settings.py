"""Settings: read once, at the root, then passed as values.

In this order: flags, COMPANION_* in the environment, config.yaml, defaults. COMPANION_HOME=DIR keeps everything below
DIR; otherwise config, data and state go where the system keeps such things.
"""

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from companion import yaml
from companion.errors import DocumentError, SettingsError
from companion.persona import loading

SMALLEST_CONTEXT = 512
EDITING = ("emacs", "vi")
REMEMBER = ("yes", "no", "asked")
THEMES = ("dark", "light", "none")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be chosen.

    Attributes:
        persona: name or path of the persona.
        model: a model spec; None looks for one.
        embeddings: the spec of a model that finds what lies near in meaning; None, the default: words alone find it.
            Such as `ollama:nomic-embed-text`, `http://127.0.0.1:8080/v1#name`, `openai:text-embedding-3-small` or
            `local:FILE.gguf`. It is told everything that is said, as the model is.
        model_is_kept: whether it stands in config.yaml, rather than in a flag or the environment of this start.
        context: how many tokens a model may be told.
        patience: seconds of silence after which a server is given up; None leaves it to the provider.
        config: the folder of config.yaml and of the person's own personas.
        data: the folder of the memory file and of models.
        environment: the environment variables, for providers with customs of their own.
        off_record: whether nothing that is said may be written.
        country: where the person is (ISO 3166), for help lines; None asks the locale.
        editing: which keys edit the line, `emacs` or `vi`.
        theme: how the chat looks, `dark`, `light` or `none`; None leaves it to the terminal's own colours.
        remember: whether the person lets her remember: `yes`, `no`, or `asked` without an answer; None: not asked yet.
    """

    persona: str
    model: str | None
    context: int
    patience: float | None
    config: Path
    data: Path
    environment: Mapping[str, str] = field(repr=False)
    off_record: bool = False
    editing: str = "emacs"
    theme: str | None = None
    remember: str | None = None
    model_is_kept: bool = False
    country: str | None = None
    embeddings: str | None = None

    @property
    def memory(self) -> Path:
        """The memory file."""
        return self.data / "companion.db"

    @property
    def keys(self) -> Path:
        """The private file that tells the keys of servers."""
        return self.config / "keys.yaml"

    @property
    def models(self) -> Path:
        """Where model files lie."""
        return self.data / "models"

    @property
    def personas(self) -> Path:
        """The person's own personas."""
        return self.config / "personas"

    @property
    def persona_folders(self) -> tuple[Path, ...]:
        """Where personas are looked for: the person's own first, then the shipped ones."""
        return (self.personas, loading.shipped_folder())


_KNOWN: dict[str, type | tuple[type, ...]] = {
    "persona": str,
    "model": str,
    "context": int,
    "patience": (int, float),
    "country": str,
    "editing": str,
    "theme": str,
    "remember": str,
    "embeddings": str,
}

_WANTED = {"context": "a whole number above zero", "patience": "a number of seconds above zero"}


def read(
    environment: Mapping[str, str],
    *,
    persona: str | None = None,
    model: str | None = None,
    off_record: bool = False,
) -> Settings:
    """Read the settings; `persona` and `model` are flags.

    Raises:
        SettingsError: a variable that cannot be used.
        DocumentError: config.yaml cannot be used, with line and column.
    """
    config, data = _folders(environment)
    chosen = _from_file(config / "config.yaml")
    remember = _one_of(REMEMBER, "remember", environment, chosen)
    named = model or environment.get("COMPANION_MODEL")
    return Settings(
        persona=persona or environment.get("COMPANION_PERSONA") or chosen.get("persona") or "samantha",
        model=named or chosen.get("model"),
        model_is_kept=not named and "model" in chosen,
        embeddings=environment.get("COMPANION_EMBEDDINGS") or chosen.get("embeddings"),
        context=_context(environment, chosen),
        patience=_number(environment, "COMPANION_PATIENCE") or chosen.get("patience"),
        config=config,
        data=data,
        environment=environment,
        country=environment.get("COMPANION_COUNTRY") or chosen.get("country"),
        off_record=off_record or remember == "no",
        editing=_one_of(EDITING, "editing", environment, chosen) or EDITING[0],
        theme=_one_of(THEMES, "theme", environment, chosen),
        remember=remember,
    )


def keep(settings: Settings, key: str, value: str) -> None:
    """Write a choice into config.yaml; every other line stays as the person wrote it.

    Raises:
        SettingsError: the file cannot be written.
        DocumentError: the file was not readable before.
    """
    path = settings.config / "config.yaml"
    _from_file(path)
    try:
        written = path.read_text(encoding="utf-8") if path.exists() else ""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(".config.yaml.new")
        new.write_text(_with_line(written, key, f"{key}: {_scalar(value)}"), encoding="utf-8")
        _check_kept(new, key, value)
        new.replace(path)
    except (OSError, DocumentError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is written in a way that only you can change"
        raise SettingsError(
            f"The choice cannot be kept in {path} ({reason}); write `{key}: {value}` into it yourself."
        ) from error


def _check_kept(path: Path, key: str, value: str) -> None:
    if _from_file(path).get(key) != value:
        raise DocumentError(path, "the line that was written is not read as it was meant.")


def _scalar(value: str) -> str:
    """Return a text as YAML writes it: bare where that is safe."""
    bare = re.fullmatch(r"[A-Za-z][\w.:/#@+-]*[\w/]", value) and value not in {"true", "false", "null"}
    return value if bare else json.dumps(value, ensure_ascii=False)


def _with_line(written: str, key: str, line: str) -> str:
    """Return a document with a line for a key, in place of the one it had, or at the end."""
    lines = written.splitlines()
    had = next((number for number, old in enumerate(lines) if re.match(rf"{key}\s*:", old)), None)
    if had is None:
        lines.append(line)
    else:
        comment = re.search(r"\s+#.*$", lines[had])
        lines[had] = line + (comment[0] if comment else "")
    return "\n".join(lines) + "\n"


def _folders(environment: Mapping[str, str]) -> tuple[Path, Path]:
    home = environment.get("COMPANION_HOME")
    if home:
        try:
            base = Path(home).expanduser()
        except RuntimeError as error:
            raise SettingsError(f"COMPANION_HOME is {home!r}; there is no such person on this computer.") from error
        return base / "config", base / "data"
    import platformdirs  # noqa: PLC0415 - only needed without COMPANION_HOME

    return platformdirs.user_config_path("companion", appauthor=False), platformdirs.user_data_path(
        "companion", appauthor=False
    )


def _from_file(path: Path) -> dict[str, Any]:
    try:
        if not path.exists():
            return {}
    except OSError as error:
        raise SettingsError(f"The settings in {path} cannot be read ({error.strerror}).") from error
    document = yaml.read(path)
    if document.value is None:
        return {}
    if not isinstance(document.value, dict):
        raise document.error((), f"expected settings ({', '.join(_KNOWN)}).")
    for key, value in document.value.items():
        _check(document, key, value)
    return document.value


def _check(document: yaml.Document, key: str, value: Any) -> None:
    if key not in _KNOWN:
        near = difflib.get_close_matches(key, _KNOWN, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(_KNOWN)}."
        raise document.error((key,), f"there is no setting `{key}`; {hint}", at_key=True)
    wanted = _WANTED.get(key, "text")
    fits = isinstance(value, _KNOWN[key]) and not isinstance(value, bool)
    if not fits or (isinstance(value, (int, float)) and value <= 0):
        found = yaml.described(value) if wanted == "text" else repr(value)
        raise document.error((key,), f"`{key}`: expected {wanted}, found {found}.")


def _context(environment: Mapping[str, str], chosen: Mapping[str, Any]) -> int:
    context = int(_number(environment, "COMPANION_CONTEXT") or chosen.get("context") or 8192)
    if context < SMALLEST_CONTEXT:
        raise SettingsError(
            f"The context is {context} tokens; below {SMALLEST_CONTEXT} she cannot even be told who she is."
        )
    return context


def _one_of(known: tuple[str, ...], key: str, environment: Mapping[str, str], chosen: Mapping[str, Any]) -> str | None:
    wanted: str | None = environment.get(f"COMPANION_{key.upper()}") or chosen.get(key)
    if wanted is None or wanted in known:
        return wanted
    raise SettingsError(f"There is no {key} {wanted!r}; choose {' or '.join(known)}.")


def _number(environment: Mapping[str, str], name: str) -> float | None:
    text = environment.get(name)
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise SettingsError(f"{name} is {text!r}; it must be a number above zero.")
    return number
