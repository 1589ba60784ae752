"""Servers that misbehave on purpose, over real sockets.

A server is given what to do with each call, in order; the last one stands for all that follow. A behaviour gets
a `Request` and says with its return value whether the connection is kept open.
"""

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from synchub.odoo import OdooAccess

USER_ID = 7
PASSWORD = "s3cret-of-the-tests"


@dataclass
class Request:
    """One request, read to its last byte."""

    sock: socket.socket
    path: str
    headers: dict[str, str]
    body: bytes
    stopping: threading.Event

    @property
    def call(self) -> tuple[str, tuple[Any, ...]]:
        params, method = xmlrpc.client.loads(self.body)
        return str(method), params

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes) -> None:
        """Send a byte at a time until the test is over."""
        for place in range(len(data)):
            if self.stopping.wait(0.01):
                return
            self.send(data[place : place + 1])


Behaviour = Callable[[Request], bool]


class Server:
    """`with Server(behaviour, …) as server`: `requests` are the calls of `/xmlrpc/2/object` that arrived.

    Logins are answered without ado and are not among `requests`, unless `logins` says what to do with them.
    """

    def __init__(
        self, *behaviours: Behaviour, tls: ssl.SSLContext | None = None, logins: Behaviour | None = None
    ):
        self._behaviours = behaviours
        self._logins = logins or answer(USER_ID)
        self._tls = tls
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.requests: list[Request] = []
        self.connections = 0
        self.closed = threading.Semaphore(0)  # released whenever the server has closed a connection

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def access(self, **changes: Any) -> OdooAccess:
        scheme, host = ("https", "localhost") if self._tls else ("http", "127.0.0.1")
        values: dict[str, Any] = {
            "url": f"{scheme}://{host}:{self.port}",
            "database": "db",
            "login": "someone",
            "secret": PASSWORD,
            "connect_timeout": 5.0,
            "read_timeout": 10.0,
        }
        return OdooAccess(**{**values, **changes})

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        while self._threads:
            self._threads.pop().join()
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
            )  # what is sent is there, not on its way
            self.connections += 1
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            with self._lock:
                self._open.add(sock)
            with sock.makefile("rb") as stream:
                while self._one(sock, stream):
                    pass
        except (OSError, ValueError):  # the client went away, which many tests are about
            pass
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()
            self.closed.release()

    def _one(self, sock: socket.socket, stream: Any) -> bool:
        line = stream.readline().split()
        if not line:
            return False
        headers = {}
        while (header := stream.readline().strip()) != b"":
            name, _, value = header.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        request = Request(sock, line[1].decode(), headers, body, self._stopping)
        if request.path.endswith("/common"):
            return self._logins(request)
        with self._lock:
            self.requests.append(request)
            number = min(len(self.requests), len(self._behaviours)) - 1
        return self._behaviours[number](request)


def xml(value: Any) -> bytes:
    """An answer as Odoo writes it."""
    return xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True).encode()


def fault_xml(code: int, text: str) -> bytes:
    return xmlrpc.client.dumps(xmlrpc.client.Fault(code, text)).encode()


def raw(body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> Behaviour:
    """Any body; `length` is a promise that the body need not keep. The connection is kept if it does."""

    def behave(request: Request) -> bool:
        size = len(body) if length is None else length
        head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers, "", ""])
        request.send(head.encode() + body)
        return length is None

    return behave


def answer(value: Any) -> Behaviour:
    return raw(xml(value))


def fault(code: int, text: str) -> Behaviour:
    return raw(fault_xml(code, text))


def gzipped(body: bytes, *, cut: int | None = None) -> Behaviour:
    return raw(gzip.compress(body)[:cut], "200 OK", "Content-Encoding: gzip")


def answer_and_close(value: Any) -> Behaviour:
    """Answer as if the connection were kept, then close it: what an idle time-out looks like."""

    def behave(request: Request) -> bool:
        answer(value)(request)
        return False

    return behave


def drop(request: Request) -> bool:
    """The connection ends in good order, with no word of an answer."""
    return False


def reset(request: Request) -> bool:
    """The connection ends with a RST."""
    request.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.sock.close()
    return False


def hang(request: Request) -> bool:
    request.stopping.wait()
    return False


def slow_headers(request: Request) -> bool:
    request.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 60_000)
    return False


def slow_body(request: Request) -> bool:
    request.send(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    request.drip(b" " * 60_000)
    return False
