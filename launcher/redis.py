"""The embedded Redis: on 127.0.0.1, with a password. Nothing depends on its snapshot."""

import os
import secrets
import signal
import socket
from pathlib import Path

from launcher import ports, system
from launcher.child import Program
from launcher.keeper import Keeper
from launcher.lodging import Lodging
from launcher.output import Problem, tail
from launcher.store import Store

_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
pidfile {folder}/redis.pid
daemonize no
appendonly no
save 300 1 60 1000
stop-writes-on-bgsave-error no
maxmemory-policy noeviction
"""


class Redis:
    def __init__(self, keeper: Keeper, lodging: Lodging, area: Path) -> None:
        self.keeper, self.lodging = keeper, lodging
        self.folder = lodging.folder("redis")
        self.log = area / "logs" / "redis.log"
        self.state = Store(area / "state.json")
        store = Store(area / "secrets.json")
        self.password = store.read().get("redis_password") or secrets.token_urlsafe(24)
        store.update(redis_password=self.password)

    def start(self) -> str:
        """Starts it; returns REDIS_URL."""
        self._end_leftover()
        for _ in range(3):  # another program may take the port before it starts
            self.port = ports.choose(self.state, "redis")
            child = self.keeper.start(
                Program(
                    "Redis",
                    [self.lodging.program("redis-server"), self._configuration()],
                    {"PATH": "/usr/bin:/bin", "LANG": "C"},
                    self.log,
                    stop=((signal.SIGTERM, 10.0),),
                    cwd=Path("/"),
                    account=self.lodging.account,
                )
            )
            if self.keeper.wait_until(child, self._answers, 60):
                return f"redis://:{self.password}@127.0.0.1:{self.port}/0"
            if not child.ended():
                break
            self.keeper.children.remove(child)
        raise Problem(f"Redis did not start ({child.how_it_ended()}):\n{tail(self.log)}")

    def _configuration(self) -> str:
        path = self.folder / "redis.conf"
        path.unlink(missing_ok=True)
        folder = str(self.folder)
        text = _CONFIGURATION.format(port=self.port, password=self.password, folder=f'"{folder}"')
        text = text.replace(f'"{folder}"/redis.pid', f'"{folder}/redis.pid"')
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        self.lodging.hand_over(path)
        return str(path)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while part := connection.recv(256):
                    answer += part
                    if answer.count(b"\r\n") >= 2:
                        break
        except OSError:
            return False
        return answer.endswith(b"+PONG\r\n")

    def _end_leftover(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for _ in range(100):
                pid = system.running_in(self.folder / "redis.pid", self.folder)
                if pid is None:
                    return
                system.send(pid, number)
                self.keeper.pause(0.05)
