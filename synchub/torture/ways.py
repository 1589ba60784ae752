"""A way to a service that can be closed, or held at a chosen byte: the instant at which something is to be killed.

A `Way` listens on a port and hands everything on to PostgreSQL, Redis or an Odoo. Nothing of the hub knows of it.
"""

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from synchub.torture.waiting import PATIENCE

_LONGEST = 256  # bytes of a text that may come in two pieces


@dataclass
class Hold:
    """What is to be held: the first connection on which `needle` passes. One connection, once.

    In requests by default: what holds it is not handed on, or, with `answer_only`, is handed on and its answer is
    not. `in_answers` looks for it in answers, and `after` only on connections that have sent that before.
    """

    needle: bytes
    answer_only: bool = False
    in_answers: bool = False
    after: bytes = b""
    sent: threading.Event = field(default_factory=threading.Event)
    """The service has got what was looked for."""
    reached: threading.Event = field(default_factory=threading.Event)
    """Whoever asked waits, and will until `let_go` or `drop`."""
    _go: threading.Event = field(default_factory=threading.Event)
    dropped: bool = False
    taken: bool = False

    def wait(self, seconds: float = PATIENCE) -> None:
        if not self.reached.wait(seconds):
            raise TimeoutError(f"{self.needle!r} did not pass within {seconds:g} s.")

    def let_go(self) -> None:
        self._go.set()

    def drop(self) -> None:
        """What is held is lost, and its connection is reset."""
        self.dropped = True
        self._go.set()

    def stand(self) -> bool:
        """Wait as the one that is held. False: it is lost."""
        self.reached.set()
        self._go.wait()
        return not self.dropped


@dataclass
class _Pair:
    near: socket.socket
    far: socket.socket
    seen: bytes = b""
    hold: Hold | None = None

    def end(self, *, reset: bool = False) -> None:
        for one in (self.near, self.far):
            with suppress(OSError):
                if reset:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                one.shutdown(socket.SHUT_RDWR)


class Way:
    """Listens on `port` and hands everything on to a service, until closed."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener: socket.socket | None = None
        self._pairs: list[_Pair] = []
        self._holds: list[Hold] = []
        self._lock = threading.Lock()
        self.port = 0
        self.open()

    def open(self) -> None:
        if self._listener is not None:
            return
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False, backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def close(self) -> None:
        """Refuse new connections and cut those that are there."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.cut()

    def cut(self) -> None:
        """Reset the connections that are there; new ones are welcome."""
        self.let_go()
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for one in pairs:
            one.end(reset=True)

    def hold(
        self, needle: bytes, *, answer_only: bool = False, in_answers: bool = False, after: bytes = b""
    ) -> Hold:
        """Hold the first connection on which this passes from now on; see `Hold`."""
        hold = Hold(needle, answer_only, in_answers, after)
        with self._lock:
            self._holds.append(hold)
        return hold

    def let_go(self) -> None:
        """Nothing is held any more, nor looked for; what was, is lost."""
        with self._lock:
            holds, self._holds = self._holds, []
        for hold in holds:
            hold.drop()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target, timeout=5)
            except OSError:
                near.close()  # the service is away, and so is the way to it
                continue
            far.settimeout(None)
            pair = _Pair(near, far)
            with self._lock:
                self._pairs = [one for one in self._pairs if one.near.fileno() >= 0]
                self._pairs.append(pair)
            for answers in (False, True):
                threading.Thread(target=self._carry, args=[pair, answers], daemon=True).start()

    def _carry(self, pair: _Pair, answers: bool) -> None:
        source, target = (pair.far, pair.near) if answers else (pair.near, pair.far)
        before = b""
        with suppress(OSError):
            while data := source.recv(65536):
                hold = self._meets(pair, before, data, answers)
                before = (before + data)[-_LONGEST:]
                if answers and pair.hold is not None:
                    hold, pair.hold = pair.hold, None
                if hold is not None and hold.answer_only and not answers:
                    pair.hold = hold
                    target.sendall(data)
                    hold.sent.set()
                    continue
                if hold is not None and not hold.stand():
                    pair.end(reset=True)
                    break
                target.sendall(data)
        pair.end()
        source.close()

    def _meets(self, pair: _Pair, before: bytes, data: bytes, answers: bool) -> Hold | None:
        def passes(text: bytes) -> bool:
            """Not what had passed whole before."""
            return text in before[len(before) - len(text) + 1 :] + data

        with self._lock:
            if not answers:
                pair.seen += b"".join(one.after for one in self._holds if one.after and passes(one.after))
            for one in self._holds:
                if one.taken or one.in_answers != answers or not passes(one.needle):
                    continue
                if one.after and one.after not in pair.seen:
                    continue
                one.taken = True
                return one
        return None
