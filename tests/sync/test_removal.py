"""Endpoints that are deleted with a lot in them: gone for everybody at once, and for good once a worker has been through."""

import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from endpoints import attention, moving, records, registry, removing
from endpoints.admin import deleting
from endpoints.configfile.apply import apply
from endpoints.incoming import Who
from endpoints.models import (
    Change,
    Conflict,
    Difference,
    Endpoint,
    Footprint,
    KeptAnswer,
    Match,
    Record,
    Run,
    RunKind,
    Touched,
)
from synchub.sync import asked, removal, runs, sweep
from synchub.torture.waiting import until
from tests.conftest import Hub
from tests.sessions import somebody_waits

WHO = Who(request_id="x", access_key="")


@pytest.fixture
def boss(client: Client, django_user_model) -> Client:
    client.force_login(django_user_model.objects.create_superuser("boss"))
    return client


@pytest.fixture
def partners(hub: Hub, monkeypatch) -> Endpoint:
    """More than is deleted while somebody waits, with something of everything that it may hold."""
    monkeypatch.setattr(deleting, "AT_ONCE_SECONDS", 0.0)
    monkeypatch.setattr(removing, "PORTION", 10)
    endpoint: Endpoint = hub.partners()
    hub.pull()
    answer = Client().post(
        "/bj_api_sync/v1/partners",
        {"customer_id": "NEW", "name": "New"},
        content_type="application/json",
        headers={"Idempotency-Key": "once"},
    )
    assert answer.status_code == 201
    hub.push()
    record = Record.objects.get(external_id="NEW")
    Change.objects.create(endpoint=endpoint, record=record, operation="update", values={}, state="failed")
    comparison = Run.objects.create(endpoint=endpoint, kind=RunKind.AUDIT)
    facts = {"endpoint": endpoint, "run": comparison, "kind": "value"}
    Difference.objects.create(**facts, odoo_id=record.odoo_id or 0, record=record)
    Difference.objects.create(**facts, odoo_id=99_999)
    Touched.objects.create(endpoint=endpoint, odoo_id=1)
    assert KeptAnswer.objects.exists()
    assert Footprint.objects.exists()
    return endpoint


def deleted(boss: Client, endpoint: Endpoint) -> Run:
    url = reverse("admin:endpoints_endpoint_delete", args=[endpoint.pk])
    answer = boss.post(url, {"post": "yes"}, follow=True)
    assert "gone for consumers" in answer.content.decode()
    registry.clear()
    return Run.objects.get(kind=RunKind.REMOVAL)


def begin(endpoint: Endpoint) -> None:
    assert removing.waiting(endpoint) == 0
    removing.begin(endpoint)


def test_it_is_gone_at_once_and_a_run_tells_how_far_its_records_are(
    boss: Client, partners: Endpoint, monkeypatch
):
    held, mapping = Record.objects.count(), partners.mapping
    record = Record.objects.get(external_id="NEW")
    conflict = Conflict.objects.create(
        endpoint=partners, record=record, fields=[{"key": "name"}], change_ids=[]
    )
    match = Match.objects.create(endpoint=partners, record=record, verdict="none")
    pages = [
        reverse("admin:endpoints_conflict_change", args=[conflict.pk]),
        reverse("admin:endpoints_match_change", args=[match.pk]),
        reverse("admin:endpoints_change_edit", args=[Change.objects.get(state="failed").pk]),
        reverse("admin:endpoints_run_undo", args=[Run.objects.get(kind=RunKind.PUSH).pk]),
    ]
    assert [boss.get(url).status_code for url in pages[1:]] == [200] * 3
    now = timezone.now()
    Run.objects.create(endpoint=partners, kind=RunKind.REREAD, state="failed", message="Lost.", ended_at=now)
    Run.objects.create(endpoint=partners, kind=RunKind.MATCH, state="running")
    run = deleted(boss, partners)
    first = boss.get(reverse("admin:index"))
    assert not [
        item for group in first.context["sidebar_navigation"] for item in group["items"] if "badge" in item
    ]
    assert [one["run"] for one in first.context["runs"]["rows"]] == [run]
    assert not (first.context["runs"]["failed"])
    assert not (first.context["refused"]["rows"])
    assert not (first.context["conflicts"]["rows"])
    assert attention.sentences() == []
    assert Client().get("/bj_api_sync/v1/partners").status_code == 404
    assert [boss.get(url).status_code for url in pages] == [302, 302, 404, 404]
    for name in ("record", "change", "difference", "endpoint"):
        assert "partners" not in boss.get(reverse(f"admin:endpoints_{name}_changelist")).content.decode()
    assert (run.asked_by, run.total, Record.objects.count()) == ("boss", held, held)
    answer = boss.get(reverse("admin:mappings_mapping_delete", args=[mapping.pk]))
    assert "its records are still being removed: see Runs" in answer.content.decode()
    Endpoint.objects.create(name="partners", mapping=mapping)  # its name is free

    monkeypatch.setattr(removal, "TURN_SECONDS", 0.0)  # a portion is a turn
    asked.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.seen) == ("queued", 10)
    page = boss.get(reverse("admin:endpoints_run_change", args=[run.pk])).content.decode()
    assert f"10 of {held}" in page
    assert "deleting of an endpoint" in page.lower()
    assert "Deleting of an endpoint of partners" in boss.get(reverse("admin:index")).content.decode()

    # A worker that dies on the way, and the sweep that sees it.
    Run.objects.update(state="running", beat_at=timezone.now() - timedelta(hours=1))
    runs.end_stale()
    while Run.objects.get(pk=run.pk).state == "queued":
        asked.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.seen, run.failed) == ("done", held, 0)
    for model in (Record, Change, Difference, Footprint, KeptAnswer, Touched):
        assert not model.objects.exists()
    assert Endpoint._base_manager.get().name == "partners"
    assert list(Run.objects.values_list("kind", flat=True)) == ["removal"]


