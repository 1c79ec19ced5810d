"""What every test stands on: a home of its own, a clock that does not move by itself, no network but loopback."""

import os
import socket
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import settings

from companion.persona.persona import Persona

settings.register_profile("companion", derandomize=True, deadline=None, max_examples=100)  # the same cases every time
settings.load_profile("companion")

OSLO = timezone(timedelta(hours=1))


class Clock:
    """A clock that moves when it is told to; it begins on Sunday 22 November 2026, 14:05, in Oslo."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 14, 5, tzinfo=OSLO)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's own home, where everything is kept."""
    place = tmp_path / "home"
    for name in list(os.environ):
        if name.startswith(("COMPANION_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COMPANION_HOME", str(place))
    return place


@pytest.fixture
def persona() -> Persona:
    return Persona(name="Ada", identity="You are Ada, a program that likes trains.")


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse any connection that would leave this computer."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family != socket.AF_UNIX and host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
