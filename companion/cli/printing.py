"""What commands print: JSON for programs, lines for people; neither carries a control sequence."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

from companion.conversation import Conversation, Speaker, State, Utterance
from companion.dialogue.events import Event, Failed, Finished, Kept, Noticed, Recalled, Spoke
from companion.dialogue.model import Usage
from companion.errors import CompanionError
from companion.memory import dates
from companion.memory.fading import strength
from companion.memory.memory import Memory
from companion.memory.recall import Recollection
from companion.plaintext import one_line, plain

__all__ = [
    "conversation",
    "error",
    "event",
    "memory",
    "one_line",
    "print_json",
    "print_json_line",
    "print_line",
    "recollection",
    "spoken",
    "usage",
    "utterance",
]


LONGEST_EXCERPT = 200


def print_json(value: Any) -> None:
    """Print a value as JSON, every text in it cleaned."""
    sys.stdout.write(json.dumps(_clean(value), ensure_ascii=False, indent=2) + "\n")


def print_json_line(value: Any) -> None:
    """Print a value as one line of JSON, at once, every text in it cleaned."""
    sys.stdout.write(json.dumps(_clean(value), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def event(what: Event) -> dict[str, Any]:
    """Return an event of a turn for programs."""
    match what:
        case Spoke(text):
            return {"event": "spoke", "text": text}
        case Noticed(kind, text):
            return {"event": "noticed", "kind": kind, "text": text}
        case Recalled(recollections):
            return {"event": "recalled", "recalled": [recollection(found) for found in recollections]}
        case Kept(memories):
            kept = [{"id": m.id, "kind": m.kind, "text": m.text, "quote": m.quote} for m in memories]
            return {"event": "kept", "kept": kept}
        case Finished(reply, spent):
            return {"event": "finished", "finish": reply.state, "usage": usage(spent)}
        case Failed(problem, _):
            return {"event": "failed", "error": error(problem)}


def print_line(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{plain(text)}\n")


def print_aside(text: str) -> None:
    """Print a notice, beside the answer."""
    sys.stderr.write(f"{plain(text)}\n")


def excerpt(text: str) -> str:
    """Return the beginning of a text, on one line, for lists."""
    line = one_line(text)
    return line if len(line) <= LONGEST_EXCERPT else f"{line[: LONGEST_EXCERPT - 1]}…"


def utterance(said: Utterance) -> dict[str, Any]:
    """Return an utterance as the contract of `history` has it."""
    return {
        "id": said.id,
        "conversation": said.conversation,
        "speaker": said.speaker,
        "text": said.text,
        "said_at": said.said_at.isoformat(),
        "state": said.state,
    }


def conversation(sitting: Conversation) -> dict[str, Any]:
    """Return a sitting for lists."""
    return {
        "id": sitting.id,
        "persona": sitting.persona,
        "started_at": sitting.started_at.isoformat(),
        "last_at": sitting.last_at.isoformat(),
        "utterances": sitting.utterances,
        "opening": sitting.opening,
    }


def spoken(said: Utterance, persona: str) -> str:
    """Return an utterance as a line of a transcript."""
    who = "You" if said.speaker is Speaker.PERSON else persona
    mark = "" if said.state is State.COMPLETE else f" ({said.state})"
    return f"{dates.clock_time(said.said_at)}  {who}: {said.text}{mark}"


def recollection(found: Recollection) -> dict[str, Any]:
    """Return a recollection as the contract of `recall` has it: a memory, or an old utterance, its own quote."""
    said = found.utterance
    kept = found.memories[-1] if found.memories else None
    return {
        "id": kept.id if kept else said.id,
        "kind": kept.kind if kept else "utterance",
        "text": kept.text if kept else said.text,
        "quote": kept.quote if kept else said.text,
        "speaker": said.speaker,
        "said_at": said.said_at.isoformat(),
        "score": found.score,
    }


def memory(kept: Memory, now: datetime) -> dict[str, Any]:
    """Return a memory as the contract of `memories` has it; its strength is that of the moment `now`."""
    return {
        "id": kept.id,
        "kind": kept.kind,
        "text": kept.text,
        "quote": kept.quote,
        "utterance": kept.utterance,
        "said_at": kept.said_at.isoformat(),
        "valid_from": kept.valid_from.isoformat(),
        "valid_to": kept.valid_to.isoformat() if kept.valid_to else None,
        "superseded_by": kept.superseded_by,
        "strength": round(strength(kept, now), 3),
        "pinned": kept.pinned,
    }


def usage(spent: Usage | None) -> dict[str, int] | None:
    """Return what a reply cost."""
    return asdict(spent) if spent else None


def error(what: CompanionError | None) -> dict[str, str] | None:
    """Return an error for programs."""
    return {"kind": what.kind, "message": str(what)} if what else None


def _clean(value: Any) -> Any:
    match value:
        case str():
            return plain(value)
        case dict():
            return {key: _clean(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_clean(inner) for inner in value]
        case _:
            return value
