"""How well care reads: each set, the half that rules were written for and the half that was held out, and the time.

The sets `blind` and `last` are known in both halves by now; what they gave when first seen stands in SAFETY.md.
`python -m tests.benchmarks.care`. Nought of n misses gives an upper bound of 3/n with 95 % confidence.
"""

import time
from collections.abc import Callable

from companion.care.reply import When, holds_on, wrongs
from companion.care.signs import Kind, Level, read
from tests.care_sets import held_out, lines

LANGUAGES = ("en", "de", "es", "fr", "it")
FAREWELL = frozenset({When.FAREWELL})
SEEN: dict[str, Callable[[str], bool]] = {
    **{f"crisis_explicit.{code}": lambda words: read(words).danger() is Level.EXPLICIT for code in LANGUAGES},
    **{f"crisis_oblique.{code}": lambda words: read(words).danger() is not Level.NONE for code in LANGUAGES},
    **{f"harmless.{code}": lambda words: read(words).level is Level.NONE for code in LANGUAGES},
    **{f"{which}_explicit": lambda words: read(words).danger() is Level.EXPLICIT for which in ("blind", "last")},
    **{f"{which}_oblique": lambda words: read(words).danger() is not Level.NONE for which in ("blind", "last")},
    **{f"{which}_harmless": lambda words: read(words).level is Level.NONE for which in ("blind", "last")},
    "minor": lambda words: Kind.MINOR in read(words),
    "not_minor": lambda words: Kind.MINOR not in read(words),
    "human_question": lambda words: Kind.HUMAN_QUESTION in read(words),
    "dependence": lambda words: Kind.DEPENDENCE in read(words),
    "farewell": lambda words: Kind.FAREWELL in read(words),
    "other_dangers": lambda line: line.split("\t")[0] in read(line.split("\t")[1]).kinds,
    "clinging": lambda line: bool((*wrongs(line.split("\t")[1], FAREWELL), *holds_on(line.split("\t")[1]))),
    "letting_go": lambda words: not (*wrongs(words, FAREWELL), *holds_on(words)),
    "human_claims": lambda words: "human_claim" in wrongs(words),
    "honest": lambda words: not wrongs(words),
}


def main() -> None:
    print(f"{'set':<20}{'known half':>12}{'held out':>12}")
    for name, seen in SEEN.items():
        halves = [[line for line in lines(name) if held_out(line) is half] for half in (False, True)]
        print(f"{name:<20}" + "".join(f"{sum(map(seen, half))}/{len(half)}".rjust(12) for half in halves))
    words = " ".join(lines("harmless.en") + lines("crisis_oblique.en")).split()
    for length in (50, 200, 400):
        posts = [" ".join(words[start : start + length]) for start in range(0, len(words) - length, 23)]
        took = sorted(_took(post) for post in posts)
        print(f"{length} words: median {took[len(took) // 2]:.1f} ms, p99 {took[int(len(took) * 0.99)]:.1f} ms of CPU")


def _took(post: str) -> float:
    began = time.process_time()
    read(post)
    return 1000 * (time.process_time() - began)


if __name__ == "__main__":
    main()
