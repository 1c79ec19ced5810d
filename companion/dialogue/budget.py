"""How much a model can be told: an estimate of tokens, corrected by what the server counted last time.

No tokenizer is downloaded. Bytes divided by four come close for English; the correction brings in the rest: other
scripts, other vocabularies, a template's own additions.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from companion.dialogue.model import Message, Usage
from companion.memory.store import Spent

BYTES_PER_TOKEN = 4
"""The usual rule of thumb for English in current vocabularies; other scripts take more bytes and more tokens."""

TOKENS_PER_MESSAGE = 4
"""What a chat template adds around each message (ChatML: `<|im_start|>role\\n … <|im_end|>\\n`)."""

SCALES = (0.5, 4.0)
"""Corrections outside of this are not believed: byte-level vocabularies reach 4, none goes below a half."""

SUSPICIOUS = 0.6
"""A prompt counted at less than this share of what was sent has been cut on the way (Ollama cuts to a half)."""

TOO_SHORT_TO_TELL = 1000
"""Tokens; a shorter prompt is not cut by anybody, and estimates of it are coarse."""


def tokens(request: Iterable[Message]) -> int:
    """Estimate how many tokens a request takes."""
    return sum(TOKENS_PER_MESSAGE - (-len(message.content.encode()) // BYTES_PER_TOKEN) for message in request)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a model may be told, as it counts.

    Attributes:
        context: tokens of the model.
        scale: tokens of the model for each one that we estimate.
    """

    context: int
    scale: float = 1.0

    @classmethod
    def learned(cls, context: int, spent: Spent | None) -> "Budget":
        """Make a budget for a model whose latest reply cost so much, if it has replied before."""
        if spent is None or not spent.estimated:
            return cls(context)
        return cls(context, min(max(spent.prompt / spent.estimated, SCALES[0]), SCALES[1]))

    @property
    def estimated(self) -> int:
        """The context in our own estimate of tokens."""
        return int(self.context / self.scale)

    def measured(self, request: Iterable[Message]) -> int:
        """Return how many tokens of the model a request takes."""
        return round(tokens(request) * self.scale)

    def was_cut(self, request: Iterable[Message], usage: Usage) -> bool:
        """Tell whether the server read much less than it was sent, without saying so."""
        sent = self.measured(request)
        return sent > TOO_SHORT_TO_TELL and 0 < usage.prompt_tokens < sent * SUSPICIOUS
