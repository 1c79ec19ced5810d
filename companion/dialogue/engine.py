"""The companion: persona, memory and model behind the verbs of a conversation.

A turn is a ladder, and each step adds one thing: hear (the words are kept before anything else happens), care, recall,
brief, answer. `hear` yields events; whoever shows them decides nothing.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from companion.care.boundaries import noted, touched
from companion.care.disclosure import SITTING_ENDS_AFTER
from companion.care.ledger import Ledger
from companion.care.sensitive import NEVER_KEPT, classes
from companion.care.signs import in_danger
from companion.conversation import LISTENER, Speaker, Utterance
from companion.dialogue import briefing, compaction, paths, reflection, voice
from companion.dialogue.budget import Budget, tokens
from companion.dialogue.caring import Caring, Where
from companion.dialogue.events import Event, Failed, Finished, Kept, Noticed, Recalled, Spoke
from companion.dialogue.meanings import Meanings
from companion.dialogue.model import (
    Briefing,
    ChatModel,
    Limited,
    Message,
    Structured,
    Text,
    Usage,
    Warming,
    Wondering,
    Writing,
)
from companion.dialogue.patience import Waiting, patiently
from companion.dialogue.reply import Reply, checked
from companion.dialogue.withholding import Heeded, Replaced, heeded
from companion.dialogue.world import come_up
from companion.errors import BriefingTooLong, CompanionError, ModelError, NotRemembered, StorageError
from companion.memory import keeping
from companion.memory.memory import Kind, Memory, known_as
from companion.memory.recall import RECALLED_AT_ONCE, Recollection, recall
from companion.memory.store import Embedder, Meaning, MemoryStore, Spent, Store, Summary
from companion.persona.persona import Persona
from companion.persona.watching import Watch, stays
from companion.plaintext import plain
from companion.prompts import prompt

LOOKED_UP = 12
"""Recollections for each thing that a model wonders about."""

__all__ = ["SITTING_ENDS_AFTER", "Companion", "Context", "Keeping"]


class Keeping(Store, Protocol):
    """A store that keeps, beside the words, what care must know again."""

    @property
    def ledger(self) -> Ledger:
        """What care must know again."""
        ...


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
        watch: her file, for what belongs to it and what becomes of it; where there is one.
        sharing: the ids of personas who let others know what they were told.
        country: where the person is (ISO 3166), for help lines; empty where it is not known.
        embedder: what finds what lies near in meaning, if anything does.
    """

    def __init__(  # noqa: PLR0913 - the composition root passes each part by name
        self,
        persona: Persona,
        store: Keeping,
        model: ChatModel,
        clock: Callable[[], datetime],
        context: int = 8192,
        notices: Sequence[Noticed] = (),
        *,
        off_record: bool = False,
        waits: Sequence[float] = (),
        watch: Watch | None = None,
        sharing: Sequence[str] = (),
        country: str = "",
        embedder: Embedder | None = None,
    ) -> None:
        self.persona = persona
        self._watch, self._sharing = watch, tuple(sharing)
        self._books = watch.character.books if watch else ()
        self.model = model
        self._store = store
        self._clock = clock
        self._context = context
        self._notices = tuple(notices)
        self.off_record = off_record
        where = Where(persona.name, persona.language, country, off_record, persona.relationship or "")
        self._caring = Caring(store.ledger, clock, where)
        self._waits = tuple(waits)
        self._meanings = Meanings(embedder, store, clock) if embedder else None
        self._budgets: dict[str, Budget] = {}
        self._greeting = ""
        self._introduces = True
        self._noticed_voice = False
        self._last: Utterance | None = None
        self._unwritten: list[Utterance] = []
        self._left: int | None = None
        self._in_mind: tuple[Recollection, ...] = ()
        self._asked_again_at = 0
        self._knows_boundaries = False
        self._waiting: tuple[Memory, ...] = ()

    @property
    def in_mind(self) -> tuple[Recollection, ...]:
        """What came to mind for the last reply, best first."""
        return self._in_mind

    @property
    def memories(self) -> MemoryStore:
        """What is kept beyond the words."""
        return self._store.memories

    @property
    def store(self) -> Store:
        """Everything that was said."""
        return self._store

    @property
    def last(self) -> Utterance | None:
        """What was said last in the sitting that is under way."""
        return self._last

    @property
    def conversation(self) -> int | None:
        """The sitting that is under way, once something was said in it."""
        return self._last.conversation if self._last else self._left

    def sitting(self) -> tuple[Utterance, ...]:
        """Return everything said in this sitting, branches included, in order."""
        return self._store.utterances(self.conversation) if self.conversation is not None else ()

    def turn_to(self, tip: Utterance | None) -> None:
        """Go on from another place, of this sitting or another; None: from before this sitting's first words.

        What lies beside the path there stays in the memory, and does not hold.
        """
        conversation = tip.conversation if tip else self.conversation
        if conversation is not None:
            self._store.turn_to(conversation, tip.id if tip else None)
        self._left, self._last, self._in_mind = conversation, tip, ()

    def resume(self, *, within: timedelta | None = None) -> bool:
        """Take up the last sitting; with `within`, only if it ended less than that ago, and as if it had not paused."""
        latest = self._store.latest(self.persona.id)
        if latest is None or (within is not None and self._clock() - latest.said_at > within):
            return False
        self._last, self._introduces = latest, within is None
        return True

    def take_up(self, tip: Utterance) -> None:
        """Go on with an earlier sitting, where it ended."""
        self.turn_to(tip)
        self._introduces, self._greeting = True, ""

    def add(self, words: str) -> str:
        """Say something of her own, after what was said last; return it."""
        if self._last is not None:
            self._last = self._store.add(self._last, Speaker.COMPANION, words, self._clock())
        return words

    def forget_this_sitting(self, copy: Callable[[], Keeping]) -> None:
        """Forget what was said in this sitting for good, and from now on write nothing: `copy` opens a memory for that.

        Raises:
            StorageError: it could not be forgotten, or the memory not be opened.
        """
        if self._last is not None:
            said = [utterance.id for utterance in self.sitting()]
            self.memories.erase((), with_words=True, utterances=said)
        before, self._store, self.off_record = self._store, copy(), True
        self._caring.keeps_nothing(self._store.ledger)
        self._last, self._left, self._in_mind, self._greeting = None, None, (), ""
        before.close()

    async def use(self, model: ChatModel, context: int) -> None:
        """Find her words with another model from now on; the talk goes on where it is."""
        before, self.model, self._context, self._budgets = self.model, model, context, {}
        self._notices = ()  # they spoke of the other one
        await before.aclose()

    def become(self, watch: Watch) -> None:
        """Be somebody else from now on: her persona, her memory, a new sitting; the model stays."""
        self._watch, self.persona, self._books = watch, watch.character.persona, watch.character.books
        self._last, self._greeting, self._introduces, self._notices = None, "", True, ()
        self._caring.goes_on_with(self.persona.name, self.persona.language, self.persona.relationship or "")
        self._knows_boundaries = False

    def greet(self, greeting: str) -> None:
        """Have opened the sitting with these words; they are kept once the person answers."""
        self._greeting = greeting

    def hear(self, said: str, *, off_record: bool = False) -> AsyncGenerator[Event]:
        """Hear what the person says, keep it, and answer; off the record nothing of it is kept, nor of the answer.

        The words are committed, cleaned of control characters, before the first event. Close the generator
        (`contextlib.aclosing`) to stop her; what she had said is kept and marked.

        Raises:
            StorageError: from the generator; nothing of this turn, or not all of it, could be kept.
        """
        return self._unwritten_turn(said) if off_record else self._turn(said)

    def answer_again(self, hint: str = "") -> AsyncGenerator[Event]:
        """Answer the person's last words once more; the earlier reply stays in the memory, beside the new one.

        `hint` is a wish for the answer, such as "shorter".
        """
        return self._turn(None, hint)

    def go_on(self) -> AsyncGenerator[Event]:
        """Go on with a last reply that was cut off; the whole is kept, and the part stays beside it."""
        return self._going_on()

    def help_now(self) -> str:
        """Return whom the person can call, now."""
        return self._caring.help_now()

    def recall(
        self, question: str, *, limit: int = RECALLED_AT_ONCE, besides: int = 0, meaning: Meaning | None = None
    ) -> tuple[Recollection, ...]:
        """Return what comes to mind, best first; `besides` is an utterance to leave out.

        `meaning` is where the question lies, if that is known: what lies near comes to mind as well.
        """
        known = known_as(self.memories.all(self.persona.id, aspect="name"))
        names = {self.persona.name: Speaker.COMPANION} | ({known: Speaker.PERSON} if known else {})
        search = partial(recall, self._store, question=question, now=self._clock(), names=names, meaning=meaning)
        found = search(self.persona.id, limit=limit, besides=besides)
        others = [other for other in self._sharing if other != self.persona.id]
        told = [r for other in others for r in search(other, limit=limit)]
        theirs = [r for r in told if r.utterance.speaker is Speaker.PERSON]  # not what the other one said
        every = sorted((*found, *theirs), key=lambda r: r.score, reverse=True)[:limit] if theirs else found
        return tuple(r for r in every if self._caring.may_recall(r.utterance.text, question))

    def hear_herself(self) -> voice.Hearing:
        """Return how she sounds lately, beside how she sounded before."""
        return voice.listen(self._store.replies(self.persona.id, voice.LATELY + voice.BEFORE), self.persona.voice)

    def now(self) -> datetime:
        """Return the present moment, aware, as her clock has it."""
        return self._clock()

    def said(self, limit: int) -> tuple[str, ...]:
        """Return the person's last words in any sitting, newest first."""
        return self._store.said(self.persona.id, limit)

    def search(self, words: str, limit: int) -> tuple[Utterance, ...]:
        """Return what was said that contains all of the words (in any form), newest first."""
        return self._store.search(words, limit, persona=self.persona.id)

    def remember(self, words: str, instead_of: Memory | None = None) -> Memory | None:
        """Keep what the person asks to be remembered, in their own words; None if there are none.

        The words are said in this sitting like any others. With `instead_of`, they correct a memory.
        """
        said = None if NEVER_KEPT in classes(words) else self._keep(words)
        if said is None:
            return None
        self._knows_boundaries = False
        return keeping.keep(self.memories, self.persona.id, said, self._clock(), instead_of)

    def forget(self, memories: Sequence[int], *, with_words: bool, utterances: Sequence[int] = ()) -> bool:
        """Forget memories for good, and with them the words they rest on or any others; the talk goes on.

        Returns whether no byte of them is left in the memory file.

        Raises:
            NotRemembered: one of them is not there.
        """
        clean = self.memories.erase(memories, with_words=with_words, utterances=utterances)
        sitting = self.conversation
        latest = self._store.latest(self.persona.id)
        self._last = latest if latest and latest.conversation == sitting else None
        self._in_mind = ()
        self._knows_boundaries = False
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
        if self.off_record:
            return ()
        kept: tuple[Memory, ...] = ()
        with suppress(StorageError):  # a file that is busy for a moment; it is read next time
            kept = await self._reflect()
            self._waiting += kept
            self._knows_boundaries &= not any(memory.kind is Kind.BOUNDARY for memory in kept)
        if self._meanings:
            with suppress(asyncio.CancelledError):
                await self._meanings.catch_up(None if at_leisure else MOMENT)
        return _theirs(kept)

    async def _make_room(self) -> None:
        if self._last is None or not isinstance(self.model, Writing):
            return
        who, window = self.persona, self._store.window(self._last)  # she may be somebody else before this is done
        system, budget = self._system(self._last), self._budget()
        request = briefing.messages(system, window)
        if not compaction.near(budget.measured(request), self._room):
            return
        text = await compaction.summed_up(self.model, request, who.language)
        if text:
            first = window[briefing.cut(system, window, budget.estimated)]
            self._store.summarise(who.id, Summary(first.id, text, self._profile()), self._clock())

    async def _reflect(self) -> tuple[Memory, ...]:
        """Catch up with what no rule has read yet; then have the model reflect, if it can and enough was said."""
        name = self.persona.id
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
            return reflection.by_rules(self.memories, self.persona.id, self._clock())
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
        if self.off_record:
            return
        self._dwell(events)
        kept = self._read()
        reply = "".join(event.text for event in events if isinstance(event, Spoke))
        if reflection.claims_to_keep(reply) and not any(memory.utterance == heard.id for memory in kept):
            made_true = None
            if not in_danger(heard.text) and not classes(heard.text):
                made_true = keeping.keep(self.memories, self.persona.id, heard, self._clock())
            kept += (made_true,) if made_true else ()
            if not made_true:
                yield Noticed("kept", "(nothing was kept of this beyond the words themselves)")
        if of_them := _theirs(kept):
            yield Kept(of_them)
        self._knows_boundaries &= not any(memory.kind is Kind.BOUNDARY for memory in kept)
        kept, self._waiting = (*kept, *self._waiting), ()
        yield from self._caring.asks_to_keep(kept)

    def _know_boundaries(self) -> None:
        """Have care hold what is kept of the person's boundaries, and let go of the one they have just lifted."""
        lifted, self._caring.lifted = self._caring.lifted, ""
        if self._knows_boundaries and not lifted:
            return
        now = self._clock()
        drawn = [m for m in self.memories.all(self.persona.id) if m.kind is Kind.BOUNDARY and m.is_current(now)]
        over = [m for m in drawn if lifted and touched([noted(m.text) or ""], lifted)]
        if over:
            self.memories.erase([m.id for m in over], with_words=False)
        self._caring.goes_by(m for m in drawn if m not in over)
        self._knows_boundaries = True

    async def letter(self) -> str:
        """Return a farewell letter to the person; her plain goodbye where there is no model, or none that lets go."""
        goodbye = self.persona.listening.goodbye[0]
        if self._last is None or not isinstance(self.model, Writing):
            return self._caring.goodbye(goodbye)
        request = briefing.messages(self._system(self._last), self._store.window(self._last))
        text = await compaction.summed_up(self.model, request, self.persona.language, "letter")
        return self._caring.goodbye(text or goodbye)

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
            left_out=self._store.told_before(self.persona.id, summary.before) if summary else 0,
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

    async def _going_on(self) -> AsyncGenerator[Event]:
        heard, begun = self._unanswered(), self._last
        if heard is None or begun is None or not paths.is_cut(begun):
            return
        told = self._brief(heard, ())
        asked = (*told.messages, Message("assistant", begun.text), Message("user", prompt("go_on").template.strip()))
        async with aclosing(self._answer(heard, replace(told, messages=asked), begun.text)) as events:
            async for event in events:
                yield event

    async def _turn(self, said: str | None, hint: str = "") -> AsyncGenerator[Event]:
        heard = self._keep(said) if said is not None else self._unanswered()
        if heard is None:
            return
        if said is None:
            self._wish(heard, hint)
        self._know_boundaries()
        for notice in (*self._introduction(), *self._caring.look(heard.text), *self._look_again()):
            yield notice
        self._know_boundaries()
        meaning = await self._meanings.of(heard.text) if self._meanings else None
        if self._meanings and (trouble := self._meanings.trouble()):
            yield Noticed("embeddings", trouble)
        recollections = self._in_mind = self.recall(heard.text, besides=heard.id, meaning=meaning)
        if recollections:
            yield Recalled(recollections)
        async with aclosing(self._fitted(heard, recollections)) as events:
            async for event in events:
                yield event

    async def _fitted(self, heard: Utterance, recollections: tuple[Recollection, ...]) -> AsyncGenerator[Event]:
        """Answer; a second time, told less, if the model turns out to hold less than was thought."""
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

    async def _unwritten_turn(self, said: str) -> AsyncGenerator[Event]:
        """Take a turn of which nothing is written: it lives in this process, and only such turns are told of it."""
        text = plain(said).strip()
        if not text:
            return
        heard = Utterance(0, 0, None, Speaker.PERSON, text, self._clock())
        for notice in self._caring.look_aside(text, begins=self._introduces):
            yield notice
        window = (*(self._store.window(self._last) if self._last else ()), *self._unwritten)
        guided = "\n".join(filter(None, (briefing.told(text, heard.said_at, ()), self._caring.guidance)))
        window = (*window, replace(heard, told=guided))
        system = self._system(self._last)
        spoken: list[str] = []
        try:
            start = briefing.first_kept(system, window, self._budget().estimated) or 0
            told = Briefing(briefing.messages(system, window[start:]), self.persona, text, (), self._clock())
            async with aclosing(self._stream(told)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Waiting | Replaced):
                        yield self._aside(piece)
                    elif isinstance(piece, Text):
                        spoken.append(piece.text)
                        yield Spoke(piece.text)
        except ModelError as error:
            yield Failed(error, None)
            return
        reply = Utterance(0, 0, None, Speaker.COMPANION, "".join(spoken), self._clock())
        self._unwritten += [heard, reply]
        yield Finished(reply, None)

    def _stream(self, told: Briefing) -> AsyncGenerator[Heeded]:
        return heeded(lambda: patiently(lambda: checked(self.model.stream(told)), self._waits), self._caring)

    def _introduction(self) -> tuple[Noticed, ...]:
        """Return what is said at the start of a sitting or when it is taken up again, and again in a long one."""
        begins, self._introduces = self._introduces, False
        return (*self._caring.introduction(begins=begins), *(self._notices if begins else ()))

    def _look_again(self) -> Iterable[Noticed]:
        """Take up what was changed in her file; what cannot be taken up is said, and she stays as she was."""
        try:
            now = self._watch.changed() if self._watch else None
        except CompanionError as error:
            yield Noticed("persona", stays(error, self.persona.name))
            return
        if now is not None:
            # whose memory it is does not change in mid-talk
            self.persona, self._books = now.persona.model_copy(update={"id": self.persona.id}), now.books
            yield Noticed("persona", f"What you changed in the file of {self.persona.name} is taken up.")

    def _keep(self, said: str) -> Utterance | None:
        text = plain(said).strip()
        if not text:
            return None
        now = self._clock()
        if self._last is not None:
            with suppress(NotRemembered):  # somebody else forgot all of it: a new sitting begins
                self._last = self._store.add(self._last, Speaker.PERSON, text, now)
                return self._last
        self._last = self._store.begin(self.persona.id, text, now, greeting=self._greeting)
        return self._last

    def _unanswered(self) -> Utterance | None:
        """Return the person's last words on the path, answered or not."""
        if self._last is None:
            return None
        path = self._store.window(self._last)
        return next((utterance for utterance in reversed(path) if utterance.speaker is Speaker.PERSON), None)

    def _wish(self, heard: Utterance, hint: str) -> None:
        """Tell the model what the person wishes for the next answer to these words, or no longer."""
        before = heard.told if heard.told is not None else briefing.told(heard.text, heard.said_at, ())
        wished = briefing.hinted(before, hint)
        if wished != before:
            self._store.tell(heard.id, wished)

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
        request = briefing.messages(system, window)
        besides = self._looked_up(heard)
        return Briefing(request, self.persona, heard.text, recollections, self._clock(), tuple(window), besides)

    def _looked_up(self, heard: Utterance) -> tuple[Recollection, ...]:
        """Look up what the model wonders about, if it is one that asks."""
        wonders = self.model.wonders(heard.text) if isinstance(self.model, Wondering) else ()
        return tuple(
            found for question in wonders for found in self.recall(question, limit=LOOKED_UP, besides=heard.id)
        )

    def _told(self, window: Sequence[Utterance], recollections: tuple[Recollection, ...]) -> tuple[Utterance, ...]:
        """Say what the model is told in place of the last words, unless they were told before."""
        *before, heard = window
        if heard.told is None:
            greeting = next((said.text for said in before if said.id == heard.parent and said.is_greeting), "")
            room = self._budget().estimated
            unseen = briefing.unseen(recollections, before, room)
            full = bool(self._books) and self._store.summary(heard) is not None
            lore = come_up(self._books, self.persona, window, room, full=full)
            anchors = self._anchors(before)
            told = briefing.told(
                heard.text, heard.said_at, unseen, greeting, lore, anchors, listened=self._listened_last(before)
            )
            heard = replace(heard, told="\n".join(filter(None, (told, self._caring.guidance))))
        return (*before, heard)

    def _anchors(self, before: Sequence[Utterance]) -> tuple[str, ...]:
        """Return past lines of hers to be told when another model finds her words, or they have drifted."""
        if not isinstance(self.model, Writing) or not voice.is_due(before, self.model.name, briefing.ANCHORED):
            return ()
        hearing = self.hear_herself()
        last = next(said for said in reversed(before) if voice.counts(said))
        return hearing.lines if hearing.shifts or voice.is_other(last.model or "", self.model.name) else ()

    def _listened_last(self, before: Sequence[Utterance]) -> bool:
        """Tell whether her last words were found without a model, and now there is one."""
        last = next((said.model for said in reversed(before) if said.speaker is Speaker.COMPANION), None)
        return last == LISTENER != self.model.name

    def _cut(self, heard: Utterance, first: Utterance) -> None:
        """Begin the telling of history with the utterance `first`, for good."""
        summary = self._store.summary(heard)
        kept = Summary(first.id, summary.text if summary else "", self._profile())
        self._store.summarise(self.persona.id, kept, self._clock())

    def _system(self, upto: Utterance | None) -> Message:
        summary = self._store.summary(upto) if upto else None
        if summary is None:
            return briefing.system_message(self.persona)
        return briefing.system_message(self.persona, summary.text, summary.profile)

    def _profile(self) -> str:
        """Return what is known of the person now; it is told from one cut to the next."""
        known = [memory for memory in self.memories.all(self.persona.id) if self._caring.may_tell(memory)]
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

    def _foreign(self, reply: Utterance) -> Iterable[Noticed]:
        """Notice, once in a sitting, that the model spoke and not she."""
        found = voice.foreign([reply.text], self.persona.voice) if voice.counts(reply) else None
        if found and not self._noticed_voice:
            self._noticed_voice = True
            phrase = next(iter(found))
            yield Noticed("voice", f"“{phrase}” is the model, and not {self.persona.name}. /voice shows more.")

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

    def _aside(self, piece: Waiting | Replaced) -> Noticed:
        """Return the notice of what happens beside a reply."""
        if isinstance(piece, Waiting):
            return Noticed("waiting", f"The server is busy; asking again in {piece.seconds:.0f} s.")
        return Noticed("model", str(piece.error)) if piece.error else self._caring.replaced(piece.wrong)

    async def _answer(self, heard: Utterance, told: Briefing, begun: str = "") -> AsyncGenerator[Event]:
        reply = Reply(self._store, heard, self.model.name, self._clock, begun)
        error: ModelError | None = None
        try:
            async with reply, aclosing(self._stream(told)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Waiting | Replaced):
                        yield self._aside(piece)
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
            for notice in (*self._account(told, reply.kept, reply.usage), *self._foreign(reply.kept)):
                yield notice
            yield Finished(reply.kept, reply.usage)


def _theirs(kept: Iterable[Memory]) -> tuple[Memory, ...]:
    """Return what was kept of the person, and is not in doubt."""
    return tuple(memory for memory in kept if memory.kind is not Kind.SELF and not memory.doubtful)
