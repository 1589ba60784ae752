"""Programs, each in a process group of its own, so that it dies whole: the hub's, and the services it rests on."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM

from launcher import system
from launcher.child import Account

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


class Program:
    """A command that can be started again as often as somebody kills it."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        env: Mapping[str, str],
        folder: Path,
        *,
        account: Account | None = None,
    ) -> None:
        self.name, self.log, self.env = name, folder / f"{name}.log", env
        self._argv, self._account = argv, account
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._started.pid

    @property
    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started.")
        return self._process

    def below(self) -> list[int]:
        """The processes that it started: a worker's pool, a web server's workers."""
        return system.descendants(self.pid)

    def start(self) -> None:
        if self.runs:
            raise RuntimeError(f"{self.name} runs already.")
        account = self._account
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603
                list(self._argv), env=self.env, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd="/" if account else ROOT, start_new_session=True,
                user=account.uid if account else None, group=account.gid if account else None,
                extra_groups=[] if account else None,
            )  # fmt: skip

    def signal(self, number: int) -> None:
        """To the program and to all its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """As the machine would: at once, with no word to anybody."""
        if self._process is None:
            return
        self.signal(SIGKILL)
        self._process.wait(timeout=60)

    def ask_to_stop(self, seconds: float, number: int = SIGTERM) -> int:
        """A signal to the program alone, as a supervisor sends it. Its exit status once it has ended."""
        self.tell(number)
        return self.ended(seconds)

    def tell(self, number: int) -> None:
        self._started.send_signal(number)

    def ended(self, seconds: float) -> int:
        return self._started.wait(timeout=seconds)

    def says(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def worker(name: str, env: Mapping[str, str], folder: Path, *, machine: str = "%h") -> Program:
    """`machine`: what Celery takes for its host's name, this one's by default."""
    return _python(
        name,
        ["celery", "-A", "synchub", "worker", "-n", f"{name}@{machine}", "-Q", "push,pull,housekeeping,celery",
         "--concurrency", "2", "--without-gossip", "--without-mingle"],
        env,
        folder,
    )  # fmt: skip


def beat(name: str, env: Mapping[str, str], folder: Path) -> Program:
    return _python(name, ["celery", "-A", "synchub", "beat", "--pidfile="], env, folder)


def web(name: str, port: int, env: Mapping[str, str], folder: Path) -> Program:
    return _python(
        name,
        ["synchub.server", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1", "--port", str(port),
         "--workers", "1", "--blocking-threads", "4", "--workers-kill-timeout", "5", "synchub.wsgi:application"],
        env,
        folder,
    )  # fmt: skip


def _python(name: str, module: Sequence[str], env: Mapping[str, str], folder: Path) -> Program:
    return Program(name, [sys.executable, "-m", *module], env, folder)
