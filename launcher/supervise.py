"""Keeps everything running: restarts what dies, after a delay that grows while it keeps dying."""

import time

from launcher import system
from launcher.child import Child
from launcher.keeper import Keeper
from launcher.output import say, tail

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 60.0
# After this many seconds the trouble counts as over.
_STEADY_AFTER = 60.0


def supervise(keeper: Keeper) -> None:
    """Runs until the hub has to stop."""
    delays: dict[str, float] = {}
    due: dict[str, float] = {}
    tidied = 0.0
    while True:
        keeper.pause(0.1)
        now = time.monotonic()
        for child in keeper.children:
            name = child.program.name
            if name in due:
                if now >= due[name]:
                    del due[name]
                    child.start()
                    say(f"{_clock()} {name} started again (pid {child.pid})")
            elif child.ended():
                delay = (
                    _FIRST_DELAY if now - child.started > _STEADY_AFTER else delays.get(name, _FIRST_DELAY)
                )
                delays[name] = min(delay * 2, _LONGEST_DELAY)
                due[name] = now + delay
                _report(child, delay)
                # Processes that it left behind would compete with its successor.
                child.stop(lambda _: False)
        if now - tidied > 2:
            tidied = now
            system.reap_adopted({child.pid for child in keeper.children})
            for child in keeper.children:
                child.trim_log()


def _report(child: Child, delay: float) -> None:
    say(f"{_clock()} {child.program.name} ended ({child.how_it_ended()}); starting it again in {delay:.1f} s")
    if lines := tail(child.program.log, 8):
        say(lines)


def _clock() -> str:
    return time.strftime("%H:%M:%S")
