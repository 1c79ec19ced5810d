"""What lies near in meaning: vectors as blobs of 16-bit numbers in the file, and as one matrix in memory to search in.

A plain product of the matrix: exact, and at 100,000 utterances some 20 ms (1 thread). numpy is loaded with the first
vector, so a memory without vectors never needs it.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from companion.memory.store import Meaning

CHANCE_AT_MOST = 0.8
"""In a memory of a few words about one thing, everything lies near; that is no chance."""

_WANTING = """
    SELECT u.id, (SELECT p.text FROM utterances p WHERE p.id = u.parent_id) AS before, u.text
    FROM utterances u LEFT JOIN vectors v ON v.utterance_id = u.id AND v.model = ?
    WHERE v.utterance_id IS NULL AND u.text != '' ORDER BY u.id DESC LIMIT ?
"""


def wanting(connection: Connection, model: str, limit: int) -> tuple[tuple[int, str], ...]:
    """Return the newest utterances without a vector of this model, each with what to embed: it and what it answers."""
    rows = connection.exec_driver_sql(_WANTING, (model, limit))
    return tuple((number, f"{before}\n{said}" if before else said) for number, before, said in rows)


def keep(connection: Connection, model: str, vectors: Mapping[int, Sequence[float]]) -> None:
    """Keep vectors of unit length under the ids of utterances, in place of those of another model."""
    rows = [(number, model, struct.pack(f"<{len(vector)}e", *vector)) for number, vector in vectors.items()]
    if rows:
        connection.exec_driver_sql("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)


def leave(connection: Connection, utterance: int) -> None:
    """Let go of the vector of an utterance: its words are others now."""
    connection.exec_driver_sql("DELETE FROM vectors WHERE utterance_id = ?", (utterance,))


class Likeness:
    """How near utterances lie to a question: 1 is the same, 0 what anything said here does, or less.

    Cosines of one model say nothing beside those of another: what has nothing in common has 0.1 with one and 0.7 with
    the next (Ethayarajh 2019, "How Contextual are Contextualized Word Representations?"). So they are counted above
    chance, as Cohen's kappa counts agreement.
    """

    def __init__(self, ids: Any, values: Any) -> None:
        self._ids, self._values = ids, values

    def nearest(self, limit: int) -> list[int]:
        """Return the ids of what lies nearest."""
        import numpy as np  # noqa: PLC0415 - loaded by now

        if limit >= len(self._ids):
            return [int(number) for number in self._ids]
        return [int(number) for number in self._ids[np.argpartition(-self._values, limit - 1)[:limit]]]

    def of(self, ids: Iterable[int]) -> dict[int, float]:
        """Return how near these lie; those without a vector are left out."""
        import numpy as np  # noqa: PLC0415 - loaded by now

        wanted = np.fromiter(ids, np.int64)
        at = np.minimum(np.searchsorted(self._ids, wanted), len(self._ids) - 1)
        there = self._ids[at] == wanted
        return dict(zip(wanted[there].tolist(), self._values[at[there]].tolist(), strict=True))


class Meanings:
    """The vectors of one model and one length, all in memory; read on as more are kept."""

    def __init__(self, model: str, length: int) -> None:
        self._model = model
        self._length = length
        self._ids: Any = None
        self._matrix: Any = None
        self._read = 0

    def hold(self, meaning: Meaning) -> bool:
        """Tell whether a meaning can be compared with these: under one name, a server may give another model."""
        return (self._model, self._length) == (meaning.model, len(meaning.vector))

    def likeness(self, connection: Connection, vector: Sequence[float]) -> "Likeness | None":
        """Return how near everything lies to a vector; None where there are no vectors."""
        import numpy as np  # noqa: PLC0415 - only where there are vectors

        self._read_on(connection)
        if self._ids is None:
            return None
        cosines = self._matrix @ np.asarray(vector, np.float32)
        chance = min(float(cosines.mean()), CHANCE_AT_MOST)
        return Likeness(self._ids, np.maximum(0, (cosines - chance) / (1 - chance)))

    def _read_on(self, connection: Connection) -> None:
        """Read what was kept since; where anything was kept out of order, read all anew."""
        import numpy as np  # noqa: PLC0415 - as above

        mine = "FROM vectors WHERE model = ? AND length(vector) = ?"
        of = (self._model, 2 * self._length)
        count = f"SELECT count(*), sum(utterance_id <= ?) {mine}"
        there, before = connection.exec_driver_sql(count, (self._read, *of)).one()
        if self._ids is not None and (before or 0) != len(self._ids):
            self._ids, self._read = None, 0
        if there == (0 if self._ids is None else len(self._ids)):
            return
        query = f"SELECT utterance_id, vector {mine} AND utterance_id > ? ORDER BY utterance_id"
        rows = connection.exec_driver_sql(query, (*of, self._read)).all()
        ids = np.array([row[0] for row in rows], np.int64)
        matrix = np.frombuffer(b"".join(row[1] for row in rows), "<f2").reshape(len(rows), -1).astype(np.float32)
        self._matrix = matrix if self._ids is None else np.concatenate([self._matrix, matrix])
        self._ids = ids if self._ids is None else np.concatenate([self._ids, ids])
        self._read = int(self._ids[-1])
