"""Faults on demand: what a client of Odoo has to survive, armed by a test for the next calls."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

# kind -> what happens to the call
KINDS = {
    "away": "the connection is reset before the request is read",
    "slow": "answered after `seconds`",
    "http_500": "status 500, nothing done",
    "http_502_html": "status 502 with a proxy's HTML page, nothing done",
    "half_answer": "done, but the answer breaks off in the middle",
    "drop_before": "the request is read, the connection closed, nothing done",
    "drop_after_commit": "done, the connection closed without an answer",
    "hang_after_commit": "done, answered only after `seconds`",
    "late_commit": "the transaction starts now and is committed after `seconds`",
    "serialization": "fault 1, a serialization failure, nothing done",
    "load_serialization": "`load` answers 200 with the serialization failure in its messages, nothing done",
    "cannot_marshal": "done, then fault 1: cannot marshal None",
    "access_denied": "fault 3",
    "no_right": "fault 4, nothing done",
    "garbage": "status 200, but no XML",
    "huge": "status 200 with an answer of `megabytes`",
}


class Held:
    """A call that takes as long as somebody in this process wants."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.over = threading.Event()
        self._go = threading.Event()

    def wait(self, seconds: float = 60.0) -> None:
        """Until the call has come."""
        if not self.reached.wait(seconds):
            raise TimeoutError(f"Within {seconds:g} s there was no call to be held.")

    def let_go(self) -> None:
        self._go.set()

    def stand(self) -> None:
        self.reached.set()
        self._go.wait()


@dataclass
class Fault:
    kind: str
    times: int = 1
    model: str | None = None
    method: str | None = None
    seconds: float = 1.0
    megabytes: float = 10.0
    held: Held | None = field(default=None, repr=False)
    """Instead of `seconds`."""

    def meets(self, model: str, method: str) -> bool:
        return self.model in (None, model) and self.method in (None, method)


class Faults:
    """Armed faults, in order; each is used up after `times` calls. Safe for threads."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._lock = threading.Lock()

    def arm(self, kind: str, times: int = 1, **details: Any) -> None:
        """`details`: `model` and `method` (any call where not given; the common service has the model ""),
        `seconds`, `megabytes`. Times below 0 mean: until cleared.
        """
        if kind not in KINDS:
            raise ValueError(f"Unknown kind of fault: {kind!r}. Known: {', '.join(KINDS)}")
        with self._lock:
            self._armed.append(Fault(kind, times, **details))

    @contextmanager
    def hold(self, kind: str, **details: Any) -> Iterator[Held]:
        """As `arm`, for one call that takes until it is let go, at the end at the latest, and is over after that."""
        held = Held()
        self.arm(kind, held=held, **details)
        try:
            yield held
        finally:
            held.let_go()
            if held.reached.is_set():
                held.over.wait(60)

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [
                {name: fact for name, fact in vars(fault).items() if name != "held"} for fault in self._armed
            ]

    def take(self, model: str, method: str) -> Fault | None:
        """The fault that this call meets, if any."""
        return self._take(lambda fault: fault.meets(model, method))

    def take_connection(self) -> Fault | None:
        """A fault that strikes any connection, before anybody knows what it asks for."""
        return self._take(lambda fault: fault.kind == "away" and fault.model is None and fault.method is None)

    def _take(self, meets: Any) -> Fault | None:
        with self._lock:
            for fault in self._armed:
                if meets(fault):
                    fault.times -= 1
                    if fault.times == 0:
                        self._armed.remove(fault)
                    return fault
        return None
