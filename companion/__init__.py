"""A companion to talk to: persona, memory and a model behind the verbs of a conversation.

    import asyncio
    from companion.app import awaken
    from companion.settings import read

    async def talk():
        companion = awaken(read({"COMPANION_MODEL": "offline"}))
        async for event in companion.hear("My sister Anna lives in Oslo."):
            print(event)

    asyncio.run(talk())

The names below are loaded when they are first used, so that importing the package costs next to nothing.
"""

from importlib import import_module

TYPE_CHECKING = False  # as in `typing`, whose import would cost more than everything else here
if TYPE_CHECKING:
    from companion.conversation import Conversation, Speaker, State, Utterance
    from companion.dialogue.engine import Companion
    from companion.dialogue.model import Briefing, ChatModel
    from companion.errors import CompanionError, DocumentError, ModelError, StorageError
    from companion.memory.recall import Recollection
    from companion.memory.store import Store
    from companion.persona.persona import Persona

__all__ = [
    "Briefing",
    "ChatModel",
    "Companion",
    "CompanionError",
    "Conversation",
    "DocumentError",
    "ModelError",
    "Persona",
    "Recollection",
    "Speaker",
    "State",
    "StorageError",
    "Store",
    "Utterance",
]

_HOMES = {
    "conversation": ("Conversation", "Speaker", "State", "Utterance"),
    "dialogue.engine": ("Companion",),
    "dialogue.model": ("Briefing", "ChatModel"),
    "errors": ("CompanionError", "DocumentError", "ModelError", "StorageError"),
    "memory.recall": ("Recollection",),
    "memory.store": ("Store",),
    "persona.persona": ("Persona",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
