"""The companion: persona, memory and model behind the verbs of a conversation.

A turn is a ladder, and each step adds one thing: hear (the words are kept before anything else happens), care, recall,
brief, answer. `hear` yields events; whoever shows them decides nothing.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from companion.care.crisis import HELP, in_danger
from companion.care.disclosure import disclosure
from companion.conversation import Speaker, Utterance
from companion.dialogue import briefing, compaction, reflection
from companion.dialogue.budget import Budget, tokens
from companion.dialogue.events import Event, Failed, Finished, Kept, Noticed, Recalled, Spoke
from companion.dialogue.meanings import Meanings
from companion.dialogue.model import Briefing, ChatModel, Limited, Message, Structured, Text, Usage, Warming, Writing
from companion.dialogue.patience import Waiting, patiently
from companion.dialogue.reply import Reply, checked
from companion.errors import BriefingTooLong, ModelError, NotRemembered, StorageError
from companion.memory import keeping
from companion.memory.memory import Kind, Memory, known_as
from companion.memory.recall import RECALLED_AT_ONCE, Recollection, recall
from companion.memory.store import Embedder, Meaning, MemoryStore, Spent, Store, Summary
from companion.persona.persona import Persona
from companion.plaintext import plain

SITTING_ENDS_AFTER = timedelta(minutes=30)
"""Silence after which `say` begins a new sitting."""

MOMENT = 2.0
"""Seconds that finding meanings may take where somebody waits for the end of it; the first time, half of it is loading
what speaks with the embedder."""


@dataclass(frozen=True, slots=True)
class Context:
    """What she is told now, in tokens as the model counts them.

    Attributes:
        budget: how much she may be told.
        persona: who she is, and what is always so.
        summary: what stands for the part of the talk that is no longer told word by word.
        history: the talk itself, recollections included.
        utterances: how many are told word by word.
        left_out: how many are not.
        spent: what the latest reply of this model cost.
    """

    budget: int
    persona: int
    summary: int
    history: int
    utterances: int
    left_out: int
    spent: Spent | None


class Companion:
    """Someone to talk to.

    Args:
        persona: who she is.
        store: what she remembers with.
        model: what finds her words.
        clock: returns the present moment, aware, in the person's offset.
        context: how many tokens the model may be told.
        off_record: whether the store forgets what is said now; it is only said, here.
        waits: seconds to wait before each further try, when the server is busy.
        notices: what the person should know at the start of a sitting, such as where the model was found.
        embedder: what finds what lies near in meaning, if anything does.
    """

    def __init__(  # noqa: PLR0913 - the composition root passes each part by name
        self,
        persona: Persona,
        store: Store,
        model: ChatModel,
        clock: Callable[[], datetime],
        context: int = 8192,
        notices: Sequence[Noticed] = (),
        *,
        off_record: bool = False,
        waits: Sequence[float] = (),
        embedder: Embedder | None = None,
    ) -> None:
        self.persona = persona
        self.model = model
        self._store = store
        self._clock = clock
        self._context = context
        self._notices = tuple(notices)
        self._off_record = off_record
        self._waits = tuple(waits)
        self._meanings = Meanings(embedder, store, clock) if embedder else None
        self._budgets: dict[str, Budget] = {}
        self._greeting = ""
        self._introduces = True
        self._named_help = False
        self._last: Utterance | None = None
        self._in_mind: tuple[Recollection, ...] = ()
        self._asked_again_at = 0

    @property
    def in_mind(self) -> tuple[Recollection, ...]:
        """What came to mind for the last reply, best first."""
        return self._in_mind

    @property
    def memories(self) -> MemoryStore:
        """What is kept beyond the words."""
        return self._store.memories

    @property
    def conversation(self) -> int | None:
        """The sitting that is under way, once something was said in it."""
        return self._last.conversation if self._last else None

    def resume(self, *, within: timedelta | None = None) -> bool:
        """Take up the last sitting; with `within`, only if it ended less than that ago, and as if it had not paused."""
        latest = self._store.latest(self.persona.name)
        if latest is None or (within is not None and self._clock() - latest.said_at > within):
            return False
        self._last, self._introduces = latest, within is None
        return True

    async def use(self, model: ChatModel, context: int) -> None:
        """Find her words with another model from now on; the talk goes on where it is."""
        before, self.model, self._context, self._budgets = self.model, model, context, {}
        self._notices = ()  # they spoke of the other one
        await before.aclose()

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

    def recall(
        self, question: str, *, limit: int = RECALLED_AT_ONCE, besides: int = 0, meaning: Meaning | None = None
    ) -> tuple[Recollection, ...]:
        """Return what comes to mind, best first; `besides` is an utterance to leave out.

        `meaning` is where the question lies, if that is known: what lies near comes to mind as well.
        """
        known = known_as(self.memories.all(self.persona.name, aspect="name"))
        names = {known: Speaker.PERSON} if known else {}
        now = self._clock()
        return recall(
            self._store,
            self.persona.name,
            question,
            now=now,
            names=names,
            limit=limit,
            besides=besides,
            meaning=meaning,
        )

    def now(self) -> datetime:
        """Return the present moment, aware, as her clock has it."""
        return self._clock()

    def said(self, limit: int) -> tuple[str, ...]:
        """Return the person's last words in any sitting, newest first."""
        return self._store.said(self.persona.name, limit)

    def search(self, words: str, limit: int) -> tuple[Utterance, ...]:
        """Return what was said that contains all of the words (in any form), newest first."""
        return self._store.search(words, limit, persona=self.persona.name)

    def remember(self, words: str, instead_of: Memory | None = None) -> Memory | None:
        """Keep what the person asks to be remembered, in their own words; None if there are none.

        The words are said in this sitting like any others. With `instead_of`, they correct a memory.
        """
        said = self._keep(words)
        if said is None:
            return None
        return keeping.keep(self.memories, self.persona.name, said, self._clock(), instead_of)

    def forget(self, memories: Sequence[int], *, with_words: bool, utterances: Sequence[int] = ()) -> bool:
        """Forget memories for good, and with them the words they rest on or any others; the talk goes on.

        Returns whether no byte of them is left in the memory file.

        Raises:
            NotRemembered: one of them is not there.
        """
        clean = self.memories.erase(memories, with_words=with_words, utterances=utterances)
        sitting = self.conversation
        latest = self._store.latest(self.persona.name)
        self._last = latest if latest and latest.conversation == sitting else None
        self._in_mind = ()
        return clean

    async def rest(self, *, at_leisure: bool = False) -> tuple[Memory, ...]:
        """Do between turns what none should wait for; return what was kept of the person's words.

        Reads what was said, near the budget sums up the talk and lets its beginning go, and finds where the words lie
        among meanings: for a moment, or `at_leisure` until all is done. May be cancelled at any time; then nothing of
        what was under way has changed. (Cancelled in the last part, it returns: what was kept is kept.)
        """
        if self._last is None:
            return ()
        await self._make_room()
        if self._off_record:
            return ()
        kept: tuple[Memory, ...] = ()
        with suppress(StorageError):  # a file that is busy for a moment; it is read next time
            kept = _theirs(await self._reflect())
        if self._meanings:
            with suppress(asyncio.CancelledError):
                await self._meanings.catch_up(None if at_leisure else MOMENT)
        return kept

    async def _make_room(self) -> None:
        if self._last is None or not isinstance(self.model, Writing):
            return
        window = self._store.window(self._last)
        system, budget = self._system(self._last), self._budget()
        request = briefing.messages(system, window)
        if not compaction.near(budget.measured(request), self._room):
            return
        text = await compaction.summed_up(self.model, request, self.persona.language)
        if text:
            first = window[briefing.cut(system, window, budget.estimated)]
            self._store.summarise(self.persona.name, Summary(first.id, text, self._profile()), self._clock())

    async def _reflect(self) -> tuple[Memory, ...]:
        """Catch up with what no rule has read yet; then have the model reflect, if it can and enough was said."""
        name = self.persona.name
        kept: tuple[Memory, ...] = ()
        behind = reflection.is_behind(self.memories, name)
        while behind:
            kept += reflection.by_rules(self.memories, name, self._clock())
            behind = reflection.is_behind(self.memories, name)
            await asyncio.sleep(0)
        kept += self._read()
        if self._last is None or not isinstance(self.model, Structured) or self._last.id < self._asked_again_at:
            return kept
        window = self._store.window(self._last)
        fresh = reflection.due(self.memories, name, window)
        if not fresh:
            return kept
        request = briefing.messages(self._system(self._last), window)
        try:
            return kept + await reflection.by_model(self.memories, name, self.model, request, fresh, self._clock())
        except ModelError:  # rules have read it already
            self._asked_again_at = self._last.id + 2 * reflection.TURNS_BETWEEN
            return kept

    def _read(self) -> tuple[Memory, ...]:
        """Have the rules read what was said; a file that is busy for a moment is read next time."""
        try:
            return reflection.by_rules(self.memories, self.persona.name, self._clock())
        except StorageError:
            return ()

    def _dwell(self, events: Sequence[Event]) -> None:
        """Note that what she was reminded of came to mind: it fades more slowly."""
        came = [r.utterance.id for r in self._in_mind]
        if came and any(isinstance(event, Finished) for event in events):
            with suppress(StorageError):
                self.memories.came_to_mind(came, self._clock())

    def _remembered(self, heard: Utterance, events: Sequence[Event]) -> Iterable[Event]:
        """Yield what was kept of a turn; where she says that she keeps something, she does."""
        if self._off_record:
            return
        self._dwell(events)
        kept = self._read()
        reply = "".join(event.text for event in events if isinstance(event, Spoke))
        if reflection.claims_to_keep(reply) and not any(memory.utterance == heard.id for memory in kept):
            made_true = None
            if not in_danger(heard.text):
                made_true = keeping.keep(self.memories, self.persona.name, heard, self._clock())
            kept += (made_true,) if made_true else ()
            if not made_true:
                yield Noticed("kept", "(nothing was kept of this beyond the words themselves)")
        if of_them := _theirs(kept):
            yield Kept(of_them)

    def context(self) -> Context:
        """Return what she is told now, in tokens."""
        window = self._store.window(self._last) if self._last else ()
        bare, whole, budget = briefing.system_message(self.persona), self._system(self._last), self._budget()
        summary = self._store.summary(self._last) if self._last else None
        return Context(
            budget=self._room,
            persona=budget.measured([bare]),
            summary=budget.measured([whole]) - budget.measured([bare]),
            history=budget.measured(briefing.messages(bare, window)[1:]),
            utterances=len(window),
            left_out=self._store.told_before(self.persona.name, summary.before) if summary else 0,
            spent=self._store.spent(self.model.name),
        )

    def warm(self) -> None:
        """Load what is heavy of model and embedder before it is needed; called from a thread.

        Raises:
            CompanionError: one of them cannot be woken.
        """
        for part in (self.model, self._meanings):
            if isinstance(part, Warming):
                part.warm()

    async def aclose(self) -> None:
        """Let go of model and memory."""
        try:
            await self.model.aclose()
        finally:
            self._store.close()
            if self._meanings:
                await self._meanings.aclose()

    async def _turn(self, said: str | None) -> AsyncGenerator[Event]:
        heard = self._keep(said) if said is not None else self._unanswered()
        if heard is None:
            return
        for notice in (*self._introduction(), *self._care(heard.text)):
            yield notice
        meaning = await self._meanings.of(heard.text) if self._meanings else None
        if self._meanings and (trouble := self._meanings.trouble()):
            yield Noticed("embeddings", trouble)
        recollections = self._in_mind = self.recall(heard.text, besides=heard.id, meaning=meaning)
        if recollections:
            yield Recalled(recollections)
        room = self._room
        async with aclosing(self._attempt(heard, recollections)) as events:
            async for event in events:
                if isinstance(event, Failed) and isinstance(event.error, BriefingTooLong) and self._room < room:
                    break  # now it is known how much the model holds
                yield event
            else:
                return
        yield Noticed("context", f"This model holds less than {room} tokens; from now on she is told {self._room}.")
        self._budgets = {}
        async with aclosing(self._attempt(heard, recollections)) as events:
            async for event in events:
                yield event

    async def _attempt(self, heard: Utterance, recollections: tuple[Recollection, ...]) -> AsyncGenerator[Event]:
        try:
            told = self._brief(heard, recollections)
        except ModelError as error:
            yield Failed(error, None)
            return
        spoken: list[Event] = []
        async with aclosing(self._answer(heard, told)) as events:
            async for event in events:
                spoken.append(event)
                yield event
        for event in self._remembered(heard, spoken):
            yield event

    def _introduction(self) -> tuple[Noticed, ...]:
        """Return what is said once, at the start of a sitting or when it is taken up again."""
        if not self._introduces:
            return ()
        self._introduces = False
        return (Noticed("disclosure", disclosure(self.persona.name, kept=not self._off_record)), *self._notices)

    def _care(self, words: str) -> tuple[Noticed, ...]:
        """Name help before anything else is said, once in a sitting."""
        if self._named_help or not in_danger(words):
            return ()
        self._named_help = True
        return (Noticed("crisis", HELP),)

    def _keep(self, said: str) -> Utterance | None:
        text = plain(said).strip()
        if not text:
            return None
        now = self._clock()
        if self._last is not None:
            with suppress(NotRemembered):  # somebody else forgot all of it: a new sitting begins
                self._last = self._store.add(self._last, Speaker.PERSON, text, now)
                return self._last
        self._last = self._store.begin(self.persona.name, text, now, greeting=self._greeting)
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
        system, budget = self._system(heard), self._budget().estimated
        start = briefing.first_kept(system, window, budget)
        if start is not None:
            self._cut(heard, window[start])
            window = window[start:]
            anew = self._told(untold[start:], recollections)  # what was cut away is out of view, and may be recalled
            window = anew if briefing.first_kept(system, anew, budget) is None else window
        self._store.tell(heard.id, window[-1].told or "")
        return Briefing(briefing.messages(system, window), self.persona, heard.text, recollections, self._clock())

    def _told(self, window: Sequence[Utterance], recollections: tuple[Recollection, ...]) -> tuple[Utterance, ...]:
        """Say what the model is told in place of the last words, unless they were told before."""
        *before, heard = window
        if heard.told is None:
            greeting = next((said.text for said in before if said.id == heard.parent and said.is_greeting), "")
            unseen = briefing.unseen(recollections, before, self._budget().estimated)
            heard = replace(heard, told=briefing.told(heard.text, heard.said_at, unseen, greeting))
        return (*before, heard)

    def _cut(self, heard: Utterance, first: Utterance) -> None:
        """Begin the telling of history with the utterance `first`, for good."""
        summary = self._store.summary(heard)
        kept = Summary(first.id, summary.text if summary else "", self._profile())
        self._store.summarise(self.persona.name, kept, self._clock())

    def _system(self, upto: Utterance | None) -> Message:
        summary = self._store.summary(upto) if upto else None
        if summary is None:
            return briefing.system_message(self.persona)
        return briefing.system_message(self.persona, summary.text, summary.profile)

    def _profile(self) -> str:
        """Return what is known of the person now; it is told from one cut to the next."""
        known = self.memories.all(self.persona.name)
        return briefing.profile(known, self._clock(), self._budget().estimated)

    @property
    def _room(self) -> int:
        """How many tokens she may be told: what was set, or less where the model holds less, a fifth for the reply."""
        limit = self.model.limit if isinstance(self.model, Limited) else None
        return min(self._context, limit * 4 // 5) if limit else self._context

    def _budget(self) -> Budget:
        name = self.model.name
        if name not in self._budgets:
            self._budgets[name] = Budget.learned(self._room, self._store.spent(name))
        return self._budgets[name]

    def _account(self, told: Briefing, reply: Utterance, usage: Usage | None) -> Iterable[Noticed]:
        """Keep what a reply cost, and learn from it how the model counts; or notice that it was not told all."""
        if usage is None or not usage.prompt_tokens:
            return
        budget = self._budget()
        if budget.was_cut(told.messages, usage):
            yield Noticed(
                "context",
                f"The model seems to have read only {usage.prompt_tokens} of some {budget.measured(told.messages)}"
                " tokens: give it a larger context (Ollama: num_ctx), or lower COMPANION_CONTEXT.",
            )
            return
        counted = (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
        spent = Spent(self.model.name, tokens(told.messages), *counted)
        self._store.spend(reply.id, spent)
        self._budgets[spent.model] = Budget.learned(self._room, spent)

    async def _answer(self, heard: Utterance, told: Briefing) -> AsyncGenerator[Event]:
        reply = Reply(self._store, heard, self.model.name, self._clock)
        error: ModelError | None = None
        try:
            stream = patiently(lambda: checked(self.model.stream(told)), self._waits)
            async with reply, aclosing(stream) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Waiting):
                        yield Noticed("waiting", f"The server is busy; asking again in {piece.seconds:.0f} s.")
                        continue
                    reply.take(piece)
                    if isinstance(piece, Text):
                        yield Spoke(piece.text)
        except ModelError as caught:
            error = caught
            reply.fail(caught)
        finally:
            self._last = reply.keep() or self._last
        if error:
            yield Failed(error, reply.kept)
        elif reply.kept:
            for notice in self._account(told, reply.kept, reply.usage):
                yield notice
            yield Finished(reply.kept, reply.usage)


def _theirs(kept: Iterable[Memory]) -> tuple[Memory, ...]:
    """Return what was kept of the person, and is not in doubt."""
    return tuple(memory for memory in kept if memory.kind is not Kind.SELF and not memory.doubtful)
