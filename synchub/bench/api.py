"""How many requests the API answers, beside a bare server, a bare view and Django REST framework as documented."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count, cycle
from typing import Any

from django.conf import settings
from django.db import connection

from endpoints import counts, records, registry
from endpoints.incoming import Who
from endpoints.models import AccessKey, Auth, Change, Endpoint, Record, SyncState
from synchub.bench import hub, plain
from synchub.bench.odoo import odoo
from synchub.bench.servers import served
from synchub.bench.table import Group
from synchub.bench.traffic import drive

AT_ONCE = 1000
_WHO = Who(request_id="bench", access_key="")
_FLOOR = "bare WSGI, hello"
Say = Callable[[str], None]


def run(rows: int, rounds: int, seconds: float, say: Say) -> list[Group]:
    with ExitStack() as stack:
        address = stack.enter_context(odoo())
        mapping = stack.enter_context(hub.mapping(address))
        # Paused, so that nothing reaches Odoo while the server is measured.
        open_to_all = hub.endpoint(mapping, "open", paused=True)
        guarded = hub.endpoint(
            mapping, "guarded", paused=True, auth=Auth.BEARER,
            rate_per_address="100000000/minute", rate_per_key="100000000/minute",
        )  # fmt: skip
        token = secrets.token_urlsafe(24)
        key = AccessKey(endpoint=guarded, name="bench")
        key.set_token(token)
        key.save()
        say(f"{rows} records in each of two mirrors, {rounds} rounds of {seconds} s")
        for endpoint in (open_to_all, guarded):
            _fill(endpoint, rows)
        stack.enter_context(plain.table(rows))
        ports = {
            "floor": stack.enter_context(served("synchub.bench.floor:application", server="granian")),
            "bare": stack.enter_context(served("synchub.wsgi:application", "synchub.bench.settings")),
            "hub": stack.enter_context(served("synchub.wsgi:application")),
            "unlogged": stack.enter_context(served("synchub.wsgi:application", HUB_EXCHANGE_READS="false")),
        }
        bench = _Bench(ports, open_to_all, guarded, token, rows)
        for number in range(rounds):
            say(f"round {number + 1}")
            bench.round(seconds)
        return bench.groups


def _fill(endpoint: Endpoint, rows: int) -> None:
    """Fills the mirror as a push would leave it."""
    spec = registry.get(endpoint.name)
    for start in range(0, rows, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, rows))
        records.create(spec, [hub.payload(number, "bench-", 1) for number in numbers], _WHO)
    Change.objects.filter(endpoint=endpoint).delete()
    Record.objects.filter(endpoint=endpoint).update(state=SyncState.SYNCED)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE endpoints_record, endpoints_change")


class _Bench:
    def __init__(
        self, ports: dict[str, int], open_to_all: Endpoint, guarded: Endpoint, token: str, rows: int
    ) -> None:
        self.rows, self.numbers = rows, count(rows)
        base, secret = f"/{settings.API_BASE_PATH}/", f"Authorization: Bearer {token}\r\n"
        self.ways: dict[str, tuple[int, str, str]] = {
            "hub, with an access key": (ports["hub"], f"{base}{guarded.name}", secret),
            "hub, open to all, reads not logged": (ports["unlogged"], f"{base}{open_to_all.name}", ""),
            "bare view, text from PostgreSQL": (ports["bare"], f"/raw/{open_to_all.pk}", ""),
            "DRF ModelViewSet": (ports["bare"], "/contacts", ""),
        }
        self.floor = ports["floor"]
        self.lists = Group("list of 100, first page", "requests/s")
        self.later = Group("list of 100, at offset 5,000", "requests/s")
        self.filtered = Group("list filtered by one value", "requests/s")
        self.one = Group("one record", "requests/s")
        self.posts = Group("POST of one", "requests/s")
        self.arrays = Group(f"POST of {AT_ONCE:,}", "records/s")
        self.groups = [self.lists, self.later, self.filtered, self.one, self.posts, self.arrays]

    def round(self, seconds: float) -> None:
        """Measures one thing after another, each with all ways in turn, since the machine is different a minute later."""
        offset = min(5000, self.rows // 2)
        for way, (port, path, headers) in self.ways.items():
            self._measure(self.lists, way, port, cycle([_get(path, headers)]), seconds)
        self._measure(self.lists, _FLOOR, self.floor, cycle([_get("/", "")]), seconds)
        for way, (port, path, headers) in self.ways.items():
            page = _get(f"{path}?limit=100&offset={offset}", headers)
            self._measure(self.later, way, port, cycle([page]), seconds)
        for way, (port, path, headers) in self.ways.items():
            if way.startswith("hub"):
                some = (_get(f"{path}?email=b{n}@bench.example", headers) for n in cycle(range(self.rows)))
                self._measure(self.filtered, way, port, some, seconds)
        for way, (port, path, headers) in self.ways.items():
            names = (f"bench-{number * 7919 % self.rows}" for number in count())
            self._measure(self.one, way, port, (_get(f"{path}/{name}", headers) for name in names), seconds)
        for way, (port, path, headers) in self.ways.items():
            self._measure(self.posts, way, port, self._posts(way, path, headers), seconds)
        _, (port, path, headers) = next(iter(self.ways.items()))
        measured = drive(port, self._arrays(path, headers), seconds, connections=2)
        self.arrays.add("hub, in arrays", measured.per_second * AT_ONCE, measured.p99)
        self.arrays.add("hub, one by one", next(iter(self.posts.rates.values()))[-1])
        self._forget()

    def _measure(self, group: Group, way: str, port: int, requests: Iterator[bytes], seconds: float) -> None:
        drive(port, requests, min(0.3, seconds))  # a worker's first answers include compiling and connecting
        measured = drive(port, requests, seconds)
        group.add(way, measured.per_second, measured.p99)

    def _posts(self, way: str, path: str, headers: str) -> Iterator[bytes]:
        for number in self.numbers:
            sent: dict[str, Any] = hub.payload(number, "posted-", 1)
            if way.startswith("DRF"):
                sent |= sent.pop("address")
            yield _post(path, headers, sent)

    def _arrays(self, path: str, headers: str) -> Iterator[bytes]:
        while True:
            yield _post(
                path, headers, [hub.payload(next(self.numbers), "posted-", 1) for _ in range(AT_ONCE)]
            )

    def _forget(self) -> None:
        Record.objects.filter(external_id__startswith="posted-", endpoint__name__startswith="bench-").delete()
        plain.Contact.contacts.filter(customer_id__startswith="posted-").delete()
        counts.put_together()  # as beat asks for every few seconds


def _get(path: str, headers: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()


def _post(path: str, headers: str, body: Any) -> bytes:
    sent = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Type: application/json\r\n"
        f"Content-Length: {len(sent)}\r\n\r\n"
    )
    return head.encode() + sent
