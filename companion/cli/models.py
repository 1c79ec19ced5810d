"""`companion models`: what could find her words, choosing, trying and fetching."""

import argparse
import os
import sys

TYPE_CHECKING = False  # as in `typing`, which `--help` need not load
if TYPE_CHECKING:
    from companion.providers.trial import Trial
    from companion.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|use|try|download")
    listing = actions.add_parser("list", help="what is here, and how much it can be told where that is known")
    listing.add_argument("--json", action="store_true", help="print JSON")
    use = actions.add_parser("use", help="choose a model for good; the choice is kept in config.yaml")
    use.add_argument("spec", metavar="SPEC", help="as `companion models list` shows them, such as ollama:qwen3")
    trying = actions.add_parser("try", help="ask one short question, and see how quick it is and what it can do")
    trying.add_argument("spec", nargs="?", metavar="SPEC", help="the chosen one if none is named")
    trying.add_argument("--json", action="store_true", help="print JSON")
    download = actions.add_parser("download", help="fetch a model that runs on this computer")
    download.add_argument("name", nargs="?", metavar="NAME", help="qwen3-1.7b if none is named")


def run(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    from companion import settings

    chosen = settings.read(os.environ)
    match options.action:
        case "list":
            _list(chosen, as_json=options.json)
        case "use":
            _use(chosen, options.spec)
        case "try":
            _try(chosen, options.spec, as_json=options.json)
        case _:
            _download(chosen, options.name)
    return 0


def _list(chosen: "Settings", *, as_json: bool) -> None:
    from companion import app
    from companion.cli import printing
    from companion.providers.downloads import catalogue

    found, current = app.known_models(chosen), app.current_model(chosen)
    if as_json:
        keys = ("spec", "where", "context")
        printing.print_json(
            [{**{key: getattr(one, key) for key in keys}, "current": one.spec == current} for one in found]
        )
        return
    width = max(len(one.spec) for one in found) + 2
    for one in found:
        printing.print_line(f"{'*' if one.spec == current else ' '} {one.spec:<{width}}{one.told}")
    printing.print_aside("\nTo fetch one that runs on this computer: companion models download NAME")
    for name, entry in catalogue().items():
        printing.print_aside(f"  {name:<12}{entry.size}, {entry.licence}: {entry.gist}")


def _use(chosen: "Settings", spec: str) -> None:
    from companion import app, settings
    from companion.cli import printing

    app.open_named(chosen, spec)  # a typing error is met here, not at the next start
    settings.keep(chosen, "model", spec)
    printing.print_line(
        f"From now on the words come from {spec}. The choice is kept in {chosen.config / 'config.yaml'}."
    )


def _try(chosen: "Settings", spec: str | None, *, as_json: bool) -> None:
    import asyncio

    from companion import app
    from companion.cli import printing
    from companion.providers.trial import tried

    async def trial() -> "tuple[str, Trial]":
        model, _ = app.open_named(chosen, spec or app.current_model(chosen), trusted=spec is not None)
        try:
            app.warm(model)
            return model.name, await tried(model)
        finally:
            await model.aclose()

    name, found = asyncio.run(trial())
    if as_json:
        printing.print_json(_contract(name, found))
        return
    printing.print_line(f"“{found.answer}”")
    printing.print_line(_described(name, found))


def _contract(name: str, found: "Trial") -> dict[str, object]:
    from companion.cli import printing

    return {
        "model": name,
        "answer": found.answer,
        "first_seconds": round(found.first_seconds, 3),
        "tokens_per_second": found.tokens_per_second and round(found.tokens_per_second, 1),
        "streams": found.streams,
        "structured": found.structured,
        "usage": printing.usage(found.usage),
    }


def _described(name: str, found: "Trial") -> str:
    speed = f", then {found.tokens_per_second:.0f} tokens a second" if found.tokens_per_second else ""
    counts = "and counts tokens" if found.usage else "and does not count tokens"
    streams = "streams" if found.streams else "does not stream"
    fills = "can" if found.structured else "cannot"
    return (
        f"{name}: first words after {found.first_seconds:.1f} s{speed}; it {streams}, {fills} fill in a form, {counts}."
    )


def _download(chosen: "Settings", name: str | None) -> None:
    import shutil

    from companion import app
    from companion.cli import printing
    from companion.providers import downloads
    from companion.terminal.progress import Progress

    wanted = downloads.entry(name)
    chosen.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(chosen.data).free / 1e9
    printing.print_line(
        f"{wanted.title}, {wanted.size}, {wanted.licence}, into {chosen.models}; {free:.0f} GB are free there."
        f" A computer should have {wanted.memory_gb} GB of memory for it. Ctrl-C stops, and the next try goes on."
    )
    progress = Progress(sys.stderr)
    try:
        spec = app.fetch(chosen, wanted, progress)
    finally:
        progress.end()
    engine = "" if downloads.possible() else " The engine that runs it is missing: install the extra `local` first."
    printing.print_line(f"It is here, whole and checked. `companion models use {spec}` takes it from now on.{engine}")
