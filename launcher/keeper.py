"""The process that owns everything `./hub` starts: it starts programs, waits while listening to signals, and ends them."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from launcher import system
from launcher.child import Child, Program, spawn
from launcher.settings import ROOT

INTERRUPTED = 130


class Stop(Exception):
    """The hub has to stop: somebody wants it, or the front is gone."""


@dataclass(frozen=True)
class Finished:
    code: int
    output: str


class Keeper:
    def __init__(self, front_alive: int, tell_ready: int) -> None:
        self.children: list[Child] = []
        self.front = os.getppid()
        self._front_alive = front_alive
        self._tell_ready = tell_ready
        self._asked_at = 0.0
        self._impatient = False
        self._hangup = False
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in system.STOP_SIGNALS:
            signal.signal(number, self._asked)

    def _asked(self, number: int, _frame: object) -> None:
        # A closing terminal hangs up more than once. Only a repeated signal from a person means haste.
        if self._asked_at and number != signal.SIGHUP and time.monotonic() > self._asked_at + 0.3:
            self._impatient = True
        self._asked_at = self._asked_at or time.monotonic()

    def _wait(self, seconds: float) -> None:
        watched = [self._woken] if self._hangup else [self._woken, self._front_alive]
        readable, _, _ = select.select(watched, [], [], seconds)
        if self._woken in readable:
            os.read(self._woken, 4096)
        if self._front_alive in readable:
            self._hangup = True

    def pause(self, seconds: float) -> None:
        """Waits, and raises Stop if the hub has to stop. Everything that takes time goes through here."""
        self._wait(seconds)
        if self._hangup or self._asked_at:
            raise Stop

    def linger(self, seconds: float) -> bool:
        """Waits while stopping; true once a second Ctrl-C has asked for haste."""
        self._wait(seconds)
        return self._impatient

    def ready(self) -> None:
        """Tells the front to go on."""
        os.write(self._tell_ready, b"+")

    def until_released(self) -> None:
        """Serves until the front lets go. Signals are ignored: they are meant for the front's command."""
        while not self._hangup:
            self._wait(1.0)
            system.reap_adopted({child.pid for child in self.children})

    def start(self, program: Program) -> Child:
        child = Child(program)
        self.children.append(child)
        return child

    def wait_until(self, child: Child, ready: Callable[[], bool], seconds: float) -> bool:
        """True once it is ready; false if it ends or time runs out first."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not child.ended():
            if ready():
                return True
            self.pause(0.03)
        return False

    def run(self, program: Program) -> Finished:
        """Runs a program to its end. Its output is in its log and in the answer."""
        with program.log.open("w+b") as output:
            process = spawn(program, output.fileno())
            try:
                while process.poll() is None:
                    self.pause(0.01)
            except Stop:
                system.send(process.pid, signal.SIGTERM, group=True)
                raise
            output.seek(0)
            return Finished(process.returncode, output.read().decode(errors="replace").strip())

    def foreground(self, argv: Sequence[str], env: Mapping[str, str]) -> int:
        """Runs a command that uses the terminal itself. Ctrl-C reaches the command first, so that it can tidy up."""
        process = subprocess.Popen(  # noqa: S603
            list(argv), env=dict(env), cwd=ROOT,
            preexec_fn=system.dying_with_parent(signal.SIGTERM),
        )  # fmt: skip
        try:
            while process.poll() is None:
                self.pause(0.05)
        except Stop:
            system.send(process.pid, signal.SIGINT if self._asked_at else signal.SIGTERM)
            until = time.monotonic() + 15
            while process.poll() is None and time.monotonic() < until and not self.linger(0.05):
                pass
            system.send(process.pid, signal.SIGKILL)
            process.wait()
            return INTERRUPTED
        return process.returncode if process.returncode >= 0 else 128 - process.returncode

    def stop_all(self) -> None:
        """Stops the last one first, so that programs stop before the services they use."""
        for child in reversed(self.children):
            child.stop(self.linger)
        end_descendants(self.linger)


def end_descendants(linger: Callable[[float], bool], patience: float = 1.0) -> None:
    """Ends every process below this one, and kills those that ignore a request to end."""
    until = time.monotonic() + patience
    told: set[int] = set()
    while left := system.descendants(os.getpid()):
        for pid in left:
            if time.monotonic() > until:
                system.send(pid, signal.SIGKILL)
            elif pid not in told:
                system.send(pid, signal.SIGTERM)
                told.add(pid)
        system.reap_adopted(set())
        if linger(0.02):
            until = 0
    system.reap_adopted(set())
