"""A persona file, written: readable YAML that reads back as what it was made of."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml as pyyaml

from companion import yaml
from companion.persona.schema import MODELINE

WIDTH = 110


class _Dumper(pyyaml.SafeDumper):
    """PyYAML's, with our own idea of what is a word."""

    def ignore_aliases(self, _: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - its signature
        return super().increase_indent(flow, indentless=False)


def _represented(dumper: _Dumper, text: str) -> pyyaml.ScalarNode:
    style = "|" if "\n" in text else "'" if not yaml.is_word(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represented)


def written(value: Mapping[str, Any], opening: Iterable[str] = (), notes: Mapping[str, str] | None = None) -> str:
    """Return a persona file.

    Args:
        value: keys and values, as plain data.
        opening: lines of comment for the top.
        notes: a line of comment for above a key.
    """
    parts = ["\n".join([MODELINE, *(f"# {line}".rstrip() for line in opening)])]
    for key, inner in value.items():
        note = (notes or {}).get(key)
        dumped = pyyaml.dump({key: inner}, Dumper=_Dumper, allow_unicode=True, width=WIDTH, sort_keys=False)
        parts.append((f"# {note}\n" if note else "") + dumped.rstrip("\n"))
    return "\n\n".join(parts) + "\n"
