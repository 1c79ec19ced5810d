"""How long until the first prompt stands, in CPU and wall time, and what is loaded by then.

    python tests/benchmarks/startup.py [--json] [--rounds N] [--against COMMAND …]

Every figure is also given as a ratio to `python -c pass` of the same run; `--against` adds another program to its own
first prompt (such as `llm chat`), whose prompt is taken to be the first "> " it shows.
"""

import argparse
import json
import os
import resource
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.terminals import Terminal, environment

PROBE = """
import atexit, os, sys
import prompt_toolkit.renderer as renderer
original = renderer.Renderer.render
def render(self, *a, **k):
    result = original(self, *a, **k)
    if not os.path.exists(os.environ["PROBE"]):
        with open(os.environ["PROBE"], "w") as file:
            file.write("\\n".join(sorted(sys.modules)))
    return result
renderer.Renderer.render = render
from companion.cli import main
main([])
"""


def cpu_of(pid: int) -> float:
    """Return the CPU seconds a running process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bare_python() -> tuple[float, float]:
    """Return CPU and wall seconds of `python -c pass`."""
    return timed([sys.executable, "-c", "pass"])


def timed(command: list[str]) -> tuple[float, float]:
    """Return CPU and wall seconds of a command that ends by itself."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - began


def to_first_prompt(command: list[str], sign: str, more: dict[str, str]) -> tuple[float, float]:
    """Return CPU and wall seconds from the start of a command until its prompt stands in a pseudo-terminal."""
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        terminal = Terminal({**environment(Path(home)), **more}, command)
        while sign.encode() not in terminal.sent:
            terminal.read()
        wall, cpu = time.perf_counter() - began, cpu_of(terminal.process.pid)
        terminal.process.kill(signal.SIGKILL)
        terminal.process.close()
    return cpu, wall


def modules_at_first_prompt() -> list[str]:
    """Return what is loaded when the first prompt has been drawn."""
    with tempfile.TemporaryDirectory() as home:
        probe = Path(home) / "modules"
        more = {**environment(Path(home)), "PROBE": str(probe)}
        terminal = Terminal(more, [sys.executable, "-c", PROBE])
        terminal.wait_for("›")
        while not probe.exists() or not probe.stat().st_size:
            terminal.read()
        terminal.process.kill(signal.SIGKILL)
        terminal.process.close()
        return probe.read_text(encoding="utf-8").split()


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--against", nargs="*", default=[], help="programs to compare with, each as one argument")
    options = parser.parse_args()
    companion = [str(Path(sys.executable).with_name("companion"))]
    rows = {"python -c pass": bare_python, "companion --help": lambda: timed([*companion, "--help"])}
    rows["companion to its first prompt"] = lambda: to_first_prompt(companion, "›", {})
    for other in options.against:
        rows[f"{other} to its first prompt"] = lambda other=other: to_first_prompt(shlex.split(other), "> ", {})
    report = {}
    for name, measure in rows.items():
        measure()  # once for the caches
        rounds = [measure() for _ in range(options.rounds)]
        report[name] = {"cpu": min(cpu for cpu, _ in rounds), "wall": statistics.median(wall for _, wall in rounds)}
    base = report["python -c pass"]
    loaded = modules_at_first_prompt()
    heavy = [name for name in ("openai", "alembic", "numpy", "sqlalchemy", "pydantic") if name in loaded]
    if options.json:
        print(json.dumps({"rows": report, "modules": len(loaded), "heavy": heavy}, indent=2))
        return
    for name, row in report.items():
        ratios = f"{row['cpu'] / base['cpu']:6.1f}x CPU {row['wall'] / base['wall']:6.1f}x wall"
        print(f"{name:<34}{row['cpu'] * 1000:7.0f} ms CPU {row['wall'] * 1000:7.0f} ms wall {ratios}")
    print(f"{len(loaded)} modules when the first prompt stands; heavy ones among them: {', '.join(heavy) or 'none'}")


if __name__ == "__main__":
    main()
