"""What `./hub` says before it starts anything."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launcher.conftest import ROOT, Hub


def test_without_a_command_it_explains_itself(hub: Hub):
    for arguments in ([], ["--help"]):
        done = hub.run(*arguments)
        assert done.returncode == 0
        for word in ("up", "test", "manage", "bench", "check", "HUB_DATA_DIR", "DATABASE_URL"):
            assert word in done.stdout


def test_an_unknown_command_is_refused_with_those_that_exist(hub: Hub):
    done = hub.run("start")
    assert done.returncode == 2
    assert "'start'" in done.stderr
    assert "up, test, manage, bench, check" in done.stderr


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "80.5", "８０"])
def test_a_bad_port_is_refused_by_name(hub: Hub, port: str):
    done = hub.run("up", HUB_PORT=port)
    assert done.returncode == 1
    assert "HUB_PORT" in done.stderr
    assert not hub.data.exists()


def test_a_bad_host_is_refused_by_name(hub: Hub):
    done = hub.run("up", HUB_HOST="no such host")
    assert done.returncode == 1
    assert "HUB_HOST" in done.stderr


def test_an_address_of_another_machine_is_refused_by_name(hub: Hub):
    done = hub.run("up", HUB_HOST="203.0.113.77")
    assert done.returncode == 1
    assert "HUB_HOST" in done.stderr


def test_a_configuration_file_that_is_not_there_is_refused_by_name(hub: Hub):
    done = hub.run("up", HUB_CONFIG="/no/such/file.yaml")
    assert done.returncode == 1
    assert "HUB_CONFIG" in done.stderr


def test_a_port_in_use_names_the_variable_to_change(hub: Hub):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = hub.run("up", HUB_PORT=str(other.getsockname()[1]))
    assert done.returncode == 1
    assert "HUB_PORT" in done.stderr
    assert f"pid {os.getpid()}" in done.stderr


def test_it_needs_no_package_at_all(hub: Hub):
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "hub"), "--help"], cwd="/", capture_output=True, check=False
    )
    assert done.returncode == 0


def test_an_old_python_is_told_what_it_takes(tmp_path: Path):
    """Older interpreters may not be here: the same file is run as if this one were old."""
    script = tmp_path / "hub"
    script.write_text(
        (ROOT / "hub").read_text().replace("(3, 11)", "(9, 9)").replace("range(19, 10, -1)", "range(0)")
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs Python 3.11" in done.stderr


def test_pip_failing_is_explained_and_leaves_no_stamp(folder: Path):
    """A copy of the project whose requirements cannot be had."""
    copy = folder / "copy"
    shutil.copytree(ROOT / "launcher", copy / "launcher")
    shutil.copy(ROOT / "hub", copy / "hub")
    (copy / "requirements").mkdir()
    for layer in ("base", "embedded"):
        (copy / "requirements" / f"{layer}.txt").write_text("./not-there.whl\n")
    hub = Hub(folder)
    env = hub.environment(HUB_VENV=str(copy / ".venv"))
    done = subprocess.run([str(copy / "hub"), "manage"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not-there.whl" in done.stderr
    assert "install.log" in done.stderr
    assert not (copy / ".venv" / ".hub.json").exists()
