"""What lies near in meaning: vectors as blobs of 16-bit numbers in the file, and as one matrix in memory to search in.

A plain product of the matrix: exact, and at 100,000 utterances some 20 ms (1 thread). numpy is loaded with the first
vector, so a memory without vectors never needs it.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

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


class Meanings:
    """The vectors of one model, all in memory; read on as more are kept."""

    def __init__(self, model: str) -> None:
        self.model = model
        self._ids: Any = None
        self._matrix: Any = None
        self._read = 0

    def near(self, connection: Connection, vector: Sequence[float], limit: int) -> list[int]:
        """Return the ids of what lies nearest to a vector."""
        import numpy as np  # noqa: PLC0415 - only where there are vectors

        self._read_on(connection)
        if self._ids is None:
            return []
        likeness = self._matrix @ np.asarray(vector, np.float32)
        best = np.argpartition(-likeness, limit - 1)[:limit] if limit < len(likeness) else np.arange(len(likeness))
        return [int(number) for number in self._ids[best]]

    def likeness(self, ids: Iterable[int], vector: Sequence[float]) -> dict[int, float]:
        """Return how near utterances lie to a vector, between -1 and 1; those without a vector are left out."""
        import numpy as np  # noqa: PLC0415 - as above

        if self._ids is None:
            return {}
        wanted = np.fromiter(ids, np.int64)
        at = np.minimum(np.searchsorted(self._ids, wanted), len(self._ids) - 1)
        there = self._ids[at] == wanted
        values = self._matrix[at[there]] @ np.asarray(vector, np.float32)
        return dict(zip(wanted[there].tolist(), values.tolist(), strict=True))

    def _read_on(self, connection: Connection) -> None:
        """Read what was kept since; where anything was kept out of order, read all anew."""
        import numpy as np  # noqa: PLC0415 - as above

        count = "SELECT count(*), sum(utterance_id <= ?) FROM vectors WHERE model = ?"
        there, before = connection.exec_driver_sql(count, (self._read, self.model)).one()
        if self._ids is not None and (before or 0) != len(self._ids):
            self._ids, self._read = None, 0
        if there == (0 if self._ids is None else len(self._ids)):
            return
        query = "SELECT utterance_id, vector FROM vectors WHERE model = ? AND utterance_id > ? ORDER BY utterance_id"
        rows = connection.exec_driver_sql(query, (self.model, self._read)).all()
        ids = np.array([row[0] for row in rows], np.int64)
        matrix = np.frombuffer(b"".join(row[1] for row in rows), "<f2").reshape(len(rows), -1).astype(np.float32)
        self._matrix = matrix if self._ids is None else np.concatenate([self._matrix, matrix])
        self._ids = ids if self._ids is None else np.concatenate([self._ids, ids])
        self._read = int(self._ids[-1])
