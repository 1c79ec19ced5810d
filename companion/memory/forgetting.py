"""What is said before and after something is forgotten: what goes, and what cannot be reached from here."""

from collections.abc import Iterator

from companion.conversation import Speaker
from companion.memory import dates
from companion.memory.store import Reach
from companion.plaintext import one_line

LONGEST_QUOTE = 200
"""Characters of what goes that are shown of each."""


def what_goes(reach: Reach) -> Iterator[str]:
    """Yield the lines that say what a forgetting would take away."""
    yield "This would be forgotten for good:"
    for memory in reach.memories:
        yield f"  {memory.kind}: {one_line(memory.text)[:LONGEST_QUOTE]}"
    yield from _said(reach)
    if reach.summaries:
        yield f"  {_counted(reach.summaries, 'summary', 'summaries')} of earlier talk, made since then"
    if reach.backups:
        copies = _counted(len(reach.backups), "copy", "copies")
        yield f"  {copies} of the memory file, made before an update of its layout"


def words_that_go(reach: Reach) -> Iterator[str]:
    """Yield the lines that say which words would go along."""
    yield "The words themselves, if they go:"
    yield from _said(reach)


def _said(reach: Reach) -> Iterator[str]:
    for utterance in reach.utterances:
        who = "you said" if utterance.speaker is Speaker.PERSON else "she said"
        yield f"  {who} on {dates.day(utterance.said_at)}: “{one_line(utterance.text)[:LONGEST_QUOTE]}”"
    if reach.shortened:
        yield f"  the sentences that repeat it, in {_counted(reach.shortened, 'reply', 'replies')} of hers"


def what_stays(reach: Reach, *, clean: bool) -> str:
    """Return the sentence on what a forgetting could not reach; `clean`: whether no byte is left in the file."""
    words = "" if reach.utterances else " The words themselves stay in the history."
    held = (
        ""
        if clean
        else " Another program holds the memory file: traces stay in it until that one ends and you forget again."
    )
    return (
        f"Forgotten.{words}{held} What cannot be reached from here: backups and copies of your own, and what a model's"
        " provider has kept of earlier requests."
    )


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
