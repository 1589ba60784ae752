"""A hub that is up: what others may do beside it, and that what dies comes back."""

import os
import re
import shlex
import signal
import subprocess
import time

import pytest

from tests.launcher.conftest import LONG, Hub, Store, name_of, nothing_is_left, wait_until

pytestmark = pytest.mark.processes


def _one(hub: Hub, words: str) -> int:
    """The first process, parents before children, whose command line holds these words."""
    return next((pid for pid in hub.tree() if words in name_of(pid)), 0)


def test_it_prints_the_address_the_login_and_three_lines_that_work(running_hub: Hub):
    output = running_hub.output()
    assert f"http://127.0.0.1:{running_hub.port}/admin/" in output
    assert "login: admin" in output
    assert re.search(r"password: \S{12,}", output)
    lines = [line for line in output.splitlines() if line.startswith("curl")]
    assert len(lines) == 3
    for line in lines:
        done = subprocess.run([*shlex.split(line), "-fsS"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_second_up_says_that_one_runs(running_hub: Hub):
    done = running_hub.run("up")
    assert done.returncode == 1
    assert (
        f"already running (pid {running_hub.process.pid}) at http://127.0.0.1:{running_hub.port}"
        in done.stderr
    )


def test_another_copy_on_the_same_port_is_recognised(running_hub: Hub, hub: Hub):
    done = hub.run("up", HUB_PORT=str(running_hub.port))
    assert done.returncode == 1
    assert "another copy of the hub" in done.stderr
    assert "HUB_PORT" in done.stderr


def test_manage_uses_the_database_of_up(running_hub: Hub):
    done = running_hub.run(
        "manage", "shell", "--no-imports", "-c",
        "from django.contrib.auth import get_user_model as user; print(user().objects.get().username)",
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "admin\n"), done.stderr
    assert running_hub.process.poll() is None


def test_another_copy_runs_beside_it_twice_in_a_row_until_a_second_ctrl_c_that_does_not_wait(
    running_hub: Hub, hub: Hub
):
    hub.up()
    first = hub.wait_ready()
    ports = _ports(hub)
    pids = hub.tree()
    assert hub.stop(signal.SIGINT) == 0
    nothing_is_left(pids)
    hub.up()
    wait_until(lambda: "Three lines" in hub.output())
    os.kill(_one(hub, "bin/postgres"), signal.SIGKILL)  # while it is asked for these
    second = hub.wait_ready()
    wait_until(lambda: "PostgreSQL started again" in hub.output())
    assert "printed only this once" in first
    assert "printed only this once" not in second
    assert ports == _ports(hub)

    pids = hub.tree()
    hub.process.send_signal(signal.SIGINT)
    time.sleep(0.4)
    hub.process.send_signal(signal.SIGINT)
    assert hub.process.wait(LONG) == 0
    nothing_is_left(pids)
    assert running_hub.process.poll() is None


def _ports(hub: Hub) -> dict[str, object]:
    return {name: value for name, value in Store(hub.data / "state.json").read().items() if "port" in name}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("worker", "celery -A synchub worker -n worker"),
        ("puller", "celery -A synchub worker -n puller"),
        ("beat", "celery -A synchub beat"),
        ("Redis", "redis-server"),
        ("PostgreSQL", "bin/postgres"),
    ],
)
def test_what_is_killed_comes_back(running_hub: Hub, name: str, words: str):
    victim = _one(running_hub, words)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: f"{name} started again" in running_hub.output())
    assert f"{name} ended (killed by SIGKILL)" in running_hub.output()
    assert _one(running_hub, words) not in (0, victim)


def test_a_killed_web_process_comes_back_on_the_same_port(running_hub: Hub):
    os.kill(_one(running_hub, "synchub.server"), signal.SIGKILL)
    wait_until(lambda: "web started again" in running_hub.output())
    line = f"curl -fsS --retry 60 --retry-delay 1 --retry-connrefused http://127.0.0.1:{running_hub.port}/healthz"
    assert subprocess.run(shlex.split(line), capture_output=True, check=False).returncode == 0
