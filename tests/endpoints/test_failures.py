"""When the hub itself cannot: not ready, set up wrongly, a query that takes too long, a lost connection."""

import json
import threading
from typing import Any

import pytest
from django.db import close_old_connections, connection, connections
from django.test import Client

from endpoints import registry
from endpoints.api.database import total_and_documents
from endpoints.models import Record
from mappings.models import Connection, Line, OdooModel
from synchub.audit.buffer import BUFFER
from synchub.audit.models import Exchange
from synchub.odoo import OdooClient
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.sessions import another_session


@pytest.fixture
def partners(desk: Hub, api: Api) -> Any:
    endpoint = desk.partners()
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    return endpoint


def everything(api: Api) -> list[Any]:
    return [
        api.ask("GET", "partners"), api.ask("GET", "partners/A"), api.ask("POST", "partners", {"customer_id": "B", "name": "B"}),
        api.ask("PUT", "partners/A", {"name": "B"}), api.ask("DELETE", "partners/A"),
    ]  # fmt: skip


def test_before_odoo_s_fields_are_read_all_is_503_and_names_nothing(partners: Any, api: Api):
    OdooModel.objects.all().delete()
    registry.clear()
    for answer in everything(api):
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert b"res.partner" not in answer.content
        assert b"practice" not in answer.content


@pytest.mark.parametrize("wrong", ["no identifier", "unknown field", "secret", "domain"])
def test_what_is_set_up_wrongly_is_503_and_the_log_says_why(
    partners: Any, api: Api, wrong: str, caplog: pytest.LogCaptureFixture
):
    match wrong:
        case "no identifier":
            Line.objects.filter(identifier=True).update(identifier=False)
        case "unknown field":
            Line.objects.filter(identifier=True).update(field="x_gone")
        case "secret":
            with connection.cursor() as cursor:
                cursor.execute("UPDATE mappings_connection SET secret = 'gAAAAAnonsense'")
        case "domain":
            type(partners).objects.update(domain="[('x'")
    registry.clear()
    for answer in everything(api):
        assert answer.status_code == 503, answer.content
        text = json.loads(answer.content)["message"]
        assert "administrator" in text
        assert not any(word in text for word in ("x_gone", "contact_address", "HUB_", "res.partner", "('x'"))
    assert any(line.name == "endpoints.api.errors" for line in caplog.records)


def test_a_paused_or_broken_connection_does_not_keep_consumers_from_reading_and_writing(
    partners: Any, api: Api
):
    for facts in (
        {"paused_at": "2026-01-01T00:00Z", "paused_reason": "refused"},
        {"url": "http://127.0.0.1:9"},
    ):
        Connection.objects.update(**facts)
        registry.clear()
        assert api.get("partners/A")["name"] == "Ann"
        assert api.put("partners/A", {"email": facts.get("url", "x")})


def test_a_query_that_takes_too_long_is_400_and_the_next_one_is_served(
    hub: Hub, api: Api, settings: Any, transactional_db: None
):
    """Another session holds the table as long as the query could be waited for."""
    settings.API_STATEMENT_TIMEOUT = 1
    hub.partners()
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        from django.db import transaction

        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE endpoints_record IN ACCESS EXCLUSIVE MODE")
                held.set()
                let_go.wait(120)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(60)
    try:
        assert "too long" in api.get("partners", {"name": "Ann"}, status=400)["message"]
    finally:
        let_go.set()
        thread.join()
    assert api.get("partners")["count"] == 1
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone()[0] == "0"


def test_a_session_that_postgresql_ends_costs_one_503_at_most(hub: Hub, api: Api):
    hub.partners()
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    for path in ("partners", "partners/A"):
        end_session()
        first = api.ask("GET", path)
        assert first.status_code in (200, 503)
        between_requests()
        assert api.ask("GET", path).status_code == 200


def test_what_was_prepared_and_is_no_longer_so_costs_one_503(hub: Hub, api: Api):
    """As behind a pooler that lends sessions, and after a migration."""
    hub.partners()
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    for path in ("partners", "partners/A"):
        api.get(path)
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
        assert api.ask("GET", path).status_code == 503
        between_requests()
        assert api.ask("GET", path).status_code == 200
    for kind in ("text", "varchar(8)"):
        with another_session() as migration:
            migration.execute(f"ALTER TABLE endpoints_record ALTER state TYPE {kind}")
        assert api.ask("GET", "partners/A").status_code == 503
        between_requests()
        assert api.ask("GET", "partners/A").status_code == 200


def between_requests() -> None:
    """What a server does there; Django's test client leaves it out."""
    close_old_connections()


def end_session() -> None:
    """End this thread's session with the database from another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]

    def kill() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [pid])
        connections["default"].close()

    thread = threading.Thread(target=kill)
    thread.start()
    thread.join()


def test_a_session_that_ends_in_the_middle_of_a_list_is_503_and_heals(
    hub: Hub, api: Api, monkeypatch: pytest.MonkeyPatch
):
    """Between the first statement of the request and the list's own."""

    hub.partners()
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    registry.get("partners")

    def cut(*queries: Any) -> Any:
        end_session()
        return total_and_documents(*queries)

    monkeypatch.setattr("endpoints.api.sources.mirror.total_and_documents", cut)
    answer = api.ask("GET", "partners")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    monkeypatch.undo()
    between_requests()
    assert api.get("partners")["count"] == 1
    api.put("partners/A", {"name": "Bob"})
    assert not connection.in_atomic_block
    assert Record.objects.count() == 1


