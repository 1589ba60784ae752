"""A hub of its own: database, configuration, processes. Tests look at it from outside only."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis

from demo.odoo import PracticeOdoo
from tests.e2e import processes
from tests.e2e.waiting import until

LEASE, SWEEP_EVERY, PULL_EVERY = 4, 2, 5
TOKEN = "e2e-token-e2e-token-e2e-token"
CONFIG = """
connections:
  - {{name: practice, url: "{url}", database: practice, login: admin, secret: admin}}
mappings:
  - name: partner
    connection: practice
    model: res.partner
    lines:
      - {{key: customer_id, field: ref, identifier: true}}
      - {{key: name, field: name, required: true}}
      - {{key: city, field: city}}
      - {{key: updated_at, field: write_date, direction: from_odoo}}
  - name: country
    connection: practice
    model: res.country
    lines:
      - {{key: code, field: code, identifier: true}}
      - {{key: name, field: name}}
endpoints:
  - name: partners
    mapping: partner
    domain: "[('ref', '!=', False)]"
    keys: [{{name: test, token: {token}}}]
    pull: {{every: {every}}}
    rate_limits: null
  - name: countries
    mapping: country
    methods: [GET]
    auth: none
    pull: {{every: {every}}}
    rate_limits: null
    on_delete: ignore
"""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]


class NoAnswer(Exception):
    """The web server is not there, or went away in the middle."""


class Api:
    """What a consumer sees at one web process."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        request = urllib.request.Request(
            f"{self.base}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, json.load(answer), _headers(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, json.load(error), _headers(error.headers))
        except OSError as error:
            raise NoAnswer from error

    def post(self, body: Any) -> Answer:
        return self.call("POST", "/bj_api_sync/v1/partners", body)

    def get(self, path: str) -> Answer:
        return self.call("GET", f"/bj_api_sync/v1/{path}")

    def is_there(self) -> bool:
        try:
            return self.call("GET", "/healthz").status == 200
        except NoAnswer:
            return False


class Stack:
    """Web, worker and beat over a new database. Use `start`, and `remove` in the end."""

    def __init__(self, odoo: PracticeOdoo, folder: Path, config: str = CONFIG) -> None:
        """`config` "": nothing is set up yet."""
        self.odoo, self.folder, self._config = odoo, folder, config
        self._given = os.environ["DATABASE_URL"]
        self.name = f"hub_e2e_{uuid.uuid4().hex[:8]}"
        self.redis_url = _unused_redis(os.environ["REDIS_URL"], self.name)
        self.redis = redis.Redis.from_url(self.redis_url)
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | {
            "DATABASE_URL": self.database_url(),
            "REDIS_URL": self.redis_url,
            "DJANGO_SETTINGS_MODULE": "synchub.settings",
            "HUB_SECRET_KEY": "e2e" * 16,
            "HUB_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "HUB_LEASE": str(LEASE),
            "HUB_SWEEP_EVERY": str(SWEEP_EVERY),
        }
        port = processes.free_port()
        self.api = Api(port)
        self.web = processes.web("web", port, self.env, folder)
        self.worker = processes.worker("worker", self.env, folder)
        self.beat = processes.beat("beat", self.env, folder)
        self.guests: list[processes.Program] = []

    def start(self) -> None:
        with psycopg.connect(self._given, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{self.name}"')
        self.manage("migrate", "--noinput", "--verbosity=0")
        if self._config:
            config = self.folder / "hub.yaml"
            config.write_text(self._config.format(url=self.odoo.url, token=TOKEN, every=PULL_EVERY))
            self.manage("hub_apply", str(config))
        self.whole()

    def whole(self) -> None:
        """Start whatever of the three does not run, and wait for the web server."""
        for program in (self.web, self.worker, self.beat):
            if not program.runs:
                program.start()
        until(self.api.is_there, "the web server answers")

    def guest(self, program: processes.Program) -> processes.Program:
        """One more program, until the end of the test."""
        self.guests.append(program)
        program.start()
        return program

    def see_guests_off(self) -> None:
        while self.guests:
            self.guests.pop().kill()

    def remove(self) -> None:
        self.see_guests_off()
        for program in (self.beat, self.worker, self.web):
            program.kill()
        self.redis.flushdb()
        self.redis.close()
        with psycopg.connect(self._given, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def manage(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=processes.ROOT, env=self.env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def database_url(self, port: int | None = None) -> str:
        parts = urlsplit(self._given)
        location = parts.netloc if port is None else f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}"
        return parts._replace(netloc=location, path=f"/{self.name}").geturl()

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def first_pulls_ended(self) -> int:
        """How many endpoints have all of Odoo's records."""
        return int(self.sql("SELECT count(*) FROM endpoints_pullstate WHERE complete")[0][0])

    def get_count(self, endpoint: str) -> int:
        return int(self.api.get(f"{endpoint}?limit=1").body["count"])

    def in_odoo(self, prefix: str) -> dict[str, int]:
        """How many partners of Odoo have each reference that begins so."""
        counts: dict[str, int] = {}
        for row in self.odoo.execute(
            "res.partner", "search_read", [("ref", "=like", f"{prefix}%")], fields=["ref"],
            context={"active_test": False},
        ):  # fmt: skip
            counts[row["ref"]] = counts.get(row["ref"], 0) + 1
        return counts

    def states(self, prefix: str) -> dict[str, int]:
        """The changes of these records by state, as admin shows them."""
        return dict(
            self.sql(
                """SELECT c.state, count(*) FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
                   WHERE r.external_id LIKE %s GROUP BY 1""",
                f"{prefix}%",
            )
        )

    def arrived(self, prefix: str, count: int, seconds: float = 45.0) -> None:
        """Wait until all are settled; then each is in Odoo, and once."""
        until(
            lambda: self.states(prefix) == {"applied": count},
            f"{count} changes of {prefix} are applied",
            seconds,
            0.2,
        )
        found = self.in_odoo(prefix)
        assert len(found) == count
        assert set(found.values()) == {1}


def _headers(given: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in given.items()}


def _unused_redis(url: str, name: str) -> str:
    """The address of one of the server's databases that nobody uses."""
    parts = urlsplit(url)
    for number in range(15, 8, -1):
        address = parts._replace(path=f"/{number}").geturl()
        with redis.Redis.from_url(address) as client:
            if client.dbsize() == 0 and client.set("hub:e2e", name, nx=True):
                return address
    raise AssertionError("No database of this Redis is empty.")
