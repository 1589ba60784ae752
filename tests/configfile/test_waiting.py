"""Writes that were accepted are not lost by a change of the configuration."""

import contextlib
import uuid
from datetime import timedelta
from threading import Event, Thread, current_thread

import pytest
from django.db import connection as database
from django.utils import timezone

from endpoints import removing
from endpoints.configfile.items import Config
from endpoints.configfile.plan import Step, plan
from endpoints.models import (
    Change,
    ChangeState,
    Conflict,
    Difference,
    Endpoint,
    Footprint,
    Match,
    PullState,
    Record,
    Run,
    RunKind,
    Touched,
)
from mappings.models import Connection, Mapping
from synchub.sync import asked
from tests.configfile.conftest import FILE, changed

WITHOUT = FILE.split("endpoints:")[0] + "endpoints: []\n"


def accepted(state: str = ChangeState.PENDING, count: int = 1) -> None:
    endpoint = Endpoint.objects.get()
    for _ in range(count):
        record = Record.objects.create(endpoint=endpoint, document="{}", values={})
        claim = {"claim_token": uuid.uuid4(), "lease_until": timezone.now()} if state == "claimed" else {}
        Change.objects.create(endpoint=endpoint, record=record, operation="create", state=state, **claim)


@pytest.mark.parametrize("state", [ChangeState.PENDING, ChangeState.CLAIMED])
def test_an_endpoint_with_waiting_changes_is_not_removed(applied, state):
    accepted(state)
    [problem] = applied.refused(WITHOUT)
    assert problem == (
        "hub.yaml:15: endpoints: endpoint “partners” is not in the file, but 1 change of it still waits for Odoo. "
        "Wait for them, or give them up with --discard-waiting"
    )
    assert Change.objects.count() == 1


def test_the_refusal_says_how_many_wait(applied):
    accepted(count=3)
    assert "3 changes of it still wait for Odoo" in applied.refused(WITHOUT, dry_run=True)[0]


def test_waiting_changes_can_be_given_up(applied):
    accepted()
    assert applied.apply(WITHOUT, discard_waiting=True) == ["- endpoint partners"]
    assert not Record.objects.exists()


def test_a_hub_starts_though_its_file_drops_the_mapping_of_records_that_are_still_being_removed(
    applied, monkeypatch
):
    """No worker is there before the file is applied, to finish that."""
    monkeypatch.setattr(removing, "FEW", 1)
    accepted(ChangeState.FAILED, count=2)
    clients = "  - {name: clients, mapping: partner}\n"
    applied.apply(FILE.split("endpoints:")[0] + f"endpoints:\n{clients}")
    run = Run.objects.get(kind=RunKind.REMOVAL)
    assert (run.state, Record.objects.count()) == ("queued", 2)
    nothing = FILE.split("mappings:")[0] + "mappings: []\nendpoints: []\n"
    applied.apply(nothing, dry_run=True)
    assert Record.objects.count() == 2
    assert applied.apply(nothing) == ["- endpoint clients", "- mapping partner"]
    assert not Record.objects.exists()
    assert not Endpoint._base_manager.exists()
    asked.carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == "done"


def test_an_endpoint_with_much_in_it_is_gone_at_once_and_a_run_removes_what_it_held(applied, monkeypatch):
    monkeypatch.setattr(removing, "FEW", 1)
    accepted()
    accepted(ChangeState.FAILED)
    note = "note: what the hub held of partners is removed by a worker: see Runs"
    assert applied.apply(WITHOUT, discard_waiting=True, dry_run=True)[:2] == [note, "- endpoint partners"]
    assert Endpoint.objects.exists()
    assert applied.apply(WITHOUT, discard_waiting=True) == [note, "- endpoint partners"]
    assert not Endpoint.objects.exists()
    assert not Change.objects.filter(state=ChangeState.PENDING).exists()
    assert applied.apply(FILE) == ["+ endpoint partners"]  # another one, by the same name
    run = Run.objects.get(kind=RunKind.REMOVAL)
    assert (run.state, run.total, Record.objects.count()) == ("queued", 2, 2)
    asked.carry_out(run.pk)
    assert (Record.objects.count(), Endpoint._base_manager.count()) == (0, 1)