@pytest.mark.parametrize("key", [None, "K1"])
def test_live_a_session_that_ends_once_odoo_has_the_record_costs_nothing(
    hub: Hub, api: Api, monkeypatch: pytest.MonkeyPatch, key: str | None
):
    """Who held the turn of that name has its answer from Odoo: told that the database is away they would send it again."""
    hub.partners(mode="live")
    execute = OdooClient.execute

    def cut(self: OdooClient, model: str, method: str, /, *args: Any, **kwargs: Any) -> Any:
        answer = execute(self, model, method, *args, **kwargs)
        if method in ("create", "load", "write"):
            end_session()
        return answer

    monkeypatch.setattr(OdooClient, "execute", cut)
    headers = {"Idempotency-Key": key} if key else {}
    body = {"customer_id": "A", "name": "Ann"}
    assert api.ask("POST", "partners", body, headers=headers).status_code == 201
    assert api.ask("PUT", "partners/A", {"customer_id": "B"}).json()["customer_id"] == "B"
    if key:
        assert api.ask("POST", "partners", body, headers=headers).status_code == 201
    assert [row["ref"] for row in hub.in_odoo("A", "B")] == ["B"]


@pytest.mark.parametrize("key", [None, "K1"])
def test_a_session_that_ends_as_a_write_is_committed_leaves_the_consumer_knowing_what_to_do(
    hub: Hub, api: Api, monkeypatch: pytest.MonkeyPatch, key: str | None
):
    """The record has no name of its own that would keep it from being made twice."""
    lines = {"id": {"field": "id", "identifier": True}, "name": "name"}
    hub.endpoint("tags", "res.partner.category", lines)
    wait = {"Prefer": "wait=0"}
    headers = wait if key is None else {**wait, "Idempotency-Key": key}
    api.ask("GET", "tags")

    def lost_after_it(*_: Any) -> None:
        end_session()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    monkeypatch.setattr("endpoints.api.sources.Mirror.settled", lost_after_it)
    answer = api.ask("POST", "tags", {"name": "Once"}, headers=headers)
    monkeypatch.undo()
    between_requests()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    told = json.loads(answer.content)["message"]
    assert "whether this was accepted is not known" in told
    assert ("Look before" if key is None else "the same Idempotency-Key") in told
    BUFFER.flush()
    [exchange] = Exchange.objects.filter(method="POST")
    assert (exchange.status, exchange.failed) == ("503", False), "nobody sends it again from admin"
    if key is not None:
        assert api.ask("POST", "tags", {"name": "Once"}, headers=headers).status_code == 202
    assert Record.objects.count() == 1


def test_writes_that_block_each_other_are_503_not_a_bug_of_the_hub(hub: Hub, api: Api):
    """Two requests rename two records crosswise, each holding what the other waits for."""
    from django.db import OperationalError

    from endpoints.api.errors import exception_handler

    hub.partners()
    api.post("partners", [{"customer_id": "A", "name": "a"}, {"customer_id": "B", "name": "b"}])
    first, second = Record.objects.order_by("id").values_list("pk", flat=True)
    gate, errors = threading.Barrier(2), []

    def lock(one: int, other: int) -> None:
        from django.db import transaction

        try:
            with transaction.atomic():
                Record.objects.select_for_update().get(pk=one)
                gate.wait()
                Record.objects.select_for_update().get(pk=other)
        except OperationalError as error:
            errors.append(exception_handler(error, None))
        finally:
            connection.close()

    threads = [threading.Thread(target=lock, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [answer] = errors
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"away" not in answer.content


def test_the_hub_s_health_is_asked_of_its_database(db: None):
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_a_database_that_takes_no_writes_is_away_and_the_next_request_looks_for_another(hub: Hub, api: Api):
    hub.partners()
    body = {"customer_id": "A", "name": "Ada"}
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    for method, path in (("POST", "partners"), ("PUT", "partners/X")):
        answer = api.ask(method, path, body)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert "Nothing was accepted; send it again later." in json.loads(answer.content)["message"]
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    assert Client().get("/healthz").json()["warnings"] == [
        "The database takes no writes: nothing is accepted, pushed or pulled until it does."
    ]
    close_old_connections()  # as after each request
    assert api.ask("POST", "partners", body).status_code == 201


def test_a_wake_up_that_fails_does_not_fail_an_accepted_write(
    hub: Hub, api: Api, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    from synchub import redis_client

    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    hub.partners()
    for name in ("A", "B"):
        monkeypatch.setattr(redis_client, "_quiet_until", 0.0)  # each tries anew
        api.post("partners", {"customer_id": name, "name": "Ann"})
    api.put("partners/A", {"name": "Bob"})
    hub.push()
    assert [one["name"] for one in hub.in_odoo("A", "B")] == ["Bob", "Ann"]


def test_a_bug_in_a_wake_up_does_not_fail_an_accepted_write(
    hub: Hub, api: Api, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: Any) -> None:
        raise AttributeError("a bug of ours")

    monkeypatch.setattr("endpoints.wakeup.push", broken)
    hub.partners()
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    api.put("partners/A", {"name": "Bob"})
    assert api.get("partners/A")["name"] == "Bob"
