"""Every error that a person can meet, each one sentence that says what happened and what to do.

CompanionError
├── SettingsError            a setting or a flag that cannot be used
├── DocumentError            a YAML file that cannot be read as what it should be
├── PersonaNotFound          no persona of that name, or no file at that path
├── CardError                a character card or lorebook that cannot be taken in or given out
├── NotRemembered            a conversation that was asked for is not in the memory
├── DownloadFailed           a model could not be fetched, or not whole
├── ModelError               no reply, or not all of it
│   ├── ModelUnreachable     nothing answers at that address
│   ├── ModelRefused         the key is missing, wrong or not allowed
│   ├── ModelMissing         the server does not know the model, or the address is wrong
│   ├── ModelBusy            too many requests, or still loading; `retry_after` in seconds, where known
│   ├── ModelFailed          the server broke, or answered something that is not a reply
│   ├── ModelSilent          the server accepted the request, and said nothing
│   ├── ReplyCut             the reply began and did not reach its end
│   └── BriefingTooLong      what must be told does not fit into what the model can be told
└── StorageError             the memory file cannot be read or written
    ├── StorageBusy          somebody else holds the file
    ├── StorageReadOnly      the file or its folder may not be written
    ├── StorageFull          the disk has no room
    ├── StorageUnreadable    the file is damaged, or is no memory file at all
    └── StorageTooNew        a newer companion wrote the file

Adapters translate what the outside world throws into this tree; the faces (terminal, command line) catch
`CompanionError` once. Anything else is a bug and keeps its traceback.
"""

import re

TYPE_CHECKING = False  # as in `typing`; this module is loaded for every `--help`
if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class CompanionError(Exception):
    """The root of the tree; its text is fit to be read by the person at the keyboard."""

    @property
    def kind(self) -> str:
        """The name of the error for programs, such as `model_unreachable`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()


class SettingsError(CompanionError):
    """A setting or a flag that cannot be used."""


class DocumentError(CompanionError):
    """A YAML file that cannot be read as what it should be.

    Attributes:
        path: the file.
        line: counted from 1; 0 when the whole file is meant.
        column: counted from 1; 0 when the whole file is meant.
        excerpt: the line itself, for showing the place.
        others: what else is wrong in the same file, in its order.
    """

    def __init__(self, path: "Path | str", problem: str, line: int = 0, column: int = 0, *, excerpt: str = "") -> None:
        self.place = f"{path}:{line}:{column}" if line else f"{path}"
        super().__init__(f"{self.place}: {problem}")
        self.path, self.line, self.column, self.excerpt = path, line, column, excerpt
        self.others: tuple[DocumentError, ...] = ()

    @classmethod
    def together(cls, problems: "Iterable[DocumentError]") -> "DocumentError":
        """Return the first of several problems of a file, which knows the others."""
        first, *others = sorted(problems, key=lambda problem: (problem.line, problem.column))
        first.others = tuple(others)
        return first

    def __str__(self) -> str:
        more = f" (And {len(self.others)} more.)" if self.others else ""
        return f"{self.args[0]}{more}"

    def pointed(self) -> str:
        """Return the sentence of each problem with its line under it, and a caret under the place."""
        return "\n".join(f"{problem.args[0]}\n{problem._caret()}" for problem in (self, *self.others))  # noqa: SLF001 - its own kind

    def _caret(self) -> str:
        if not self.excerpt.strip():
            return ""
        from unicodedata import east_asian_width  # noqa: PLC0415 - only for an error that is shown

        before = self.excerpt[: self.column - 1]
        gap = "".join("\t" if c == "\t" else "  " if east_asian_width(c) in "WF" else " " for c in before)
        return f"{self.line:>6} | {self.excerpt}\n{'':>6} | {gap}^\n"


class PersonaNotFound(CompanionError):
    """No persona of that name, or no file at that path."""


class CardError(CompanionError):
    """A character card or lorebook that cannot be taken in or given out."""


class NotRemembered(CompanionError):
    """What was asked for is not in the memory."""


class DownloadFailed(CompanionError):
    """A model could not be fetched, or not whole."""


class ModelError(CompanionError):
    """No reply, or not all of it."""


class ModelUnreachable(ModelError):
    """Nothing answers at that address."""


class ModelRefused(ModelError):
    """The key is missing, wrong or not allowed."""


class ModelMissing(ModelError):
    """The server does not know the model, or the address is wrong."""


class ModelBusy(ModelError):
    """Too many requests, or still loading.

    Attributes:
        retry_after: seconds to wait, where the server said so.
    """

    def __init__(self, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class ModelFailed(ModelError):
    """The server broke, or answered something that is not a reply."""


class ModelSilent(ModelError):
    """The server accepted the request, and said nothing."""


class ReplyCut(ModelError):
    """The reply began and did not reach its end."""


class BriefingTooLong(ModelError):
    """What must be told does not fit into what the model can be told.

    Attributes:
        limit: how many tokens prompt and reply may have together, where the server said so.
    """

    def __init__(self, sentence: str, limit: int | None = None) -> None:
        super().__init__(sentence)
        self.limit = limit


class StorageError(CompanionError):
    """The memory file cannot be read or written."""


class StorageBusy(StorageError):
    """Somebody else holds the file."""


class StorageReadOnly(StorageError):
    """The file or its folder may not be written."""


class StorageFull(StorageError):
    """The disk has no room."""


class StorageUnreadable(StorageError):
    """The file is damaged, or is no memory file at all."""


class StorageTooNew(StorageError):
    """A newer companion wrote the file."""
