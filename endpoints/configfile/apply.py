"""Makes the database match a file, all or nothing: the story from top to bottom."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from endpoints import moving
from endpoints.configfile import consequences, current, shape
from endpoints.configfile.check import check, settled
from endpoints.configfile.dropping import Dropping, drop
from endpoints.configfile.fetch import fields_from_odoo
from endpoints.configfile.items import Config, EndpointItem
from endpoints.configfile.places import FileRefused, Findings
from endpoints.configfile.plan import REMOVE, Step, plan
from endpoints.configfile.read import read
from endpoints.configfile.resolve import resolved
from endpoints.configfile.turns import wait_for_others
from endpoints.configfile.write import write
from mappings.models import ConfigVersion


@dataclass
class Outcome:
    steps: list[Step]
    warnings: list[str]
    notes: list[str]
    read_anew: list[str] = field(default_factory=list)
    records_dropped: list[str] = field(default_factory=list)


def apply(
    text: str,
    name: str,
    *,
    dry_run: bool = False,
    discard_waiting: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Outcome:
    """Raises FileRefused with everything that is wrong with the file. Then nothing has changed."""
    findings = Findings(name)
    root = read(text, findings)
    if root is None:
        raise _refusal(findings)
    file = shape.config(root, findings)
    now = current.load()
    file = resolved(file, now, environ, findings)
    file.fields = fields_from_odoo(file, now, findings)
    broken = check(file, now, findings)
    with transaction.atomic():
        wait_for_others()
        now = current.load()
        # With the present state: asking Odoo may take minutes, in which somebody may press Pause.
        settled(file, now, findings)
        steps = plan(file, now)
        outcome = Outcome(steps, [], findings.notes)
        dropping = _remove_guarded(steps, file, findings, discard=discard_waiting)
        write(dropping.now(steps), file, broken, findings)
        if not findings.problems:
            _follow(now, file, outcome, findings, discard=discard_waiting)
        if findings.problems:
            raise _refusal(findings)
        if steps:
            ConfigVersion.bump()
        if dry_run:
            transaction.set_rollback(True)
    if not dry_run:
        dropping.finish(findings)
    outcome.warnings = list(findings.shown_warnings())
    return outcome


def _refusal(findings: Findings) -> FileRefused:
    return FileRefused("\n".join(findings.shown_problems()))


def _remove_guarded(steps: list[Step], file: Config, findings: Findings, *, discard: bool) -> Dropping:
    removed = [step.name for step in steps if step.kind == "endpoint" and step.action == REMOVE]
    for name, count in moving.waiting(removed).items():
        if not discard:
            findings.problem(
                file.node.at("endpoints"),
                f"endpoint “{name}” is not in the file, but {_changes(count)} for Odoo. Wait for them, "
                "or give them up with --discard-waiting",
            )
    return Dropping() if findings.problems else drop(steps, findings)


def _follow(before: Config, file: Config, outcome: Outcome, findings: Findings, *, discard: bool) -> None:
    """Records of another database or model go; whatever is read differently now is read again."""
    was, becomes = consequences.readings(before), consequences.readings(current.load())
    both = [name for name in becomes if name in was]
    moved = [name for name in both if was[name].is_elsewhere(becomes[name])]
    for name, count in moving.waiting(moved).items():
        if not discard:
            item = (file.endpoints or {}).get(name)
            findings.problem(
                item.node if item else file.node,
                f"endpoint “{name}” would show records from elsewhere, but {_changes(count)} for Odoo where they "
                "came from. Wait for them, or give them up with --discard-waiting",
            )
    outcome.records_dropped = moved
    changed = [name for name in both if was[name] != becomes[name]]
    outcome.read_anew = [name for name in changed if becomes[name].is_kept]
    moving.drop_records(moved)
    consequences.read_anew(changed)
    old, new = before.endpoints or {}, file.endpoints or {}
    consequences.pull_soon(name for name in new if name in old and _pulls(new[name]) != _pulls(old[name]))


def _pulls(item: EndpointItem) -> tuple[int | None, str]:
    return item.pull_every, item.pull_cron


def _changes(count: int) -> str:
    return "1 change of it still waits" if count == 1 else f"{count:,} changes of it still wait"
