"""HTTP: XML-RPC for programs, a small page for people, faults for tests."""

import contextlib
import json
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from demo.odoo import page, rpc, schema
from demo.odoo.errors import AccessDenied, AccessError, DatabaseError
from demo.odoo.faults import Fault, Faults

SERVICES = {
    "/xmlrpc/2/common": "common",
    "/xmlrpc/2/object": "object",
    "/xmlrpc/common": "common",
    "/xmlrpc/object": "object",
}
_XML = "text/xml; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_DONE_FIRST = ("half_answer", "drop_after_commit", "hang_after_commit", "cannot_marshal")


class PracticeServer(ThreadingHTTPServer):
    """One thread per connection, one request per connection: HTTP/1.0, like Odoo's own server."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self, address: tuple[str, int], database: rpc.Database, faults: Faults, *, remote: bool
    ) -> None:
        self.database = database
        self.faults = faults
        # May faults be armed over HTTP?
        self.remote = remote
        self.stopping = threading.Event()
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a bug and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    server: PracticeServer
    server_version = "PracticeOdoo"
    timeout = 120
    wbufsize = -1  # headers and body leave in one packet

    def log_message(self, *args: Any) -> None:
        """Quiet: the calls are counted, not printed."""

    def handle(self) -> None:
        if self.server.faults.take_connection():
            self._reset()
            return
        super().handle()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            self._send(200, page.partners(self.server.database).encode(), _HTML)
        elif path.startswith("/practice/partner/"):
            text = page.partner_form(self.server.database, path.rpartition("/")[2])
            self._send(200 if text else 404, (text or page.NOT_FOUND).encode(), _HTML)
        elif path == "/practice/faults" and self.server.remote:
            self._send_json(self.server.faults.listed())
        elif path == "/practice/calls" and self.server.remote:
            self._send_json(self.server.database.calls.counts())
        else:
            self._send(404, page.NOT_FOUND.encode(), _HTML)

    def do_HEAD(self) -> None:
        self._send(200 if self.path == "/" else 404, b"", _HTML)

    def do_DELETE(self) -> None:
        if self.path == "/practice/faults" and self.server.remote:
            self.server.faults.clear()
            self._send_json([])
        elif self.path == "/practice/calls" and self.server.remote:
            self.server.database.calls.clear()
            self._send_json({})
        else:
            self._send(404, page.NOT_FOUND.encode(), _HTML)

    def do_POST(self) -> None:
        try:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        except ValueError:
            self._send(400, b"Content-Length is not a number", "text/plain")
            return
        if self.path in SERVICES:
            self._rpc(SERVICES[self.path], body)
        elif self.path.startswith("/practice/partner/"):
            error = page.save_partner(self.server.database, self.path.rpartition("/")[2], body)
            if error:
                self._send(400, error.encode(), _HTML)
            else:
                self._send(303, b"", _HTML, {"Location": "/"})
        elif self.path == "/practice/faults" and self.server.remote:
            self._arm(body)
        else:
            self._send(404, page.NOT_FOUND.encode(), _HTML)

    def _arm(self, body: bytes) -> None:
        try:
            self.server.faults.arm(**json.loads(body))
        except (ValueError, TypeError) as error:
            self._send(400, str(error).encode(), "text/plain; charset=utf-8")
        else:
            self._send_json(self.server.faults.listed())

    def _rpc(self, service: str, body: bytes) -> None:
        database = self.server.database
        try:
            request = rpc.parse(service, body)
        except Exception as error:  # noqa: BLE001 — whatever the parser says is the fault
            self._send(200, rpc.serialized_fault(error), _XML)
            return
        database.note(request)
        fault = self.server.faults.take(request.model, request.method)
        try:
            self._carried_out(request, fault)
        finally:
            if fault and fault.held:
                fault.held.over.set()

    def _carried_out(self, request: rpc.Request, fault: Fault | None) -> None:
        if fault and fault.kind not in _DONE_FIRST and self._struck(fault, request):
            return
        answer = self._answered(request, fault)
        if fault and fault.kind in _DONE_FIRST:
            self._broken(fault, answer)
        else:
            self._send(200, answer, _XML)

    def _answered(self, request: rpc.Request, fault: Fault | None) -> bytes:
        if fault and fault.kind == "late_commit":
            # Others go on meanwhile, and all that they see of this one comes at its end, with its start's date.
            request = rpc.Request(
                request.service, request.method, request.arguments, request.model, schema.now()
            )
            self._pass_time(fault)
        try:
            result = self.server.database.answer(request)
        except Exception as error:  # noqa: BLE001 — every exception of a call is a fault for its client
            return rpc.serialized_fault(error)
        return rpc.serialized(result)

    def _struck(self, fault: Fault, request: rpc.Request) -> bool:
        """A fault before anything is done; says whether it was the answer."""
        match fault.kind:
            case "slow":
                self._pass_time(fault)
                return False
            case "late_commit":
                return False
            case "load_serialization" if request.method != "load":
                return False
            case "away" | "drop_before":
                self._reset() if fault.kind == "away" else self._drop()
            case "http_500":
                self._send(500, b"<h1>Internal Server Error</h1>", _HTML)
            case "http_502_html":
                self._send(
                    502, b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", _HTML
                )
            case "garbage":
                self._send(200, b"\x00\x01 this is not XML <", _XML)
            case "huge":
                self._send(200, _huge(fault.megabytes), _XML)
            case "access_denied":
                self._send(200, rpc.serialized_fault(AccessDenied()), _XML)
            case "no_right":
                self._send(200, rpc.serialized_fault(AccessError("You are not allowed to do this.")), _XML)
            case "serialization":
                error = DatabaseError("errors.SerializationFailure", rpc.SERIALIZATION)
                self._send(200, rpc.serialized_fault(error), _XML)
            case "load_serialization":
                message = {
                    "type": "error",
                    "message": rpc.SERIALIZATION,
                    "rows": {"from": 0, "to": 0},
                    "record": 0,
                }
                self._send(200, rpc.serialized({"ids": False, "messages": [message], "nextrow": 0}), _XML)
        return True

    def _broken(self, fault: Fault, answer: bytes) -> None:
        """A fault after the commit."""
        match fault.kind:
            case "half_answer":
                self._send(200, answer[: len(answer) // 2], _XML, length=len(answer))
            case "drop_after_commit":
                self._drop()
            case "hang_after_commit":
                self._pass_time(fault)
                self._send(200, answer, _XML)
            case "cannot_marshal":
                self._send(200, rpc.serialized(None), _XML)

    def _pass_time(self, fault: Fault) -> None:
        if fault.held:
            fault.held.stand()
        else:
            self.server.stopping.wait(fault.seconds)

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _reset(self) -> None:
        """Close with a RST: no answer, not even an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _send_json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), "application/json")

    def _send(
        self,
        status: int,
        body: bytes,
        kind: str,
        headers: dict[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _huge(megabytes: float) -> bytes:
    return rpc.serialized(["x" * 1_000_000] * max(1, int(megabytes)))
