"""The briefing: what a model is told for one reply. Pure and deterministic.

Written once, never taken back: the messages of one request, with the reply, are a prefix of the next request, so that
servers need not read them again (`cached_tokens`). Hence no clock, no counter and no memory in the system message;
what changes from turn to turn stands inside the person's message and is kept with it, byte for byte. Only when the
budget is near is the history cut, to about half, in one step.

Many chat templates refuse a second system message and two messages of one role in a row, so recollections ride inside
the user message, and unanswered words are joined with the next ones.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate

from companion.conversation import Speaker, Utterance
from companion.dialogue.budget import BYTES_PER_TOKEN, tokens
from companion.dialogue.model import Message
from companion.dialogue.portrait import portrait
from companion.errors import BriefingTooLong
from companion.memory import dates
from companion.memory.fading import strength
from companion.memory.memory import Kind, Memory
from companion.memory.recall import Recollection
from companion.persona.persona import Persona
from companion.prompts import prompt

KEPT_AT_A_CUT = 0.4
"""The share of the room for history that is kept when it is cut. Rare, big cuts cost least: a half gives 92.8 % cached
over 300 turns at 8k, this 94.7 %, a third 94.9 % (tests/benchmarks/prompt_cache.py)."""

TOLD_AT_MOST = 4_000
"""Utterances; a longer window is cut even if it fits, since no more are read at once."""

LONGEST_QUOTE = 300
"""Characters of a recollection that are told."""

LONGEST_CONTEXT = 120
"""Characters of what a recollection answers."""

RECALLED_SHARE = 0.015
"""The share of the budget that the recollections of one turn may take: they stay in the history, turn after turn."""


PROFILE_SHARE = 0.06
"""The share of the budget that what she knows of the person may take in the system message."""


def system_message(persona: Persona, summary: str = "", profile: str = "") -> Message:
    """Return who she is, what she knows of the person and what came before: fixed from one cut to the next."""
    text = prompt("system").substitute(
        name=persona.name, identity=persona.identity, character=portrait(persona), language=persona.language
    )
    if profile:
        text = f"{text}\n\n{prompt('profile').substitute(lines=profile)}"
    return Message("system", f"{text}\n\n## What came before\n\n{summary}" if summary else text)


def profile(memories: Iterable[Memory], now: datetime, budget: int) -> str:
    """Return what is known of the person now, what is nearest first chosen, within its share of the budget (tokens)."""
    current = [memory for memory in memories if memory.is_current(now)]
    nearest = sorted(current, key=lambda memory: (-strength(memory, now), -memory.utterance))
    taken = accumulate((len(_known(memory).encode()) + 1) / BYTES_PER_TOKEN for memory in nearest)
    room = budget * PROFILE_SHARE
    chosen = [memory for memory, sum_ in zip(nearest, taken, strict=True) if sum_ <= room]
    return "\n".join(_known(memory) for memory in sorted(chosen, key=lambda memory: memory.utterance))


def _known(memory: Memory) -> str:
    """Return one line of the profile; its own markers are taken out of the words."""
    who = "you said" if memory.kind is Kind.SELF else "they said"
    words = _one_line(memory.quote)
    return f"- {dates.day(memory.said_at)}, {memory.kind}: {who} “{words}”"


ANCHORED = prompt("anchored").template.partition("$")[0]
"""How past lines of hers open where they are told."""


def told(
    words: str,
    now: datetime,
    recollections: Sequence[Recollection],
    greeting: str = "",
    lore: Sequence[str] = (),
    anchors: Sequence[str] = (),
) -> str:
    """Return what the model is told in place of the person's bare words.

    A greeting of hers, which opened the sitting, rides along: a conversation must begin with the user.
    """
    parts = [f"[{dates.stamp(now)}] {words}"]
    if anchors:
        parts.insert(0, prompt("anchored").substitute(lines=" ".join(f"“{_unmarked(line)}”" for line in anchors)))
    if lore:
        parts.insert(0, prompt("lore").substitute(lines="\n".join(lore)))
    if greeting:
        parts.insert(0, prompt("greeted").substitute(greeting=" ".join(greeting.split())))
    if recollections:
        oldest_first = sorted(recollections, key=lambda recollection: recollection.utterance.id)
        lines = "\n".join(map(_recalled, oldest_first))
        parts.insert(0, prompt("recalled").substitute(lines=lines))
    return "\n".join(parts)


def hinted(told: str, hint: str) -> str:
    """Return what a model is told of some words with a wish for its answer, in place of any earlier wish."""
    line = prompt("again").template.strip()
    begins = line.partition("$")[0]
    bare = told.partition("\n")[2] if told.startswith(begins) else told
    wish = _one_line(hint)
    return f"{prompt('again').substitute(hint=wish).strip()}\n{bare}" if wish else bare


def messages(system: Message, window: Iterable[Utterance]) -> tuple[Message, ...]:
    """Return the request: the system message, then the window with its roles in turn."""
    spoken: list[Message] = []
    for message in (_message(utterance) for utterance in window if not utterance.is_greeting):
        if spoken and spoken[-1].role == message.role:
            message = Message(message.role, f"{spoken.pop().content}\n\n{message.content}")  # noqa: PLW2901 - joined
        spoken.append(message)
    if spoken and spoken[0].role == "assistant":
        spoken.pop(0)
    return (system, *spoken)


def first_kept(system: Message, window: Sequence[Utterance], budget: int) -> int | None:
    """Return the index in `window` from which history is told, or None if all of it fits the budget (in tokens).

    Raises:
        BriefingTooLong: not even the last words fit beside the persona.
    """
    if tokens(messages(system, window)) <= budget and len(window) <= TOLD_AT_MOST:
        return None
    if tokens([system]) >= budget:
        raise BriefingTooLong(
            f"Who she is takes about {tokens([system])} tokens, and she can be told {budget}: raise COMPANION_CONTEXT,"
            " or give her a shorter persona."
        )
    alone = tokens(messages(system, window[-1:]))
    if alone > budget:
        raise BriefingTooLong(
            f"That is too long to be told at once: about {alone} tokens with who she is, and she can be told {budget}."
            " Say it in parts, or raise COMPANION_CONTEXT if the model allows it."
        )
    return cut(system, window, budget)


def cut(system: Message, window: Sequence[Utterance], budget: int) -> int:
    """Return the index in `window` from which history is told when its beginning is let go."""
    return _start_within((budget - tokens([system])) * KEPT_AT_A_CUT, window)


def _start_within(room: float, window: Sequence[Utterance]) -> int:
    """Return the earliest index of the person's words from which the rest of the window takes at most `room`."""
    start, taken = len(window) - 1, 0
    for index in range(len(window) - 1, -1, -1):
        taken += tokens([_message(window[index])])
        if taken > room:
            break
        if window[index].speaker is Speaker.PERSON:
            start = index
    return start