def test_a_removal_that_came_to_nothing_is_taken_up_again(boss: Client, partners: Endpoint):
    run = deleted(boss, partners)
    Run.objects.update(state="failed", ended_at=timezone.now())
    sweep.sweep()
    assert Run.objects.filter(kind=RunKind.REMOVAL).get() == run  # not at once: it may do so anew
    Run.objects.update(ended_at=timezone.now() - timedelta(hours=1))
    sweep.sweep()
    again = Run.objects.filter(kind=RunKind.REMOVAL).latest("pk")
    assert (again.state, again.asked_by, again.details["name"]) == ("queued", "boss", "partners")


def test_one_that_was_left_without_a_run_is_removed_all_the_same(boss: Client, partners: Endpoint):
    """By a web process that was killed while it removed, or as that run is no longer kept."""
    with transaction.atomic():
        begin(partners)
    sweep.sweep()
    assert not Run.objects.filter(kind=RunKind.REMOVAL).exists()  # somebody may be at it
    Endpoint._base_manager.update(removed_at=timezone.now() - timedelta(hours=1))
    sweep.sweep()
    run = Run.objects.get(kind=RunKind.REMOVAL)
    assert (run.asked_by, run.details["name"]) == ("", "partners")
    asked.carry_out(run.pk)
    assert not Endpoint._base_manager.exists()


def test_a_write_that_holds_a_record_of_it_and_its_deletion_do_not_wait_for_each_other(
    boss: Client, partners: Endpoint, monkeypatch
):
    monkeypatch.setattr(deleting, "AT_ONCE_SECONDS", 60.0)
    spec, answers = registry.get("partners"), list[int]()
    url = reverse("admin:endpoints_endpoint_delete", args=[partners.pk])

    def delete() -> None:
        try:
            answers.append(boss.post(url, {"post": "yes"}).status_code)
        finally:
            connections.close_all()

    deletes = threading.Thread(target=delete)
    with transaction.atomic():
        Record.objects.select_for_update().get(external_id="NEW")
        deletes.start()
        until(somebody_waits, "the deletion waits for the record", pause=0.01)
        with pytest.raises(registry.UnknownEndpoint):
            records.update(spec, "NEW", {"name": "Late"}, WHO)
    deletes.join()
    assert answers == [302]
    assert not Endpoint._base_manager.exists()


def test_a_worker_that_removes_and_a_file_that_drops_the_mapping_meanwhile_do_not_wait_for_each_other(
    partners: Endpoint,
):
    with transaction.atomic():
        begin(partners)
    done = list[str]()

    def drop() -> None:
        try:
            apply("mappings: []\nendpoints: []\n", "hub.yaml", environ={})
            done.append("applied")
        finally:
            connections.close_all()

    drops = threading.Thread(target=drop)
    with transaction.atomic():
        _, place = removing.portion(partners.pk, removing.Place())
        drops.start()
        until(somebody_waits, "the file waits for the portion", pause=0.01)
        while place:  # to where the file has been already, but for the lock
            _, place = removing.portion(partners.pk, place)
    drops.join()
    assert done == ["applied"]
    assert removing.finish(partners.pk)  # as the worker does that comes back to it
    assert not Endpoint._base_manager.exists()
    assert not Record.objects.exists()


def test_while_everything_is_paused_it_goes_on(boss: Client, partners: Endpoint):
    Endpoint.objects.update(paused=True)
    run = deleted(boss, partners)
    asked.carry_out(run.pk)
    assert not Endpoint._base_manager.exists()


@pytest.mark.parametrize("write", ["new", "change"])
def test_what_is_written_in_the_moment_of_deleting_is_refused(hub: Hub, partners: Endpoint, write):
    """As a process that has not heard of it yet would take it."""
    spec = registry.get("partners")
    refused: list[BaseException] = []

    def send() -> None:
        try:
            if write == "new":
                records.create(spec, [{"customer_id": "LATE", "name": "Late"}], WHO)
            else:
                records.update(spec, "NEW", {"name": "Late"}, WHO)
        except registry.UnknownEndpoint as error:
            refused.append(error)
        finally:
            connections.close_all()

    sending = threading.Thread(target=send)
    with transaction.atomic():
        begin(partners)
        sending.start()
        until(somebody_waits, "the write waits for the endpoint", pause=0.01)
    sending.join()
    assert len(refused) == 1
    assert not Change.objects.filter(state="pending").exists()
    assert not Record.objects.filter(external_id="LATE").exists()


def test_what_was_read_from_odoo_in_that_moment_is_not_kept(hub: Hub, partners: Endpoint):
    spec = registry.get("partners")
    with transaction.atomic():
        begin(partners)
    with transaction.atomic(), pytest.raises(moving.Moved):
        moving.hold(spec, hub.connection.database)
