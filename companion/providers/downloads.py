"""Fetching a model for the embedded engine: said what and how big, checked for room, resumed, and proved by checksum.

The hub's own package begins anew after every break (huggingface_hub 2.4 deletes the unfinished file), and a gigabyte
over a bad line deserves better; so the file is asked for here, from the byte where the last try ended.
"""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from companion import yaml
from companion.errors import DownloadFailed, SettingsError

HUB = "https://huggingface.co"

ROOM_TO_BREATHE = 256 << 20
"""Bytes that stay free on the disk after a download: the memory file grows, too."""

SILENCE_SECONDS = 30.0

Report = Callable[[int, int], None]
"""Told how many bytes have come, and of how many; what it raises ends the download."""


@dataclass(frozen=True, slots=True)
class Download:
    """A model that can be fetched.

    Attributes:
        name: how it is asked for.
        title: what it is called.
        repo: where it lies on the hub, with `file` and `revision`.
        bytes: how big it is.
        sha256: what it must hash to.
        licence: under which it may be used.
        memory_gb: how much memory a computer should have for it.
        gist: what it is good for, in a few words.
    """

    name: str
    title: str
    repo: str
    file: str
    revision: str
    bytes: int
    sha256: str
    licence: str
    memory_gb: int
    gist: str

    @property
    def size(self) -> str:
        """The size as a person reads it."""
        return f"{self.bytes / 1e9:.2f} GB"


@cache
def catalogue() -> Mapping[str, Download]:
    """Return what can be fetched, by name; the first is the one to suggest."""
    document = yaml.read(Path(str(files("companion.providers") / "models.yaml")))
    known = {field.name for field in fields(Download)} - {"name"}
    return {name: Download(name=name, **{key: entry[key] for key in known}) for name, entry in document.value.items()}


def entry(name: str | None) -> Download:
    """Return the model of a name, or the one to suggest.

    Raises:
        SettingsError: there is none of that name.
    """
    known = catalogue()
    if name and name not in known:
        raise SettingsError(f"There is no model {name!r} to download; there are {', '.join(known)}.")
    return known[name] if name else next(iter(known.values()))


def possible() -> bool:
    """Tell whether there is an engine here that could run what is fetched."""
    return find_spec("xllamacpp") is not None


def fetch(wanted: Download, folder: Path, report: Report, environment: Mapping[str, str]) -> Path:
    """Download a model into a folder, from where an earlier try ended, and return its path.

    Raises:
        DownloadFailed: it could not be fetched, or not whole; what has come is kept for the next try.
    """
    whole, part = folder / wanted.file, folder / f"{wanted.file}.part"
    if whole.exists() and whole.stat().st_size == wanted.bytes:
        return whole
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun = min(part.stat().st_size, wanted.bytes) if part.exists() else 0
        _check_room(wanted, folder, begun)
        if begun < wanted.bytes:
            _receive(wanted, part, begun, report, environment.get("HF_ENDPOINT") or HUB)
        _check(wanted, part)
        return part.replace(whole)
    except OSError as error:
        raise DownloadFailed(
            f"{part} cannot be written ({error.strerror or error}). Make room, then try again."
        ) from error


def _check_room(wanted: Download, folder: Path, begun: int) -> None:
    free = shutil.disk_usage(folder).free
    needed = wanted.bytes - begun + ROOM_TO_BREATHE
    if free < needed:
        raise DownloadFailed(
            f"{wanted.title} needs {needed / 1e9:.1f} GB in {folder}, and {free / 1e9:.1f} GB are free there. Make"
            " room, or choose another folder with COMPANION_HOME."
        )


def _receive(wanted: Download, part: Path, begun: int, report: Report, hub: str) -> None:
    import httpx2  # noqa: PLC0415 - only a download needs it here

    url = f"{hub.rstrip('/')}/{wanted.repo}/resolve/{wanted.revision}/{wanted.file}"
    headers = {"Range": f"bytes={begun}-", "Accept-Encoding": "identity"} if begun else {"Accept-Encoding": "identity"}
    try:
        with httpx2.stream("GET", url, headers=headers, follow_redirects=True, timeout=SILENCE_SECONDS) as answer:
            if answer.status_code not in {httpx2.codes.OK, httpx2.codes.PARTIAL_CONTENT}:
                raise DownloadFailed(
                    f"{hub} answered {answer.status_code} for {wanted.title}. Try again later, or fetch the file"
                    f" yourself and name it with --model local:FILE.gguf."
                )
            begun = begun if answer.status_code == httpx2.codes.PARTIAL_CONTENT else 0
            with part.open("ab" if begun else "wb") as file:
                for piece in answer.iter_raw():
                    file.write(piece)
                    begun += len(piece)
                    report(begun, wanted.bytes)
    except httpx2.HTTPError as error:
        come = f"{begun / 1e9:.2f} GB have come and are kept" if begun else "Nothing has come"
        raise DownloadFailed(
            f"The download from {hub} broke off ({_said(error)}). {come}; try again when the line is better."
        ) from error


def _said(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _check(wanted: Download, part: Path) -> None:
    """See that the file is the one that was wanted.

    Raises:
        DownloadFailed: it is short, and kept; or it is another, and gone.
    """
    size = part.stat().st_size
    if size < wanted.bytes:
        raise DownloadFailed(
            f"The download ended early, with {size / 1e9:.2f} of {wanted.size}; what has come is kept. Try again."
        )
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != wanted.sha256:
        part.unlink()
        raise DownloadFailed(f"{wanted.title} arrived damaged, or is not what was promised; it was deleted. Try again.")
