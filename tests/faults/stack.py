"""A hub whose every way to somewhere else can be closed or held, over services of its own that can be killed."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from demo.odoo import PracticeOdoo
from synchub.torture import stack
from synchub.torture.services import Services
from synchub.torture.stack import with_port
from synchub.torture.waiting import PATIENCE, until
from synchub.torture.ways import Way
from tests.faults import sides
from tests.faults.sides import Side

LEASE, SWEEP_EVERY, PULL_EVERY, BATCH = 3, 1, 5, 500
TOKEN = "a-token-for-tests-a-token-for-tests"

_CONNECTION = '  - {{name: {name}, url: "{url}", database: {database}, login: {login}, secret: {secret}, read_timeout: {patience}}}\n'
_MAPPING = """
  - name: {name}
    connection: {name}
    model: res.partner
    lines:
      - {{key: customer_id, field: ref, identifier: true}}
      - {{key: name, field: name, required: true}}
      - {{key: city, field: city}}
      - {{key: email, field: email}}
      - {{key: country, field: country_id}}
      - {{key: updated_at, field: write_date, direction: from_odoo}}
"""
_ENDPOINT = """
  - name: {endpoint}
    mapping: {name}
    domain: "[('ref', '=like', '{covers}')]"
    keys: [{{name: test, token: {token}}}]
    pull: {{every: {every}}}
    rate_limits: null
    on_delete: unlink
"""


class Stack(stack.Stack):
    def __init__(self, odoo: PracticeOdoo, folder: Path) -> None:
        self.odoo = odoo
        self.services = Services(folder)
        self.services.start()
        self.practice, self.real = sides.practice(odoo), sides.real()
        # The web server's own ways: the others go on while these are held.
        self.web_to_postgres = Way("127.0.0.1", urlsplit(self.services.database_url).port or 0)
        self.web_to_redis = Way("127.0.0.1", urlsplit(self.services.redis_url).port or 0)
        super().__init__(
            folder,
            self.services.database_url,
            self.services.redis_url,
            _config([side for side in (self.practice, self.real) if side]),
            token=TOKEN,
            env={
                "HUB_LEASE": str(LEASE),
                "HUB_SWEEP_EVERY": str(SWEEP_EVERY),
                "HUB_PUSH_BATCH": str(BATCH),
                "HUB_DELETIONS_EVERY": "3600",
                "HUB_LOG_LEVEL": "DEBUG",  # each task has its lines, by which tests see who is at work
            },
        )
        self.web.env = {
            **self.env,
            "DATABASE_URL": self.database_url(self.web_to_postgres.port),
            "REDIS_URL": with_port(self.redis_url, self.web_to_redis.port),
        }

    def ways(self) -> list[Way]:
        sides = [side.way for side in (self.practice, self.real) if side]
        return [*sides, self.web_to_postgres, self.web_to_redis]

    def mend(self) -> None:
        """Whatever a test has broken works again, and nothing of it is still on its way."""
        self.see_guests_off()
        self.odoo.faults.clear()
        for way in self.ways():
            way.let_go()
            way.open()
        self.services.start()
        self.whole()

    def remove(self) -> None:
        for way in self.ways():
            way.close()
        super().remove()
        self.services.stop()
        if self.real:
            sides.tidy(self.real)

    def post(self, side: Side, *bodies: dict[str, Any]) -> None:
        answer = self.api.post(list(bodies), side.endpoint)
        assert answer.status == 201, answer

    def due_now(self) -> None:
        """As if the delay before the next attempt were over."""
        self.sql(
            "UPDATE endpoints_change SET not_before = now() WHERE state = 'pending' AND not_before > now()"
        )

    def changes(self, prefix: str) -> list[tuple[Any, ...]]:
        """The changes as they are, with the transaction that wrote them last: equal means untouched."""
        return self.sql(
            """SELECT c.id, c.state, c.attempts, c.settled_at, c.xmin::text FROM endpoints_change c
               JOIN endpoints_record r ON r.id = c.record_id WHERE r.external_id LIKE %s ORDER BY c.id""",
            f"{prefix}%",
        )

    def claimed(self, prefix: str) -> bool:
        return self.states_of(prefix).get("claimed", 0) > 0

    def states_of(self, prefix: str) -> dict[str, int]:
        return dict(
            self.sql(
                """SELECT c.state, count(*) FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
                   WHERE r.external_id LIKE %s GROUP BY 1""",
                f"{prefix}%",
            )
        )

    def arrived(self, side: Side, prefix: str, names: Sequence[str], seconds: float = PATIENCE) -> None:
        """All that was accepted is applied; each of these records is in Odoo, once, under this name, and no other is."""
        until(lambda: set(self.states_of(prefix)) == {"applied"}, f"all of {prefix} is applied", seconds, 0.1)
        assert sorted((one["ref"], one["name"]) for one in side.in_odoo(prefix)) == sorted(
            (f"{prefix}{number}", name) for number, name in enumerate(names)
        )


def _config(involved: Sequence[Side]) -> str:
    connections, mappings, endpoints = "connections:\n", "mappings:", "endpoints:"
    for side in involved:
        real = side.name == "real"
        connections += _CONNECTION.format(
            name=side.name,
            # A real Odoo takes its time for 500 records.
            patience=12 if real else 3,
            url=f"http://127.0.0.1:{side.way.port}",
            database=os.environ["ODOO_TEST_DB"] if real else "practice",
            login=os.environ["ODOO_TEST_LOGIN"] if real else "admin",
            secret=os.environ["ODOO_TEST_PASSWORD"] if real else "admin",
        )
        mappings += _MAPPING.format(name=side.name)
        endpoints += _ENDPOINT.format(
            name=side.name,
            endpoint=side.endpoint,
            # Of the real Odoo's records, this run's own.
            covers=f"%{side.run}%" if real else "%",
            token=TOKEN,
            every=PULL_EVERY,
        )
    return f"{connections}{mappings}{endpoints}"
