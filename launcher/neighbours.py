"""Looks, before `up` starts, for another hub on the same data and for another program on the same port."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from launcher import system
from launcher.output import Problem, step
from launcher.presence import Presence
from launcher.settings import Settings

_PATIENCE = 20.0


def wait_for_predecessor(settings: Settings, pause: Callable[[float], None] = time.sleep) -> None:
    """Waits for a hub that is stopping, and refuses to start beside a running one."""
    presence = Presence(settings.data)
    until = time.monotonic() + _PATIENCE
    told = False
    while owner := presence.owner():
        pid, command = owner.get("pid", 0), owner.get("command")
        if command == "up" and owner.get("state") != "stopping" and system.alive(pid):
            where = f"at {owner['url']}" if owner.get("state") == "ready" else "and about to be ready"
            raise Problem(f"already running (pid {pid}) {where}; it uses the data in {settings.data}.")
        if time.monotonic() > until:
            raise Problem(f"./hub {command} (pid {pid}) still uses {settings.data}; end it first.")
        if not told:
            step("wait", f"for ./hub {command} (pid {pid}), which uses {settings.data}")
            told = True
        pause(0.1)


def check_port(settings: Settings) -> None:
    problem = system.can_listen(settings.address, settings.port)
    if not problem:
        return
    where = f"{settings.host}:{settings.port}"
    if "in use" not in problem:
        variable = "HUB_PORT" if "denied" in problem else "HUB_HOST"
        raise Problem(f"cannot listen on {where}: {problem.lower()}. Set {variable} to another value.")
    pid = system.listener(settings.port)
    who = "another program"
    if pid:
        with suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            who = f"another program (pid {pid}: {command.strip()[:60]})"
            if "synchub.wsgi" in command:
                who = f"another copy of the hub (pid {pid}, in {Path(f'/proc/{pid}/cwd').readlink()})"
    raise Problem(f"{where} is in use by {who}. Set HUB_PORT to another port: HUB_PORT=8001 ./hub up")
