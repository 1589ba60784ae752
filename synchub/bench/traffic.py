"""Requests over connections that are kept open, as many at once as there are connections.

One thread waits on all of them, and needs a few percent of what the fastest server does.
"""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles

CONNECTIONS = 8


@dataclass
class _Line:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytes = b""
    missing: int = -1  # bytes of the answer still to come; -1 before its head is read


@dataclass(frozen=True)
class Measured:
    per_second: float
    p99: float  # milliseconds


def drive(port: int, requests: Iterator[bytes], seconds: float, connections: int = CONNECTIONS) -> Measured:
    """Sends one request after another on each connection. Raises RuntimeError for an unsuccessful answer."""
    with selectors.DefaultSelector() as selector:
        lines = [_Line(socket.create_connection(("127.0.0.1", port), timeout=60)) for _ in range(connections)]
        try:
            for line in lines:
                line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(line.socket, selectors.EVENT_READ, line)
                _send(line, next(requests))
            return _drive(selector, requests, seconds)
        finally:
            for line in lines:
                line.socket.close()


def _drive(selector: selectors.BaseSelector, requests: Iterator[bytes], seconds: float) -> Measured:
    times: list[float] = []
    begun = time.perf_counter()
    while True:
        for key, _ in selector.select(timeout=60):
            line: _Line = key.data
            if _receive(line):
                now = time.perf_counter()
                times.append(now - line.sent_at)
                if now - begun >= seconds and len(times) >= 2:
                    return Measured(len(times) / (now - begun), quantiles(times, n=100)[98] * 1000)
                _send(line, next(requests))


def _send(line: _Line, request: bytes) -> None:
    line.received, line.missing, line.sent_at = b"", -1, time.perf_counter()
    line.socket.sendall(request)


def _receive(line: _Line) -> bool:
    """True when the answer is complete."""
    chunk = line.socket.recv(1 << 18)
    if not chunk:
        raise RuntimeError("The server closed a connection.")
    if line.missing >= 0:
        line.missing -= len(chunk)
        return line.missing <= 0
    line.received += chunk
    head, end, body = line.received.partition(b"\r\n\r\n")
    if not end:
        return False
    if head[9:11] != b"20":
        raise RuntimeError(f"The server answered {line.received[:600].decode(errors='replace')}")
    length = next(
        int(field.split(b":")[1])
        for field in head.lower().split(b"\r\n")
        if field.startswith(b"content-length")
    )
    line.missing = length - len(body)
    return line.missing <= 0
