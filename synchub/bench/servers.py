"""Web servers as `./hub up` starts them, each in processes of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def served(
    application: str, settings: str = "synchub.settings", *, server: str = "synchub.server", **variables: str
) -> Iterator[int]:
    """The port on which granian serves it. `server`: the module that starts it. `variables`: for its environment."""
    port = _free_port()
    command = [
        sys.executable, "-m", server, "--interface", "wsgi", "--no-ws", "--backlog", "1024", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "2", "--blocking-threads", "4", "--log-level", "warning", application,
    ]  # fmt: skip
    process = subprocess.Popen(command, env=_environment(settings) | variables)  # noqa: S603
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _environment(settings: str) -> dict[str, str]:
    quiet = {
        "PYTHONWARNINGS": "ignore::UserWarning",
        "HUB_LOG_LEVEL": "WARNING",
    }  # no static files are collected
    return os.environ | quiet | {"DJANGO_SETTINGS_MODULE": settings}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("A web server of the benchmark did not start; what it says stands above.")
