"""What recall and a committed turn cost as a memory grows.

    python tests/benchmarks/scale.py [--sizes 10000,100000,1000000] [--json]

The talk is synthetic and seeded: sittings of 40 turns over years, words by Zipf's law out of 30,000, some 14 to a turn,
so that common words are as common as in a real memory. Questions take two to five words of a turn that was said, so
that rare and common words meet; as many again name besides a day, a month or a year in which something was said, or ask
when (`dated_ms`), and one turn in ten speaks of a time. Utterances are put in by the storage's own statements, many in
a transaction; then questions are asked through the product's own recall, and turns are committed one by one. CPU time,
in ms.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import insert
from sqlalchemy.orm import Session

from companion.conversation import Speaker, State
from companion.memory.dates import MONTHS
from companion.memory.recall import recall
from companion.storage.index import enter_all
from companion.storage.sqlite import SqliteStore
from companion.storage.tables import ConversationRow, UtteranceRow

SITTING = 40
BATCH = 20_000
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
QUESTIONS, TURNS = 300, 100
SPOKEN_OF = 0.1
TIMES = "yesterday|last week|two months ago|in May|on Friday|in 2021|on 3 June|this morning|next year|tomorrow".split(
    "|"
)
SYLLABLES = "ba de ki lo mu na pe ri so tu va we xi yo za gro ple stra".split()


def vocabulary(chance: random.Random) -> tuple[list[str], list[float]]:
    """Return words and how often they come, by Zipf's law, shifted as in speech (Mandelbrot)."""
    words = list(dict.fromkeys("".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(40_000)))
    return words[:30_000], list(accumulate(1 / (rank + 2.7) for rank in range(len(words[:30_000]))))


def fill(store: SqliteStore, size: int, chance: random.Random) -> list[str]:
    """Put so many utterances into a store; return some of what was said, to ask about."""
    words, weights = vocabulary(chance)
    said: list[str] = []
    for start in range(0, size, BATCH):
        rows = []
        for number in range(start + 1, min(start + BATCH, size) + 1):
            text = " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(4, 24)))
            text += f" {chance.choice(TIMES)}" if chance.random() < SPOKEN_OF else ""
            rows.append({
                "id": number, "conversation_id": (number - 1) // SITTING + 1,
                "parent_id": number - 1 if (number - 1) % SITTING else None,
                "speaker": (Speaker.PERSON, Speaker.COMPANION)[number % 2], "text": text,
                "said_at": BEGAN + timedelta(minutes=number), "offset_minutes": 0, "state": State.COMPLETE,
            })  # fmt: skip
        said += [row["text"] for row in chance.sample(rows, min(len(rows), QUESTIONS))]
        sittings = [
            {"id": row["conversation_id"], "persona": "Ada", "started_at": row["said_at"]}
            for row in rows
            if row["parent_id"] is None
        ]
        with Session(store._writing_engine) as session, session.begin():
            session.execute(insert(ConversationRow), sittings)
            session.execute(insert(UtteranceRow), rows)
            enter_all(session.connection(), ((row["id"], row["text"]) for row in rows))
    return chance.sample(said, QUESTIONS)


def dated(question: str, size: int, chance: random.Random) -> str:
    """Return a question that names a time in which something was said, or asks when."""
    moment = BEGAN + timedelta(minutes=chance.randrange(size))
    day = f"{moment.day} {MONTHS[moment.month - 1]}"
    times = (
        f"on {day} {moment.year}",
        f"in {MONTHS[moment.month - 1]} {moment.year}",
        f"in {moment.year}",
        "last week",
    )
    return chance.choice([*(f"What about {question} {time}?" for time in times), f"When was {question}?"])


def cpu_ms(work: Callable[[], object]) -> float:
    """Return what a piece of work costs."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


def spread(costs: list[float], name: str) -> dict[str, float]:
    """Return the median and the 95th percentile."""
    cuts = quantiles(costs, n=20)
    return {f"{name}_p50": round(cuts[9], 2), f"{name}_p95": round(cuts[18], 2)}


def measured(size: int) -> dict[str, Any]:
    """Return the figures for one size."""
    chance = random.Random(20261122)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "companion.db"
        store = SqliteStore.open(place)
        said = fill(store, size, chance)
        now = BEGAN + timedelta(minutes=size)
        questions = [" ".join(chance.sample(words, min(len(words), chance.randint(2, 5))))
                     for words in map(str.split, said)]  # fmt: skip
        recall(store, "Ada", "warm up", now=now)
        asked = [cpu_ms(lambda q=question: recall(store, "Ada", f"What about {q}?", now=now)) for question in questions]
        in_time = [dated(question, size, chance) for question in questions]
        asked_in_time = [cpu_ms(lambda q=question: recall(store, "Ada", q, now=now)) for question in in_time]
        last = store.latest("Ada")
        kept = [cpu_ms(lambda t=text: store.add(last, Speaker.PERSON, t, now)) for text in said[:TURNS]]
        store.close()
        disk = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
    return {
        "utterances": size,
        **spread(asked, "recall_ms"),
        **spread(asked_in_time, "dated_ms"),
        **spread(kept, "turn_ms"),
        "disk_mb": round(disk, 1),
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="how many utterances, parted by commas")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    reports = [measured(int(size)) for size in options.sizes.split(",")]
    if options.json:
        print(json.dumps(reports, indent=2))
        return
    print("".join(f"{name:>15}" for name in reports[0]))
    for report in reports:
        print("".join(f"{value:>15}" for value in report.values()))


if __name__ == "__main__":
    main()
