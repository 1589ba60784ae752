"""One stack for the folder. A test may kill what it likes; the next one finds it whole."""

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from demo.odoo import PracticeOdoo
from synchub.torture.waiting import until
from tests.faults.sides import Side
from tests.faults.stack import Stack

_numbers = count(1)


@pytest.fixture(scope="package")
def _stack() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="hub-faults-"))
    with PracticeOdoo(seed_records=20) as odoo:
        stack = Stack(odoo, folder)
        try:
            stack.start()
            until(
                lambda: stack.first_pulls_ended() == (2 if stack.real else 1), "all of Odoo has come in", 60
            )
            yield stack
        finally:
            stack.remove()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def stack(_stack: Stack) -> Iterator[Stack]:
    _stack.mend()
    yield _stack
    _stack.mend()


@pytest.fixture
def practice(stack: Stack) -> Side:
    """For what only an Odoo that takes part can do."""
    return stack.practice


@pytest.fixture(params=["practice", "real"])
def side(request: pytest.FixtureRequest, stack: Stack) -> Side:
    """Both Odoos, one after the other."""
    found = stack.practice if request.param == "practice" else stack.real
    if found is None:
        pytest.skip("Tried on a real Odoo where ODOO_TEST_URL, _DB, _LOGIN and _PASSWORD name one.")
    return found


@pytest.fixture
def prefix(stack: Stack) -> str:
    """What the names of this test's records begin with, and no others."""
    run = stack.real.run if stack.real else stack.practice.run
    return f"F{next(_numbers)}-{run}-"
