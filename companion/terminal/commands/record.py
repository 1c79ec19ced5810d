"""Off the record, in mid-talk: what is said then is written nowhere, and gone when she is on the record again."""

from companion.aside import aside
from companion.terminal.commands import Talk

OFF = "Off the record: nothing of what is said now is written. /on goes back to where you were, and she forgets it."
ON = "On the record again, where you were before; what was said meanwhile is gone."


async def off(talk: Talk, words: str) -> None:
    """Go off the record; with words, only for these."""
    if words:
        await talk.turn(talk.companion.hear(words, off_record=True))
    elif await _leave(talk):
        talk.screen.notice(OFF)


async def on(talk: Talk, _: str) -> None:
    """Go back on the record."""
    if talk.companion.on_the_record():
        talk.screen.notice(ON)
    else:
        talk.screen.notice(
            "This whole sitting is off the record."
            if talk.companion.off_record
            else "She is on the record; /off leaves it."
        )


async def _leave(talk: Talk) -> bool:
    if talk.companion.off_record or talk.minds.forgetful is None:
        talk.screen.notice("She is off the record already; /on goes back, if she was on it.")
        return False
    talk.companion.off_the_record(await aside(talk.minds.forgetful))
    return True
