"""Ten thousand broken persona files and pictures: each is read, or refused with a typed error; what does it cost?

    python -m tests.benchmarks.mutations [--number 10000] [--json]

Every other case is one of the shipped persona files, the rest are cards of the corpus in pictures; each is broken in
one to eight places, the pictures around the card or within it. CPU time is measured for each case, memory (Python's
own, by tracemalloc) for a tenth as many.
"""

import argparse
import json
import random
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from companion.errors import CompanionError
from companion.persona import loading
from companion.persona.cards import card
from companion.persona.cards.importing import arrival
from tests.cards import CORPUS, picture, text_chunk

SCRAPS = [
    *(scrap.encode() for scrap in ("\t", "\r\n", "&a", "*a", "- ", ": ", "[", "{", "'", '"', "|", "!!x ", "---\n")),
    *(scrap.encode() for scrap in ("%YAML 9.9\n", "\N{GRINNING FACE}", "no", "1e999", "]" * 40, "[" * 40, "\0")),
    b"\\ud800",
    b"\xff\xfe",
    b"\xc3",
]
"""What is put in."""


def cases(number: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield broken files: `yaml` or `png`, and the bytes."""
    chance = random.Random(seed)
    files = [path.read_bytes() for path in loading.available([loading.shipped_folder()]).values()]
    keywords = (b"chara", b"ccv3", b"Chara")
    values = [json.dumps(value).encode() for value in CORPUS.values()]
    for index in range(number):
        if index % 2:
            yield "yaml", broken(chance.choice(files), chance)
            continue
        inside, keyword = chance.choice(values), chance.choice(keywords)
        if index % 4:  # the card is broken, and the picture around it is whole
            yield "png", picture(text_chunk(keyword, broken(inside, chance)))
        else:
            yield "png", broken(picture(text_chunk(keyword, inside)), chance)


def broken(whole: bytes, chance: random.Random) -> bytes:
    """Return bytes that are broken in one to eight places."""
    raw = bytearray(whole)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(raw) + 1)
        match chance.randrange(5):
            case 0:
                raw[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del raw[at : at + chance.randint(1, 40)]
            case 2:
                raw[at:at] = chance.choice(SCRAPS)
            case 3:
                raw[at:at] = raw[at : at + chance.randint(1, 200)]
            case 4 if chance.random() < 0.2:
                del raw[at:]
    return bytes(raw)


def taken(kind: str, raw: bytes, place: Path) -> str:
    """Read a file; return `read`, or the name of the typed error that it was refused with."""
    try:
        if kind == "yaml":
            place.write_bytes(raw)
            loading.load(place)
        else:
            arrival(card.read(raw))
    except CompanionError as error:
        str(error)
        return error.kind
    return "read"


def measured(each: Callable[[], object]) -> float:
    """Return the CPU seconds of a call."""
    began = time.process_time()
    each()
    return time.process_time() - began


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "case.yaml"
        ended: Counter[str] = Counter()
        taken("yaml", b"name: a\nidentity: b\n", place)  # what is loaded once is nobody's cost
        times = sorted(
            measured(lambda kind=kind, raw=raw: ended.update([taken(kind, raw, place)]))
            for kind, raw in cases(options.number)
        )
        tracemalloc.start()
        most = 0
        for kind, raw in cases(options.number // 10, seed=2):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            taken(kind, raw, place)
            most = max(most, tracemalloc.get_traced_memory()[1] - before)
    report = {
        "cases": len(times),
        "ended": dict(ended),
        "cpu_ms": {"median": 1000 * times[len(times) // 2], "p99": 1000 * times[len(times) * 99 // 100],
                   "most": 1000 * times[-1]},
        "memory_mb_most": most / 1e6,
    }  # fmt: skip
    print(json.dumps(report, indent=2) if options.json else report)


if __name__ == "__main__":
    main()
