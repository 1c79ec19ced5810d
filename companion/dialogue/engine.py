"""The companion: persona, memory and model behind the verbs of a conversation.

A turn is a ladder, and each step adds one thing: hear (the words are kept before anything else happens), care, recall,
brief, answer. `hear` yields events; whoever shows them decides nothing.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime, timedelta

from companion.care.disclosure import disclosure
from companion.conversation import Speaker, State, Utterance
from companion.dialogue import briefing
from companion.dialogue.events import Event, Failed, Finished, Noticed, Recalled, Spoke
from companion.dialogue.model import Briefing, ChatModel, Finish, Piece, Text, Usage
from companion.errors import CompanionError, ModelError, ModelFailed, ModelSilent, ReplyCut
from companion.memory import recall, words
from companion.memory.recall import Recollection
from companion.memory.store import Store, Summary
from companion.persona.persona import Persona
from companion.plaintext import plain

SITTING_ENDS_AFTER = timedelta(minutes=30)
"""Silence after which `say` begins a new sitting."""

FLUSH_SECONDS = 0.5
"""How often the words of a reply are committed while it comes; a crash loses no more than this."""

LONGEST_REPLY = 64 * 1024
"""Characters after which a reply is stopped: no one speaks that long, a broken model does."""

CUT_SHORT = frozenset({"length", "content_filter"})
"""Finish reasons that end a reply before its end."""

RECALLED_AT_ONCE = 6
CANDIDATES = 100


class Companion:
    """Someone to talk to.

    Args:
        persona: who she is.
        store: what she remembers with.
        model: what finds her words.
        clock: returns the present moment, aware, in the person's offset.
        context: how many tokens the model may be told.
        notices: what the person should know at the start of a sitting, such as where the model was found.
    """

    def __init__(
        self,
        persona: Persona,
        store: Store,
        model: ChatModel,
        clock: Callable[[], datetime],
        context: int = 8192,
        notices: Sequence[Noticed] = (),
    ) -> None:
        self.persona = persona
        self.model = model
        self._store = store
        self._clock = clock
        self._context = context
        self._notices = tuple(notices)
        self._greeting = ""
        self._last: Utterance | None = None

    @property
    def conversation(self) -> int | None:
        """The sitting that is under way, once something was said in it."""
        return self._last.conversation if self._last else None

    def resume(self, *, within: timedelta | None = None) -> bool:
        """Take up the last sitting, if it ended less than `within` ago (None: however long ago)."""
        latest = self._store.latest(self.persona.name)
        if latest is None or (within is not None and self._clock() - latest.said_at > within):
            return False
        self._last = latest
        return True

    def greet(self, greeting: str) -> None:
        """Have opened the sitting with these words; they are kept once the person answers."""
        self._greeting = greeting

    def hear(self, said: str) -> AsyncGenerator[Event]:
        """Hear what the person says, keep it, and answer.

        The words are committed, cleaned of control characters, before the first event. Close the generator
        (`contextlib.aclosing`) to stop her; what she had said is kept and marked.

        Raises:
            StorageError: from the generator; nothing of this turn, or not all of it, could be kept.
        """
        return self._turn(said)

    def answer_again(self) -> AsyncGenerator[Event]:
        """Answer the person's last words once more; the earlier reply stays in the memory, beside the new one."""
        return self._turn(None)

    def recall(self, question: str, *, limit: int = RECALLED_AT_ONCE, besides: int = 0) -> tuple[Recollection, ...]:
        """Return what comes to mind, best first; `besides` is an utterance to leave out."""
        asked = words.asked(question)
        if not asked:
            return ()
        matches = self._store.matching(self.persona.name, asked, CANDIDATES)
        others = tuple(utterance for utterance in matches.utterances if utterance.id != besides)
        return recall.rank(question, replace(matches, utterances=others), limit=limit)

    def now(self) -> datetime:
        """Return the present moment, aware, as her clock has it."""
        return self._clock()

    def said(self, limit: int) -> tuple[str, ...]:
        """Return the person's last words in any sitting, newest first."""
        return self._store.said(self.persona.name, limit)

    async def aclose(self) -> None:
        """Let go of model and memory."""
        await self.model.aclose()
        self._store.close()

    async def _turn(self, said: str | None) -> AsyncGenerator[Event]:
        first = self._last is None
        heard = self._keep(said) if said is not None else self._unanswered()
        if heard is None:
            return
        if first and said is not None:
            for notice in (Noticed("disclosure", disclosure(self.persona.name)), *self._notices):
                yield notice
        recollections = self.recall(heard.text, besides=heard.id)
        if recollections:
            yield Recalled(recollections)
        try:
            told = self._brief(heard, recollections)
        except ModelError as error:
            yield Failed(error, None)
            return
        async with aclosing(self._answer(heard, told)) as events:
            async for event in events:
                yield event

    def _keep(self, said: str) -> Utterance | None:
        text = plain(said).strip()
        if not text:
            return None
        now = self._clock()
        if self._last is None:
            self._last = self._store.begin(self.persona.name, text, now, greeting=self._greeting)
        else:
            self._last = self._store.add(self._last, Speaker.PERSON, text, now)
        return self._last

    def _unanswered(self) -> Utterance | None:
        """Return the person's last words on the path, answered or not."""
        if self._last is None:
            return None
        path = self._store.window(self._last)
        return next((utterance for utterance in reversed(path) if utterance.speaker is Speaker.PERSON), None)

    def _brief(self, heard: Utterance, recollections: tuple[Recollection, ...]) -> Briefing:
        untold = self._store.window(heard)
        window = self._told(untold, recollections)
        summary = self._store.summary(self.persona.name)
        system = briefing.system_message(self.persona, summary.text if summary else "")
        start = briefing.first_kept(system, window, self._context)
        if start is not None:
            self._cut(window[start], summary)
            window = window[start:]
            anew = self._told(untold[start:], recollections)  # what was cut away is out of view, and may be recalled
            window = anew if briefing.first_kept(system, anew, self._context) is None else window
        self._store.tell(heard.id, window[-1].told or "")
        return Briefing(briefing.messages(system, window), self.persona, heard.text, recollections, self._clock())

    def _told(self, window: Sequence[Utterance], recollections: tuple[Recollection, ...]) -> tuple[Utterance, ...]:
        """Say what the model is told in place of the last words, unless they were told before."""
        *before, heard = window
        if heard.told is None:
            greeting = next((said.text for said in before if said.id == heard.parent and said.is_greeting), "")
            unseen = briefing.unseen(recollections, before)
            heard = replace(heard, told=briefing.told(heard.text, heard.said_at, unseen, greeting))
        return (*before, heard)

    def _cut(self, first: Utterance, summary: Summary | None) -> None:
        """Begin the telling of history with this utterance, for good."""
        kept = Summary(first.id, summary.text if summary else "")
        self._store.summarise(self.persona.name, kept, self._clock())

    async def _answer(self, heard: Utterance, told: Briefing) -> AsyncGenerator[Event]:
        reply = _Reply(self._store, heard, self.model.name, self._clock)
        usage: Usage | None = None
        error: CompanionError | None = None
        try:
            async with reply.kept_while_it_comes(), aclosing(_checked(self.model.stream(told))) as pieces:
                async for piece in pieces:
                    match piece:
                        case Text(text):
                            reply.say(text)
                            yield Spoke(text)
                        case Usage():
                            usage = piece
                        case Finish(reason):
                            reply.finish(reason)
        except ModelError as caught:
            error = caught
            reply.state = State.INTERRUPTED if isinstance(caught, ReplyCut) else State.FAILED
        finally:
            self._last = reply.keep() or heard
        if error:
            yield Failed(error, reply.kept)
        elif reply.kept:
            yield Finished(reply.kept, usage)


