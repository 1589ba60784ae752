"""A connection that made trouble: whoever works on others is not kept waiting by it."""

import contextlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from endpoints import merging, pauses, queued, registry, standing, syncstate, touched
from endpoints.models import Change, Did, Endpoint, Footprint, Mode, PullState, Record, Run, RunKind
from mappings.models import Connection
from synchub.redis_client import redis_if_there
from synchub.sync import deletions, locks, ready, sweep, tasks
from synchub.sync import pull as pulling
from synchub.sync import touched as targeted
from synchub.sync.runs import RunLog
from tests.conftest import Hub
from tests.sessions import another_session
from tests.sync.test_push import URL, due_now, post


@contextmanager
def another_process_tries(connection_id: int) -> Iterator[None]:
    """It is still waiting for an answer."""
    with another_session() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [locks._TRY, connection_id])
        yield


def test_for_an_odoo_that_hangs_one_process_waits_and_no_other(hub: Hub):
    hub.partners()
    hub.pull()
    post({"customer_id": "X1", "name": "A"})
    there = hub.odoo.execute("res.partner", "create", {"ref": "X2", "name": "B"})
    endpoint = registry.get("partners")
    touched.look_at(endpoint.id, [there])
    Connection.objects.update(last_error="Odoo did not answer within 130 s.")
    before = len(hub.odoo.calls)
    with another_process_tries(Connection.objects.get().pk):
        hub.push()
        hub.pull()
        hub.sweep()
        targeted.read(endpoint)
        assert len(hub.odoo.calls) == before
    hub.push()
    targeted.read(endpoint)
    assert [one["name"] for one in hub.in_odoo("X1")] == ["A"]
    assert Client().get(f"{URL}/X2").json()["name"] == "B"
    assert Connection.objects.get().last_error == ""


def test_what_the_hub_s_user_may_not_read_is_told_by_its_endpoint_and_not_by_the_connection(hub: Hub):
    """The others of the connection work, and do not wait for each other."""
    hub.endpoint("rights", "ir.model", {"id": {"field": "id", "identifier": True}, "name": "name"})
    connection = Connection.objects.get()
    connection.login = connection.secret = "demo"
    connection.save()
    for tried in (hub.pull, hub.sweep):
        tried("rights")
        assert "You are not allowed to access" in PullState.objects.get().last_error
        assert Connection.objects.get().last_error == ""
    # Where that user does not work in the connection's company, it may nothing.
    Connection.objects.update(company_id=1)
    hub.odoo.odd.hide("res.company", [1])
    hub.pull("rights")
    assert "You are not allowed to access" in Connection.objects.get().last_error


def test_an_odoo_that_is_away_has_a_line_in_the_log_when_it_goes_and_one_when_it_is_back(
    hub: Hub, caplog: pytest.LogCaptureFixture
):
    hub.partners()
    hub.pull()
    caplog.clear()

    def told() -> list[str]:
        return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]

    there = Connection.objects.get().url
    Connection.objects.update(url="http://127.0.0.1:9")  # the discard port: refused at once
    for _ in range(3):
        hub.pull()
    [gone] = told()
    assert "“practice” is in trouble, and is tried until it works: The Odoo server 127.0.0.1:9" in gone
    Connection.objects.update(url=there)
    for _ in range(2):
        hub.pull()
    assert told()[1:] == ["Odoo answers connection “practice” again."]


def test_an_odoo_that_is_away_is_one_run_however_often_it_is_tried(hub: Hub, admin_client: Client):
    """Else the runs of an hour are a hundred for each endpoint that has something to send, and hide all others."""
    hub.partners()
    hub.pull()
    Run.objects.all().delete()
    there = Connection.objects.get().url

    def tried(url: str, times: int) -> None:
        Connection.objects.update(url=url)
        for _ in range(times):
            due_now()
            hub.push()

    post({"customer_id": "X1", "name": "A"})
    tried("http://127.0.0.1:9", 3)
    [run] = Run.objects.all()
    assert (run.state, run.attempts, run.seen) == ("failed", 2, 1)
    assert run.ended_at is not None
    assert run.ended_at > run.started_at
    page = admin_client.get(reverse("admin:endpoints_run_changelist")).content.decode()
    assert "cannot be reached (Connection refused). Tried 3 times." in page
    page = admin_client.get(reverse("admin:endpoints_run_change", args=[run.pk])).content.decode()
    assert "cannot be reached (Connection refused). Tried 3 times." in page
    tried(there, 1)
    post({"customer_id": "X2", "name": "B"})
    tried("http://127.0.0.1:9", 2)
    runs = Run.objects.filter(kind="push").order_by("pk").values_list("state", "changed", "attempts")
    assert list(runs) == [("failed", 0, 2), ("done", 1, 0), ("failed", 0, 1)]


