"""The house stays simple: the rules that a machine can hold us to."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def tool(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)],
    ids=["the linter", "the formatter", "the type checker"],
)
def test_the_code_passes(command: tuple[str, ...]) -> None:
    done = tool(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_arrows_point_inward() -> None:
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_test_patches_what_it_tests() -> None:
    own = Path(__file__)
    words = ("mock" + ".patch", "Magic" + "Mock", "unittest" + ".mock")
    guilty = [p.name for p in ROOT.glob("tests/**/*.py") if p != own and any(w in p.read_text() for w in words)]
    assert guilty == []


def test_every_prompt_and_persona_is_in_the_wheel(tmp_path: Path) -> None:
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {f"companion/personas/{path.name}" for path in ROOT.glob("personas/*.yaml")}
    wanted |= {str(path.relative_to(ROOT)) for path in ROOT.glob("companion/**/*") if path.suffix in {".md", ".py"}}
    assert wanted | {"companion/py.typed"} <= names
