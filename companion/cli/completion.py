"""`companion completion bash|zsh|fish`: what the shell needs in order to complete the rest."""

import argparse
import re
import sys
from importlib import import_module

BASH = """\
# companion: put this into ~/.bashrc:  eval "$(companion completion bash)"
_companion() {{
    local words
    case "${{COMP_CWORD}}:${{COMP_WORDS[1]}}" in
        1:*) words="{commands} {options}" ;;
{cases}
    esac
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _companion companion
"""
BASH_CASE = '        *:{name}) words="{words}" ;;'

ZSH = """\
#compdef companion
# companion: put this into ~/.zshrc, after compinit:  eval "$(companion completion zsh)"
_companion() {{
    local -a commands
    commands=(
{commands}
    )
    if (( CURRENT == 2 )); then
        _describe command commands
        compadd -- {options}
        return
    fi
    case "$words[2]" in
{cases}
    esac
    _files
}}
compdef _companion companion
"""
ZSH_CASE = "        {name}) compadd -- {words} ;;"

FISH = """\
# companion: put this into ~/.config/fish/config.fish:  companion completion fish | source
{lines}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    parser.add_argument("shell", choices=["bash", "zsh", "fish"], help="which shell")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    sys.stdout.write({"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell]())
    return 0


def _words(name: str) -> list[str]:
    """Return what may follow a command: its actions and its flags, as its own help tells them."""
    parser = argparse.ArgumentParser(prog="companion", add_help=True)
    import_module(f"companion.cli.{name}").add_arguments(parser)
    told = parser.format_help()
    actions = re.findall(r"^    ([a-z]+)(?:  |$)", told, re.MULTILINE) + re.findall(
        r"^  \{([a-z,]+)\}", told, re.MULTILINE
    )
    listed = [word for action in actions for word in action.split(",")]
    return [*dict.fromkeys(listed), *dict.fromkeys(re.findall(r"--[a-z][a-z-]*", told))]


def _known() -> dict[str, list[str]]:
    from companion.cli import COMMANDS

    return {name: _words(name) for name in COMMANDS}


def _bash() -> str:
    known = _known()
    cases = "\n".join(BASH_CASE.format(name=name, words=" ".join(words)) for name, words in known.items())
    return BASH.format(commands=" ".join(known), options=" ".join(_words("talk")), cases=cases)


def _zsh() -> str:
    from companion.cli import COMMANDS

    known = _known()
    cases = "\n".join(ZSH_CASE.format(name=name, words=" ".join(words)) for name, words in known.items())
    commands = "\n".join(f'        "{name}:{gist.replace(":", " -")}"' for name, gist in COMMANDS.items())
    return ZSH.format(commands=commands, options=" ".join(_words("talk")), cases=cases)


def _fish() -> str:
    from companion.cli import COMMANDS

    lines = [f'complete -c companion -n __fish_use_subcommand -a {name} -d "{gist}"' for name, gist in COMMANDS.items()]
    flags = [word.removeprefix("--") for word in _words("talk") if word.startswith("--")]
    lines += [f"complete -c companion -n __fish_use_subcommand -l {flag}" for flag in flags]
    for name, words in _known().items():
        seen = f'complete -c companion -n "__fish_seen_subcommand_from {name}"'
        lines += [f"{seen} -l {word[2:]}" if word.startswith("--") else f"{seen} -a {word}" for word in words]
    return FISH.format(lines="\n".join(lines))
