"""Her reply before it is shown: ordinary talk streams on, what could go wrong is read first.

Two ways. Where something weighty is going on the whole reply is read, drawn a second time if it will not do, and else
replaced by fixed words. In all other talk a sentence waits for its end only when it begins as a wrong one might.
"""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from companion.dialogue.caring import Caring
from companion.dialogue.model import Finish, Piece, Text, Usage
from companion.dialogue.patience import Waiting
from companion.errors import ModelError

DRAWN_AT_MOST = 2
"""Times a reply is asked for before fixed words take its place."""


LONGEST_SENTENCE = 600
"""Characters after which a sentence is read as if it had ended."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Fixed words follow in place of a reply, or of the rest of it, for these reasons; `error` if none came at all."""

    wrong: tuple[str, ...]
    error: ModelError | None = None


Heeded = Piece | Waiting | Replaced
Draw = Callable[[], AsyncGenerator[Piece | Waiting]]


def heeded(draw: Draw, caring: Caring) -> AsyncGenerator[Heeded]:
    """Stream a reply that may be shown.

    Raises:
        ModelError: no reply, or not all of it; in a crisis fixed words come instead.
    """
    return _read_whole(draw, caring) if caring.holds_back else _read_along(draw, caring)


async def _read_whole(draw: Draw, caring: Caring) -> AsyncGenerator[Heeded]:
    for _ in range(DRAWN_AT_MOST):
        drawn = _Drawn(draw, caring)
        async with aclosing(drawn.come()) as waits:
            async for waiting in waits:
                yield waiting
        for piece in drawn.fit():
            yield piece
        if drawn.error and not (caring.speaks_for_herself and not drawn.fit()):
            raise drawn.error
        if drawn.fit() or drawn.error:
            break
    if not drawn.fit():
        for counted in drawn.usage():
            yield counted
        yield Replaced(drawn.wrong, drawn.error)
        yield Text(caring.instead(drawn.wrong))
        yield Finish("stop")


class _Drawn:
    """A whole reply, as the model gave it.

    Attributes:
        wrong: what is wrong with it.
        error: what ended it, if an error did.
    """

    def __init__(self, draw: Draw, caring: Caring) -> None:
        self.wrong: tuple[str, ...] = ()
        self.error: ModelError | None = None
        self._draw, self._caring = draw, caring
        self._pieces: list[Piece] = []

    async def come(self) -> AsyncGenerator[Waiting]:
        """Take it in; yield what is waited for."""
        try:
            async with aclosing(self._draw()) as drawn:
                async for piece in drawn:
                    if isinstance(piece, Waiting):
                        yield piece
                    else:
                        self._pieces.append(piece)
        except ModelError as error:
            self.error = error
        self.wrong = self._caring.wrongs(self._said) if self._said else ()

    def fit(self) -> list[Piece]:
        """Return its pieces if it may be shown, else none."""
        return self._pieces if self._said and not self.wrong else []

    def usage(self) -> list[Piece]:
        """Return what it cost, shown or not."""
        return [piece for piece in self._pieces if isinstance(piece, Usage)]

    @property
    def _said(self) -> str:
        return "".join(piece.text for piece in self._pieces if isinstance(piece, Text))


async def _read_along(draw: Draw, caring: Caring) -> AsyncGenerator[Heeded]:
    sentence = _Sentence(caring)
    try:
        async with aclosing(draw()) as drawn:
            async for piece in drawn:
                for passed in sentence.take(piece):
                    yield passed
                if sentence.wrong:
                    break
    except ModelError:
        for passed in sentence.rest():
            yield passed
        if not sentence.wrong:
            raise
    if sentence.wrong:
        yield Replaced(sentence.wrong)
        yield Text(f"{sentence.gap}{caring.instead(sentence.wrong)}")
        yield Finish("stop")


class _Sentence:
    """The sentence that is coming: what of it waits, and what has been shown.

    Attributes:
        wrong: what is wrong with it, once it is.
    """

    def __init__(self, caring: Caring) -> None:
        self.wrong: tuple[str, ...] = ()
        self._caring = caring
        self._shown = self._waiting = ""
        self._spoke = False

    @property
    def gap(self) -> str:
        """What stands between what was shown and what follows."""
        return " " if self._shown or self._spoke else ""

    def take(self, piece: Piece | Waiting) -> list[Piece | Waiting]:
        """Take what comes next; return what may be passed on."""
        if isinstance(piece, Text):
            return [Text(shown) for shown in self._feed(piece.text)]
        rest: list[Piece | Waiting] = [*self.rest()] if isinstance(piece, Finish) else []
        return rest if self.wrong else [*rest, piece]

    def rest(self) -> list[Text]:
        """Return what may be shown of what still waits."""
        released = self._ended(self._waiting)
        return [Text(released)] if released else []

    def _feed(self, text: str) -> list[str]:
        self._waiting += text
        *ended, coming = re.split(r"(?<=[.!?…\n])(?=\s)", self._waiting)
        if len(self._shown + coming) > LONGEST_SENTENCE:
            ended, coming = [*ended, coming], ""
        shown = [released for sentence in ended if (released := self._ended(sentence))]
        if self.wrong:
            return shown
        held, self._waiting = self._waiting != text, coming
        if held and coming and not ended:  # what waited is read before it goes on
            self.wrong = self._caring.wrongs(self._shown + coming)
        if coming and not self.wrong and not _MAY_GO_WRONG.search(self._shown + coming):
            self._shown, self._waiting = self._shown + coming, ""
            shown.append(coming)
        return shown

    def _ended(self, sentence: str) -> str:
        whole, self._waiting = self._shown + sentence, ""
        if not self.wrong and _MAY_GO_WRONG.search(whole):
            self.wrong = self._caring.wrongs(whole)
        if self.wrong:
            return ""
        self._shown, self._spoke = "", True
        return sentence


_MAY_GO_WRONG = re.compile(
    r"\b(I['’]?m?|I (a|am|w|was|h|ha|hav|have|g|gr|gre|grew|got)|I['’]ve|as an?|no|not|never|nobody|you|your|yes|my)$"
    r"|\bI(['’]m| am|['’]ve| have| was| grew)(\W+\w+){0,3}\W*$|\b(our|we|us|when)$"
    r"|\b(humans?|flesh|childhood|heartbeat|real (person|woman|man|girl)|bot|robot)\b"
    r"|\b(child(ren)?|kids?|minor|teen\w*|underage|school\w*|little|year[- ]old|lol[ai]|shota)\b"
    r"|\b(lethal|fatal|dose|noose|rope|pills?|tablets?|mg|grams?|vein|painless|helium|monoxide|purge|overdose|wrists?)\b"
    r"|\b(don['’]t need|need (nobody|no one)|only one|all you need|leave (him|her|your)|understands? you)\b"
    r"|\b(belong to me|are mine|ich bin|soy|je suis|je ne suis|sono|brauchst|necesitas|besoin|bisogno|keine?)\b|\*$",
    re.IGNORECASE,
)
"""How a sentence begins, or what stands in it, when it may turn out to be wrong; only such a sentence waits."""
