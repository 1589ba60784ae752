"""What a program says that is started with wrong settings, and what it makes of right ones."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent

BASE = {
    "DATABASE_URL": "postgres://hub:secret@127.0.0.1:5432/hub",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "HUB_SECRET_KEY": "s" * 40,
    "HUB_ENCRYPTION_KEYS": "A" * 43 + "=",
}


def started(program: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "DATABASE"))}
    return subprocess.run(
        [sys.executable, *program], env=clean | BASE | variables, capture_output=True, text=True, check=False
    )


def test_all_that_is_wrong_is_said_at_once_by_name_without_traceback_or_secret():
    wrong = {
        "DATABASE_URL": "postgres://hub:se/cret@127.0.0.1/hub",
        "REDIS_URL": "127.0.0.1:6379",
        "HUB_TIME_ZONE": "Mars/Phobos",
        "HUB_CSRF_TRUSTED_ORIGINS": "hub.example.com",
        "HUB_ALLOWED_HOSTS": "",
        "HUB_LEASE": "abc",
        "HUB_SECRET_KEY": "short",
    }
    for program in (["manage.py", "check"], ["-m", "celery", "-A", "synchub", "beat"]):
        ended = started(program, **wrong)
        assert ended.returncode == 1
        assert "Traceback" not in ended.stderr
        assert "cret" not in ended.stderr.replace("HUB_SECRET_KEY", "")
        first, *lines = ended.stderr.strip().splitlines()
        assert first.startswith("The hub does not start")
        assert [line.split(":")[0].strip() for line in lines] == sorted(wrong)


def test_another_database_than_postgresql_is_refused():
    ended = started(["manage.py", "check"], DATABASE_URL="mysql://hub:secret@127.0.0.1/hub")
    assert "write it as postgres://user:password@host:port/name" in ended.stderr


def test_a_database_that_is_not_there_is_said_without_traceback():
    ended = started(["manage.py", "migrate"], DATABASE_URL="postgres://hub:secret@127.0.0.1:9/hub")
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        "PostgreSQL cannot do this; see that it runs, and that DATABASE_URL leads there"
    )
    assert "Traceback" not in ended.stderr
    assert "secret" not in ended.stderr


def test_options_of_the_database_s_address_count_and_lists_may_have_space_in_them():
    tell = "import json; from synchub import settings as s; print(json.dumps([s.DATABASES['default']['OPTIONS'], "
    tell += "s.ALLOWED_HOSTS, s.HUB_ENCRYPTION_KEYS, s.EXCHANGE_SECRETS]))"
    ended = started(
        ["-c", tell],
        DATABASE_URL=BASE["DATABASE_URL"] + "?sslmode=verify-full&sslrootcert=/ca.pem",
        HUB_ALLOWED_HOSTS="hub.example.com, 127.0.0.1",
        HUB_ENCRYPTION_KEYS=f"{'B' * 43}=, {'A' * 43}=",
        HUB_EXCHANGE_SECRETS="iban, ssn",
    )
    options, *lists = json.loads(ended.stdout)
    assert options["sslmode"] == "verify-full"
    assert options["sslrootcert"] == "/ca.pem"
    assert options["connect_timeout"] == 5
    # A server that vanished without a word is noticed within a minute, not after two hours.
    assert options["keepalives_idle"] + options["keepalives_interval"] * options["keepalives_count"] <= 60
    assert options["tcp_user_timeout"] <= 60_000
    assert lists == [["hub.example.com", "127.0.0.1"], ["B" * 43 + "=", "A" * 43 + "="], ["iban", "ssn"]]


def test_each_variable_is_documented_and_reaches_the_containers():
    names = set(re.findall(r'"(HUB_\w+)"', (ROOT / "synchub" / "settings.py").read_text()))
    documented = set(re.findall(r"`(HUB_\w+)`", (ROOT / "docs" / "production.md").read_text()))
    assert names - documented == set()
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for name in ("web", "worker", "puller", "housekeeper", "beat", "migrate"):
        assert services[name]["env_file"] == [{"path": ".env", "required": False}]
        assert services[name]["environment"]["HUB_PORT"] == "8000"  # .env has the machine's own
    served = [part for one in services.values() for part in one.get("command", []) if "--queues=" in part]
    assert sorted(served) == ["--queues=housekeeping,celery", "--queues=pull", "--queues=push"]
    assert all(service["logging"]["options"]["max-size"] for service in services.values())


def test_the_log_level_is_that_of_workers_and_beat_as_well():
    tell = (
        "import logging; from synchub.celery import app; app.loader.import_default_modules();"
        "app.log.setup(loglevel='INFO'); print(*(logging.getLogger(name).isEnabledFor(logging.INFO)"
        " for name in ('celery.worker', 'celery.beat', 'celery.app.trace')))"
    )
    assert started(["-c", tell], HUB_LOG_LEVEL="WARNING").stdout.split() == ["False", "False", "False"]
    # Each task that is sent and done, every two seconds for some of them, is for who looks for something.
    assert started(["-c", tell], HUB_LOG_LEVEL="INFO").stdout.split() == ["True", "False", "False"]
    assert started(["-c", tell], HUB_LOG_LEVEL="DEBUG").stdout.split() == ["True", "True", "True"]
