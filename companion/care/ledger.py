"""The port to what care must keep: counts without words, when the disclosure was last said, and the lock of age."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

MINOR = "minor"
"""The lock: once noted, it stays."""

ADULT = "adult"
"""That the person said they are 18 or over, when it was asked."""

BOUNDARY = "boundary:"
"""What the names of the person's boundaries begin with."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often something was done on a day; never for whom, never with words."""

    day: date
    kind: str
    number: int


class Ledger(Protocol):
    """Keeps what care must know again. Each call is one transaction, and raises `StorageError` when it fails."""

    def count(self, kind: str, day: date) -> None:
        """Add one to a count."""
        ...

    def counts(self, year: int | None = None) -> Sequence[Count]:
        """Return the counts, of one year or of all, oldest first."""
        ...

    def mark(self, name: str, at: datetime) -> None:
        """Note that something was so at a moment; a later note replaces an earlier one, except for a lock."""
        ...

    def marked(self, name: str) -> datetime | None:
        """Return the moment that was noted."""
        ...

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names that were noted and begin so, without the prefix, in order."""
        ...

    def unmark(self, name: str) -> None:
        """Take a note back; a lock stays."""
        ...
