"""The API behind the real web server: what only shows on a socket, in a process, over a real network."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from endpoints.models import AccessKey, Change, Endpoint, Record
from synchub.audit.models import Exchange
from synchub.torture.waiting import PATIENCE
from tests.conftest import Hub
from tests.endpoints.conftest import BASE

pytestmark = pytest.mark.processes

GOOD = b'{"customer_id": "A", "name": "Ann"}'


class Wire:
    """A cable to PostgreSQL that can be cut: forwards bytes, or refuses to."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._open: list[socket.socket] = []
        self._whole = True
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._server.accept()
            except OSError:
                return
            if self._whole:
                threading.Thread(target=self._carry, args=(here,), daemon=True).start()
            else:
                here.close()

    def _carry(self, here: socket.socket) -> None:
        with here, socket.create_connection(self._target) as there:
            self._open += [here, there]
            back = threading.Thread(target=_forward, args=(there, here), daemon=True)
            back.start()
            _forward(here, there)
            back.join()

    def cut(self) -> None:
        self._whole = False
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def mend(self) -> None:
        self._whole = True

    def close(self) -> None:
        self.cut()
        self._server.close()


def _forward(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class Answer:
    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }

        if self.headers.get("transfer-encoding") == "chunked":
            rest, self.body = self.body, b""
            while rest:
                size, _, rest = rest.partition(b"\r\n")
                self.body += rest[: int(size, 16)]
                rest = rest[int(size, 16) + 2 :] if int(size, 16) else b""

    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """The web server, as `./hub up` starts it, over the tests' database."""

    def __init__(self, folder: Path, *, workers: int = 1, **env: str) -> None:
        facts = connection.settings_dict
        self.wire = Wire(facts["HOST"] or "127.0.0.1", int(facts["PORT"] or 5432))
        url = f"postgres://{facts['USER']}:{facts['PASSWORD']}@127.0.0.1:{self.wire.port}/{facts['NAME']}"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.log = folder / "web.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "synchub.server", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1", "--port",
                 str(self.port), "--workers", str(workers), "--blocking-threads", "4", "synchub.wsgi:application"],
                env=os.environ | {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "HUB_API_MAX_BODY": "20000"} | env,
                cwd=Path(__file__).parents[2], stdout=output, stderr=output,
            )  # fmt: skip
        until(lambda: self.get("/healthz").status == 200)

    def raw(self, request: bytes) -> Answer:
        """What comes back for these bytes until the server closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as link:
            link.sendall(request)
            got = b""
            while True:
                try:
                    data = link.recv(65536)
                except ConnectionResetError:  # a server may close with what was sent unread
                    break
                if not data:
                    break
                got += data
        return Answer(got)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        lines = {"Host": "127.0.0.1", "Connection": "close"} | {
            k.replace("_", "-"): v for k, v in headers.items()
        }
        if body or method in ("POST", "PUT"):
            lines = {"Content-Type": "application/json", "Content-Length": str(len(body))} | lines
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return self.raw(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, b"", **headers)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.wire.close()


@contextmanager
def serving(folder: Path, blocker: Any, **options: Any) -> Iterator[Server]:
    """One for several tests, which leaves nothing in the tests' database."""
    with blocker.unblock():
        server = Server(folder, **options)
    try:
        yield server
    finally:
        server.stop()
        # It writes its last second of the audit log when it ends, after its last test has put everything away.
        with blocker.unblock():
            Exchange.objects.all().delete()


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if true():
                return
        except (OSError, IndexError, ValueError):
            pass
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("web"), django_db_blocker) as server:
        yield server
    if os.environ.get("HUB_TEST_SHOW_LOG"):
        sys.stderr.write(server.log.read_text())


_number = 0


@pytest.fixture
def path(hub: Hub, running: Server) -> str:
    """An endpoint of its own for each test: the server may still remember another test's."""
    global _number
    _number += 1
    hub.endpoint(
        f"partners-{_number}",
        "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": {"field": "name", "required": True}},
    )
    address = f"{BASE}/partners-{_number}"
    until(lambda: running.get(address).status == 200)
    return address


def test_a_record_is_written_and_read_over_the_network(running: Server, path: str):
    made = running.ask("POST", path, GOOD)
    assert (made.status, made.json()) == (201, {"customer_id": "A", "name": "Ann"})
    assert running.get(urlsplit(made.headers["location"]).path).json() == made.json()
    assert Change.objects.get().request_id == made.headers["x-request-id"]


def test_identifiers_keep_their_odd_characters_through_the_server(running: Server, path: str):
    for name in (
        "a/b",
        "a/",
        "/a",
        "a//b",
        "..",
        "a?b",
        "a#b",
        "a%2Fb",
        "é",
        "😀",
        "a b",
        "a+b",
        "a\nb",
        ";",
        "~",
    ):
        made = running.ask("POST", path, json.dumps({"customer_id": name, "name": "N"}).encode())
        assert made.status == 201, made.body
        assert running.get(urlsplit(made.headers["location"]).path).json()["customer_id"] == name


