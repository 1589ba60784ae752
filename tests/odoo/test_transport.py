"""One call is one POST, every wait has an end, every answer a size."""

import gzip
import os
import socket
import ssl
import threading
import tracemalloc
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from synchub.errors import OdooError, OdooMisconfigured, OdooPermanent, OdooRetryable, OdooUnknownOutcome
from synchub.odoo import OdooClient
from synchub.odoo.transport import OneShotTransport
from tests.odoo import servers
from tests.odoo.servers import Behaviour, Server, answer, raw, xml

HTML = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "'
    + b"&a;" * 50
    + b'">]><methodResponse><params><param><value>&b;</value></param></params></methodResponse>'
)
EXTERNAL = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b"<methodResponse><params><param><value>&a;</value></param></params></methodResponse>"
)


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(servers.drop, id="closed after the request"),
        pytest.param(servers.reset, id="reset after the request"),
        pytest.param(raw(xml([1])[:-30], length=len(xml([1]))), id="fewer bytes than promised"),
        pytest.param(raw(xml([1])[:-30]), id="XML cut short"),
        pytest.param(raw(b""), id="nothing"),
        pytest.param(raw(HTML), id="HTML with 200"),
        pytest.param(raw(b'{"jsonrpc": "2.0"}'), id="JSON"),
        pytest.param(raw(bytes(range(256))), id="garbage"),
        pytest.param(raw(b"<methodResponse><params/></methodResponse>"), id="no value"),
        pytest.param(raw(LAUGHS), id="billion laughs"),
        pytest.param(raw(EXTERNAL), id="external entity"),
        pytest.param(raw(xml([1]), "204 No Content"), id="204"),
        pytest.param(raw(HTML, "500 Internal Server Error"), id="500"),
        pytest.param(raw(HTML, "502 Bad Gateway"), id="502"),
        pytest.param(raw(HTML, "503 Service Unavailable", "Retry-After: 99999"), id="503"),
        pytest.param(raw(xml([1]), "200 OK", "Content-Encoding: br"), id="an encoding nobody asked for"),
        pytest.param(raw(xml([1]), "200 OK", "Content-Encoding: gzip"), id="gzip that is none"),
        pytest.param(servers.gzipped(xml([1]), cut=-9), id="gzip cut short"),
        pytest.param(lambda request: request.send(b"SSH-2.0-OpenSSH\r\n") or False, id="not HTTP"),
    ],
)
def test_no_trustworthy_answer_is_an_unknown_outcome_and_nothing_is_sent_again(behaviour: Behaviour) -> None:
    with Server(behaviour, answer([1])) as server, OdooClient(server.access()) as client:
        with pytest.raises(OdooUnknownOutcome) as caught:
            client.execute("res.partner", "create", [{"name": "x"}])
        assert len(server.requests) == 1
        assert caught.value.code is None
        # The client is as good as new.
        assert client.execute("res.partner", "create", [{"name": "x"}]) == [1]


