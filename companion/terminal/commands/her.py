"""Her: who she is, what finds her words, what she is told; and the way out."""

from typing import TYPE_CHECKING

from companion.aside import aside
from companion.care.disclosure import disclosure
from companion.terminal import commands
from companion.terminal.commands import COMMANDS, Talk

if TYPE_CHECKING:
    from collections.abc import Callable

    from companion.dialogue.voice import Fingerprint

HOW_TO_CONNECT = """\
To connect one, type one of these:
  Ollama          /model ollama:qwen3
  other servers   /model http://127.0.0.1:8080/v1#name
  a model file    /model local:FILE.gguf
  OpenAI          /model openai:, with OPENAI_API_KEY set before the start
`companion models list` shows what is here, `companion models download` fetches one that runs on this computer, and \
`companion models use SPEC` keeps a choice."""

TWO_COLUMNS = 80
"""From this width on, the commands stand side by side."""


async def help_(talk: Talk, name: str) -> None:
    """Show what there is, of that what applies now; or tell more about one command."""
    if name:
        _tell_more(talk, name.removeprefix("/").lower())
        return
    now = commands.now(talk)
    lines = [f"/{name:<10}{command.gist}" for name, command in COMMANDS.items() if command.when in now]
    half = (len(lines) + 1) // 2
    if talk.screen.columns >= TWO_COLUMNS:
        pairs = zip(lines[:half], [*lines[half:], ""], strict=False)
        lines = [f"{left:<41}{right}".rstrip() for left, right in pairs]
    talk.screen.line("\n".join(lines))
    talk.screen.line(f"\n{commands.KEYS}")


def _tell_more(talk: Talk, name: str) -> None:
    command = COMMANDS.get(commands.ALIASES.get(name, name))
    if command is None:
        talk.screen.notice(commands.unknown(name))
        return
    talk.screen.line(f"/{name} {command.takes}".rstrip())
    talk.screen.line(command.more or f"{command.gist[:1].upper()}{command.gist[1:]}.")


async def model(talk: Talk, spec: str) -> None:
    """Say which model finds her words, or take another."""
    if spec:
        chosen, context = await aside(lambda: talk.minds.open(spec))
        await talk.companion.use(chosen, context)
        talk.screen.notice(f"From now on the words come from {talk.companion.model.name}.")
        return
    name = talk.companion.model.name
    found = "No language model is connected." if name == "offline" else f"The words come from {name}."
    known = await aside(talk.minds.known)
    here = "".join(f"\n  /model {spec}   {told}" for spec, told in known if spec not in {name, "offline"})
    talk.screen.line(f"{found}\n" + (f"\nAlso here:{here}\n" if here else "") + f"\n{HOW_TO_CONNECT}")


async def context(talk: Talk, _: str) -> None:
    """Show what she is told now."""
    now = talk.companion.context()
    if talk.companion.model.name == "offline":
        talk.screen.line(
            f"No language model is connected, so nothing is told to one. It would be {now.history} tokens."
        )
        return
    talk.screen.line(
        f"Of {now.budget} tokens she may be told: {now.persona} for who she is, {now.summary} for what came before,"
        f" summed up, and {now.history} for the last {now.utterances} things said, word by word."
    )
    if now.left_out:
        talk.screen.line(f"{now.left_out} earlier things are not told, and come to mind when they fit.")
    if now.spent:
        share = 100 * now.spent.cached // max(1, now.spent.prompt)
        talk.screen.line(f"The last request took {now.spent.prompt} tokens, {share} % of them cached.")


async def persona(talk: Talk, name: str) -> None:
    """Say who she is, or talk to somebody else."""
    if not name:
        who = talk.companion.persona
        talk.screen.line(f"{who.name} ({who.pronouns}). {who.tagline or ''}".rstrip())
        talk.screen.line("/persona NAME talks to somebody else; `companion personas list` shows who there is.")
        return
    watch, greeting = await aside(lambda: talk.meet(name))
    talk.companion.become(watch)
    talk.companion.greet(greeting)
    talk.screen.disclose(disclosure(watch.character.persona.name, kept=not talk.companion.off_record))
    talk.screen.line(f"\n{greeting}")


async def voice(talk: Talk, _: str) -> None:
    """Show how she sounds lately, beside how she sounded before."""
    hearing, name = talk.companion.hear_herself(), talk.companion.persona.name
    now, before = hearing.now, hearing.before
    if not now.replies:
        talk.screen.notice(f"{name} has said nothing yet with a model, so there is no voice to measure.")
        return
    talk.screen.line(f"{'':<24}{'lately':>10}" + (f"{'before':>10}" if before else ""))
    for title, figure in VOICE_FIGURES:
        earlier = f"{figure(before):>10}" if before else ""
        talk.screen.line(f"{title:<24}{figure(now):>10}{earlier}")
    for title, phrases in (("Own turns of phrase", now.favourites), ("Words of somebody else", now.foreign)):
        if phrases:
            talk.screen.line(f"{title}: {', '.join(f'“{phrase}” {n}x' for phrase, n in phrases.most_common(6))}")
    if hearing.shifts:
        talk.screen.notice(
            f"{name} has drifted: {', '.join(hearing.shifts)}. The model is told past lines as a reminder."
        )
    elif before:
        talk.screen.notice(f"{name} sounds as before.")


VOICE_FIGURES: "tuple[tuple[str, Callable[[Fingerprint], str]], ...]" = (
    ("replies", lambda print_: str(print_.replies)),
    ("words in a reply", lambda print_: f"{print_.words:.0f}"),
    ("words in a sentence", lambda print_: f"{print_.sentence:.1f}"),
    ("replies that ask", lambda print_: f"{print_.questions:.0%}"),
    ("replies that exclaim", lambda print_: f"{print_.exclamations:.0%}"),
)


async def quit_(talk: Talk, _: str) -> None:
    """Leave at once."""
    talk.leaving = True
