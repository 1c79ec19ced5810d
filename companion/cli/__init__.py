"""The command line: what was asked for is parsed first, and only then is anything loaded.

Each command is a module with `add_arguments(parser)` and `run(options) -> exit code`; importing it costs nothing.
Standard output carries the answer, standard error the notices. Exit codes: 0 done, 1 a `CompanionError`, 2 usage,
130 interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "say": "say one thing, get one reply; for scripts and pipes",
    "models": "what finds her words: list, use, try, download",
    "personas": "who she may be: list, show, new, check, schema, import, export",
    "recall": "what would come to mind now",
    "memories": "what she keeps of you: list, search, show, add, edit, pin, forget",
    "history": "what was said: list, show, search",
    "paths": "where everything is kept",
    "safety": "what care does, what it counted, and a look at how it reads",
    "completion": "what a shell needs to complete all this: bash, zsh, fish",
}

EPILOG = f"""\
commands:
{"".join(f"  {name:<11}{gist}{chr(10)}" for name, gist in COMMANDS.items())}
`companion COMMAND --help` tells more. A choice is kept by writing it into config.yaml (`companion paths` says where),
or in COMPANION_PERSONA, COMPANION_MODEL, COMPANION_CONTEXT; COMPANION_HOME keeps everything below one folder."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    from companion.errors import CompanionError

    _accept_any_text()
    try:
        try:
            return _run(list(sys.argv[1:] if arguments is None else arguments))
        finally:
            sys.stdout.flush()  # a reader that has gone is met here, not when Python ends
    except CompanionError as error:
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader has seen enough
        _write_nowhere()
        return 0
    except OSError as error:  # files are translated where they are opened; this is the output itself
        _write_nowhere()
        _complain(f"The output cannot be written ({error.strerror}).")
        return 1


def _complain(sentence: str) -> None:
    """Write an error, wrapped where somebody reads it in a window."""
    from companion.plaintext import one_line

    line = one_line(sentence)
    if sys.stderr.isatty():
        import textwrap

        line = textwrap.fill(line, os.get_terminal_size(sys.stderr.fileno()).columns - 1 or 79)
    sys.stderr.write(f"{line}\n")


def _write_nowhere() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(given: list[str]) -> int:
    if given and given[0] in COMMANDS:
        name, given = given[0], given[1:]
        parser = argparse.ArgumentParser(prog=f"companion {name}", description=f"{COMMANDS[name].capitalize()}.")
    else:
        name = "talk"
        parser = argparse.ArgumentParser(
            prog="companion",
            description="Someone to talk to in the terminal, who remembers you. Without a command: talk.",
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    command = import_module(f"companion.cli.{name}")
    command.add_arguments(parser)
    return int(command.run(parser.parse_args(given)))


def _accept_any_text() -> None:
    """Never fail over an encoding or a closed stream: what cannot be read or shown becomes a replacement mark."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - quick, and for good
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