@pytest.mark.parametrize("killed", [False, True])
def test_an_endpoint_with_much_in_it_goes_in_portions_though_its_mapping_goes_as_well(
    applied, monkeypatch, killed: bool
):
    """All in one transaction, the change feed of all others would stand still for as long."""
    monkeypatch.setattr(removing, "FEW", 1)
    monkeypatch.setattr(removing, "PORTION", 2)
    accepted(ChangeState.FAILED, count=5)
    nothing = "connections: []\nmappings: []\nendpoints: []\n"
    applied.apply(nothing, dry_run=True)
    assert (Endpoint.objects.count(), Record.objects.count()) == (1, 5)
    left: list[tuple[int, int, bool]] = []
    whole = removing.portion

    def portion(endpoint_id: int, place: removing.Place) -> tuple[int, removing.Place | None]:
        if killed and len(left) == 2:
            raise KeyboardInterrupt
        left.append((Record.objects.count(), Endpoint.objects.count(), Mapping.objects.exists()))
        return whole(endpoint_id, place)

    monkeypatch.setattr(removing, "portion", portion)
    with pytest.raises(KeyboardInterrupt) if killed else contextlib.nullcontext():
        assert applied.apply(nothing) == ["- endpoint partners", "- mapping partner", "- connection main"]
    if killed:
        monkeypatch.setattr(removing, "portion", whole)
        assert applied.apply(nothing) == ["- mapping partner", "- connection main"]
    assert left[:2] == [(5, 0, True), (3, 0, True)]
    assert not Record.objects.exists()
    assert not Endpoint._base_manager.exists()
    assert not Mapping.objects.exists()
    assert not Connection.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_that_another_file_brings_back_meanwhile_keeps_its_mapping(applied, monkeypatch):
    """The other one has seen the mapping there, and is about to save the endpoint over it."""
    monkeypatch.setattr(removing, "FEW", 1)
    accepted(ChangeState.FAILED, count=2)
    has_seen, is_over = Event(), Event()
    whole = removing.remove_all

    def bring_back() -> None:
        applied.apply(FILE)
        database.close()

    def planned(file: Config, now: Config) -> list[Step]:
        if current_thread() is other:
            has_seen.set()
            while not is_over.wait(0.02) and not _somebody_waits():
                pass
        return plan(file, now)

    def remove_all(endpoint_id: int) -> None:
        other.start()
        assert has_seen.wait(60)
        whole(endpoint_id)

    other = Thread(target=bring_back)
    monkeypatch.setattr("endpoints.configfile.apply.plan", planned)
    monkeypatch.setattr(removing, "remove_all", remove_all)
    try:
        applied.apply(FILE.split("mappings:")[0] + "mappings: []\nendpoints: []\n")
    finally:
        is_over.set()
    other.join()
    assert Endpoint.objects.get().mapping.name == "partner"


def _somebody_waits() -> bool:
    with database.cursor() as cursor:
        cursor.execute(
            """SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
               WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"""
        )
        return cursor.fetchone() is not None


def test_what_a_deleted_endpoint_held_is_removed_though_its_connection_goes_with_it(applied, monkeypatch):
    """The mapping stays, over another connection."""
    monkeypatch.setattr(removing, "FEW", 1)
    accepted(ChangeState.FAILED, count=2)
    elsewhere = WITHOUT.replace("name: main", "name: other").replace("connection: main", "connection: other")
    assert "- connection main" in applied.apply(elsewhere)
    asked.carry_out(Run.objects.get(kind=RunKind.REMOVAL).pk)
    assert not Record.objects.exists()


def test_settled_changes_keep_no_endpoint(applied):
    accepted(ChangeState.APPLIED)
    accepted(ChangeState.FAILED)
    assert applied.apply(WITHOUT) == ["- endpoint partners"]


def test_a_dry_run_gives_nothing_up(applied):
    accepted()
    assert applied.apply(WITHOUT, discard_waiting=True, dry_run=True)[0] == "- endpoint partners"
    assert Change.objects.count() == 1


