"""Care, at hand: whom one can call, and ending well."""

from companion.terminal.commands import Talk

OFF = "Off the record: nothing of what is said now is kept, nor of her answers. /on goes back."
ON = "On the record again."

GOODBYE = """\
You can end this whenever you like, in the way that suits you; nothing here will ask you to stay.
  a letter from her      /goodbye letter
  just leave             /quit; everything stays as it is, and waits for nothing
  your words, or none    everything is in the one file that `companion paths` shows: keep it, copy it, or delete it
Whatever you choose, she sends nothing after you."""


async def off(talk: Talk, words: str) -> None:
    """Say something off the record; without words, everything until /on."""
    if words:
        await talk.turn(talk.companion.hear(words, off_record=True))
        return
    talk.off_record = True
    talk.screen.notice(OFF)


async def on(talk: Talk, _: str) -> None:
    """Go back on the record."""
    if talk.companion.off_record:
        talk.screen.notice("This whole sitting is off the record.")
        return
    was, talk.off_record = talk.off_record, False
    talk.screen.notice(ON if was else "She is on the record; /off leaves it.")


async def help_now(talk: Talk, _: str) -> None:
    """Show whom one can call, now."""
    talk.screen.line(talk.companion.help_now())


async def goodbye(talk: Talk, wanted: str) -> None:
    """End well: a letter, if it is wanted, and what can be done with what was said."""
    if wanted == "letter":
        talk.screen.line(await talk.companion.letter())
        return
    talk.screen.line(GOODBYE)
