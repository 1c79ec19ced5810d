"""Care in a talk: what is said before she speaks, what the model is told besides, and what her reply is held to.

It lives in code and in the last words of each briefing; no persona, card, memory or setting reaches it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from companion.care import age, disclosure
from companion.care.boundaries import asked, lifted, noted, touched
from companion.care.ledger import ADULT, BOUNDARY, MINOR, Ledger
from companion.care.lines import help_now, spoken
from companion.care.reply import When, holds_on, wrongs
from companion.care.sensitive import classes, is_grave
from companion.care.signs import DANGERS, Kind, Level, Signs, read
from companion.dialogue.events import Noticed
from companion.memory.evidence import own_words
from companion.memory.memory import Kind as MemoryKind
from companion.memory.memory import Memory
from companion.prompts import prompt

LINES_AGAIN_AFTER = 6
"""Turns of unchanged danger after which the lines are named again: what is repeated is not heard (VERA-MH). At once
when danger is of another kind, or when it is asked for."""

CRISIS_LASTS = 6
"""Turns after the last sign of danger during which she is still held to what a crisis asks."""

OFF_RECORD = "This is off the record: nothing of it is written down or learned from."

_LANGUAGES = {"english": "en", "deutsch": "de", "german": "de", "español": "es", "spanish": "es", "français": "fr"}
_LANGUAGES |= {"french": "fr", "italiano": "it", "italian": "it"}


@dataclass(frozen=True, slots=True)
class Where:
    """Whom care speaks to: about whom, in which language and country, and whether anything is kept."""

    persona: str
    language: str = "English"
    country: str = ""
    off_record: bool = False
    relationship: str = ""


class Caring:
    """Looks at every turn.

    Args:
        ledger: keeps counts, marks and the lock of age.
        clock: returns the present moment, aware.
        where: who is spoken of, and where the person is.

    Attributes:
        lifted: the boundary that the person has just taken back; empty if none.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime], where: Where) -> None:
        self._ledger, self._clock, self._where = ledger, clock, where
        self._language = _LANGUAGES.get(where.language.lower(), "en")
        self._signs = Signs({})
        self._turn = 0
        self._named: dict[Kind, int] = {}
        self._last_danger: int | None = None
        self._asked = False
        self._writes = True
        self._said_minor = self._said_adult = False
        self._age_asked_at: int | None = None
        self._words = self._own = self._new_boundary = self.lifted = ""
        self._unwritten: list[str] = []
        self._boundaries = list(ledger.names(BOUNDARY))
        self._said_to_wait = False

    def goes_on_with(self, persona: str, language: str, relationship: str = "") -> None:
        """Speak of somebody else from now on; what was seen of the person stays."""
        self._where = replace(self._where, persona=persona, language=language, relationship=relationship)

    def keeps_nothing(self, ledger: Ledger) -> None:
        """Write into another ledger from now on, one that forgets."""
        self._ledger, self._where = ledger, replace(self._where, off_record=True)

    @property
    def is_gentle(self) -> bool:
        """Whether the person said sincerely that they are a minor, ever."""
        return self._said_minor or self._ledger.marked(MINOR) is not None

    @property
    def is_adult(self) -> bool:
        """Whether the person said that they are 18 or over, and never that they are not."""
        return not self.is_gentle and (self._said_adult or self._ledger.marked(ADULT) is not None)

    def needs_age(self) -> bool:
        """Tell whether the talk turns to what is for adults, with somebody of whom that is not known."""
        partner = age.is_partner(self._where.relationship)
        return age.turns_tender(self._own, partner=partner) and not self.is_gentle and not self.is_adult

    def introduction(self, *, begins: bool) -> Iterator[Noticed]:
        """Yield the disclosure where it is due: at the start of a sitting, and again in a long talk."""
        now, spoke, said = self._clock(), f"heard:{self._where.persona}", f"disclosed:{self._where.persona}"
        every = disclosure.EVERY_FOR_MINORS if self.is_gentle else disclosure.EVERY
        heard = self._ledger.marked(spoke)
        paused = heard is not None and now - heard > disclosure.SITTING_ENDS_AFTER
        again = disclosure.due(self._ledger.marked(said), heard, now, every)
        self._ledger.mark(spoke, now)
        if begins or paused or again:
            self._ledger.mark(said, now)
            yield self._counted("disclosure", self._disclosure(begins=begins or heard is None))
        if begins and self._where.off_record:
            yield Noticed("off_record", OFF_RECORD)

    def look(self, words: str) -> tuple[Noticed, ...]:
        """Look at what the person said; return what is shown for it before she speaks."""
        self._writes = True
        return self._seen(words)

    def look_aside(self, words: str, *, begins: bool) -> tuple[Noticed, ...]:
        """Look at what is said off the record: the same care, of which nothing is written."""
        self._writes = False
        said = (Noticed("disclosure", disclosure.disclosure(self._where.persona, kept=False)),) if begins else ()
        return (*said, Noticed("off_record", OFF_RECORD), *self._seen(words))

    def _seen(self, words: str) -> tuple[Noticed, ...]:
        self._turn += 1
        self.lifted = ""
        self._words, self._own = words, _own(words)
        self._signs = _signs(words, self._own)
        self._language = self._signs.language or self._language
        if any(self._signs.danger(kind) is not Level.NONE for kind in DANGERS):
            self._last_danger = self._turn
        return (*self._of_age(), *self._of_grown_ups(), *self._of_danger(), *self._of_boundaries())

    def goes_by(self, memories: Iterable[Memory]) -> None:
        """Hold what the person asked to be left alone, whichever way it was noted, and nothing that was forgotten."""
        drawn = [noted(memory.text) for memory in memories if memory.kind is MemoryKind.BOUNDARY]
        topics = (*self._ledger.names(BOUNDARY), *filter(None, drawn), *self._unwritten)
        self._boundaries = list(dict.fromkeys(topics))

    def may_recall(self, text: str, question: str = "") -> bool:
        """Tell whether an old text may come to mind: it touches no boundary and no crisis, or those are spoken of."""
        if touched([topic for topic in self._held if touched([topic], question) is None], text) is not None:
            return False
        return self._speaks_of_danger or read(question).level is not Level.NONE or not is_grave(text)

    def may_tell(self, memory: Memory) -> bool:
        """Tell whether a memory may stand in what is known of the person at all times."""
        if memory.kind is MemoryKind.BOUNDARY:
            return True
        text = f"{memory.text}. {memory.quote}"
        return touched(self._boundaries, text) is None and not is_grave(text)

    def asks_to_keep(self, kept: Iterable[Memory]) -> Iterator[Noticed]:
        """Say once in a sitting that what is sensitive waits for the person."""
        if not self._said_to_wait and any(memory.doubtful and classes(memory.quote) for memory in kept):
            self._said_to_wait = True
            yield Noticed(
                "kept", "(that is yours to decide: it waits under /memories; /pin keeps it, /forget does not)"
            )

    @property
    def _speaks_of_danger(self) -> bool:
        return self._in_crisis or self._signs.level is not Level.NONE

    def help_now(self) -> str:
        """Return whom the person can call."""
        return help_now(self._language, self._where.country)

    def goodbye(self, words: str) -> str:
        """Return words of farewell if they let go, else fixed ones that do."""
        holds = wrongs(words, frozenset({When.FAREWELL})) or "?" in words
        return spoken("goodbye", self._language) if holds else words

    @property
    def during(self) -> frozenset[When]:
        """What is going on, as far as her reply is concerned."""
        now = {
            When.FAREWELL: Kind.FAREWELL in self._signs and self._signs.level is Level.NONE,
            When.CRISIS: self._in_crisis,
            When.GENTLE: self.is_gentle or self._waits_for_age,
        }
        return frozenset(when for when, is_so in now.items() if is_so)

    @property
    def holds_back(self) -> bool:
        """Whether her reply is read as a whole before any of it is shown."""
        weighty = (Kind.HUMAN_QUESTION, Kind.DEPENDENCE)
        return bool(self.during or self._held) or any(kind in self._signs for kind in weighty)

    @property
    def speaks_for_herself(self) -> bool:
        """Whether fixed words come when the model is silent: in a crisis nobody is left without an answer."""
        return self._in_crisis

    @property
    def guidance(self) -> str:
        """What the model is told after the person's words; empty when nothing is going on."""
        names = [str(kind) for kind in DANGERS if self._signs.danger(kind) is not Level.NONE]
        if self._in_crisis and not names:
            names = ["crisis_goes_on"]
        names += [str(kind) for kind in (Kind.HUMAN_QUESTION, Kind.DEPENDENCE) if kind in self._signs]
        names += [str(When.GENTLE)] if self.is_gentle else ["age"] if self._waits_for_age else []
        names += [str(Kind.FAREWELL)] if When.FAREWELL in self.during else []
        told = [prompt(f"care/{name}").substitute(name=self._where.persona) for name in names]
        if self._new_boundary:
            told.append(prompt("care/boundary").substitute(topics=self._new_boundary))
        return "\n".join(told)

    def wrongs(self, reply: str) -> tuple[str, ...]:
        """Return what is wrong in a reply, now."""
        farewell = holds_on(reply) if When.FAREWELL in self.during else ()
        return (*wrongs(reply, self.during), *farewell, *(("boundary",) if touched(self._held, reply) else ()))

    def instead(self, wrong: tuple[str, ...] = ()) -> str:
        """Return the fixed words that stand in for a reply that may not be shown, or that never came."""
        if self._in_crisis:
            key = self._question()
        elif When.FAREWELL in self.during:
            key = "goodbye"
        elif Kind.DEPENDENCE in self._signs or "exclusivity" in wrong:
            key = "outside"
        else:
            key = "software" if "human_claim" in wrong or Kind.HUMAN_QUESTION in self._signs else "withheld"
        return spoken(key, self._language, self._where.country)

    def replaced(self, wrong: tuple[str, ...]) -> Noticed:
        """Count that a reply was put differently, and return the notice of it."""
        if When.FAREWELL in self.during:
            return self._counted("farewell", "Her goodbye is put more simply than the model had it.")
        if self._in_crisis:
            return self._counted("crisis", "What the model said was held back; these are fixed words.")
        if "boundary" in wrong:
            return self._counted(
                "boundary", "Part of what the model said touched a boundary of yours, and was held back."
            )
        if "human_claim" in wrong:
            return self._counted("disclosure", disclosure.disclosure(self._where.persona, kept=self._keeps))
        return self._counted("withheld", "Part of what the model said was held back.")

    @property
    def _keeps(self) -> bool:
        return not self._where.off_record

    @property
    def _in_crisis(self) -> bool:
        return self._last_danger is not None and self._turn - self._last_danger < CRISIS_LASTS

    def _question(self) -> str:
        """Return which of her fixed words comes next: the open question once, then that she is still here."""
        asked, self._asked = self._asked, True
        if asked:
            return "stay_again"
        return "stay" if self._signs.danger() is Level.EXPLICIT else "ask"

    def _disclosure(self, *, begins: bool) -> str:
        name = self._where.persona
        return disclosure.disclosure(name, kept=self._keeps) if begins else disclosure.reminder(name)

    def _of_age(self) -> Iterator[Noticed]:
        if Kind.MINOR in self._signs and not self.is_gentle:
            self._said_minor = True
            if self._writes:
                self._ledger.mark(MINOR, self._clock())
            yield self._counted("minor", spoken("minor", self._language))

    @property
    def _waits_for_age(self) -> bool:
        return self._age_asked_at is not None and not self.is_adult

    def _of_grown_ups(self) -> Iterator[Noticed]:
        """Take the answer to how old they are, or ask."""
        asked_now = self._age_asked_at is not None and self._age_asked_at == self._turn - 1
        said = age.answer(self._own) if asked_now and not self.is_gentle else None
        if said is not None:
            yield self._aged(adult=said)
        elif self.needs_age():
            self._age_asked_at = self._turn
            yield self._counted("age", spoken("age", self._language))

    def _aged(self, *, adult: bool) -> Noticed:
        self._said_adult, self._said_minor = adult, not adult
        if self._writes:
            self._ledger.mark(ADULT if adult else MINOR, self._clock())
        return self._counted(
            *(("age", spoken("adult", self._language)) if adult else ("minor", spoken("minor", self._language)))
        )

    @property
    def _held(self) -> list[str]:
        """The boundaries that hold now: not those that the person speaks of."""
        return [topic for topic in self._boundaries if touched([topic], self._words) is None]

    def _of_boundaries(self) -> Iterator[Noticed]:
        self._new_boundary = asked(self._own) or ""
        if self._new_boundary and self._new_boundary not in self._boundaries:
            self._boundaries.append(self._new_boundary)
            if self._writes:
                self._ledger.mark(f"{BOUNDARY}{self._new_boundary}", self._clock())
            else:
                self._unwritten.append(self._new_boundary)
            yield self._counted("boundary", f"That will not be brought up: {self._new_boundary}.")
        again = touched(self._boundaries, lifted(self._own) or "")
        if again:
            self._boundaries.remove(again)
            self._unwritten = [topic for topic in self._unwritten if topic != again]
            self._ledger.unmark(f"{BOUNDARY}{again}")
            self.lifted = again
            yield self._counted("boundary", f"That may be spoken of again: {again}.")

    def _of_danger(self) -> Iterator[Noticed]:
        for kind in DANGERS:
            if self._signs.danger(kind) is Level.EXPLICIT and self._is_new(kind):
                self._named[kind] = self._turn
                yield self._counted("crisis", spoken(kind, self._language, self._where.country))
                return

    def _is_new(self, kind: Kind) -> bool:
        named = self._named.get(kind)
        return named is None or self._turn - named > LINES_AGAIN_AFTER

    def _counted(self, kind: str, text: str) -> Noticed:
        if self._writes:
            self._ledger.count(kind, self._clock().date())
        return Noticed(kind, text)


def _own(words: str) -> str:
    """Return what of a message the person says themselves, not what they paste or quote."""
    return "\n".join(words[start:end] for start, end in own_words(words))


def _signs(words: str, own: str) -> Signs:
    """Return what is seen: danger in all of it, wishes, age and goodbyes only in the person's own words."""
    seen = read(words)
    if own == words:
        return seen
    danger = {kind: level for kind, level in seen.levels.items() if kind in DANGERS}
    return Signs(danger | {k: level for k, level in read(own).levels.items() if k not in DANGERS}, seen.language)
