"""See `machine` and `several`. The long form: `./hub test tests/machine --sequences 2000`."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as how
from hypothesis.stateful import run_state_machine_as_test

from demo.odoo import PracticeOdoo
from tests.conftest import Hub
from tests.machine.machine import Machine
from tests.machine.several import FIELDS, Several

_LINES = {
    "customer_id": {"field": "ref", "identifier": True},
    "name": {"field": "name", "required": True},
    "city": "city",
}


@pytest.fixture
def hub(transactional_db: None) -> Iterator[Hub]:
    """Over an Odoo with nobody in it but those that a sequence makes."""
    with PracticeOdoo(seed_records=0) as odoo:
        yield Hub(odoo)


def test_whatever_happens_in_whatever_order(hub: Hub, settings: Any, pytestconfig: pytest.Config):
    hub.endpoint("partners", "res.partner", _LINES)
    _run(hub, Machine, settings, pytestconfig)


def test_whatever_two_endpoints_over_one_model_are_sent(hub: Hub, settings: Any, pytestconfig: pytest.Config):
    for name, fields in FIELDS.items():
        lines = {"id": {"field": "ref", "identifier": True}, **{field: field for field in fields}}
        hub.endpoint(name, "res.partner", lines, domain="[('ref', '=like', 'N%')]")
    _run(hub, Several, settings, pytestconfig)


def _run(hub: Hub, machine: type[Machine | Several], settings: Any, pytestconfig: pytest.Config) -> None:
    settings.DELETIONS_BRAKE = 1.0
    settings.LEASE = 30
    sequences = pytestconfig.getoption("--sequences") // 2
    run_state_machine_as_test(
        type("This", (machine,), {"hub": hub}),
        settings=how(
            max_examples=sequences,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
            print_blob=True,
            report_multiple_bugs=False,
        ),
    )
