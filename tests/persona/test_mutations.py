"""A sample of the broken files that tests/benchmarks/mutations.py makes by the thousand."""

import tracemalloc

from companion.errors import CompanionError
from companion.persona.cards import card
from tests.benchmarks.mutations import cases, taken
from tests.persona.test_cards import bomb, packed_text


def test_a_broken_file_is_read_or_refused_with_a_typed_error(tmp_path):
    ended = {taken(kind, raw, tmp_path / "case.yaml") for kind, raw in cases(120, seed=7)}
    assert ended <= {"read", "document_error", "card_error"}
    assert len(ended) == 3


def test_what_is_packed_to_be_huge_takes_little_memory():
    for raw in (packed_text(b"zTXt", 200), packed_text(b"iTXt", 200), bomb()):
        tracemalloc.start()
        try:
            card.read(raw)
        except CompanionError:
            pass
        finally:
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert most < 64 * 1024 * 1024
