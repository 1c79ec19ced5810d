"""A server: where it is, how long it may be silent, and the key that was given for it and for no other."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from companion.errors import SettingsError

OPENAI_URL = "https://api.openai.com/v1"
OLLAMA_PORT = 11434
OLLAMA_URL = f"http://127.0.0.1:{OLLAMA_PORT}/v1"

PATIENCE_AFAR = 120.0
PATIENCE_NEARBY = 600.0
"""A model on a plain processor may read for minutes before its first word."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a model is, and what opens the door.

    Attributes:
        url: the base address, usually ending in /v1.
        key: the key that was given for this very server, if any.
        patience: seconds of silence after which it is given up; None: two minutes afar, ten nearby.
        account: whether the person's OpenAI account is with this server, so that the package may send its headers.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    patience: float | None = None
    account: bool = False

    @property
    def nearby(self) -> bool:
        """Whether it is on this computer."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    @property
    def silence(self) -> float:
        """Seconds of silence after which it is given up."""
        return self.patience or (PATIENCE_NEARBY if self.nearby else PATIENCE_AFAR)


def key_in(name: str, environment: Mapping[str, str]) -> str | None:
    """Return a key of the environment.

    Raises:
        SettingsError: it cannot go into a header; the package would quote it in its complaint.
    """
    return usable_key(environment.get(name, ""), name)


def usable_key(text: str, place: str) -> str | None:
    """Return the key in a text, if there is any; `place` is where it was found.

    Raises:
        SettingsError: it cannot go into a header; the package would quote it in its complaint.
    """
    key = text.strip()
    if not key.isascii() or not key.isprintable():
        raise SettingsError(f"{place} has characters that no key has; copy it once more.")
    return key or None


def ollama_url(host: str) -> str:
    """Return the address that OLLAMA_HOST stands for: a host, `host:port`, `:port` or a URL.

    Raises:
        SettingsError: it is no address.
    """
    if not host:
        return OLLAMA_URL
    bare = "://" not in host
    whole = f"http://{host}" if bare else host
    whole = whole.replace("://0.0.0.0", "://127.0.0.1").replace("://:", "://127.0.0.1:")
    address = urlsplit(checked_url(whole))
    port = f":{OLLAMA_PORT}" if bare and not address.port else ""  # a URL without one means the port of its scheme
    return f"{address.scheme}://{address.netloc}{port}{address.path.rstrip('/').removesuffix('/v1')}/v1"


def checked_url(url: str) -> str:
    """Return an address as it is.

    Raises:
        SettingsError: it is none.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if usable and (parts.username or parts.password or parts.query):
        raise SettingsError(
            "A model's address is kept and shown, so it may hold no key; give that as COMPANION_API_KEY."
        )
    if not usable:
        raise SettingsError(f"{url!r} is not an address; write it as http://127.0.0.1:8080/v1#model-name.")
    return url


def speaking(answer: object) -> list[str]:
    """Return the models that can hold a conversation, of what a server says at /models; some answer to anything."""
    listed = answer.get("data") if isinstance(answer, dict) else None
    offered = [model.get("id") for model in listed if isinstance(model, dict)] if isinstance(listed, list) else []
    return [name for name in offered if isinstance(name, str) and "embed" not in name.lower()]
