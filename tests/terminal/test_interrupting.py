"""Wherever a reply is stopped, the words on the screen are the words in the memory."""

import asyncio
import io
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from companion.conversation import State
from companion.dialogue.engine import Companion
from companion.dialogue.events import Spoke
from companion.persona.persona import Persona
from companion.providers.scripted import ScriptedModel
from companion.storage.sqlite import SqliteStore
from companion.terminal.screen import Screen
from companion.terminal.styler import Styler
from companion.terminal.theme import CALM
from tests.conftest import Clock
from tests.scenes import heard

REPLY = """\
It was *late*, and **very** quiet. 日本語も。

- one `thing` that is a little longer than the window is wide, so that it wraps
- another, with a snowman ☃ and 👩‍💻

> and a quote

| a | b |
|---|---|
| c | d |

```python
x = "*"
```

The end."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "companion.db")
    yield store
    store.close()


def test_the_words_on_the_screen_are_the_words_in_the_memory(
    store: SqliteStore, persona: Persona, clock: Clock
) -> None:
    for pieces in range(1, spoken_in_all(store, persona, clock) + 1):
        stop_after(pieces, store, persona, clock)


def spoken_in_all(store: SqliteStore, persona: Persona, clock: Clock) -> int:
    """Return in how many pieces the reply is shown: care reads some sentences whole."""
    events = heard(Companion(persona, store, ScriptedModel(REPLY), clock), "hello")
    return len([event for event in events if isinstance(event, Spoke)])


def stop_after(tokens: int, store: SqliteStore, persona: Persona, clock: Clock) -> None:
    out = io.StringIO()
    screen = Screen(out, out, CALM, wrapped=True)
    companion = Companion(persona, store, ScriptedModel(REPLY), clock)

    async def stopped() -> None:
        spoken = 0
        async with aclosing(companion.hear("hello")) as events:
            async for event in events:
                if not isinstance(event, Spoke):
                    continue
                screen.show(event)
                spoken += 1
                if spoken == tokens:
                    break
        screen.end_reply()

    asyncio.run(stopped())
    kept = store.utterances(store.conversations()[0].id)[-1]
    assert kept.state is State.INTERRUPTED
    styler = Styler(CALM, lambda: 80)
    shown = out.getvalue().replace(f"{CALM.notice}…{CALM.reset}", "").replace(CALM.erase_line, "")
    assert shown == styler.feed(kept.text) + styler.end() + "\n"
