"""One stack for the folder: a test may kill what it likes, the next one finds it whole."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.odoo import PracticeOdoo
from synchub.torture.waiting import until
from tests.e2e.stack import Stack

SEEDED = 3000
RECORDS = int(os.environ.get("HUB_E2E_RECORDS", "2000"))


@pytest.fixture(scope="package")
def _stack() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="hub-e2e-"))
    with PracticeOdoo(seed_records=SEEDED) as odoo:
        stack = Stack(odoo, folder)
        try:
            stack.start()
            # Kills come later: a first pull that is cut short goes on, but shows as two runs.
            until(lambda: stack.first_pulls_ended() == 2, "all of Odoo has come in")
            yield stack
        finally:
            stack.remove()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def stack(_stack: Stack) -> Iterator[Stack]:
    _stack.whole()
    yield _stack
    _stack.odoo.faults.clear()
    _stack.see_guests_off()
