"""Scripts as an administrator tries them: a text, a record, an outcome."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from demo.odoo import PracticeOdoo
from mappings.scripts import Input, Limits, Mode, Outcome, Runner, Script
from synchub.odoo import OdooClient
from synchub.odoo.access import OdooAccess

# Short enough for tests, long enough for a busy machine.
BRIEF = Limits(seconds=0.5, seconds_per_batch=30, memory=32 * 2**20)

Evaluate = Callable[..., Outcome]

ORDER: dict[str, Any] = {
    "id": 1,
    "name": "S00001",
    "amount": 12.5,
    "note": None,
    "partner": {"id": 7, "name": "Azure", "tags": []},
    "lines": [
        {"id": 1, "price": 2.0, "product": {"id": 4, "name": "Chair"}},
        {"id": 2, "price": 1.0, "product": {"id": 5, "name": "Ash"}},
    ],
}


@pytest.fixture
def evaluate() -> Iterator[Evaluate]:
    """Evaluate a script over one record, without Odoo."""
    with Runner(model="order", limits=BRIEF) as runner:

        def run(source: str, record: Any = ORDER, request_data: Any = None) -> Outcome:
            return runner.run(Script(source), Input(record, request_data))

        yield run


@pytest.fixture
def client(practice: PracticeOdoo) -> Iterator[OdooClient]:
    access = OdooAccess(practice.url, practice.database, practice.login, practice.password)
    with OdooClient(access) as client:
        client.authenticate()
        practice.calls.clear()
        yield client


def ask(client: OdooClient, model: str, source: str, records: Any = (None,), **options: Any) -> list[Outcome]:
    """Run a script with Odoo behind it, over a page of records."""
    mode = options.pop("mode", Mode.EVALUATE)
    with Runner(model=model, client=client, **options) as runner:
        return runner.run_many(Script(source, mode), [Input(record) for record in records])