def test_a_try_that_has_made_something_stays_a_run_of_its_own(hub: Hub):
    """A record that was made without what it waits for counts nowhere yet: an undo knows of it by the run."""
    endpoint = hub.partners()
    hub.pull()

    def tried(*, makes: bool) -> None:
        with contextlib.suppress(ConnectionError), RunLog(endpoint.pk, RunKind.PUSH) as log:
            if makes:
                record = Record.objects.earliest("pk")
                Footprint.objects.create(
                    run_id=log.id, record=record, odoo_id=record.odoo_id or 0, did=Did.CREATE
                )
            raise ConnectionError("Odoo is away.")

    for makes in (False, True, False):
        tried(makes=makes)
    assert list(Run.objects.filter(kind="push").order_by("pk").values_list("attempts", flat=True)) == [0, 1]
    assert Footprint.objects.exists()


def test_what_the_hub_itself_fails_at_is_told_until_it_works(
    hub: Hub, admin_client: Client, monkeypatch: pytest.MonkeyPatch
):
    endpoint = hub.partners()
    hub.pull()
    [changed] = hub.odoo.execute("res.partner", "search", [("ref", "!=", False)], limit=1)
    hub.odoo.execute("res.partner", "write", [changed], {"name": "Changed"})

    def fail(*_: object, **__: object) -> None:
        raise ValueError("boom")

    with monkeypatch.context() as broken:
        broken.setattr(merging, "merge", fail)
        broken.setattr(deletions, "_compared", fail)
        assert tasks.pull.apply((endpoint.pk,)).failed()
        assert tasks.sweep_deletions.apply((endpoint.pk,)).failed()
        warnings = admin_client.get("/healthz").json()["warnings"]
        assert any("1 endpoint has a problem" in one for one in warnings)
        assert any("1 run has come to nothing" in one for one in warnings)
        page = admin_client.get("/admin/").content.decode()
        assert page.count("The hub itself failed at it (ValueError: boom).") == 2
    assert tasks.pull.apply((endpoint.pk,)).successful()
    assert tasks.sweep_deletions.apply((endpoint.pk,)).successful()
    assert "warnings" not in admin_client.get("/healthz").json()
    assert "boom" not in admin_client.get("/admin/").content.decode()


def test_a_search_for_deletions_that_fails_while_it_removes_is_one_failed_run_in_words(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
):
    endpoint = hub.partners()
    hub.pull()
    [gone] = hub.odoo.execute("res.partner", "search", [("ref", "!=", False)], limit=1)
    hub.odoo.execute("res.partner", "unlink", [gone])

    def fail(*_: object, **__: object) -> None:
        raise KeyError("name")

    monkeypatch.setattr(deletions, "bury", fail)
    assert tasks.sweep_deletions.apply((endpoint.pk,)).failed()
    [run] = Run.objects.filter(kind="sweep")
    assert run.state == "failed"
    assert run.message.startswith("The hub itself failed at it (KeyError: 'name'). It is tried again")


