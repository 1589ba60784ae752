"""The whole torture: a hub and an Odoo of its own, consumers, a killer, and what became of each write."""

import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from demo.odoo import PracticeOdoo
from synchub.torture.consumer import Consumer
from synchub.torture.expected import CONTACTS, PARTNERS, Findings, Partner, Row, compared
from synchub.torture.killer import Killer
from synchub.torture.services import Services
from synchub.torture.stack import Stack
from synchub.torture.waiting import NotSo, until
from synchub.torture.ways import Way

_CONSUMERS, _LEASE, _SWEEP_EVERY = 4, 4, 2
_AHEAD = 2  # so many kills may be owed while consumers go on writing
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


@dataclass
class Report:
    seconds: float
    writes: Counter[str]
    kills: Counter[str]
    asked_again: int
    """Requests that consumers had to repeat."""
    recovered: int
    """Changes that took more than one attempt."""
    findings: Findings
    logs: Path | None = None
    """Where the programs' logs are kept, if something was found."""
    changes: dict[str, int] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        return sum(self.writes.values())

    def text(self) -> str:
        found = self.findings
        lines = [
            f"{self.accepted:,} writes accepted ({_counts(self.writes)})",
            f"{sum(self.kills.values()):,} kills ({_counts(self.kills)})",
            f"{self.asked_again:,} requests repeated, since they were not answered",
            f"{self.recovered:,} changes recovered: they took more than one attempt",
            f"changes in the end: {_counts(Counter(self.changes))}",
            f"lost {len(found.lost)}, doubled {len(found.doubled)}, unexpected {len(found.unexpected)}",
            f"in {self.seconds:.0f} s",
        ]
        lines += [f"  {one}" for one in [*found.lost, *found.doubled, *found.unexpected][:30]]
        if self.logs:
            lines.append(f"The programs' logs are in {self.logs}")
        return "\n".join(lines)


class Pace:
    """Holds consumers up, so that kills are spread over their writes."""

    def __init__(self, writes: int, kills: int, seed: int) -> None:
        self._writes, self._kills, self._turn = writes, kills, threading.Condition()
        self._begun = self._struck = 0
        dice = random.Random(f"{seed}-pace")  # noqa: S311  # to be repeated, not to be secret
        self._places = sorted(dice.randrange(1, max(2, writes)) for _ in range(kills))

    def may_write(self) -> bool:
        with self._turn:
            self._turn.wait_for(lambda: self._owed() <= _AHEAD)
            if self._begun >= self._writes:
                return False
            self._begun += 1
            self._turn.notify_all()
            return True

    def wait_to_strike(self) -> bool:
        """False: all is done."""
        with self._turn:
            self._turn.wait_for(lambda: self._owed() > 0 or self._begun >= self._writes)
            return self._struck < self._kills

    def struck(self) -> None:
        with self._turn:
            self._struck += 1
            self._turn.notify_all()

    def _owed(self) -> int:
        return sum(place <= self._begun for place in self._places) - self._struck


def torture(writes: int, kills: int, seed: int, say: Callable[[str], None]) -> Report:
    """`writes` are requests; one that creates several records counts once here, and each record in the report."""
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
                report = _tortured(writes, kills, seed, say, stack, services, odoo, way)
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


def _tortured(
    writes: int, kills: int, seed: int, say: Callable[[str], None], stack: Stack, services: Services,
    odoo: PracticeOdoo, way: Way,
) -> Report:  # fmt: skip
    pace, killer = Pace(writes, kills, seed), Killer(seed, stack, services, way, _LEASE)
    consumers = [Consumer(number, seed, stack.api, pace.may_write) for number in range(_CONSUMERS)]
    for consumer in consumers:
        consumer.start()
    while pace.wait_to_strike():
        killer.strike()
        # What was killed is started by whoever killed it; whatever died besides is, too.
        for program in (stack.web, stack.worker, stack.beat):
            if not program.runs:
                program.start()
        pace.struck()
        struck = sum(killer.done.values())
        if struck % 10 == 0:
            written = sum(sum(consumer.done.values()) for consumer in consumers)
            say(f"{struck} of {kills} kills, {written:,} writes")
    for consumer in consumers:
        consumer.join()
    stack.whole()
    findings = Findings()
    for consumer in consumers:
        findings.unexpected += consumer.unexpected
    expected = {name: one for consumer in consumers for name, one in consumer.expected.items()}
    findings.unexpected += _at_rest(stack, say)
    found = _settled(stack, odoo, expected)
    findings.lost += found.lost
    findings.doubled += found.doubled
    findings.unexpected += found.unexpected
    [[recovered]] = stack.sql("SELECT count(*) FROM endpoints_change WHERE attempts > 1")
    return Report(
        seconds=0.0,
        writes=sum((consumer.done for consumer in consumers), Counter()),
        kills=killer.done,
        asked_again=sum(consumer.asked_again for consumer in consumers),
        recovered=recovered,
        findings=findings,
        changes=dict(stack.sql("SELECT state, count(*) FROM endpoints_change GROUP BY 1")),
    )


def _at_rest(stack: Stack, say: Callable[[str], None]) -> list[str]:
    """Wait until nothing is on its way. What is left then, and what was refused, is unexpected."""
    say("everything is written; waiting until nothing is on its way")

    def waits() -> bool:
        try:
            # Delays before another attempt may be an hour: as if they were over.
            stack.sql(
                "UPDATE endpoints_change SET not_before = now() WHERE state = 'pending' AND not_before > now()"
            )
            [[count]] = stack.sql(
                "SELECT count(*) FROM endpoints_change WHERE state IN ('pending', 'claimed')"
            )
        except psycopg.OperationalError:
            return True
        return bool(count)

    try:
        until(lambda: not waits(), "no change is on its way", 300, 2)
    except NotSo as error:
        return [str(error)]
    return [
        f"a {operation} of “{name}” was refused: {error}"
        for name, operation, error in stack.sql(
            """SELECT r.external_id, c.operation, c.error FROM endpoints_change c
               JOIN endpoints_record r ON r.id = c.record_id WHERE c.state = 'failed' ORDER BY c.id"""
        )
    ]


def _settled(stack: Stack, odoo: PracticeOdoo, expected: dict[str, Partner]) -> Findings:
    """Odoo at once, and the API once it has pulled what there is."""

    def look() -> Findings:
        return compared(expected, _rows(odoo), _shown(stack))

    end = time.monotonic() + 30
    while not (found := look()).clean and time.monotonic() < end:
        time.sleep(2)
    return found


def _rows(odoo: PracticeOdoo) -> list[Row]:
    found = odoo.execute(
        "res.partner", "search_read", ["|", ("ref", "=like", f"{PARTNERS}%"), ("ref", "=like", f"{CONTACTS}%")],
        fields=["ref", "name", "city", "parent_id"], load="", order="id", context={"active_test": False},
    )  # fmt: skip
    refs = {row["id"]: row["ref"] for row in found}
    return [
        Row(
            row["ref"],
            row["name"],
            row["city"] or None,
            refs.get(row["parent_id"]) if row["parent_id"] else None,
        )
        for row in found
    ]


def _shown(stack: Stack) -> dict[str, Partner]:
    shown: dict[str, Partner] = {}
    offset = 0
    while True:
        answer = stack.api.get(f"partners?limit=1000&offset={offset}")
        results: Sequence[dict[str, Any]] = answer.body["results"]
        shown |= {one["customer_id"]: Partner.of(one) for one in results}
        if len(results) < 1000:
            return shown
        offset += 1000


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counted.items())) or "none"