@pytest.mark.parametrize("behaviour", [servers.hang, servers.slow_headers, servers.slow_body])
def test_a_server_that_is_slow_is_left_after_the_read_timeout(behaviour: Behaviour) -> None:
    with Server(behaviour) as server, OdooClient(server.access(read_timeout=0.3)) as client:
        with pytest.raises(OdooUnknownOutcome, match=r"within 0\.3 s"):
            client.execute("res.partner", "write", [1], {"name": "x"})
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("behaviour", "kind", "text"),
    [
        (raw(b"", "301 Moved", "Location: https://u:p@odoo.example.com/base/xmlrpc/2/object?a=b"), OdooMisconfigured,
         "use https://odoo.example.com/base as the address"),
        (raw(b"", "302 Found"), OdooMisconfigured, "redirects elsewhere"),
        (raw(b"", "303 See Other", "Location: http://["), OdooMisconfigured, "redirects elsewhere"),
        (raw(b"", "307 Temporary Redirect", "Location: /web/login"), OdooMisconfigured, "redirects elsewhere"),
        (raw(HTML, "401 Unauthorized"), OdooMisconfigured, "HTTP 401"),
        (raw(HTML, "403 Forbidden"), OdooMisconfigured, "HTTP 403"),
        (raw(HTML, "404 Not Found"), OdooMisconfigured, "HTTP 404"),
        (raw(HTML, "413 Too Large"), OdooPermanent, "HTTP 413"),
        (raw(HTML, "414 Too Long"), OdooPermanent, "HTTP 414"),
        (raw(HTML, "429 Too Many Requests", "Retry-After: 3"), OdooRetryable, "HTTP 429"),
        (raw(HTML, "408 Request Timeout"), OdooUnknownOutcome, "HTTP 408"),
    ],
)  # fmt: skip
def test_other_statuses(behaviour: Behaviour, kind: type[OdooError], text: str) -> None:
    with Server(behaviour) as server, OdooClient(server.access()) as client:
        with pytest.raises(kind, match=text) as caught:
            client.execute("res.partner", "create", [{"name": "x"}])
        assert type(caught.value) is kind
        assert len(server.requests) == 1
        assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(raw(xml("x" * 20_000)), id="promised"),
        pytest.param(raw(xml("x" * 20_000), "200 OK", "Transfer-Encoding: identity"), id="identity"),
        pytest.param(
            lambda request: request.send(b"HTTP/1.0 200 OK\r\n\r\n" + xml("x" * 200_000)) or False,
            id="unannounced",
        ),
        pytest.param(servers.gzipped(xml("x" * 20_000)), id="unpacks to more"),
        pytest.param(servers.gzipped(b"\0" * 50_000_000), id="gzip bomb"),
        pytest.param(raw(b"<methodResponse>" + b"<a/>" * 2_000 + b"</methodResponse>"), id="element bomb"),
    ],
)
def test_an_answer_over_the_limit_is_not_taken_in(behaviour: Behaviour) -> None:
    with Server(behaviour) as server, OdooClient(server.access(max_response_bytes=10_000)) as client:
        client.authenticate()
        tracemalloc.start()
        try:
            with pytest.raises(OdooPermanent, match="larger than 10,000 bytes"):
                client.execute("res.partner", "search_read", [])
            # The bodies of the servers here exist before; what the client takes in is its limit, not the bomb.
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()
        # Of a write this says nothing: it was done.
        with pytest.raises(OdooUnknownOutcome, match="larger than 10,000 bytes"):
            client.execute("res.partner", "action_something", [1])


def test_gzip_and_chunks_are_understood() -> None:
    packed = gzip.compress(xml(["é" * 1000]))
    chunked = (
        b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (packed[:7], packed[7:])) + b"0\r\n\r\n"
    )
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"

    def in_chunks(request: servers.Request) -> bool:
        request.send(head + chunked)
        return True

    with (
        Server(servers.gzipped(xml(["é" * 1000])), in_chunks) as server,
        OdooClient(server.access()) as client,
    ):
        assert client.execute("m", "f") == ["é" * 1000]
        assert client.execute("m", "f") == ["é" * 1000]
        assert server.requests[0].headers["accept-encoding"] == "gzip"
        assert server.connections == 1


def test_a_connection_that_is_kept_is_used_again() -> None:
    with Server(answer(1)) as server, OdooClient(server.access()) as client:
        for _ in range(3):
            client.execute("m", "f")
        assert (len(server.requests), server.connections) == (3, 1)


def test_a_connection_closed_while_idle_is_noticed_before_sending() -> None:
    with Server(servers.answer_and_close(1), answer(2)) as server, OdooClient(server.access()) as client:
        assert client.execute("m", "f") == 1
        server.closed.acquire()
        assert client.execute("m", "f") == 2
        assert (len(server.requests), server.connections) == (2, 2)


def test_an_idle_connection_with_something_unasked_on_it_is_not_used() -> None:
    said = threading.Event()

    def answer_twice(request: servers.Request) -> bool:
        answer(1)(request)
        answer("a stranger's")(request)
        said.set()
        return True

    with Server(answer_twice, answer(2)) as server, OdooClient(server.access()) as client:
        assert client.execute("m", "f") == 1
        said.wait()
        assert client.execute("m", "f") == 2