def test_a_refused_file_gives_nothing_up(applied):
    accepted()
    applied.refused(WITHOUT.replace("login: hub", "login: ''"), discard_waiting=True)
    assert Change.objects.count() == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("field: email}", "field: email_normalized}"),
        ("field: email}", "field: email}\n      - {key: city, field: city}"),
        ("    mapping: partner\n", "    mapping: partner\n    domain: \"[('active', '=', True)]\"\n"),
        ("    mapping: partner\n", "    mapping: partner\n    parameters: [{key: a, field: city}]\n"),
        ("    login: hub\n", "    login: hub\n    language: fr_FR\n"),
        ("    login: hub\n", "    login: hub\n    company: 2\n"),
    ],
)
def test_an_endpoint_that_reads_something_else_is_pulled_anew(applied, before, after):
    later = timezone.now() + timedelta(hours=1)
    PullState.objects.create(
        endpoint=Endpoint.objects.get(),
        cursor="2026-01-01 00:00:00",
        walk_after_id=7,
        complete=True,
        next_at=later,
    )
    assert applied.apply(changed(before, after))[-1] == "Read anew from Odoo: partners."
    state = PullState.objects.get()
    assert (state.cursor, state.walk_after_id, state.complete) == ("", None, False)
    assert state.next_at <= timezone.now()


def test_an_endpoint_that_was_live_for_a_while_is_pulled_anew(applied):
    """What it kept is of the time before: of what relations show, later changes are not found by their stamps."""
    PullState.objects.create(endpoint=Endpoint.objects.get(), cursor="2026-01-01 00:00:00", complete=True)
    told = applied.apply(changed("    mapping: partner\n", "    mapping: partner\n    mode: live\n"))
    assert not [line for line in told if "Read anew" in line]
    PullState.objects.update(cursor="2026-01-01 00:00:00", complete=True)
    assert applied.apply(FILE)[-1] == "Read anew from Odoo: partners."
    state = PullState.objects.get()
    assert (state.cursor, state.complete) == ("", False)


def test_an_endpoint_that_reads_the_same_goes_on_where_it_was(applied):
    PullState.objects.create(endpoint=Endpoint.objects.get(), cursor="2026-01-01 00:00:00", complete=True)
    applied.apply(changed("    mapping: partner\n", "    mapping: partner\n    limit: 5\n"))
    assert PullState.objects.get().cursor == "2026-01-01 00:00:00"


def test_a_shorter_interval_counts_from_now(applied):
    PullState.objects.create(
        endpoint=Endpoint.objects.get(), cursor="c", next_at=timezone.now() + timedelta(hours=1)
    )
    applied.apply(changed("    mapping: partner\n", "    mapping: partner\n    pull: {every: 10}\n"))
    state = PullState.objects.get()
    assert state.next_at <= timezone.now()
    assert state.cursor == "c"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("database: shop", "database: other"),
        ("model: res.partner", "model: res.users"),
    ],
)
def test_copies_of_records_from_elsewhere_are_dropped(applied, before, after):
    accepted(ChangeState.APPLIED)
    said = applied.apply(changed(before, after))
    assert "Records of partners came from elsewhere: the hub's copies are dropped." in said
    assert not Record.objects.exists()


def test_what_was_noted_by_the_ids_of_where_they_came_from_goes_as_well(applied):
    accepted(ChangeState.APPLIED)
    endpoint, record, change = Endpoint.objects.get(), Record.objects.get(), Change.objects.get()
    run = Run.objects.create(endpoint=endpoint, kind=RunKind.PUSH)
    Footprint.objects.create(run=run, record=record, odoo_id=7, did="update")
    Match.objects.create(endpoint=endpoint, record=record, verdict="none")
    Conflict.objects.create(endpoint=endpoint, record=record, change_ids=[change.pk], fields=[])
    Difference.objects.create(endpoint=endpoint, run=run, record=record, kind="extra", odoo_id=7)
    Touched.objects.create(endpoint=endpoint, odoo_id=7)
    applied.apply(changed("database: shop", "database: other"))
    database.check_constraints()
    for model in (Footprint, Match, Conflict, Difference, Touched, Change, Record):
        assert not model.objects.exists()


def test_not_while_changes_wait_for_where_they_came_from(applied):
    accepted()
    [problem] = applied.refused(changed("database: shop", "database: other"))
    assert problem.startswith(
        "hub.yaml:16: endpoints[0]: endpoint “partners” would show records from elsewhere"
    )
    assert Connection.objects.get().database == "shop"
    applied.apply(discard_waiting=True)
    assert not Change.objects.exists()


def test_a_server_that_moves_keeps_its_records(applied):
    accepted()
    applied.apply(changed("127.0.0.1:1", "127.0.0.1:2"))
    assert Change.objects.count() == 1
