"""What the environment says about this copy of the hub. A bad value is refused with the variable's name."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from launcher.output import Problem

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    data: Path
    venv: Path
    host: str
    address: str  # the host as an IP address, for servers
    port: int
    config: Path | None
    database_url: str
    redis_url: str

    @property
    def python(self) -> str:
        return str(self.venv / "bin" / "python")

    @property
    def needs_services(self) -> bool:
        return not (self.database_url and self.redis_url)

    @property
    def is_everywhere(self) -> bool:
        """Whether the server listens on every network of the machine."""
        return self.host in ("0.0.0.0", "::")  # noqa: S104

    @property
    def written_host(self) -> str:
        """The host as clients on this machine write it in a URL."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"[{host}]" if ":" in host else host

    @property
    def base(self) -> str:
        return f"http://{self.written_host}:{self.port}"


def read() -> Settings:
    config = os.environ.get("HUB_CONFIG", "")
    if config and not Path(config).is_file():
        raise Problem(f"HUB_CONFIG names a file that is not there: {Path(config).absolute()}")
    host, address = _host(os.environ.get("HUB_HOST") or "127.0.0.1")
    return Settings(
        data=Path(os.environ.get("HUB_DATA_DIR") or ROOT / ".hub").expanduser().absolute(),
        venv=Path(os.environ.get("HUB_VENV") or ROOT / ".venv").expanduser().absolute(),
        host=host,
        address=address,
        port=_port(os.environ.get("HUB_PORT") or "8000"),
        config=Path(config).absolute() if config else None,
        database_url=os.environ.get("DATABASE_URL", ""),
        redis_url=os.environ.get("REDIS_URL", ""),
    )


def _host(value: str) -> tuple[str, str]:
    host = value.strip().removeprefix("[").removesuffix("]")
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Problem(
            f"HUB_HOST is {value!r}, which is no address of this machine. "
            "Try 127.0.0.1 (this machine only) or 0.0.0.0 (every network it is on)."
        ) from None
    # `localhost` has two addresses; other programs also try the IPv4 one.
    first = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return host, str(first[4][0])


def _port(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise Problem(f"HUB_PORT is {value!r}; it must be a number from 1 to 65535.")
    return int(value)
