"""What a long talk costs in tokens that must be read anew, side by side with what most front ends do.

    python tests/benchmarks/prompt_cache.py [--turns N] [--engine] [--json]

The talk is synthetic and seeded (a person's words of about 30 tokens, replies of about 92, themes that come back, a
persona of about 900), and runs through the product's own engine and storage. `cached` is the share of prompt tokens
that are a prefix of the request before (its reply not counted); summaries are counted in. Two others are played
on the same talk: *drop-oldest* (what does not fit any more is dropped from the front, turn by turn) and
*memory-in-system* (the same, with what comes to mind in the system message).

With `--engine` the same talk goes through the real llama.cpp engine and a model of three megabytes, and the figures are
its own `prompt_tokens` and `cached_tokens`. That model reads letter by letter, so 8192 tokens of a usual model are
32768 of its own.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from companion.dialogue.budget import tokens
from companion.dialogue.engine import Companion
from companion.dialogue.events import Finished, Recalled
from companion.dialogue.model import Message
from companion.persona.persona import Persona
from companion.providers.registry import open_model
from companion.providers.scripted import ScriptedModel
from companion.storage.sqlite import SqliteStore
from tests.tiny_gguf import write_tiny_gguf

BUDGETS = (8192, 32768)
ROOM_FOR_THE_REPLY = 512
LETTERS_PER_TOKEN = 4
THEMES = (
    "Anna Oslo garden violin mountain bakery winter harbour letter bicycle doctor exam cousin lantern train".split()
)
FILLER = "and then it went on for a while as such things do with some light and some rain and nobody in a hurry".split()


def words(chance: random.Random, count: int, themes: int) -> str:
    """Return so many words, some of them about themes that come back."""
    said = [chance.choice(FILLER) for _ in range(count)]
    for theme in chance.sample(THEMES, themes):
        said[chance.randrange(count)] = theme
    return " ".join(said).capitalize() + "."


def the_talk(turns: int) -> tuple[list[str], list[str]]:
    """Return what the person says and what she replies: about 30 and 92 tokens a turn."""
    chance = random.Random(20261122)
    return [words(chance, 24, 2) for _ in range(turns)], [words(chance, 72, 3) for _ in range(turns)]


def ours(
    budget: int, said: Sequence[str], replies: Sequence[str], folder: Path
) -> tuple[list[tuple[Message, ...]], list]:
    """Play the talk with the product; return every request, and what came to mind in each turn."""
    persona = Persona(name="Ada", identity="You are Ada. " + "She is patient and likes trains. " * 80)
    now = [datetime(2026, 11, 22, 14, 5, tzinfo=UTC)]
    summary = words(random.Random(1), 180, 8)
    model = ScriptedModel(*replies, summary=summary)
    store = SqliteStore.open(folder / f"{budget}.db")
    ada = Companion(persona, store, model, lambda: now[0], budget)
    recalled: list = []

    async def talk() -> None:
        for words in said:
            events = [event async for event in ada.hear(words)]
            recalled.append([r for event in events if isinstance(event, Recalled) for r in event.recollections])
            await ada.rest()
            now[0] += timedelta(minutes=3)

    asyncio.run(talk())
    store.close()
    return model.told, recalled


def engine(budget: int, said: Sequence[str], folder: Path) -> dict[str, float]:
    """Play the talk through the embedded engine; return what it counted."""
    gguf = write_tiny_gguf(folder / "tiny.gguf")
    persona = Persona(name="Ada", identity="You are Ada. " + "She is patient and likes trains. " * 20)
    now = [datetime(2026, 11, 22, 14, 5, tzinfo=UTC)]
    store = SqliteStore.open(folder / f"engine-{budget}.db")
    model = open_model(f"local:{gguf}", {}, folder, context=budget)
    ada = Companion(persona, store, model, lambda: now[0], budget)
    counts: list[tuple[int, int]] = []

    async def talk() -> None:
        for words in said:
            events = [event async for event in ada.hear(words)]
            ends = [event.usage for event in events if isinstance(event, Finished) and event.usage]
            counts.extend((usage.prompt_tokens, usage.cached_tokens) for usage in ends)
            await ada.rest()
            now[0] += timedelta(minutes=3)
        await ada.aclose()

    asyncio.run(talk())
    total, cached = (sum(part) for part in zip(*counts, strict=True))
    return {
        "turns": len(counts),
        "prompt_k": round(total / 1000, 1),
        "uncached_k": round((total - cached) / 1000, 1),
        "cached_percent": round(100 * cached / total, 2),
        "prefix_breaks": sum(cached < before // 2 for (before, _), (_, cached) in pairwise(counts)),
    }


def others(
    budget: int, system: Message, said: Sequence[str], replies: Sequence[str], recalled: Sequence, *, memory: bool
) -> list[tuple[Message, ...]]:
    """Play the talk as most front ends do: what does not fit is dropped from the front, turn by turn."""
    requests, history = [], []
    for words, reply, found in zip(said, replies, recalled, strict=True):
        history.append(Message("user", words))
        block = "\n".join(r.utterance.text for r in found) if memory else ""
        head = Message("system", f"{system.content}\n{block}")
        while tokens([head, *history]) > budget - ROOM_FOR_THE_REPLY:
            history.pop(0)
        requests.append((head, *history))
        history.append(Message("assistant", reply))
    return requests


def rendered(request: Iterable[Message]) -> bytes:
    return "".join(f"<|{message.role}|>{message.content}<|end|>" for message in request).encode()


def common(before: bytes, after: bytes) -> int:
    """Return how many bytes two requests share from the start."""
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if before[:middle] == after[:middle] else (low, middle - 1)
    return low


def figures(requests: Sequence[tuple[Message, ...]]) -> dict[str, float]:
    """Return what the requests cost, in thousands of tokens, and how much of it was a cached prefix."""
    whole = [rendered(request) for request in requests]
    cached = [0, *(common(before, after) for before, after in pairwise(whole))]
    total, kept = sum(map(len, whole)) / 4, sum(cached) / 4
    breaks = sum(share < 0.9 * len(before) for before, share in zip(whole, cached[1:], strict=False))
    return {
        "prompt_k": round(total / 1000, 1),
        "uncached_k": round((total - kept) / 1000, 1),
        "cached_percent": round(100 * kept / total, 2),
        "prefix_breaks": breaks,
    }


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--engine", action="store_true", help="through the real engine, by its own count")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    said, replies = the_talk(options.turns)
    report = {}
    with tempfile.TemporaryDirectory() as folder:
        if options.engine:
            report["8192"] = {"llama.cpp": engine(8192 * LETTERS_PER_TOKEN, said, Path(folder))}
        for budget in () if options.engine else BUDGETS:
            requests, recalled = ours(budget, said, replies, Path(folder))
            system = requests[0][0]
            report[str(budget)] = {
                "companion": figures(requests),
                "drop-oldest": figures(others(budget, system, said, replies, recalled, memory=False)),
                "memory-in-system": figures(others(budget, system, said, replies, recalled, memory=True)),
            }
    if options.json:
        print(json.dumps(report, indent=2))
        return
    for budget, rows in report.items():
        print(f"budget {budget}, {options.turns} turns")
        for name, row in rows.items():
            print(
                f"  {name:<18}{row['prompt_k']:8.0f}k prompt {row['uncached_k']:8.1f}k uncached"
                f" {row['cached_percent']:6.1f} % cached {row['prefix_breaks']:4} breaks"
            )


if __name__ == "__main__":
    main()
