"""What a program says that is started with wrong settings, and what it makes of right ones."""

import json
import os
import subprocess
import sys

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
    assert lists == [["hub.example.com", "127.0.0.1"], ["B" * 43 + "=", "A" * 43 + "="], ["iban", "ssn"]]
