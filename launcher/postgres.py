"""The embedded PostgreSQL: an ordinary cluster of its own, on 127.0.0.1, with a password."""

import os
import secrets
import shutil
import signal
from pathlib import Path

from launcher import ports, system
from launcher.child import Program
from launcher.keeper import Keeper
from launcher.lodging import Lodging
from launcher.output import Problem, tail
from launcher.store import Store

_MAJOR = "18"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # No socket files: a deep checkout's path would be too long for one.
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
# Temporary data need not survive a power cut.
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    def __init__(self, keeper: Keeper, lodging: Lodging, area: Path, *, careless: bool) -> None:
        self.keeper, self.lodging, self.careless = keeper, lodging, careless
        self.folder = lodging.folder("postgres")
        self.cluster = self.folder / "cluster"
        self.logs = area / "logs"
        self.state = Store(area / "state.json")
        self.secrets = Store(area / "secrets.json")

    def start(self) -> str:
        """Starts it, and makes the cluster if there is none; returns DATABASE_URL."""
        self._end_leftover()
        self._prepare()
        if not self._start() and self.careless:
            # A temporary cluster that does not start is made again.
            shutil.rmtree(self.cluster)
            self._prepare()
            self._start()
        if self.child.ended():
            raise Problem(
                f"PostgreSQL did not start ({self.child.how_it_ended()}):\n{tail(self.child.program.log)}"
            )
        return f"postgres://hub:{self.password}@127.0.0.1:{self.port}/hub"

    def _start(self) -> bool:
        for _ in range(3):  # another program may take the port before it starts
            self.port = ports.choose(self.state, "postgres")
            options = _SETTINGS | {"port": str(self.port)} | (_CARELESS if self.careless else {})
            self.child = self.keeper.start(
                Program(
                    "PostgreSQL",
                    [self.lodging.program("postgres"), "-D", str(self.cluster)]
                    + [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
                    _ENVIRONMENT,
                    self.logs / "postgres.log",
                    stop=((signal.SIGINT, 15.0),),  # fast: ends sessions, writes everything
                    orphaned=signal.SIGINT,
                    abort=signal.SIGQUIT,
                    cwd=self.cluster.parent if not self.lodging.account else Path("/"),
                    account=self.lodging.account,
                )
            )
            if self.keeper.wait_until(self.child, self._is_ready, 120):
                return True
            if not self.child.ended():
                raise Problem(f"PostgreSQL is not ready after two minutes:\n{tail(self.child.program.log)}")
            self.keeper.children.remove(self.child)
        return False

    def _is_ready(self) -> bool:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.child.pid) and lines[7].strip() == "ready"

    def _end_leftover(self) -> None:
        """Stops a server that still runs on this cluster. It has lost its launcher: the data folder is ours."""
        pidfile = self.cluster / "postmaster.pid"
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            for _ in range(200):
                pid = system.running_in(pidfile, self.cluster)
                if pid is None:
                    # Another process may have the pid by now, and PostgreSQL would refuse to start.
                    pidfile.unlink(missing_ok=True)
                    return
                system.send(pid, number)
                self.keeper.pause(0.05)

    def _prepare(self) -> None:
        kept = self.secrets.read().get("postgres_password")
        self.password = kept or secrets.token_urlsafe(24)
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        elif (version := (self.cluster / "PG_VERSION").read_text().strip()) != _MAJOR:
            raise Problem(
                f"{self.cluster} was made by PostgreSQL {version}; this is {_MAJOR}. Export it there first."
            )
        elif kept is None:
            self._single_user(self.cluster, f"ALTER ROLE hub PASSWORD '{self.password}'")
        if kept is None:
            self.secrets.update(postgres_password=self.password)

    def _initialise(self) -> None:
        fresh = self.folder / "unfinished"
        shutil.rmtree(fresh, ignore_errors=True)
        secret = self.folder / "initial-password"
        secret.unlink(missing_ok=True)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.password)
        self.lodging.hand_over(secret)
        self._run(
            "initdb", "-D", str(fresh), "-U", "hub", "--pwfile", str(secret),
            "--auth=scram-sha-256", "--encoding=UTF8",
            # Knows upper and lower case of all languages, whatever locales the machine has.
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            *(["--no-sync"] if self.careless else []),
        )  # fmt: skip
        secret.unlink()
        self._single_user(fresh, "CREATE DATABASE hub")
        fresh.rename(self.cluster)  # so that an interrupted first start leaves no incomplete cluster

    def _single_user(self, cluster: Path, sql: str) -> None:
        command = 'printf "%s\\n" "$2" | "$0" --single -D "$1" postgres'
        postgres = self.lodging.program("postgres")
        output = self._run("/bin/sh", "-c", command, postgres, str(cluster), sql)
        if "ERROR:" in output:  # the exit code does not tell
            raise Problem(f"PostgreSQL could not be set up:\n{output}")

    def _run(self, name: str, *arguments: str) -> str:
        program = name if name.startswith("/") else self.lodging.program(name)
        log = self.logs / "postgres-setup.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        done = self.keeper.run(
            Program(
                name, [program, *arguments], _ENVIRONMENT, log, cwd=Path("/"), account=self.lodging.account
            )
        )
        if done.code:
            raise Problem(f"PostgreSQL could not be set up ({Path(name).name}):\n{done.output}")
        return done.output
