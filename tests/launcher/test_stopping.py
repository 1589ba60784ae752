"""However `./hub` ends, it leaves nothing running and loses nothing."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.launcher.conftest import ROOT, Hub

pytestmark = pytest.mark.processes


def test_manage_alone_brings_its_services_and_takes_them_away(hub: Hub):
    done = hub.run("manage", "shell", "--no-imports", "-c", "print(6 * 7)")
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr
    assert hub.run("manage", "no-such-command").returncode == 1
    assert not hub.run("manage", "shell", "--no-imports", "-c", "pass").stderr


def test_two_manage_at_once_share_their_services(hub: Hub):
    code = (
        "import time; from django.db import connection as c; time.sleep({}); c.ensure_connection(); print(1)"
    )
    both = [
        subprocess.Popen(
            [sys.executable, ROOT / "hub", "manage", "shell", "--no-imports", "-c", code.format(seconds)],
            env=hub.environment(), stdout=subprocess.PIPE, text=True,
        )
        for seconds in (1, 4)
    ]  # fmt: skip
    assert [process.communicate(timeout=60)[0] for process in both] == ["1\n", "1\n"]


def test_a_failing_configuration_stops_up_with_its_message(hub: Hub, folder):
    broken = folder / "broken.yaml"
    broken.write_text("connections: [{name: 1, nonsense: true}]\n")
    done = hub.run("up", HUB_CONFIG=str(broken))
    assert done.returncode == 1
    assert "hub_prepare failed" in done.stderr
    assert "broken.yaml:1" in done.stderr
    assert "nonsense" in done.stderr
    # Nobody was told of a password, so nobody has one.
    login = "from django.contrib.auth.models import User; print(User.objects.count())"
    assert hub.run("manage", "shell", "--no-imports", "-c", login).stdout.strip() == "0"


def test_data_in_a_deep_folder(hub: Hub):
    """Deeper than a socket file's name may be long."""
    hub.data = hub.data.joinpath(*["a-rather-long-name-for-a-folder"] * 5)
    done = hub.run(
        "manage",
        "shell",
        "--no-imports",
        "-c",
        "from django.db import connection as c; c.ensure_connection()",
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the services as somebody else")
def test_data_where_only_root_may_go(hub: Hub, folder):
    folder.chmod(0o700)
    code = "from django.db import connection as c; c.ensure_connection()"
    done = hub.run("manage", "shell", "--no-imports", "-c", code)
    try:
        assert done.returncode == 0, done.stderr
        assert not (hub.data / "postgres").exists()
    finally:
        for path in set(re.findall(r"\S*/synchub-[0-9a-f]{12}", done.stderr)):
            shutil.rmtree(path)
