"""The full-text index over everything said: derived from the utterances, and made anew whenever it does not fit them.

`utterance_terms` holds, under the id of each utterance, the terms of its text as `memory.words` makes them, so that any
language and any database can be served the same. `detail=none`: only which term stands in which utterance.
`utterance_terms_vocabulary` counts them. `indexes` says by which version of `words` the index was made.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, text

from companion.memory import words
from companion.memory.store import Line, Matches
from companion.storage.tables import EPOCH, local

POSTINGS_READ_AT_MOST = 3_000
"""A search looks up the rarest terms until they stand in this many utterances, the newest of them first; the rest only
rank what was found. A cap by count, not by share, leaves small memories alone and keeps large ones quick."""

SAID_IN_AT_MOST = 200
"""Of what was said in a time that the question names, so much is read, whatever it was about."""

BLOCK = 8
"""Utterances are counted in blocks of so many ids, to find the stretches in which most of a question stands."""

AROUND = 4
"""Lines that are read before and after a block: as far as a term is worth anything (`memory.recall.NEARNESS`)."""

_MADE = (
    'CREATE VIRTUAL TABLE utterance_terms USING fts5(terms, detail=none, tokenize="unicode61 remove_diacritics 0")',
    "CREATE VIRTUAL TABLE utterance_terms_vocabulary USING fts5vocab(utterance_terms, row)",
)

_ENTER = "INSERT OR REPLACE INTO utterance_terms (rowid, terms) VALUES (:id, :terms)"

_KNOWN = """
    SELECT m.text FROM evidence e JOIN memories m ON m.id = e.memory_id
    WHERE e.utterance_id = :id AND NOT m.doubtful ORDER BY m.id
"""

_FITS = """
    SELECT (SELECT version FROM indexes WHERE name = 'utterance_terms') = :version
       AND (SELECT max(id) FROM utterances) IS (SELECT max(id) FROM utterance_terms_content)
"""

_BLOCKS = f"""
    SELECT json_group_array(block) FROM (
        SELECT DISTINCT rowid / {BLOCK} AS block FROM (
            SELECT rowid FROM utterance_terms WHERE utterance_terms MATCH ? ORDER BY rowid DESC LIMIT ?
        )
    )
"""  # noqa: S608 - a constant of ours

_LINES = """
    SELECT u.id, u.parent_id, u.speaker, u.text, u.said_at, u.offset_minutes, t.c0, range.key, u.conversation_id
    FROM json_each(?) range
    CROSS JOIN utterances u ON u.id BETWEEN json_extract(range.value, '$[0]') AND json_extract(range.value, '$[1]')
    CROSS JOIN conversations c ON c.id = u.conversation_id
    CROSS JOIN utterance_terms_content t ON t.id = u.id
    WHERE c.persona = ? AND u.holds
    ORDER BY range.key, u.conversation_id, u.id
"""
"""CROSS JOIN holds SQLite to this order. The terms are read from where FTS5 keeps them, quicker than through it."""


def fits(connection: Connection) -> bool:
    """Tell whether the index is there, made by today's words, and not behind what was said."""
    names = "'utterance_terms', 'utterance_terms_vocabulary'"
    tables = connection.execute(text(f"SELECT count(*) FROM sqlite_master WHERE name IN ({names})")).scalar()  # noqa: S608 - constants
    return tables == len(_MADE) and bool(connection.execute(text(_FITS), {"version": words.VERSION}).scalar())


def rebuild(connection: Connection) -> int:
    """Make the index anew; return of how many utterances."""
    for name in ("utterance_terms_vocabulary", "utterance_terms"):
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
    for statement in _MADE:
        connection.execute(text(statement))
    said = connection.execute(text("SELECT id, text FROM utterances")).all()
    enter_all(connection, ((row.id, row.text) for row in said))
    resting = connection.execute(text("SELECT DISTINCT utterance_id FROM evidence")).scalars().all()
    enter_known(connection, resting)
    version = {"version": words.VERSION}
    connection.execute(text("INSERT OR REPLACE INTO indexes VALUES ('utterance_terms', :version)"), version)
    return len(said)


def enter(connection: Connection, utterance: int, said: str) -> None:
    """Put the words of an utterance into the index, in place of what stood there for it."""
    enter_all(connection, [(utterance, said)])


def enter_all(connection: Connection, said: Iterable[tuple[int, str]]) -> None:
    """Put the words of many utterances, each an id and a text, into the index."""
    rows = [{"id": utterance, "terms": " ".join(words.terms(spoken))} for utterance, spoken in said]
    if rows:
        connection.execute(text(_ENTER), rows)


def enter_known(connection: Connection, utterances: Iterable[int]) -> None:
    """Put into the index what utterances say, and besides it the words of what is kept of them.

    So a question finds them by either: "What is my name?" is answered by "It's Theo." (Wu et al. 2024, LongMemEval:
    facts appended to the key find more, facts instead of the text find less.)
    """
    for utterance in utterances:
        said = connection.execute(text("SELECT text FROM utterances WHERE id = :id"), {"id": utterance}).scalar_one()
        known = connection.execute(text(_KNOWN), {"id": utterance}).scalars()
        own = words.terms(said)
        more = dict.fromkeys(term for kept in known for term in words.asked(kept) if term not in own)
        row = {"id": utterance, "terms": " ".join((*own, *more))}
        connection.execute(text(_ENTER), row)


