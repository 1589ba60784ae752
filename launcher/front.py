"""Two processes watch each other, so that nothing outlives `./hub`, however it ends.

`./hub` itself (the front) forks the keeper, which leads a session of its own, starts everything, and adopts what its children
leave behind. A pipe, to which the front never writes, tells the keeper when the front is gone. The front waits for the
keeper. If that is killed, its orphans become the front's children, and the front ends them.
"""

import os
import signal
import subprocess
import time
import traceback
from collections.abc import Callable, Mapping, Sequence

from launcher import system
from launcher.keeper import INTERRUPTED, Keeper, Stop, end_descendants
from launcher.output import Problem, complain


class Front:
    """The process that a person started, after it has forked the keeper."""

    def __init__(self, body: Callable[[Keeper], int]) -> None:
        system.adopt_orphans()
        front_alive, self._hold = os.pipe()
        self._ready, tell_ready = os.pipe()
        self.keeper = os.fork()
        if self.keeper == 0:
            os.close(self._hold)
            os.close(self._ready)
            os._exit(_keep(body, front_alive, tell_ready))
        os.close(front_alive)
        os.close(tell_ready)
        self._forward(self.keeper)

    def _forward(self, pid: int) -> None:
        """Passes on signals to stop; with `nohup ./hub up` the end of the terminal stays ignored."""
        for number in system.STOP_SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda number, _: system.send(pid, number))

    def is_ready(self) -> bool:
        """Waits until the keeper has done what it was asked; false if it gave up."""
        return os.read(self._ready, 1) == b"+"

    def wait(self) -> int:
        _, status = os.waitpid(self.keeper, 0)
        return self._settle(status)

    def release(self) -> int:
        os.close(self._hold)
        return self.wait()

    def run_beside(self, argv: Sequence[str], env: Mapping[str, str]) -> int:
        """Runs a command in the terminal's session while the keeper serves it."""
        command = subprocess.Popen(  # noqa: S603
            list(argv),
            env=dict(env),
            preexec_fn=system.dying_with_parent(signal.SIGTERM),
        )
        self._forward(command.pid)
        signal.signal(signal.SIGINT, lambda *_: None)  # the command gets it from the terminal as well
        pid, status = os.waitpid(-1, 0)
        while pid not in (command.pid, self.keeper):
            pid, status = os.waitpid(-1, 0)
        if pid == self.keeper:
            return self._settle(status) or 1
        command.returncode = os.waitstatus_to_exitcode(status)
        self._forward(self.keeper)
        self.release()
        return command.returncode if command.returncode >= 0 else 128 - command.returncode

    def _settle(self, status: int) -> int:
        code = os.waitstatus_to_exitcode(status)
        if code >= 0:
            return code
        complain("./hub: its keeper process was killed; stopping everything.")
        for number in system.STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        end_descendants(_sleep, patience=6.0)
        return 1


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _keep(body: Callable[[Keeper], int], front_alive: int, tell_ready: int) -> int:
    code = 1
    try:
        os.setsid()
        system.adopt_orphans()
        keeper = Keeper(front_alive, tell_ready)
        try:
            code = body(keeper)
        except Stop:
            code = INTERRUPTED
        except Problem as problem:
            complain(f"\n{problem}")
            code = problem.code
        except OSError as error:  # a full disk, a folder that belongs to somebody else
            complain(f"\n{error}")
        finally:
            keeper.stop_all()
    except BaseException:  # noqa: BLE001  (the last line of a process: it must not run on as a second front)
        traceback.print_exc()
    return code
