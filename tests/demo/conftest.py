"""`odoo` is a client of the practice Odoo and, where `ODOO_TEST_URL` is set, of a real one too."""

import os
from collections.abc import Iterator

import pytest

from demo.odoo import PracticeOdoo
from tests.demo.client import Client

_REAL = ("ODOO_TEST_URL", "ODOO_TEST_DB", "ODOO_TEST_LOGIN", "ODOO_TEST_PASSWORD")


@pytest.fixture(autouse=True)
def _compiled_endpoints_are_not_shared() -> None:
    """The practice Odoo knows nothing of the hub: these tests run without Django."""


@pytest.fixture(scope="session")
def shared_practice() -> Iterator[PracticeOdoo]:
    """One for all contract tests: they clean up behind themselves."""
    with PracticeOdoo(seed_records=60) as odoo:
        yield odoo


@pytest.fixture
def practice() -> Iterator[PracticeOdoo]:
    """One of the test's own."""
    with PracticeOdoo(seed_records=20) as odoo:
        yield odoo


@pytest.fixture
def client(practice: PracticeOdoo) -> Client:
    """A client of the test's own practice Odoo."""
    return Client(practice.url, practice.database, practice.login, practice.password)


@pytest.fixture(params=["practice", *(["real"] if os.environ.get("ODOO_TEST_URL") else [])])
def odoo(request: pytest.FixtureRequest, shared_practice: PracticeOdoo) -> Iterator[Client]:
    if request.param == "practice":
        server = shared_practice
        client = Client(server.url, server.database, server.login, server.password)
    else:
        client = Client(*(os.environ[name] for name in _REAL))
    yield client
    client.clean_up()
