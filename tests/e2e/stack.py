"""A hub over the practice Odoo, with what the tests want to know of it."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import redis

from demo.odoo import PracticeOdoo
from synchub.torture import stack
from synchub.torture.api import Answer, Api, NoAnswer
from synchub.torture.waiting import PATIENCE, until

__all__ = ["Answer", "Api", "NoAnswer", "Stack"]

LEASE, SWEEP_EVERY, PULL_EVERY = 4, 2, 5
TOKEN = "e2e-token-e2e-token-e2e-token"
CONFIG = """
connections:
  - {{name: practice, url: "{url}", database: practice, login: admin, secret: admin}}
mappings:
  - name: partner
    connection: practice
    model: res.partner
    lines:
      - {{key: customer_id, field: ref, identifier: true}}
      - {{key: name, field: name, required: true}}
      - {{key: city, field: city}}
      - {{key: updated_at, field: write_date, direction: from_odoo}}
  - name: country
    connection: practice
    model: res.country
    lines:
      - {{key: code, field: code, identifier: true}}
      - {{key: name, field: name}}
endpoints:
  - name: partners
    mapping: partner
    domain: "[('ref', '!=', False)]"
    keys: [{{name: test, token: {token}}}]
    pull: {{every: {every}}}
    rate_limits: null
  - name: countries
    mapping: country
    methods: [GET]
    auth: none
    pull: {{every: {every}}}
    rate_limits: null
    on_delete: ignore
"""


class Stack(stack.Stack):
    def __init__(self, odoo: PracticeOdoo, folder: Path, config: str = CONFIG) -> None:
        """`config` "": nothing is set up yet."""
        self.odoo = odoo
        super().__init__(
            folder,
            os.environ["DATABASE_URL"],
            _unused_redis(os.environ["REDIS_URL"]),
            config.format(url=odoo.url, token=TOKEN, every=PULL_EVERY),
            token=TOKEN,
            # At DEBUG each task has its lines, by which tests see who is at work.
            env={"HUB_LEASE": str(LEASE), "HUB_SWEEP_EVERY": str(SWEEP_EVERY), "HUB_LOG_LEVEL": "DEBUG"},
        )

    def get_count(self, endpoint: str) -> int:
        return int(self.api.get(f"{endpoint}?limit=1").body["count"])

    def in_odoo(self, prefix: str) -> dict[str, int]:
        """How many partners of Odoo have each reference that begins so."""
        counts: dict[str, int] = {}
        for row in self.odoo.execute(
            "res.partner", "search_read", [("ref", "=like", f"{prefix}%")], fields=["ref"],
            context={"active_test": False},
        ):  # fmt: skip
            counts[row["ref"]] = counts.get(row["ref"], 0) + 1
        return counts

    def arrived(self, prefix: str, count: int, seconds: float = PATIENCE) -> None:
        """Wait until all are settled; then each is in Odoo, and once."""
        until(
            lambda: self.states(prefix) == {"applied": count},
            f"{count} changes of {prefix} are applied",
            seconds,
            0.2,
        )
        found = self.in_odoo(prefix)
        assert len(found) == count
        assert set(found.values()) == {1}


def _unused_redis(url: str) -> str:
    """The address of one of the server's databases that nobody uses."""
    parts = urlsplit(url)
    for number in range(15, 8, -1):
        address = parts._replace(path=f"/{number}").geturl()
        with redis.Redis.from_url(address) as client:
            if client.dbsize() == 0 and client.set("hub:e2e", "taken", nx=True):
                return address
    raise AssertionError("No database of this Redis is empty.")
