"""Every word a model is ever told by us, as Markdown files with `$names` in them."""

from functools import cache
from importlib.resources import files
from string import Template


@cache
def prompt(name: str) -> Template:
    """Return a prompt by the name of its file, without the suffix."""
    return Template(files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8").strip())