class _Reply:
    """Her words while they come: kept as interrupted until they are known to be whole."""

    def __init__(self, store: Store, heard: Utterance, model: str, clock: Callable[[], datetime]) -> None:
        self.kept: Utterance | None = None
        self.state = State.INTERRUPTED
        self._pieces: list[str] = []
        self._store, self._heard, self._model, self._clock = store, heard, model, clock

    def say(self, text: str) -> None:
        self._pieces.append(text)

    def finish(self, reason: str) -> None:
        self.state = State.INTERRUPTED if reason in CUT_SHORT else State.COMPLETE

    def keep(self) -> Utterance | None:
        """Commit what has come so far, if anything is new."""
        text = "".join(self._pieces)
        if not text:
            return None
        if self.kept is None:
            self.kept = self._store.add(
                self._heard, Speaker.COMPANION, text, self._clock(), state=self.state, model=self._model
            )
        elif (text, self.state) != (self.kept.text, self.kept.state):
            self._store.revise(self.kept.id, text, self.state)
            self.kept = replace(self.kept, text=text, state=self.state)
        return self.kept

    def kept_while_it_comes(self) -> "_Flushing":
        return _Flushing(self)


class _Flushing:
    """Commits a reply every half second while the block runs, also while the model is silent."""

    def __init__(self, reply: _Reply) -> None:
        self._reply = reply

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._flush())

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self._reply.keep()


async def _checked(pieces: AsyncGenerator[Piece]) -> AsyncGenerator[Piece]:
    """Pass a model's pieces on, and hold it to its word: a reply has an end, has text, and is not endless."""
    length, finished = 0, False
    async with aclosing(pieces):
        async for piece in pieces:
            finished = finished or isinstance(piece, Finish)
            if not isinstance(piece, Text):
                yield piece
                continue
            yield Text(_storable(piece.text[: LONGEST_REPLY - length]))
            length += len(piece.text)
            if length >= LONGEST_REPLY:
                raise ReplyCut(f"Her reply was stopped after {LONGEST_REPLY // 1024} KiB. What had come is kept.")
    if not length and finished:
        raise ModelSilent("The model ended its reply without a word. Your words are kept; /retry asks again.")
    if not length:
        raise ModelFailed(
            "The server answered with nothing that is a reply. Is the address right, and does it end in /v1?"
        )
    if not finished:
        raise ReplyCut("The line broke in the middle of the reply. What had come is kept; /retry asks again.")


def _storable(text: str) -> str:
    """Replace halves of characters, which JSON can carry and no file can."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
