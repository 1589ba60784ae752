"""A hub of its own: a new database, a configuration, and its three programs. It is looked at from outside only."""

import os
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis

from synchub.torture import programs
from synchub.torture.api import Api
from synchub.torture.waiting import until

LOGIN, PASSWORD = "boss", "a-password-for-the-boss"  # of somebody who may look at admin


def with_port(url: str, port: int) -> str:
    """The same service, reached through a port of this machine."""
    parts = urlsplit(url)
    credentials, at, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{credentials}{at}127.0.0.1:{port}").geturl()


class Stack:
    """Web, worker and beat over a new database. Use `start`, and `remove` in the end.

    `database_url` is any database of a server on which one more may be made; `config` the text of a configuration
    file, "" where nothing is set up yet. Each program's `env` may be changed before it is started.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        redis_url: str,
        config: str,
        *,
        token: str = "",
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self._config, self._server = folder, config, database_url
        self.name = f"hub_{uuid.uuid4().hex[:12]}"
        self.redis_url = redis_url
        self.redis = redis.Redis.from_url(redis_url)
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | {
            "DATABASE_URL": self.database_url(),
            "REDIS_URL": redis_url,
            "DJANGO_SETTINGS_MODULE": "synchub.settings",
            "HUB_SECRET_KEY": "torture" * 8,
            "HUB_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "DJANGO_SUPERUSER_USERNAME": LOGIN,
            "DJANGO_SUPERUSER_EMAIL": "boss@example.com",
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            **(env or {}),
        }
        port = programs.free_port()
        self.api = Api(port, token)
        self.web = programs.web("web", port, self.env, folder)
        self.worker = programs.worker("worker", self.env, folder)
        self.beat = programs.beat("beat", self.env, folder)
        self.guests: list[programs.Program] = []

    def start(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{self.name}"')
        file = self.folder / "hub.yaml"
        file.write_text(self._config)
        self.manage("hub_prepare", *([f"--apply={file}"] if self._config else []))
        self.whole()

    def whole(self) -> None:
        """Start whatever of the three does not run, and wait for the web server."""
        for program in (self.web, self.worker, self.beat):
            if not program.runs:
                program.start()
        until(self.api.is_there, "the web server answers")

    def guest(self, program: programs.Program) -> programs.Program:
        """One more program, for a while."""
        self.guests.append(program)
        program.start()
        return program

    def see_guests_off(self) -> None:
        while self.guests:
            self.guests.pop().kill()

    def end(self) -> None:
        """Kill all that runs; the database stays."""
        self.see_guests_off()
        for program in (self.beat, self.worker, self.web):
            program.kill()

    def remove(self) -> None:
        self.end()
        self.redis.flushdb()
        self.redis.close()
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def manage(self, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *arguments],
            cwd=programs.ROOT, env=self.env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}")

    def database_url(self, port: int | None = None) -> str:
        url = self._server if port is None else with_port(self._server, port)
        return urlsplit(url)._replace(path=f"/{self.name}").geturl()

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url(), autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def first_pulls_ended(self) -> int:
        """How many endpoints have all of Odoo's records."""
        return int(self.sql("SELECT count(*) FROM endpoints_pullstate WHERE complete")[0][0])

    def states(self, prefix: str, endpoint: str = "partners") -> dict[str, int]:
        """The changes of the records whose names begin so, by state, as admin shows them."""
        return dict(
            self.sql(
                """SELECT c.state, count(*) FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
                   JOIN endpoints_endpoint e ON e.id = c.endpoint_id
                   WHERE e.name = %s AND r.external_id LIKE %s GROUP BY 1""",
                endpoint,
                f"{prefix}%",
            )
        )