def unseen(recollections: Iterable[Recollection], window: Iterable[Utterance], budget: int) -> tuple[Recollection, ...]:
    """Return the recollections that the window does not show or quote already, best first, as many as are worth it.

    The best one always comes along; the others as long as all take no more than their share of the budget (tokens).
    """
    visible = tuple(window)
    ids = {utterance.id for utterance in visible}
    quotes = "\n".join(utterance.told or "" for utterance in visible)
    new = [r for r in recollections if r.utterance.id not in ids and _quoted(r.utterance) not in quotes]
    taken = list(accumulate(len(_recalled(r).encode()) / BYTES_PER_TOKEN for r in new))
    return tuple(r for r, sum_ in zip(new, taken, strict=True) if r is new[0] or sum_ <= budget * RECALLED_SHARE)


def _message(utterance: Utterance) -> Message:
    if utterance.speaker is Speaker.COMPANION:
        return Message("assistant", utterance.text)
    return Message("user", utterance.told if utterance.told is not None else utterance.text)


def _recalled(recollection: Recollection) -> str:
    """Return a recollection as a line: its day, the words, and what kind of thing is kept of them.

    What it answers comes along where it could not be understood without, and what is no longer so is said to be over.
    """
    notes = list(dict.fromkeys(memory.kind.value for memory in recollection.memories))
    over = (memory.valid_to for memory in recollection.memories if memory.superseded_by)
    notes += [f"so until {dates.day(until)}" for until in over if until]
    if recollection.before is not None:
        who = "they" if recollection.before.speaker is Speaker.PERSON else "you"
        notes.append(f"after {who} said: “{_one_line(recollection.before.text, LONGEST_CONTEXT)}”")
    return f"{_quoted(recollection.utterance)} ({'; '.join(notes)})" if notes else _quoted(recollection.utterance)


def _quoted(utterance: Utterance) -> str:
    """Return one line of a recalled block: its own markers are taken out of the words, so they cannot close it."""
    who = "They" if utterance.speaker is Speaker.PERSON else "You"
    return f"{dates.day(utterance.said_at)}. {who} said: “{_one_line(utterance.text)}”"


def _one_line(text: str, longest: int = LONGEST_QUOTE) -> str:
    words = _unmarked(text)
    return words if len(words) <= longest else words[: longest - 1] + "…"


def _unmarked(text: str) -> str:
    """Return a text on one line, without the markers of blocks."""
    return " ".join(text.replace("<", "‹").replace(">", "›").split())