def test_a_pull_whose_questions_take_too_long_each_time_is_told_and_a_database_that_is_away_is_no_endpoint_s_problem(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
):
    endpoint = hub.partners()
    hub.pull()

    def takes_too_long(*_: object, **__: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT pg_sleep(1)")

    def away(*_: object, **__: object) -> None:
        other = connections.create_connection("default")
        with contextlib.closing(other), other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    for broken in (away, takes_too_long):
        with monkeypatch.context() as patched:
            patched.setattr(pulling, "_begun", broken)
            patched.setattr(deletions, "_compared", broken)
            assert tasks.pull.apply((endpoint.pk,)).failed()
            assert tasks.sweep_deletions.apply((endpoint.pk,)).failed()
        problem = PullState.objects.get().last_error
        assert ("canceling statement" in problem, bool(problem)) == ((broken is takes_too_long,) * 2)
        assert Run.objects.filter(kind="sweep").count() == (broken is takes_too_long)


def test_what_a_pull_met_is_told_no_more_once_the_endpoint_is_live(hub: Hub, admin_client: Client):
    endpoint = hub.partners()
    hub.pull()
    ready.note_problem(endpoint.pk, "boom")
    pages = ["/admin/", reverse("admin:endpoints_endpoint_changelist")]
    assert "1 endpoint has a problem" in str(admin_client.get("/healthz").json())
    assert all("boom" in admin_client.get(page).content.decode() for page in pages)
    Endpoint.objects.update(mode=Mode.LIVE)
    assert admin_client.get("/healthz").json() == {"status": "ok"}
    assert not any("boom" in admin_client.get(page).content.decode() for page in pages)


def sweeps_and_sweeps_again_after(minutes: int) -> None:
    standing.note()
    with redis_if_there() as client:
        since: Any = client.hgetall(standing.KEY)
        for one in since:
            client.hincrby(standing.KEY, one.decode(), -60 * minutes)
    sweep.sweep()


@pytest.mark.parametrize("bulk", [False, True])
def test_changes_that_stand_still_for_long_are_told_but_where_that_is_wanted(hub: Hub, bulk: bool):
    endpoint = hub.partners()
    post([{"customer_id": "X1", "name": "A"}] if bulk else {"customer_id": "X1", "name": "A"})

    def told() -> list[str]:
        sweeps_and_sweeps_again_after(minutes=10)
        found: list[str] = Client().get("/healthz").json().get("warnings", [])
        return [one for one in found if "have waited" in one]

    assert told() == []
    Change.objects.update(created_at=Now() - timedelta(hours=2), bulk=bulk)
    [says] = told()
    assert says.startswith("1 endpoint has changes that have waited for an hour or more, of which none gets")
    Change.objects.update(state="claimed", claim_token="c" * 32, lease_until=Now())
    assert told() == [says]
    pauses.endpoints([endpoint.pk], "boss")
    assert told() == []
    pauses.resume_endpoints([endpoint.pk])
    sweep.sweep()
    hub.push()
    assert told() == []


def test_changes_that_are_on_their_way_again_after_a_pause_or_as_odoo_is_back_are_not_said_to_stand_still(
    hub: Hub,
):
    endpoint = hub.partners()
    post({"customer_id": "X1", "name": "A"})
    Change.objects.update(created_at=Now() - timedelta(hours=2))

    def stands_still_after(minutes: int) -> bool:
        sweeps_and_sweeps_again_after(minutes)
        return "have waited" in str(Client().get("/healthz").json())

    assert stands_still_after(11)
    pauses.endpoints([endpoint.pk], "boss")
    assert not stands_still_after(11)
    pauses.resume_endpoints([endpoint.pk])
    assert not stands_still_after(5)
    Connection.objects.update(last_error="Odoo did not answer within 130 s.")
    assert not stands_still_after(11)
    Connection.objects.update(last_error="")
    assert not stands_still_after(5)
    assert stands_still_after(6)
    # Much that was sent at once: something got through a moment ago.
    Run.objects.create(endpoint=endpoint, kind=RunKind.PUSH, changed=1)
    assert not stands_still_after(11)


def test_health_answers_though_what_waits_cannot_be_counted(hub: Hub):
    hub.partners()
    with another_session() as cursor:
        cursor.execute("BEGIN; LOCK TABLE endpoints_change IN ACCESS EXCLUSIVE MODE")
        answer = Client().get("/healthz")
    assert answer.status_code == 200
    [warning] = answer.json()["warnings"]
    assert "could not be counted in time" in warning
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_what_workers_hold_is_read_once_however_many_endpoints_there_are(hub: Hub):
    """Entries of what was claimed an hour ago are walked past: with fifty endpoints and many changes for a second each time."""
    for name in "ABC":
        hub.endpoint(name.lower(), "res.partner", {"id": {"field": "ref", "identifier": True}})
    waiting(300, "a")
    with CaptureQueriesContext(connection) as asked:
        standing.note()
    [statement] = [one["sql"] for one in asked.captured_queries if "claimed" in one["sql"]]
    # Both are indexes of what is claimed, and of nothing else.
    reads = [one for one in _plan(statement) if one.get("Index Name") in ("change_claimed", "change_token")]
    assert [one["Actual Loops"] for one in reads] == [1]


def test_a_page_of_a_pull_looks_only_at_what_was_sent_however_much_waits(hub: Hub):
    hub.partners()
    waiting(300, "partners")
    with CaptureQueriesContext(connection) as asked:
        queued.perhaps_created(registry.get("partners").id)
    plan = _plan(asked.captured_queries[-1]["sql"])
    assert "change_sent" in {one.get("Index Name") for one in plan}, plan


def test_which_records_failed_is_told_without_a_look_at_those_that_are_well(hub: Hub):
    hub.partners()
    endpoint = registry.get("partners")
    well = (
        Record(endpoint_id=endpoint.id, odoo_id=n, external_id=str(n), document="{}", values={})
        for n in range(1, 301)
    )
    Record.objects.bulk_create(well)
    with CaptureQueriesContext(connection) as asked:
        syncstate.named(endpoint, "failed")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ANALYZE endpoints_record")
        # As statistics have it that are older than what failed: a walk in the order of ids comes upon so many at once.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        plan = _plan(asked.captured_queries[-1]["sql"])
    assert "record_not_synced" in {one.get("Index Name") for one in plan}, plan


def waiting(count: int, endpoint: str) -> None:
    """So many changes that nobody holds, and PostgreSQL knows it."""
    spec = registry.get(endpoint)
    record = Record.objects.create(endpoint_id=spec.id, document="{}", values={})
    change = Change(endpoint_id=spec.id, record=record, operation="update", values={}, fragments={})
    Change.objects.bulk_create(copy(change) for _ in range(count))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE endpoints_change")


def _plan(statement: str) -> list[dict[str, Any]]:
    """All steps of a statement as PostgreSQL has done it, where it reads no table whole for being small."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        [(explained,)] = cursor.fetchall()

    def within(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield node
        for one in node.get("Plans", []):
            yield from within(one)

    return list(within((json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]))