def test_a_chunked_body_is_never_taken_for_an_empty_one(running: Server, path: str):
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
    )
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)
    answer = running.raw(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks)
    assert answer.status in (201, 411)
    assert Record.objects.count() == (answer.status == 201)
    both = running.raw(f"{head}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n".encode() + chunks)
    assert 400 <= both.status < 500


def test_a_body_too_large_is_413_and_the_server_lives_on(running: Server, path: str):
    big = b'{"customer_id": "A", "name": "' + b"x" * 2_000_000 + b'"}'
    assert running.ask("POST", path, big).status == 413
    assert running.ask("POST", path, GOOD).status == 201


def test_a_body_that_breaks_off_stores_nothing(running: Server, path: str):
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as link:
        link.sendall(head.encode() + GOOD)
        link.shutdown(socket.SHUT_WR)
        link.recv(65536)
    assert running.get(path).json()["count"] == 0


def test_head_has_no_body(running: Server, path: str):
    running.ask("POST", path, GOOD)
    for address in (path, f"{path}/A", f"{path}/nobody"):
        answer = running.ask("HEAD", address)
        assert answer.body == b""
        assert answer.status == (404 if address.endswith("nobody") else 200)


def test_hostile_requests_get_4xx_and_the_server_lives_on(running: Server, path: str):
    for request in (
        f"GET {path}/%00 HTTP/1.1", f"GET {path}/%FF HTTP/1.1", f"GET {path}?name=%00 HTTP/1.1", f"GET {path}?%FF=1 HTTP/1.1",
        f"PATCH {path} HTTP/1.1", f"BREW {path} HTTP/1.1", f"GET {path}/{'x' * 5000} HTTP/1.1", "GET /nowhere HTTP/1.1",
        f"GET {path}?ordering={'nope,' * 500} HTTP/1.1",
    ):  # fmt: skip
        answer = running.raw(f"{request}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        assert 400 <= answer.status < 500, request[:60]
        assert set(answer.json()) == {"message", "request_id"}
    odd = running.get(f"{path}?limit=1", Content_Type="application/json; charset=hex")
    assert (odd.status, odd.json()["count"]) == (200, 0)
    evil = running.get(path, X_Request_ID="a b", Host="evil.example")
    assert (evil.status, set(evil.json())) == (400, {"message", "request_id"})
    assert running.get(path).status == 200


def test_a_change_of_the_configuration_is_seen_within_about_a_second(running: Server, path: str):
    soon = 20  # of seconds, on a machine that does much else
    endpoint = Endpoint.objects.get()
    endpoint.auth = "bearer"
    endpoint.save()
    until(lambda: running.get(path).status == 401, soon)
    key = AccessKey(endpoint=endpoint, name="shop")
    key.set_token("let-me-in")
    key.save()
    until(lambda: running.get(path, Authorization="Bearer let-me-in").status == 200, soon)
    key.enabled = False
    key.save()
    until(lambda: running.get(path, Authorization="Bearer let-me-in").status == 401, soon)
    endpoint.enabled = False
    endpoint.save()
    until(lambda: running.get(path).status == 404, soon)


def test_without_its_database_the_hub_is_503_and_back_as_soon_as_that_is(running: Server, path: str):
    assert running.ask("POST", path, GOOD).status == 201
    running.wire.cut()
    try:
        for method, address, body in (
            ("GET", path, b""), ("GET", f"{path}/A", b""), ("POST", path, GOOD.replace(b"A", b"B")),
            ("PUT", f"{path}/A", b'{"name": "x"}'), ("DELETE", f"{path}/A", b""),
        ):  # fmt: skip
            for _ in range(5):  # every thread has a connection of its own
                answer = running.ask(method, address, body)
                assert (answer.status, answer.headers["retry-after"]) == (503, "5"), answer.body
                assert set(answer.json()) == {"message", "request_id"}
        assert running.get("/healthz").status == 503
    finally:
        running.wire.mend()
    for _ in range(10):
        assert running.get(f"{path}/A").json() == {"customer_id": "A", "name": "Ann"}
    assert running.get(path).json()["count"] == 1
    assert running.ask("PUT", f"{path}/A", b'{"name": "Bob"}').status == 200


def test_a_secret_is_in_no_line_of_the_log(running: Server, path: str):
    endpoint = Endpoint.objects.get()
    endpoint.auth = "bearer"
    endpoint.save()
    until(lambda: running.get(path).status == 401)
    running.get(path, Authorization="Bearer a-secret-that-leaks")
    running.ask("POST", path, GOOD, Authorization="Bearer a-secret-that-leaks")
    assert not re.search("a-secret-that-leaks", running.log.read_text())
