"""Care, at hand: whom one can call, and ending well."""

from companion.terminal.commands import Talk

GOODBYE = """\
You can end this whenever you like, in the way that suits you; nothing here will ask you to stay.
  a letter from her      /goodbye letter
  just leave             /quit; everything stays as it is, and waits for nothing
  your words, or none    everything is in the one file that `companion paths` shows: keep it, copy it, or delete it
Whatever you choose, she sends nothing after you."""


async def help_now(talk: Talk, _: str) -> None:
    """Show whom one can call, now."""
    talk.screen.line(talk.companion.help_now())


async def goodbye(talk: Talk, wanted: str) -> None:
    """End well: a letter, if it is wanted, and what can be done with what was said."""
    if wanted == "letter":
        talk.screen.line(await talk.companion.letter())
        return
    talk.screen.line(GOODBYE)
