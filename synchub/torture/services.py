"""A PostgreSQL and a Redis of one's own, to be killed: the same programs that `./hub` runs."""

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import redis

from launcher import lodging, settings
from synchub.torture.programs import Program, free_port
from synchub.torture.waiting import until

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}


class Services:
    """Both in `folder`, on ports of their own; nothing of them outlives `stop`."""

    def __init__(self, folder: Path) -> None:
        here = dataclasses.replace(settings.read(), data=folder, venv=Path(sys.prefix))
        self._lodging = lodging.find(here, folder)
        self._postgres_port, self._redis_port = free_port(), free_port()
        self._cluster = self._lodging.folder("postgres") / "cluster"
        self.postgres = Program(
            "postgres",
            [self._lodging.program("postgres"), "-D", str(self._cluster), *_options(self._postgres_port)],
            _ENVIRONMENT,
            folder,
            account=self._lodging.account,
        )
        self.redis = Program(
            "redis",
            [self._lodging.program("redis-server"), "--bind", "127.0.0.1", "--port", str(self._redis_port),
             "--dir", str(self._lodging.folder("redis")), "--save", "", "--maxmemory-policy", "noeviction"],
            _ENVIRONMENT,
            folder,
            account=self._lodging.account,
        )  # fmt: skip

    @property
    def database_url(self) -> str:
        return f"postgres://hub@127.0.0.1:{self._postgres_port}/postgres"

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self._redis_port}/0"

    def start(self) -> None:
        """Whichever of them does not run."""
        if not self._cluster.exists():
            account = self._lodging.account
            subprocess.run(  # noqa: S603
                [self._lodging.program("initdb"), "-D", str(self._cluster), "-U", "hub", "--auth=trust", "--no-sync",
                 "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
                env=_ENVIRONMENT, cwd="/", check=True, capture_output=True,
                user=account.uid if account else None, group=account.gid if account else None,
                extra_groups=[] if account else None,
            )  # fmt: skip
        if not self.postgres.runs:
            # What a killed server left behind would be taken for a living one, should its number be used again.
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)
            self.postgres.start()
        if not self.redis.runs:
            self.redis.start()
        until(self._postgres_answers, "PostgreSQL answers", 60)
        until(self._redis_answers, "Redis answers", 60)

    def stop(self) -> None:
        self.redis.kill()
        if self.postgres.runs:
            self.postgres.ask_to_stop(30, signal.SIGINT)

    def crash_postgres(self) -> None:
        """As by a power cut that the disk survives: every session is gone at once, nothing is tidied up."""
        self.postgres.kill()
        # Its children are sessions of their own; they end when they see that it is gone.
        until(lambda: not _any_in(self._cluster), "PostgreSQL's processes are gone", 30)

    def _postgres_answers(self) -> bool:
        try:
            psycopg.connect(self.database_url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _redis_answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.redis_url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _options(port: int) -> list[str]:
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "100",
        "timezone": "UTC",
        # A process that is killed leaves the machine's memory as it is: what was written is there.
        "fsync": "off",
        # But what was answered has to have been written.
        "synchronous_commit": "on",
    }
    return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]


def _any_in(folder: Path) -> bool:
    """Does a process live there?"""
    with os.scandir("/proc") as entries:
        return any(entry.name.isdigit() and _lives_in(entry.path, folder) for entry in entries)


def _lives_in(process: str, folder: Path) -> bool:
    try:
        return Path(process, "cwd").samefile(folder)
    except OSError:
        return False
