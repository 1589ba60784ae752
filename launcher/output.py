"""Output for the person at the terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Problem(Exception):
    """Something that the person at the terminal can correct. The text says what and how."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def say(text: str = "") -> None:
    # A closed terminal must not keep the hub from stopping its programs.
    with suppress(OSError, ValueError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def complain(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def step(name: str, text: str) -> None:
    say(f"  {name:<12} {text}")


@contextmanager
def timed_step(name: str, text: str) -> Iterator[None]:
    """Prints a line when it is done, with the time it took if that was noticeable."""
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    step(name, f"{text} ({took:.1f} s)" if took >= 0.1 else text)


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log, indented; empty if it has none."""
    try:
        with path.open("rb") as log:
            log.seek(0, 2)
            log.seek(max(0, log.tell() - 16_384))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    | {line}" for line in text.rstrip().splitlines()[-lines:])
