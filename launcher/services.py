"""PostgreSQL and Redis for one data folder, and the environment that the hub's programs get."""

import os
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from launcher import lodging, ports
from launcher.keeper import Keeper
from launcher.output import timed_step
from launcher.pip import clean_environment
from launcher.postgres import Postgres
from launcher.redis import Redis
from launcher.settings import Settings
from launcher.store import Store, secrets_for

Environment = dict[str, str]


def start(
    keeper: Keeper,
    settings: Settings,
    area: Path,
    given: Mapping[str, str],
    *,
    careless: bool = False,
    quiet: bool = False,
) -> dict[str, str]:
    """Starts the services that are not given; returns DATABASE_URL and REDIS_URL."""
    urls = {name: given.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    if all(urls.values()):
        return urls
    home = lodging.find(settings, area)
    if not urls["DATABASE_URL"]:
        with nullcontext() if quiet else timed_step("PostgreSQL", "ready"):
            urls["DATABASE_URL"] = Postgres(keeper, home, area, careless=careless).start()
    if not urls["REDIS_URL"]:
        with nullcontext() if quiet else timed_step("Redis", "ready"):
            urls["REDIS_URL"] = Redis(keeper, home, area).start()
    return urls


def environment(settings: Settings, area: Path, urls: Mapping[str, str]) -> Environment:
    """The environment of each of the hub's programs."""
    env = clean_environment() | secrets_for(area) | dict(urls)
    state = Store(area / "state.json")
    env.setdefault(
        "HUB_PRACTICE_URL",
        f"http://127.0.0.1:{state.read().get('practice_port') or ports.choose(state, 'practice')}",
    )
    # It answers to the name it listens under. More names have to be allowed by a person.
    names = ["127.0.0.1", "localhost", "[::1]", *([] if settings.is_everywhere else [settings.written_host])]
    env.setdefault("HUB_ALLOWED_HOSTS", ",".join(dict.fromkeys(names)))
    return env | {
        "PATH": f"{settings.venv / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(settings.venv),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "synchub.settings",
        "HUB_DATA_DIR": str(area),
        "HUB_HOST": settings.host,
        "HUB_PORT": str(settings.port),
    }
