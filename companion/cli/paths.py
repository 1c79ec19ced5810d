"""`companion paths`: where everything is kept."""

import argparse
import os


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be given."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print the places."""
    from companion import settings
    from companion.cli import printing
    from companion.persona import loading

    chosen = settings.read(os.environ)
    places = {
        "memory": chosen.memory,
        "settings": chosen.config / "config.yaml",
        "personas": chosen.personas,
        "shipped personas": loading.shipped_folder(),
        "models": chosen.data / "models",
    }
    if options.json:
        printing.print_json({name.replace(" ", "_"): str(path) for name, path in places.items()})
        return 0
    for name, path in places.items():
        printing.print_line(f"{name:<18}{path}")
    return 0