def leave(connection: Connection, utterance: int) -> None:
    """Take the words of an utterance out of the index."""
    connection.execute(text("DELETE FROM utterance_terms WHERE rowid = :id"), {"id": utterance})


def matching(
    connection: Connection,
    persona: str,
    asked: Sequence[str],
    limit: int,
    periods: Sequence[tuple[datetime, datetime]],
    near: Sequence[int] = (),
) -> Matches:
    """Find the passages that hold most of the terms asked for, or one of the utterances `near`."""
    total = connection.execute(text("SELECT max(id) FROM utterances")).scalar() or 0
    frequency = _frequency(connection, asked)
    postings = [*_postings(connection, frequency), *(_said_in(connection, persona, period) for period in periods)]
    blocks = _best_blocks([*postings, list({utterance // BLOCK for utterance in near})])
    taken = limit // (BLOCK + 2 * AROUND) + 1
    passages = _read(connection, persona, blocks[:taken])
    while taken < len(blocks) and sum(map(len, passages)) < limit / 4:  # most were another persona's: look further
        taken *= 4
        passages = _read(connection, persona, blocks[:taken])
    return Matches(total, frequency, passages)


def _read(connection: Connection, persona: str, blocks: Iterable[int]) -> tuple[tuple[Line, ...], ...]:
    """Return the passages of some blocks, each with the lines around it."""
    rows = _rows(connection, _LINES, json.dumps(list(_stretches(blocks))), persona)
    sittings = groupby(rows, key=lambda row: (row[-2], row[-1]))  # two may go on at once: each has its own passage
    return tuple(tuple(map(_line, lines)) for _, lines in sittings)


def _frequency(connection: Connection, asked: Sequence[str]) -> dict[str, int]:
    query = "SELECT w.value, v.doc FROM json_each(?) w CROSS JOIN utterance_terms_vocabulary v ON v.term = w.value"
    return dict(_rows(connection, query, json.dumps(asked)))


def _postings(connection: Connection, frequency: dict[str, int]) -> Iterable[list[int]]:
    """Return for the rarest terms the blocks they stand in; terms are letters and digits, so quoting is enough."""
    room = POSTINGS_READ_AT_MOST
    for term, documents in sorted(frequency.items(), key=lambda item: (item[1], item[0])):
        if room <= 0:
            return
        yield json.loads(_rows(connection, _BLOCKS, f'"{term}"', room)[0][0])
        room -= documents


def _said_in(connection: Connection, persona: str, period: tuple[datetime, datetime]) -> list[int]:
    """Return the blocks of what was said in the sittings that began in a period, the earliest of them first."""
    query = f"""
        SELECT DISTINCT u.id / {BLOCK} FROM conversations c JOIN utterances u ON u.conversation_id = c.id
        WHERE c.persona = ? AND c.started_at >= ? AND c.started_at < ? ORDER BY c.started_at LIMIT ?
    """  # noqa: S608 - a constant of ours
    start, end = ((moment - EPOCH) // timedelta(microseconds=1) for moment in period)
    return [row[0] for row in _rows(connection, query, persona, start, end, SAID_IN_AT_MOST)]


def _rows(connection: Connection, query: str, *values: Any) -> list[Any]:
    """Return plain rows, past SQLAlchemy's own: a search is a dozen small statements, and they would cost more."""
    return list(connection.connection.driver_connection.execute(query, values))  # type: ignore[union-attr] # it is open


def _best_blocks(postings: Iterable[list[int]]) -> list[int]:
    """Return the blocks that hold most of what is asked, rare terms counting more, the best first."""
    mass: dict[int, float] = {}
    for blocks in postings:
        rarity = 1 / (1 + len(blocks)) ** 0.5
        for block in blocks:
            mass[block] = mass.get(block, 0.0) + rarity
    near = [(own + max(mass.get(block - 1, 0.0), mass.get(block + 1, 0.0)) / 2, block) for block, own in mass.items()]
    return [block for _, block in sorted(near, reverse=True)]


def _stretches(blocks: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Return the ranges of ids that blocks and what is around them cover, those that touch as one."""
    first = last = -1
    for block in sorted(blocks):
        start, end = block * BLOCK - AROUND, (block + 1) * BLOCK + AROUND - 1
        if first < 0 or start > last + 1:
            if first >= 0:
                yield first, last
            first = max(0, start)
        last = end
    if first >= 0:
        yield first, last


def _line(row: Sequence[Any]) -> Line:
    said_at = (EPOCH + timedelta(0, 0, row[4])).astimezone(_zone(row[5]))
    return Line(row[0], row[2], row[3], said_at, row[1] is None, row[6])


@lru_cache(maxsize=100)
def _zone(offset: int) -> Any:
    return local(datetime(1970, 1, 1, tzinfo=UTC), offset).tzinfo