def test_http_1_0_as_odoo_speaks_it() -> None:
    def old(request: servers.Request) -> bool:
        request.send(b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n" + xml([1, 2]))
        return False

    with Server(old) as server, OdooClient(server.access()) as client:
        assert client.execute("m", "f") == [1, 2]
        assert client.execute("m", "f") == [1, 2]
        assert server.connections == 2  # the login's was kept and served the first call


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Server(answer(1)) as server:
        access = server.access(url=f"http://127.0.0.1:{port}")
    with OdooClient(access) as client, pytest.raises(OdooRetryable, match="cannot be reached"):
        client.execute("m", "f")


def test_a_name_that_does_not_exist() -> None:
    with Server(answer(1)) as server:
        access = server.access(url="http://odoo.invalid")
    with (
        OdooClient(access) as client,
        pytest.raises(OdooRetryable, match=r"odoo\.invalid cannot be resolved"),
    ):
        client.version()


def test_the_connect_timeout() -> None:
    # A listener whose queue is full does not answer a SYN (Linux), like a host behind a silent firewall.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        try:
            for sock in waiting:
                sock.setblocking(False)
                sock.connect_ex(listener.getsockname())
            with Server(answer(1)) as server:
                access = server.access(
                    url=f"http://127.0.0.1:{listener.getsockname()[1]}", connect_timeout=0.2
                )
            with OdooClient(access) as client, pytest.raises(OdooRetryable, match=r"within 0\.2 s"):
                client.version()
        finally:
            for sock in waiting:
                sock.close()


def test_an_untrusted_certificate_stops_before_anything_is_sent(tls: ssl.SSLContext) -> None:
    with Server(answer(1), tls=tls) as server:
        with OdooClient(server.access()) as client, pytest.raises(OdooMisconfigured, match="certificate"):
            client.execute("m", "f")
        assert server.requests == []
        with OdooClient(server.access(verify_tls=False)) as client:
            assert client.execute("m", "f") == 1
            assert client.execute("m", "f") == 1
            assert len(server.requests) == 2


def test_a_trusted_certificate_of_another_name(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Server(answer(1), tls=tls) as server:
        with OdooClient(server.access()) as client:
            assert client.execute("m", "f") == 1
        other = server.access(url=f"https://127.0.0.1:{server.port}")
        with OdooClient(other) as client, pytest.raises(OdooMisconfigured, match="certificate"):
            client.execute("m", "f")


def test_no_tls_where_the_address_says_tls() -> None:
    with blunt(b"HTTP/1.1 400 Bad Request\r\n\r\n", takes=100_000) as port, Server(answer(1)) as server:
        access = server.access(url=f"https://127.0.0.1:{port}")
        with OdooClient(access) as client, pytest.raises(OdooRetryable, match=r"is its address http://\?"):
            client.execute("m", "f")


def test_an_early_refusal_of_a_large_body_is_heard() -> None:
    # As a proxy does it: the answer comes after the headers, then the connection ends with the body unread.
    with (
        blunt(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", takes=100) as port,
        Server(answer(1)) as server,
    ):
        transport = OneShotTransport(server.access(url=f"http://127.0.0.1:{port}"))
        with pytest.raises(OdooPermanent, match="HTTP 413"):
            transport.request("", "/xmlrpc/2/object", b"x" * 20_000_000)


@contextmanager
def blunt(says: bytes, *, takes: int) -> Iterator[int]:
    """A server that receives once, says its piece and hangs up. Gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(takes)
                sock.sendall(says)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_after_a_fork_the_child_has_a_connection_of_its_own() -> None:
    def echo(request: servers.Request) -> bool:
        return answer(request.call[1][5])(request)

    with Server(echo) as server, OdooClient(server.access()) as client:
        assert client.execute("m", "f", "parent") == ["parent"]
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = 0 if client.execute("m", "f", "child") == ["child"] else 2
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        assert client.execute("m", "f", "parent again") == ["parent again"]
        assert (len(server.requests), server.connections) == (3, 2)


def test_each_thread_has_a_connection_of_its_own_and_closes_it() -> None:
    def echo(request: servers.Request) -> bool:
        return answer(request.call[1][5])(request)

    answers: dict[int, list[object]] = {}

    with Server(echo) as server, OdooClient(server.access()) as client:
        client.authenticate()

        def work(number: int) -> None:
            answers[number] = [client.execute("m", "f", number, turn) for turn in range(20)]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == {number: [[number, turn] for turn in range(20)] for number in range(6)}
        assert server.connections == 1 + 6
        # Each of the six hangs up when its thread ends, without anybody closing it.
        for _ in range(6):
            assert server.closed.acquire(timeout=60)


def test_it_serves_the_standard_proxy_too_and_sends_once() -> None:
    with Server(answer([1]), servers.drop, answer([2])) as server:
        transport = OneShotTransport(server.access())
        proxy = xmlrpc.client.ServerProxy(server.access().url + "/xmlrpc/2/object", transport=transport)
        with proxy:
            assert proxy.execute_kw("db", 1, "x") == [1]
            with pytest.raises(OdooUnknownOutcome):
                proxy.execute_kw("db", 1, "x")
        assert len(server.requests) == 2
