"""A real `./hub` with a data folder and ports of its own."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from launcher import system
from launcher.settings import ROOT
from launcher.store import Store

# Of seconds: how long something may take on a machine that does much else. What hangs is found all the same.
LONG = 180


def free_port() -> int:
    """Below the range from which systems take ports for outgoing connections: it stays free between two starts."""
    return next(
        port for port in random.sample(range(12_000, 20_000), 200) if not system.can_listen("127.0.0.1", port)
    )


class Hub:
    """`./hub` as a person has it: a command, its environment, and what it printed."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.log = folder / "output"
        self.port = free_port()
        self.started: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """What `up` has started."""
        assert self.started, "nothing was started"
        return self.started

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "DJANGO_"))}
        for name in ("DATABASE_URL", "REDIS_URL"):
            kept.pop(name, None)
        if "HUB_VENV" in os.environ:
            kept["HUB_VENV"] = os.environ["HUB_VENV"]
        return kept | {"HUB_DATA_DIR": str(self.data), "HUB_PORT": str(self.port)} | more

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "hub"), *arguments], cwd="/", env=self.environment(**more), text=True,
            capture_output=True, stdin=subprocess.DEVNULL, timeout=LONG, check=False,
        )  # fmt: skip

    def up(self, **more: str) -> None:
        with self.log.open("wb") as output:
            self.started = subprocess.Popen(
                [sys.executable, str(ROOT / "hub"), "up"], cwd="/", env=self.environment(**more),
                stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def wait_ready(self) -> str:
        wait_until(lambda: "Ctrl-C stops" in self.output() or self.process.poll() is not None, LONG)
        assert self.process.poll() is None, self.output()
        return self.output()

    def output(self) -> str:
        return self.log.read_text()

    def tree(self) -> list[int]:
        return system.descendants(self.process.pid)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(LONG)

    def end(self) -> None:
        if self.started and self.started.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self.stop()
            self.process.kill()
            self.process.wait()


def wait_until(holds, seconds: float = LONG) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def nothing_is_left(pids: list[int]) -> None:
    wait_until(lambda: not any(running(pid) for pid in pids), LONG)


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def name_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return ""


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's own: as root, the services' account could not enter it.
    path = Path(tempfile.mkdtemp(prefix="hub-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def hub(folder: Path) -> Iterator[Hub]:
    hub = Hub(folder)
    yield hub
    hub.end()


@pytest.fixture(scope="module")
def running_hub() -> Iterator[Hub]:
    """One that is up, for tests that leave it so."""
    path = Path(tempfile.mkdtemp(prefix="hub-test-"))
    path.chmod(0o711)
    hub = Hub(path)
    try:
        # As a made password may be: one in sixty-four begins with a dash.
        hub.up(HUB_PRACTICE_PASSWORD="-made-with-a-dash")
        hub.wait_ready()
        yield hub
        # As when the terminal is closed that it runs in.
        assert hub.stop(signal.SIGHUP) == 0
    finally:
        hub.end()
    shutil.rmtree(path, ignore_errors=True)


__all__ = ["ROOT", "Hub", "Store", "free_port", "name_of", "nothing_is_left", "running", "wait_until"]
