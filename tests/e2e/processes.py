"""The hub's programs, each in a process group of its own, so that it dies whole."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


class Program:
    """`python -m …`, started again as often as a test wants."""

    def __init__(self, name: str, module: Sequence[str], env: Mapping[str, str], folder: Path) -> None:
        self.name, self.log = name, folder / f"{name}.log"
        self._module, self._env = module, env
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        assert not self.runs
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._module],
                cwd=ROOT, env=self._env, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip

    def signal(self, number: int) -> None:
        """To the program and to all its children."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """As the machine would: at once, with no word to anybody."""
        if self._process is None:
            return
        self.signal(signal.SIGKILL)
        self._process.wait(timeout=10)

    def ask_to_stop(self, seconds: float) -> int:
        """SIGTERM to the program alone, as a supervisor does it. Its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=seconds)

    def says(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def worker(name: str, env: Mapping[str, str], folder: Path) -> Program:
    return Program(
        name,
        ["celery", "-A", "synchub", "worker", "-n", f"{name}@%h", "-Q", "push,pull,housekeeping,celery",
         "--concurrency", "2", "-l", "INFO", "--without-gossip", "--without-mingle"],
        env,
        folder,
    )  # fmt: skip


def beat(name: str, env: Mapping[str, str], folder: Path) -> Program:
    schedule = str(folder / f"{name}.schedule")
    return Program(
        name, ["celery", "-A", "synchub", "beat", "-l", "INFO", "-s", schedule, "--pidfile="], env, folder
    )


def web(name: str, port: int, env: Mapping[str, str], folder: Path) -> Program:
    return Program(
        name,
        ["granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1", "--port", str(port),
         "--workers", "1", "--blocking-threads", "1", "--workers-kill-timeout", "5", "synchub.wsgi:application"],
        env,
        folder,
    )  # fmt: skip
