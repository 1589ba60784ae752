"""Programs whose clock is wrong, as a machine's may be: PostgreSQL's is not."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synchub.torture.programs import Program

# Python imports a module of this name by itself when it starts.
_SITECUSTOMIZE = """
import datetime, os, time_machine
now = datetime.datetime.now(datetime.timezone.utc)
start = os.environ.get("CLOCK_START")
moment = datetime.datetime.fromisoformat(start) if start else now + datetime.timedelta(seconds=int(os.environ["CLOCK_OFF"]))
time_machine.travel(moment, tick=True).start()
"""


@dataclass(frozen=True)
class Clock:
    """`off` seconds ahead of everybody else's, or, from the start of the program, at `start` (ISO 8601)."""

    off: int = 0
    start: str = ""
    zone: str = "UTC"

    def env(self, folder: Path) -> dict[str, str]:
        place = folder / "clock"
        place.mkdir(exist_ok=True)
        (place / "sitecustomize.py").write_text(_SITECUSTOMIZE)
        return {
            "PYTHONPATH": str(place),
            "CLOCK_OFF": str(self.off),
            "CLOCK_START": self.start,
            "TZ": self.zone,
        }


def restarted(program: Program, clock: Clock, folder: Path) -> Callable[[], None]:
    """Start the program again, under this clock; what is returned starts it under the right one."""
    right = program.env

    def begin(env: dict[str, str]) -> None:
        program.kill()
        for known in folder.glob(f"{program.name}.schedule*"):  # when beat did what, by the clock it had then
            known.unlink()
        program.env = env
        program.start()

    begin({**right, **clock.env(folder)})
    return lambda: begin(dict(right))
