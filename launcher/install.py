"""The virtual environment: made once, filled from requirements/, and left alone until those change."""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from launcher import pip, requirements
from launcher.output import Problem, step, timed_step
from launcher.settings import Settings
from launcher.store import Store, make_folder


def ensure(settings: Settings, layers: Sequence[str]) -> None:
    """Installs these layers of requirements, unless exactly these are installed already."""
    wanted = requirements.digests(layers)
    stamp = Store(settings.venv / ".hub.json")
    if _satisfied(settings, stamp, wanted):
        return
    make_folder(settings.venv, 0o755)
    with _lock(settings.venv / ".lock"):
        if _satisfied(settings, stamp, wanted):  # another ./hub did it while this one waited
            return
        before = stamp.read()
        kept = {name: before[name] for name in before if requirements.digests([name])[name] == before[name]}
        stamp.remove()  # an interrupted installation must not look like a finished one
        if not _is_whole(settings):
            kept = {}
            _make_venv(settings)
        step("install", f"requirements/{', '.join(layers)} with pip (the first time takes a minute or two) …")
        with timed_step("install", "done"):
            pip.install(settings, requirements.flat(layers))
        stamp.write(kept | wanted)


def _satisfied(settings: Settings, stamp: Store, wanted: dict[str, str]) -> bool:
    return os.access(settings.python, os.X_OK) and wanted.items() <= stamp.read().items()


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            step("install", "another ./hub is installing; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_whole(settings: Settings) -> bool:
    """Whether there is a virtual environment whose making was not interrupted."""
    has_pip = any(settings.venv.glob("lib/python3*/site-packages/pip"))
    return os.access(settings.python, os.X_OK) and (has_pip or not _has("ensurepip"))


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _make_venv(settings: Settings) -> None:
    for entry in settings.venv.iterdir():  # left by an interrupted or outdated installation; keep our lock
        if entry.name != ".lock":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    bundled = _has("ensurepip")
    if not bundled and not _has("pip"):
        raise Problem(
            "Python's venv and pip are missing. On Debian or Ubuntu: apt-get install python3-venv; "
            "on Fedora: dnf install python3-pip."
        )
    with timed_step("install", f"virtual environment in {settings.venv}"):
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "venv", *([] if bundled else ["--without-pip"]), str(settings.venv)],
            env=pip.clean_environment(), text=True, capture_output=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise Problem(f"python -m venv failed:\n{(done.stdout + done.stderr).strip()}")
