"""`manage`, `test`, `bench` and `check`: a command of the project with the services it needs."""

import os
import sys
import time
from collections.abc import Sequence

from launcher import install, services
from launcher.checks import run_checks
from launcher.front import Front
from launcher.keeper import Keeper
from launcher.output import Problem, complain
from launcher.presence import Presence
from launcher.services import Environment
from launcher.settings import ROOT, Settings
from launcher.store import SECRETS

# Environment variables that tests, checks and benchmarks get from their caller.
_KEPT = {"HUB_VENV", "HUB_DATA_DIR", "HUB_HOST", "HUB_PORT", *SECRETS}
# Variables for the tests themselves: how much to test, and where pictures go.
_KEPT |= {"HUB_E2E_RECORDS", "HUB_CONTRACT_EXAMPLES", "HUB_TEST_PICTURES"}
MANAGE = str(ROOT / "manage.py")


def manage(settings: Settings, arguments: Sequence[str]) -> int:
    """Runs manage.py with services that are running already, or with its own for as long as it takes."""
    install.ensure(settings, ["base", "embedded"] if settings.needs_services else ["base"])
    argv = [settings.python, MANAGE, *arguments]
    given = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    if not settings.needs_services:
        _become(argv, services.environment(settings, settings.data, given))
    presence = Presence(settings.data)
    until = time.monotonic() + 120
    while time.monotonic() < until:
        state = presence.owner().get("state")
        if state == "ready" and presence.join():
            running = presence.record.read().get("urls", {})
            urls = {name: given[name] or running[name] for name in given}
            _become(argv, services.environment(settings, settings.data, urls))
        if state is None:
            front = Front(lambda keeper: _serve(keeper, settings, given))
            if front.is_ready():
                urls = presence.record.read()["urls"]
                return front.run_beside(argv, services.environment(settings, settings.data, urls))
            if (code := front.wait()) != os.EX_TEMPFAIL:
                return code
        time.sleep(0.1)
    raise Problem(f"the hub on {settings.data} has been {state or 'busy'} for two minutes; see its ./hub up.")


def _become(argv: Sequence[str], env: Environment) -> None:
    sys.stdout.flush()
    os.execve(argv[0], list(argv), env)  # noqa: S606


def _serve(keeper: Keeper, settings: Settings, given: Environment) -> int:
    presence = Presence(settings.data)
    if not presence.claim(pid=keeper.front, command="manage"):
        return os.EX_TEMPFAIL
    try:
        # The output of manage.py may be piped: nothing else may go to standard output.
        sys.stdout = sys.stderr
        presence.record.update(urls=services.start(keeper, settings, settings.data, given, quiet=True))
        presence.record.update(state="ready")
        keeper.ready()
        keeper.until_released()
        presence.leave(keeper.linger)
    finally:
        presence.record.update(state="stopping")
    return 0


def test(settings: Settings, arguments: Sequence[str]) -> int:
    """Runs pytest on services and data of its own, also while `up` or another `test` is running."""
    install.ensure(settings, ["development"])
    argv = [settings.python, "-m", "pytest", *arguments]
    return Front(lambda keeper: keeper.foreground(argv, _throwaway(keeper, settings, "test"))).wait()


def bench(settings: Settings, arguments: Sequence[str]) -> int:
    """Runs the benchmarks on data of their own, stored as durably as real data."""
    install.ensure(settings, ["base", "embedded"])

    def body(keeper: Keeper) -> int:
        env = _throwaway(keeper, settings, "bench", careless=False)
        python = settings.python
        return keeper.foreground([python, MANAGE, "migrate", "--verbosity=0"], env) or keeper.foreground(
            [python, MANAGE, "hub_bench", *arguments], env
        )

    return Front(body).wait()


def check(settings: Settings, arguments: Sequence[str]) -> int:
    if arguments:
        raise Problem("./hub check takes no arguments.")
    install.ensure(settings, ["development"])
    return Front(lambda keeper: run_checks(keeper, settings, _throwaway(keeper, settings, "test"))).wait()


def _throwaway(keeper: Keeper, settings: Settings, name: str, *, careless: bool = True) -> Environment:
    """An environment with services of its own, in the first folder that is not in use."""
    for number in range(1, 20):
        area = settings.data / (name if number == 1 else f"{name}-{number}")
        if Presence(area).claim(pid=keeper.front, command=name):
            break
    else:
        raise Problem(f"twenty ./hub {name} run already.")
    # Existing services are used only if named for this purpose: DATABASE_URL may hold real data.
    given = {
        "DATABASE_URL": os.environ.get("HUB_TEST_DATABASE_URL", ""),
        "REDIS_URL": os.environ.get("HUB_TEST_REDIS_URL", ""),
    }
    urls = services.start(keeper, settings, area, given, careless=careless)
    env = services.environment(settings, area, urls)
    # With personal settings the outcome would differ from one machine to another.
    return {
        name: env[name]
        for name in env
        if not name.startswith("HUB_") or name not in os.environ or name in _KEPT
    }


def unknown(name: str, known: Sequence[str]) -> int:
    complain(f"./hub: there is no command {name!r}. There are: {', '.join(known)}. See ./hub --help.")
    return 2
