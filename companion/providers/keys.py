"""Keys, each for one server: from the environment, from a command, from the system's keyring, or from a private file.

`keys.yaml`, beside config.yaml, says where to look; whoever else can read it is a reason to refuse it:

    openai: sk-…                                # the key itself
    https://openrouter.ai/api/v1:
      command: pass show openrouter             # its first line of output
    http://10.0.0.2:8000/v1:
      keyring: companion                        # the service; the user name is the address

Nothing of it is ever written by us, shown, or sent to another server than the one it stands for.
"""

import shlex
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from companion import yaml
from companion.errors import SettingsError
from companion.providers.server import OPENAI_URL, key_in, usable_key

COMMAND_SECONDS = 60.0
"""Long enough for somebody to type the passphrase of a key command."""


def key_for(url: str, environment: Mapping[str, str], file: Path | None) -> str | None:
    """Return the key that was given for this very address, if any.

    Raises:
        SettingsError: there is one, and it cannot be had or cannot be a key.
        DocumentError: keys.yaml is not what it should be.
    """
    same = url.rstrip("/") == (environment.get("OPENAI_BASE_URL") or OPENAI_URL).rstrip("/")
    given = key_in("COMPANION_API_KEY", environment) or (key_in("OPENAI_API_KEY", environment) if same else None)
    return given or (_filed(url, file) if file else None)


def _filed(url: str, file: Path) -> str | None:
    if not file.exists():
        return None
    _check_private(file)
    document = yaml.read(file)
    entries = document.value or {}
    if not isinstance(entries, dict):
        raise document.error((), "expected servers, each with its key.")
    for server in entries:
        address = OPENAI_URL if server == "openai" else str(server)
        if address.rstrip("/") == url.rstrip("/"):
            return usable_key(_entry(document, server, entries[server], url), f"{file}, `{server}`,")
    return None


def _check_private(file: Path) -> None:
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise SettingsError(f"{file} holds keys, and others on this computer can read it: run `chmod 600` on it first.")


def _entry(document: yaml.Document, server: str, entry: Any, url: str) -> str:
    match entry:
        case str():
            return entry
        case {"command": str(command), **rest} if not rest:
            return _from_command(command)
        case {"keyring": str(service), **rest} if not rest:
            return _from_keyring(service, url)
    raise document.error((server,), "expected a key, or `command: …`, or `keyring: …`.")


def _from_command(command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the person's own command, from a file that only they can write
            shlex.split(command), stdout=subprocess.PIPE, timeout=COMMAND_SECONDS, check=True, text=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise SettingsError(
            "The key command of keys.yaml gave no key: run it in a terminal to see why, then start again."
        ) from error
    return done.stdout.partition("\n")[0]


def _from_keyring(service: str, user: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - optional
    except ImportError as error:
        raise SettingsError(
            "keys.yaml names the system's keyring, which needs the extra `keyring`; install it as the README shows."
        ) from error
    try:
        key = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise SettingsError(f"The system's keyring cannot be opened ({error}); unlock it, then start again.") from error
    if key is None:
        raise SettingsError(
            f"The system's keyring has no key for {user}: store it with `keyring set {service} {user}`."
        )
    return key
