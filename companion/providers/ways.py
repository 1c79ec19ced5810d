"""A server's ways: what it was found to want for a model, learned from its refusals and kept for the next time.

Servers that call themselves OpenAI-compatible refuse parameters of one another: OpenAI's newer models `max_tokens` and
a temperature, others `stream_options` or `prompt_cache_key`, LM Studio `json_object`, llama-cpp-python `json_schema`.
Each refusal costs one request, once.
"""

import json
import os
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

LADDER = ("json_schema", "json_object", "words")
"""How a form may be asked for, best first: LM Studio takes only the first, llama-cpp-python only the second."""

UNNAMED = ("unknown", "unexpected", "unrecognized", "unsupported", "extra", "not permitted", "not supported")
"""How servers refuse a parameter without saying which."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What a server wants for a model.

    Attributes:
        without: the optional parameters that it refuses.
        renamed: whether the longest reply must be called `max_completion_tokens`.
        form: the rung of the ladder on which it fills in forms.
    """

    without: frozenset[str] = frozenset()
    renamed: bool = False
    form: str = LADDER[0]

    def parameters(self, offered: Mapping[str, Any]) -> dict[str, Any]:
        """Return what of the optional parameters may be sent, and under which names."""
        kept = {name: value for name, value in offered.items() if name not in self.without}
        if self.renamed and "max_tokens" in kept:
            kept["max_completion_tokens"] = kept.pop("max_tokens")
        return kept

    def after_refusal(self, sent: Collection[str], reason: str) -> "Ways | None":
        """Return the ways to try next, when these parameters were sent and refused; None: it was not about them."""
        named = {name for name in sent if name in reason}
        if not named and "response_format" not in reason and any(word in reason.lower() for word in UNNAMED):
            named = set(sent)
        if "max_tokens" in named and "max_completion_tokens" in reason and not self.renamed:
            return replace(self, renamed=True)
        if "max_completion_tokens" in named:
            named.add("max_tokens")
        return replace(self, without=self.without | named) if named else None

    def down(self) -> "Ways | None":
        """Return the ways with the next lower rung for forms; None: there is none."""
        lower = LADDER.index(self.form) + 1
        return replace(self, form=LADDER[lower]) if lower < len(LADDER) else None


class Notebook:
    """Where the ways of servers are kept: here, and in a file for the next start if there is one.

    A file that cannot be read or written costs the memory of them and nothing else: nothing of the person's is in it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._learned: dict[str, Ways] = {}

    def ways(self, url: str, model: str) -> Ways:
        """Return what was learned of a server's model."""
        place = f"{url}#{model}"
        if place not in self._learned:
            self._learned[place] = self._kept().get(place, Ways())
        return self._learned[place]

    def learn(self, url: str, model: str, ways: Ways) -> None:
        """Keep what was learned."""
        self._learned[f"{url}#{model}"] = ways
        if self._path is None:
            return
        pages = {place: _written(learned) for place, learned in (self._kept() | self._learned).items()}
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".servers-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(pages, file, indent=2)
            Path(name).replace(self._path)

    def _kept(self) -> dict[str, Ways]:
        if self._path is None:
            return {}
        try:
            pages = json.loads(self._path.read_text(encoding="utf-8"))
            return {place: _learned(page) for place, page in pages.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}


def _written(ways: Ways) -> dict[str, Any]:
    return {"without": sorted(ways.without), "renamed": ways.renamed, "form": ways.form}


def _learned(page: dict[str, Any]) -> Ways:
    form = page.get("form")
    return Ways(
        without=frozenset(name for name in page.get("without", ()) if isinstance(name, str)),
        renamed=page.get("renamed") is True,
        form=form if form in LADDER else LADDER[0],
    )
