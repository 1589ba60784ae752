"""The downloaded Postman collection, run by Postman's own runner.

npm install --global newman
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.conftest import Served


def test_the_downloaded_collection_passes_in_newman(served: Served, tmp_path: Path):
    newman = shutil.which("newman")
    if newman is None:
        # A newcomer's `./hub test` needs nothing but Python; what decides whether a change lands installs newman.
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("This test needs newman: npm install --global newman")
    collection = tmp_path / "hub.json"
    collection.write_bytes(served.get("/postman.json"))
    report = tmp_path / "report.txt"
    done = subprocess.run(
        [newman, "run", str(collection), "--env-var", f"token={served.token}", "--color", "off"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    report.write_text(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("It is answered with") >= 35, done.stdout
