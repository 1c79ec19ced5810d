"""What `import companion` promises: these names, and that it costs next to nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import companion

HEAVY = {"pydantic", "openai", "sqlalchemy", "alembic", "prompt_toolkit", "yaml", "snowballstemmer", "asyncio"}


def loaded_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def names_for_type_checkers() -> list[str]:
    tree = ast.parse(Path(companion.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return [name.name for line in block.body if isinstance(line, ast.ImportFrom) for name in line.names]


def test_the_public_names_are_sorted():
    assert companion.__all__ == sorted(set(companion.__all__))


def test_the_public_names_are_those_that_have_a_home():
    assert companion.__all__ == sorted(name for names in companion._HOMES.values() for name in names)


def test_type_checkers_see_the_same_names():
    assert companion.__all__ == sorted(names_for_type_checkers())


@pytest.mark.parametrize("name", companion.__all__)
def test_a_public_name_can_be_imported(name):
    assert getattr(companion, name).__name__ == name


@pytest.mark.parametrize("name", companion.__all__)
def test_a_public_name_says_what_it_is(name):
    assert getattr(companion, name).__doc__


def test_any_other_name_is_not_there():
    with pytest.raises(AttributeError, match="module 'companion' has no attribute 'Robot'"):
        _ = companion.Robot


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_after("import companion") & HEAVY


def test_a_name_loads_no_more_than_it_needs():
    assert not loaded_after("from companion import Utterance, Speaker, CompanionError") & HEAVY


def test_the_engine_loads_neither_server_nor_database_nor_terminal():
    loaded = loaded_after("from companion import Companion")
    assert not loaded & {"openai", "sqlalchemy", "alembic", "prompt_toolkit"}
