"""Beside her: what the talks come to, taking one along, how it all looks."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from companion.conversation import Speaker, State, Utterance
from companion.errors import SettingsError
from companion.memory import dates
from companion.plaintext import one_line, plain
from companion.terminal import theme as looks
from companion.terminal.commands import Talk


async def stats(talk: Talk, _: str) -> None:
    """Show what the talks with her come to."""
    name = one_line(talk.companion.persona.name)
    tally = talk.companion.store.tally(talk.companion.persona.id)
    if tally.since is None:
        talk.screen.notice("Nothing was said yet.")
        return
    since = dates.day(tally.since.astimezone(talk.companion.now().tzinfo))
    talks = f"{tally.sittings} {'talk' if tally.sittings == 1 else 'talks'}"
    days = "one day" if tally.days == 1 else f"{tally.days} days"
    talk.screen.line(f"You and {name}: {talks} on {days}, the first on {since}.")
    talk.screen.line(f"About {tally.yours:,} words of yours and {tally.hers:,} of hers.")
    if tally.prompt:
        share = 100 * tally.cached // tally.prompt
        talk.screen.line(
            f"Models were told {tally.prompt:,} tokens, {share} % of them cached, and answered with"
            f" {tally.completion:,}."
        )


async def theme(talk: Talk, name: str) -> None:
    """Choose how things look, and keep the choice."""
    if not name:
        talk.screen.notice(f"There are {', '.join(looks.THEMES)}; without a choice, your terminal's own colours.")
        return
    chosen = looks.named(name.lower())
    talk.screen.dress(chosen)
    talk.minds.keep("theme", name.lower())
    talk.screen.notice("Like this, from now on." if chosen.styled else "Plain, from now on.")


async def export(talk: Talk, file: str) -> None:
    """Write the sitting into a file."""
    said = [utterance for utterance in talk.companion.sitting() if utterance.holds]
    if not said:
        talk.screen.notice("Nothing was said yet in this sitting.")
        return
    name = talk.companion.persona.name
    place = _write(file or _file_name(name, said[0]), said, name)
    talk.screen.notice(f"Written to {place}, for your eyes only (mode 0600).")


def as_markdown(said: Sequence[Utterance], name: str) -> str:
    """Return a sitting as Markdown: her words as they are, which are Markdown; the person's as a quote."""
    parts = [f"# {one_line(name)}, {dates.day(said[0].said_at)}"]
    for utterance in said:
        hers = utterance.speaker is Speaker.COMPANION
        state = "" if utterance.state is State.COMPLETE else f" ({utterance.state})"
        words = plain(utterance.text) if hers else "> " + plain(utterance.text).replace("\n", "\n> ")
        who = one_line(name) if hers else "You"
        parts.append(f"**{who}**, {dates.clock_time(utterance.said_at)}{state}\n\n{words}")
    return "\n\n".join(parts) + "\n"


def as_json(said: Sequence[Utterance], name: str) -> str:
    """Return a sitting as `companion history show --json` has it."""
    utterances = [
        {
            "id": utterance.id,
            "conversation": utterance.conversation,
            "speaker": utterance.speaker,
            "text": plain(utterance.text),
            "said_at": utterance.said_at.isoformat(),
            "state": utterance.state,
        }
        for utterance in said
    ]
    begun = said[0].said_at.isoformat()
    whole = {"id": said[0].conversation, "persona": plain(name), "started_at": begun, "utterances": utterances}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _file_name(name: str, first: Utterance) -> str:
    bare = "".join(char for char in one_line(name).lower() if char.isalnum()) or "talk"
    return f"{bare}-{first.said_at:%Y-%m-%d}.md"


def _write(file: str, said: Sequence[Utterance], name: str) -> Path:
    """Write a sitting into a new file that only the person may read, and return where that is."""
    try:
        place = Path(file).expanduser().absolute()
        text = as_json(said, name) if place.suffix.lower() == ".json" else as_markdown(said, name)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8", newline="\n") as new:  # noqa: PTH123 - of a handle
            new.write(text)
        return place  # noqa: TRY300 - the file is whole
    except FileExistsError as error:
        raise SettingsError(f"There is a file {one_line(file)} already; give another name: /export NAME.md") from error
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can be called that"
        raise SettingsError(f"{one_line(file)} cannot be written ({reason}).") from error
