"""Linux functions for controlling processes: their tree, and what happens to them when their parent dies."""

import ctypes
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """From now on a descendant whose parent dies becomes a child of this process instead of init's."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def dying_with_parent(number: int) -> Callable[[], None]:
    """For `preexec_fn`: the child gets this signal when its parent dies, however that happens."""
    parent = os.getpid()

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return prepare


def descendants(of: int) -> list[int]:
    """Every living process below this one, parents before their children."""
    below: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        with suppress(OSError, ValueError, IndexError):
            # After the name, which may itself hold spaces and brackets: state, then parent.
            state, parent = Path(entry.path, "stat").read_text().rpartition(")")[2].split()[:2]
            if state not in "ZX":
                below.setdefault(int(parent), []).append(int(entry.name))
    found: list[int] = []
    waiting = list(below.get(of, []))
    while waiting:
        pid = waiting.pop(0)
        found.append(pid)
        waiting += below.get(pid, [])
    return found


def reap_adopted(known: set[int]) -> None:
    """Reaps adopted children that have ended. The known ones are waited for by whoever started them."""
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) in known:
            continue
        with suppress(OSError, ValueError, IndexError):
            state, parent = Path(entry.path, "stat").read_text().rpartition(")")[2].split()[:2]
            if state == "Z" and int(parent) == os.getpid():
                os.waitpid(int(entry.name), os.WNOHANG)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(pid: int, number: int, *, group: bool = False) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def running_in(pidfile: Path, folder: Path) -> int | None:
    """The process named by a pid file, if it lives and really works in this folder, since pids are reused."""
    with suppress(OSError, ValueError, IndexError):
        pid = int(pidfile.read_text().split()[0])
        if Path(f"/proc/{pid}/cwd").samefile(folder):
            return pid
    return None


def can_listen(host: str, port: int) -> str:
    """Empty if a server may listen there, otherwise the system's error."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def listener(port: int) -> int | None:
    """The process that listens on a port, if this user may see it."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for row in Path(table).read_text().splitlines()[1:]:
                fields = row.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    for entry in os.scandir("/proc"):
        if not inodes or not entry.name.isdigit():
            continue
        with suppress(OSError):
            for handle in os.scandir(f"{entry.path}/fd"):
                with suppress(OSError):
                    if str(Path(handle.path).readlink()) in inodes:
                        return int(entry.name)
    return None


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
