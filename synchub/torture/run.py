"""The whole torture: a hub and an Odoo of its own, consumers, a killer, and what became of each write."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from demo.odoo import PracticeOdoo
from synchub.torture.consumer import Consumer
from synchub.torture.ending import at_rest, settled
from synchub.torture.expected import PARTNERS, Findings
from synchub.torture.killer import Killer
from synchub.torture.pace import Pace
from synchub.torture.report import Report
from synchub.torture.services import Services
from synchub.torture.stack import Stack
from synchub.torture.ways import Way

_CONSUMERS, _LEASE, _SWEEP_EVERY = 4, 4, 2
_TOKEN = "torture-torture-torture-torture"  # noqa: S105  # of a hub that lives for minutes
_CONFIG = """
connections:
  - {{name: practice, url: "http://127.0.0.1:{port}", database: practice, login: admin, secret: admin, read_timeout: 20}}
mappings:
  - name: contact
    connection: practice
    model: res.partner
    lines:
      - {{key: customer_id, field: ref, identifier: true}}
      - {{key: name, field: name, required: true}}
  - name: partner
    connection: practice
    model: res.partner
    lines:
      - {{key: customer_id, field: ref, identifier: true}}
      - {{key: name, field: name, required: true}}
      - {{key: city, field: city}}
      - {{key: contacts, field: child_ids, kind: relation, mapping: contact}}
endpoints:
  - name: partners
    mapping: partner
    domain: "[('ref', '=like', '{partners}%')]"
    keys: [{{name: torture, token: {token}}}]
    pull: {{every: 5}}
    rate_limits: null
    on_delete: unlink
"""


def torture(writes: int, kills: int, seed: int, say: Callable[[str], None]) -> Report:
    """`writes` is a number of requests. The report counts records: a request that creates several counts several times there."""
    folder = Path(tempfile.mkdtemp(prefix="hub-torture-"))
    services = Services(folder)
    begun = time.monotonic()
    with PracticeOdoo(seed_records=0) as odoo:
        way = Way("127.0.0.1", urlsplit(odoo.url).port or 0)
        config = _CONFIG.format(port=way.port, partners=PARTNERS, token=_TOKEN)
        try:
            services.start()
            stack = Stack(
                folder, services.database_url, services.redis_url, config, token=_TOKEN,
                env={"HUB_LEASE": str(_LEASE), "HUB_SWEEP_EVERY": str(_SWEEP_EVERY), "HUB_LOG_LEVEL": "WARNING"},
            )  # fmt: skip
            try:
                stack.start()
                report = _Torture(stack, services, odoo, way, seed, say).run(writes, kills)
            finally:
                stack.end()
        finally:
            way.close()
            services.stop()
    report.seconds = time.monotonic() - begun
    if report.findings.clean:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        report.logs = folder
    return report


@dataclass
class _Torture:
    """A hub that runs, and everything around it that can be killed."""

    stack: Stack
    services: Services
    odoo: PracticeOdoo
    way: Way
    seed: int
    say: Callable[[str], None]

    def run(self, writes: int, kills: int) -> Report:
        pace = Pace(writes, kills, self.seed)
        consumers = [
            Consumer(number, self.seed, self.stack.api, pace.may_write) for number in range(_CONSUMERS)
        ]
        for consumer in consumers:
            consumer.start()
        killed = self._kill(pace, kills, consumers)
        for consumer in consumers:
            consumer.join()
        self.stack.whole()
        findings = self._findings(consumers)
        [[recovered]] = self.stack.sql("SELECT count(*) FROM endpoints_change WHERE attempts > 1")
        return Report(
            seconds=0.0,
            writes=sum((consumer.done for consumer in consumers), Counter()),
            kills=killed,
            asked_again=sum(consumer.asked_again for consumer in consumers),
            recovered=recovered,
            findings=findings,
            changes=dict(self.stack.sql("SELECT state, count(*) FROM endpoints_change GROUP BY 1")),
        )

    def _kill(self, pace: Pace, kills: int, consumers: Sequence[Consumer]) -> Counter[str]:
        killer = Killer(self.seed, self.stack, self.services, self.way, _LEASE)
        while pace.wait_to_strike():
            killer.strike()
            # The killer starts again what it has killed. This starts what died of something else.
            for program in (self.stack.web, self.stack.worker, self.stack.beat):
                if not program.runs:
                    program.start()
            pace.struck()
            struck = sum(killer.done.values())
            if struck % 10 == 0:
                written = sum(sum(consumer.done.values()) for consumer in consumers)
                self.say(f"{struck} of {kills} kills, {written:,} writes")
        return killer.done

    def _findings(self, consumers: Sequence[Consumer]) -> Findings:
        unexpected = [one for consumer in consumers for one in consumer.unexpected]
        unexpected += at_rest(self.stack, self.say)
        expected = {name: one for consumer in consumers for name, one in consumer.expected.items()}
        found = settled(self.stack, self.odoo, expected)
        found.unexpected = [*unexpected, *found.unexpected]
        return found
