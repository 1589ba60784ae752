"""However `./hub` is killed, it leaves nothing running and loses nothing."""

import os
import signal
import time

import pytest

from tests.launcher.conftest import LONG, Hub, nothing_is_left, running

pytestmark = pytest.mark.processes

_COUNT = "from django.contrib.auth import get_user_model as user; print(user().objects.count())"


def test_what_is_killed_leaves_nothing_and_the_next_up_works_until_its_keeper_is_killed(hub: Hub):
    hub.up(HUB_ADMIN_PASSWORD="a-password-of-mine")
    assert "a-password-of-mine" in hub.wait_ready()
    pids = hub.tree()
    assert len(pids) > 10
    hub.process.kill()
    hub.process.wait()
    # At once: the successor waits for what is still stopping.
    hub.up()
    hub.wait_ready()
    assert not any(running(pid) for pid in pids)
    assert hub.run("manage", "shell", "--no-imports", "-c", _COUNT).stdout == "1\n"

    keeper, *others = hub.tree()
    os.kill(keeper, signal.SIGKILL)
    assert hub.process.wait(LONG) == 1
    nothing_is_left(others)
    assert "keeper process was killed" in hub.output()


def test_sigkill_leaves_nothing_however_far_its_start_was_and_once_it_runs_also_where_both_are_killed(
    hub: Hub,
):
    for moment in (0.5, 2.0):
        hub.up()
        time.sleep(moment)
        pids = hub.tree()
        hub.process.kill()
        hub.process.wait()
        nothing_is_left(pids)
    hub.up()
    hub.wait_ready()

    keeper, *others = hub.tree()
    os.kill(hub.process.pid, signal.SIGSTOP)  # it must not have the time to notice
    os.kill(keeper, signal.SIGKILL)
    os.kill(hub.process.pid, signal.SIGKILL)
    hub.process.wait()
    nothing_is_left(others)
