"""A program that the launcher started: its log, how it ends, and what happens to it when the launcher dies."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from launcher import system
from launcher.settings import ROOT

_LOG_LIMIT = 50 * 1024 * 1024


@dataclass(frozen=True)
class Account:
    """The account a program runs as, if it is not that of the caller of ./hub."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path
    # Signals to stop it with, politest first, and the seconds it then has; SIGKILL for its group comes last.
    stop: Sequence[tuple[int, float]] = ((signal.SIGTERM, 5.0),)
    # What the kernel sends it when the launcher dies, and what a person's second Ctrl-C sends.
    orphaned: int = signal.SIGTERM
    abort: int = signal.SIGKILL
    cwd: Path = ROOT
    account: Account | None = None


def spawn(program: Program, output: int) -> subprocess.Popen[bytes]:
    account = program.account
    return subprocess.Popen(  # noqa: S603
        list(program.argv), env=dict(program.env), cwd=program.cwd, stdin=subprocess.DEVNULL, stdout=output,
        stderr=subprocess.STDOUT, start_new_session=True, umask=0o077 if account else -1,
        user=account.uid if account else None, group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=system.dying_with_parent(program.orphaned),
    )  # fmt: skip


class Child:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.started = 0.0
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            program.log.replace(program.log.with_name(program.log.name + ".1"))
        self.start()

    def start(self) -> None:
        # Appends, so that the log can be truncated while the program runs.
        output = os.open(self.program.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.process = spawn(self.program, output)
        finally:
            os.close(output)
        self.started = time.monotonic()

    @property
    def pid(self) -> int:
        return self.process.pid

    def ended(self) -> bool:
        return self.process.poll() is not None

    def how_it_ended(self) -> str:
        code = self.process.poll()
        if code is None:
            return "still running"
        return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"

    def trim_log(self) -> None:
        with suppress(OSError):
            if self.program.log.stat().st_size > _LOG_LIMIT:
                shutil.copyfile(self.program.log, self.program.log.with_name(self.program.log.name + ".1"))
                os.truncate(self.program.log, 0)

    def stop(self, linger: Callable[[float], bool]) -> None:
        """Ends it and everything it started. `linger` waits a little, and says whether there is no more time."""
        impatient = False
        for number, seconds in self.program.stop:
            if self.ended() or impatient:
                break
            system.send(self.pid, number)
            until = time.monotonic() + seconds
            while not self.ended() and not impatient and time.monotonic() < until:
                impatient = linger(0.02)
        if not self.ended() and self.program.abort != signal.SIGKILL:
            system.send(self.pid, self.program.abort)
            until = time.monotonic() + 2
            while not self.ended() and time.monotonic() < until:
                linger(0.02)
        # The process group outlives its leader: end it even if the leader has died by itself.
        system.send(self.pid, signal.SIGKILL, group=True)
        self.process.wait()
